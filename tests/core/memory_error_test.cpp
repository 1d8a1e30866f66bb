// Out of memory says what was too large, and is both a cornu::Error and a std::bad_alloc.

#include <catch2/catch.hpp>
#include <limits>
#include <new>
#include <string>

#include "cornu/core/error.hpp"
#include "cornu/layers/dense.hpp"
#include "cornu/layers/repeat_vector.hpp"
#include "cornu/models/sequential.hpp"

using namespace cornu;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
extern "C" const char* __asan_default_options() { return "allocator_may_return_null=1"; }
extern "C" const char* __tsan_default_options() { return "allocator_may_return_null=1"; }
#endif

namespace {

template <class Body>
std::string text_of(Body body) {
  try {
    body();
  } catch (const MemoryError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

}  // namespace

TEST_CASE("a tensor beyond the memory names its shape and its bytes") {
  const Shape shape{std::size_t{1} << 23, std::size_t{1} << 23};
  const std::string bytes = sizeof(Scalar) == 4 ? "256 TiB" : "512 TiB";
  const auto make = [&] { Tensor tensor(shape); };
  const std::string text = text_of(make);
  CHECK(text.find("[Tensor] shape (8388608, 8388608) would take " + bytes) == 0);
  CHECK_THROWS_AS(make(), Error);
  CHECK_THROWS_AS(make(), std::bad_alloc);
  CHECK_THROWS_AS(make(), std::exception);
}

TEST_CASE("every error of Cornu's is a std::exception") {
  CHECK_THROWS_AS(throw ConfigError("a", "b"), std::exception);
  CHECK_THROWS_AS(throw FormatError("a", "b"), std::runtime_error);
  CHECK_THROWS_AS(throw MemoryError("a", "b"), std::exception);
  const MemoryError error("place", "what", "what to do");
  const Error& base = error;
  const std::exception& standard = base;
  CHECK(std::string(standard.what()) == "[place] what; help: what to do");
  CHECK(base.place() == "place");
}

TEST_CASE("a layer whose weights are beyond the memory is named, and so is the weight") {
  Sequential model;
  const std::string text = text_of([&] {
    model.add<Dense>({.output_dim = std::size_t{1} << 45, .input_shape = {4}, .name = "wide"});
  });
  CHECK(text.find("[wide (Dense)] W (4, 35184372088832) would take ") == 0);
  CHECK_THROWS_AS(model.summary(), ConfigError);  // as it was: without layers
}

TEST_CASE("a run beyond any memory names the layer") {
  Sequential model;
  model.add<RepeatVector>({.n = std::size_t{1} << 59, .input_shape = {1}, .name = "again"});
  CHECK_THROWS_AS(model.predict(Tensor(Shape{1, 1})), MemoryError);
  const std::string text = text_of([&] { model.memory(1); });
  CHECK(text.find(
            "[again (RepeatVector)] a batch of 1 has an output (None, 576460752303423488, 1)") ==
        0);
}

TEST_CASE("the memory of a batch that cannot be is refused, not reckoned round the end") {
  Sequential model;
  model.add<Dense>({.output_dim = 1, .input_shape = {4}});
  CHECK_THROWS_AS(model.memory(std::numeric_limits<std::size_t>::max()), MemoryError);
}

TEST_CASE("bytes are told in the largest unit that fits") {
  CHECK(detail::bytes_text(12) == "12 bytes");
  CHECK(detail::bytes_text(1536) == "1.5 KiB");
  CHECK(detail::bytes_text(std::size_t{16} << 40) == "16 TiB");
}
