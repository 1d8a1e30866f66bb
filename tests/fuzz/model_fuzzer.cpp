// Any bytes as a model file.

#include "load.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::load(fuzz::text_of(data, size));
  return 0;
}
