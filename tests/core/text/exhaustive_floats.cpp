// Every finite float, all 2^32 patterns, comes back from its decimal text and from base64 bit for
// bit. Some ten minutes: `cmake --build build --target exhaustive_floats`, then run it.

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>

#include "cornu/core/text/number_text.hpp"

int main() {
  using namespace cornu::detail;
  std::uint64_t tried = 0, wrong = 0;
  std::uint32_t bits = 0;
  do {
    const float value = std::bit_cast<float>(bits);
    if (std::isfinite(value)) {
      ++tried;
      char text[longest_shortest_text];
      const char* end = write_number(text, value);
      float back = 1;
      const NumberError error = read_number({text, static_cast<std::size_t>(end - text)}, back);
      wrong += error != NumberError::none || std::bit_cast<std::uint32_t>(back) != bits;
    }
    if ((bits & 0xfffff) == 0) {  // whole runs of bytes go through base64 now and then
      unsigned char bytes[4], decoded[6];
      for (unsigned b = 0; b < 4; ++b) bytes[b] = static_cast<unsigned char>(bits >> (8 * b));
      std::string base64;
      append_base64(base64, bytes);
      wrong += decode_base64(base64, decoded) != 4 || !std::equal(bytes, bytes + 4, decoded);
    }
  } while (++bits != 0);
  std::printf("%llu floats, %llu wrong\n", static_cast<unsigned long long>(tried),
              static_cast<unsigned long long>(wrong));
  return wrong == 0 ? 0 : 1;
}
