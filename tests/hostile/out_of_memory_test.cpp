// Every allocation fails once: what was there before is whole, nothing leaks, and the next call
// works.

#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <new>
#include <string>
#include <vector>

#include "cornu/core/error.hpp"
#include "cornu/core/threads.hpp"
#include "cornu/layers/activation.hpp"
#include "cornu/layers/batch_normalization.hpp"
#include "cornu/layers/dense.hpp"
#include "cornu/models/sequential.hpp"

namespace {

thread_local long left = -1;  // allocations of this thread until one fails; negative: none fails
thread_local std::size_t smallest = 0;  // the size from which on they count
thread_local long alive = 0;            // allocated minus freed by this thread

void* allocate(std::size_t size, std::size_t alignment) {
  if ((size >= smallest || alignment == 64) && left > 0 && --left == 0) throw std::bad_alloc();
  const std::size_t rounded =
      (std::max<std::size_t>(size, 1) + alignment - 1) / alignment * alignment;
  void* memory = std::aligned_alloc(alignment, rounded);
  if (memory == nullptr) throw std::bad_alloc();
  ++alive;
  return memory;
}

void release(void* memory) noexcept {
  if (memory == nullptr) return;
  --alive;
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) { return allocate(size, alignof(std::max_align_t)); }
void* operator new[](std::size_t size) { return allocate(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { release(memory); }
void operator delete[](void* memory) noexcept { release(memory); }
void operator delete(void* memory, std::size_t) noexcept { release(memory); }
void operator delete[](void* memory, std::size_t) noexcept { release(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { release(memory); }

using namespace cornu;

namespace {

const Tensor x(Shape{4, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
const Tensor y(Shape{4, 2}, {1, 0, 0, 1, 1, 0, 0, 1});

std::unique_ptr<Sequential> make() {
  auto model = std::make_unique<Sequential>();
  model->add<Dense>({.output_dim = 3, .W_regularizer = "l2", .input_shape = {2}, .name = "a"});
  model->add<BatchNormalization>({.name = "b"});
  model->add<Activation>({.activation = "relu", .name = "c"});
  model->add<Dense>({.output_dim = 2, .activation = "softmax", .name = "d"});
  return model;
}

void compile(Model& model) {
  model.compile({.optimizer = "adam", .loss = "categorical_crossentropy", .metrics = {"accuracy"}});
}

bool same(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  bool result = a.size() == b.size();
  for (std::size_t i = 0; result && i < a.size(); ++i)
    result = std::memcmp(a[i].data(), b[i].data(), a[i].size() * sizeof(Scalar)) == 0;
  return result;
}

/// nlohmann::json allocates in its destructor (3.11.2, basic_json::json_value::destroy), so that a
/// small allocation which fails there ends the process, whatever its user does. Where texts and
/// options are worked on, only larger allocations fail here: those of numbers and buffers.
constexpr std::size_t all = 0, large = 4096;

/// Runs `action` with its n-th allocation failing, for n = 1, 2, ... until none does, and `check`
/// after each failure. Returns how many failed.
template <class Action, class Check>
long fail_each(std::size_t from, Action action, Check check) {
  action();  // what is made once and stays, is there
  for (long n = 1;; ++n) {
    const long before = alive;
    bool failed = false;
    smallest = from;
    left = n;
    try {
      action();
    } catch (const std::bad_alloc&) {
      failed = true;
    }
    const bool reached = left == 0;
    left = -1;
    if (!reached) return n - 1;
    // An implementation may do without memory that was only for speed.
    if (failed && alive > before) FAIL_CHECK("leak at allocation " << n);
    check(failed);
  }
}

std::string path_of(const char* name) {
  return (std::filesystem::temp_directory_path() /
          ("cornu-memory-" + std::to_string(::getpid()) + "-" + name))
      .string();
}

}  // namespace

TEST_CASE("building a model survives every failing allocation") {
  set_num_threads(1);
  const long failed = fail_each(
      large, [] { make()->predict(x); }, [](bool) {});
  CHECK(failed > 3);
}

TEST_CASE("predicting survives every failing allocation") {
  const auto model = make();
  const Tensor expected = model->predict(x);
  const long failed = fail_each(
      all, [&] { model->predict(x); }, [&](bool) { CHECK(same({model->predict(x)}, {expected})); });
  CHECK(failed > 0);
}

TEST_CASE("reading and writing weights survives every failing allocation") {
  const auto model = make();
  std::vector<Tensor> weights = model->get_weights();
  CHECK(fail_each(
            all, [&] { model->get_weights(); }, [](bool) {}) > 3);
  fail_each(
      all, [&] { model->set_weights(weights); },
      [&](bool) { CHECK(same(model->get_weights(), weights)); });
}

TEST_CASE("compiling again leaves the model as it was, or compiled") {
  const auto model = make();
  compile(*model);
  model->train_on_batch(x, y);
  const std::vector<Tensor> weights = model->get_weights();
  fail_each(
      large, [&] { compile(*model); },
      [&](bool) {
        CHECK(model->compiled());
        CHECK(same(model->get_weights(), weights));
      });
  CHECK_NOTHROW(model->train_on_batch(x, y));
}

TEST_CASE("training makes whole steps only") {
  const auto model = make();
  compile(*model);
  const std::vector<Tensor> start = model->get_weights();
  model->train_on_batch(x, y);
  const std::vector<Tensor> after = model->get_weights();
  long failures = 0;
  for (long n = 1;; ++n) {
    const auto fresh = make();
    fresh->set_weights(start);
    compile(*fresh);
    const std::vector<Tensor> before = fresh->get_weights();
    smallest = all;
    left = n;
    bool failed = false;
    try {
      fresh->train_on_batch(x, y);
    } catch (const std::bad_alloc&) {
      failed = true;
    }
    const bool reached = left == 0;
    left = -1;
    if (!reached) break;
    ++failures;
    if (!failed) continue;
    CHECK((same(fresh->get_weights(), before) || same(fresh->get_weights(), after)));
    if (same(fresh->get_weights(), before)) {
      fresh->train_on_batch(x, y);
      CHECK(same(fresh->get_weights(), after));
    }
  }
  CHECK(failures > 10);
}

TEST_CASE("saving leaves the old file, loading changes nothing") {
  const auto model = make();
  compile(*model);
  model->train_on_batch(x, y);
  const std::string path = path_of("model.json"), weights_path = path_of("weights.json");
  model->save(path);
  fail_each(
      large, [&] { model->save(path); },
      [&](bool) { CHECK(same(load_model(path)->get_weights(), model->get_weights())); });

  CHECK(fail_each(
            large, [&] { load_model(path); }, [](bool) {}) > 3);

  model->save_weights(weights_path);
  const auto other = make();
  const std::vector<Tensor> before = other->get_weights(), after = model->get_weights();
  fail_each(
      large,
      [&] {
        other->load_weights(weights_path);
        other->set_weights(before);
      },
      [&](bool) {
        const std::vector<Tensor> now = other->get_weights();
        CHECK((same(now, before) || same(now, after)));
        other->set_weights(before);
      });
  std::filesystem::remove(path);
  std::filesystem::remove(weights_path);
}
