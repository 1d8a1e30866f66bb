#include "cornu/core/instruction_set.hpp"

#include <cstdlib>
#include <string_view>

#include "cornu/core/loops.hpp"

namespace cornu {
namespace {

constexpr const char* instruction_set_names[] = {"portable", "avx2", "avx512"};

std::size_t widest_instruction_set() {
#if defined(__x86_64__)
  const char* value = std::getenv("CORNU_INSTRUCTION_SET");
  const std::string_view most = value == nullptr ? "avx512" : value;
  const bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool has_avx512 = has_avx2 && __builtin_cpu_supports("avx512f") &&
                          __builtin_cpu_supports("avx512dq") &&
                          __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
  if (has_avx512 && most != "avx2" && most != "portable") return 2;
  if (has_avx2 && most != "portable") return 1;
#endif
  return 0;
}

}  // namespace

std::size_t detail::instruction_set_index() {
  static const std::size_t chosen = widest_instruction_set();
  return chosen;
}

const char* instruction_set() { return instruction_set_names[detail::instruction_set_index()]; }

}  // namespace cornu
