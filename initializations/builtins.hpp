#pragma once

// Not a public header.

#include <string>
#include <vector>

#include "cornu/initializations/initializer.hpp"

namespace cornu::detail {

/// What the registry keeps of an initializer.
struct InitializerEntry {
  InitializerFunction function;
  double standard_scale = 0;  ///< 0: takes no scale
};

struct NamedInitializer {
  std::string name;
  InitializerEntry entry;
};

/// Cornu's own initializers.
std::vector<NamedInitializer> builtin_initializers();

/// `orthogonal`; see orthogonal.cpp.
void orthogonal(const Shape& shape, double scale, RandomStream& random, Array out);

}  // namespace cornu::detail
