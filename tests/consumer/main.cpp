// Uses the library as an outside program does, and catches an error thrown in it.
#include <cornu/cornu.hpp>

#include <cstdio>
#include <string>

int main() {
  const cornu::Tensor tensor(cornu::Shape{4, 3});
  try {
    tensor.reshaped(cornu::Shape{5});
  } catch (const cornu::ShapeError& error) {
    const bool helpful = std::string(error.what()).find("got 12") != std::string::npos;
    std::printf("Cornu %s, %zu-byte numbers: %s\n%s\n", CORNU_VERSION, sizeof(cornu::Scalar),
                error.what(), helpful ? "an error that helps" : "an error that does not help");
    return helpful ? 0 : 1;
  }
  return 1;
}
