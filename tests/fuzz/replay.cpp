// Runs a fuzzer over kept inputs, without libFuzzer: every test run repeats what fuzzing found. An
// argument is a directory, or an archive of `tar` (POSIX ustar), which scripts/fuzz packs.

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "fuzzer.hpp"

namespace {

struct Input {
  std::string name, bytes;
};

std::string content(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The files of an archive: a header of 512 bytes each, then its bytes in blocks of as many.
void read_archive(const std::string& path, std::vector<Input>& inputs) {
  constexpr std::size_t block = 512, name_size = 100, size_at = 124, size_size = 11;
  const std::string archive = content(path);
  for (std::size_t at = 0; at + block <= archive.size() && archive[at] != '\0';) {
    const char* const header = archive.data() + at;
    std::size_t size = 0;
    std::from_chars(header + size_at, header + size_at + size_size, size, 8);
    fuzz::promise(size <= archive.size() - at - block, "the archive is whole");
    const std::string name(header, std::find(header, header + name_size, '\0'));
    inputs.push_back({path + ": " + name, archive.substr(at + block, size)});
    at += block + (size + block - 1) / block * block;
  }
}

}  // namespace

int main(int count, char** arguments) {
  std::vector<Input> inputs;
  for (int i = 1; i < count; ++i) {
    const std::filesystem::path argument = arguments[i];
    if (argument.extension() == ".tar") read_archive(argument, inputs);
    if (!std::filesystem::is_directory(argument)) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(argument))
      if (entry.is_regular_file()) inputs.push_back({entry.path(), content(entry.path())});
  }
  std::sort(inputs.begin(), inputs.end(),
            [](const Input& a, const Input& b) { return a.name < b.name; });
  for (const Input& input : inputs) {
    std::fprintf(stderr, "%s\n", input.name.c_str());  // the last one said is the one that failed
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.bytes.data()),
                           input.bytes.size());
  }
  std::printf("%zu inputs\n", inputs.size());
  return inputs.empty() ? EXIT_FAILURE : EXIT_SUCCESS;
}
