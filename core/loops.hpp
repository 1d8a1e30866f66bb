#pragma once

// Not a public header: how loops find those that were compiled for this processor.

#include <cstddef>

/// A file named loops.cpp is compiled once for each of these (cmake/CornuKernels.cmake), in which
/// CORNU_LOOPS is its name, and one of the times with CORNU_DOORS, for what is to exist once: the
/// functions that others call. So a family of kernels is one file: a `Table` of functions, declared
/// as `extern const Table CORNU_INSTRUCTION_SETS`; the loops, in an unnamed namespace; the
/// definition of the table CORNU_LOOPS; and the doors. (Google's Highway does it like this.)
///
/// Loops call no inline function from elsewhere (std::min): the linker keeps one copy of it, which
/// may be the one with instructions that the processor lacks.
#if defined(__x86_64__)
#define CORNU_INSTRUCTION_SETS portable, avx2, avx512
#else
#define CORNU_INSTRUCTION_SETS portable
#endif

namespace cornu::detail {

/// Where in CORNU_INSTRUCTION_SETS the one stands that the loops run on.
std::size_t instruction_set_index();

/// Of a family's tables the one to use: of_instruction_set(CORNU_INSTRUCTION_SETS).
template <class Table, class... Tables>
const Table& of_instruction_set(const Table& portable, const Tables&... wider) {
  const Table* const tables[] = {&portable, &wider...};
  return *tables[instruction_set_index()];
}

}  // namespace cornu::detail
