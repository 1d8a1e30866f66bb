// The examples' reader of images and labels (idx files, compressed or not).

#include <sys/mman.h>
#include <unistd.h>

#include <stdexcept>
#include <string>

#include "data.hpp"
#include "fuzzer.hpp"

namespace {

/// Bytes that can be opened by a path.
class MemoryFile {
 public:
  MemoryFile(const std::uint8_t* data, std::size_t size)
      : file_(::memfd_create("fuzz", MFD_CLOEXEC)) {
    fuzz::promise(::write(file_, data, size) == static_cast<ssize_t>(size), "memory");
  }
  ~MemoryFile() { ::close(file_); }
  std::string path() const { return "/proc/self/fd/" + std::to_string(file_); }

 private:
  int file_;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t cut = std::min<std::size_t>(data[0], size - 1);  // the labels' part
  const MemoryFile labels(data + 1, cut), images(data + 1 + cut, size - 1 - cut);
  try {
    const examples::Images read = examples::read_idx(images.path(), labels.path());
    fuzz::promise(read.pixels.shape().front() == read.labels.size(), "a label an image");
    for (const cornu::Scalar pixel : read.pixels)
      fuzz::promise(pixel >= 0 && pixel <= 1, "pixels from 0 to 1");
    cornu::to_categorical(read.labels, 10);
  } catch (const std::exception&) {
  }
  return 0;
}
