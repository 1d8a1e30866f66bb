// Once warm, neither a training step nor a prediction takes memory from the heap.

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <new>

#include "cornu/cornu.hpp"

namespace {

std::atomic<long> allocations{0};

void* counted(std::size_t bytes, std::size_t alignment) {
  ++allocations;
  const std::size_t rounded = (bytes + alignment) / alignment * alignment;
  if (void* memory = std::aligned_alloc(alignment, rounded)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t bytes) { return counted(bytes, 16); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return counted(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

using namespace cornu;

TEST_CASE("a warm step and a warm prediction allocate nothing") {
  for (const std::size_t threads : {1, 2})
    for (const char* optimizer : {"sgd", "adam", "rmsprop"})
      for (const std::size_t width : {8, 300}) {
        CAPTURE(threads, optimizer, width);
        set_num_threads(threads);
        Sequential model;
        model.add<Dense>({.output_dim = width, .W_regularizer = "l2", .input_shape = {200}});
        model.add<BatchNormalization>();
        model.add<Activation>({.activation = "relu"});
        model.add<Dense>({.output_dim = width, .activation = "tanh", .W_constraint = "maxnorm"});
        model.add<Dense>({.output_dim = 3, .activation = "softmax"});
        model.compile(
            {.optimizer = optimizer, .loss = "categorical_crossentropy", .metrics = {"accuracy"}});
        Tensor x(Shape{64, 200}), y(Shape{64, 3}), out(Shape{64, 3});
        RandomStream(1, Purpose::user).fill_uniform(x.array(), -1, 1);
        for (std::size_t r = 0; r < 64; ++r) y(r, r % 3) = 1;
        for (int i = 0; i < 3; ++i) {
          model.train_on_batch(x, y);
          model.predict_on_batch(x, out);
        }
        long before = allocations;
        for (int i = 0; i < 5; ++i) model.train_on_batch(x, y);
        CHECK(allocations == before);
        before = allocations;
        for (int i = 0; i < 5; ++i) model.predict_on_batch(x, out);
        CHECK(allocations == before);
      }
  set_num_threads(0);
}
