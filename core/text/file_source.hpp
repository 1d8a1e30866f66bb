#pragma once

#include <cstdint>
#include <string>

#include "cornu/core/export.hpp"
#include "cornu/core/text/json_reader.hpp"

namespace cornu::detail {

// Not a public header.

/// A regular file, open for reading. Throws IoError when it cannot be opened, is no regular file (a
/// pipe or a directory: both would hold up a reader) or cannot be read.
class CORNU_API FileSource final : public ByteSource {
 public:
  explicit FileSource(const std::string& path);
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;
  ~FileSource() override;

  std::uint64_t size() const noexcept { return size_; }
  std::size_t read(char* out, std::size_t size) override;
  void seek(std::uint64_t offset) override { offset_ = offset; }

 private:
  std::string path_;
  int file_ = -1;
  std::uint64_t size_ = 0, offset_ = 0;
};

}  // namespace cornu::detail
