#include "cornu/core/text/file_source.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "cornu/core/error.hpp"
#include "cornu/core/registry.hpp"

namespace cornu::detail {
namespace {

[[noreturn]] void fail(const std::string& path, const char* action) {
  const int error = errno;
  throw IoError(printable(path, 400),
                std::string("cannot ") + action + ": " + std::system_category().message(error),
                error == ENOENT ? "is the path right, seen from the working directory?" : "");
}

}  // namespace

FileSource::FileSource(const std::string& path) : path_(path) {
  if (path.empty() || path.find('\0') != std::string::npos)
    throw IoError("file",
                  "expected the path of a file, got '" + path.substr(0, path.find('\0')) + "'");
  // O_NONBLOCK: opening a pipe must not wait for its writer.
  do {
    file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  } while (file_ == -1 && errno == EINTR);
  if (file_ == -1) fail(path_, "read");
  struct stat status {};
  const bool known = ::fstat(file_, &status) == 0;
  if (known && S_ISREG(status.st_mode)) {
    size_ = static_cast<std::uint64_t>(status.st_size);
    return;
  }
  ::close(file_);
  throw IoError(printable(path_, 400),
                "expected a regular file, found a directory, pipe or device");
}

FileSource::~FileSource() {
  if (file_ != -1) ::close(file_);
}

std::size_t FileSource::read(char* out, std::size_t size) {
  for (;;) {
    const ssize_t got = ::pread(file_, out, size, static_cast<off_t>(offset_));
    if (got >= 0) {
      offset_ += static_cast<std::uint64_t>(got);
      return static_cast<std::size_t>(got);
    }
    if (errno != EINTR) fail(path_, "read");
  }
}

}  // namespace cornu::detail
