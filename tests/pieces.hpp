#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "cornu/core/text/json_reader.hpp"

namespace cornu {

/// Hands out a text in small pieces, so that every token is cut somewhere.
class Pieces final : public detail::ByteSource {
 public:
  Pieces(std::string text, std::size_t piece) : text_(std::move(text)), piece_(piece) {}
  std::size_t read(char* out, std::size_t size) override {
    const std::size_t count = std::min({size, piece_, text_.size() - at_});
    text_.copy(out, count, at_);
    at_ += count;
    return count;
  }
  void seek(std::uint64_t offset) override {
    at_ = static_cast<std::size_t>(std::min<std::uint64_t>(offset, text_.size()));
  }

 private:
  std::string text_;
  std::size_t piece_, at_ = 0;
};

}  // namespace cornu
