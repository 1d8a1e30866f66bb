// A stream takes no memory from the heap, from its first step on; nor does a warm recurrent net.

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

TEST_CASE("a stream allocates nothing, from its first step on") {
  Sequential model;
  model.add<GRU>({.output_dim = 24, .return_sequences = true, .input_shape = {10, 5}});
  model.add<SimpleRNN>({.output_dim = 9, .return_sequences = true});
  model.add<BatchNormalization>();
  model.add<LSTM>({.output_dim = 32, .return_sequences = true});
  model.add<TimeDistributedDense>({.output_dim = 3, .activation = "softmax"});
  for (const std::size_t samples : {1, 7, 20}) {
    CAPTURE(samples);
    Stream stream(model, samples);
    Tensor x(Shape{samples, 5}), y(Shape{samples, 3});
    const long before = allocations;
    for (int step = 0; step < 10; ++step) stream.step(x, y);
    stream.reset();
    stream.step(x.data(), y.data());
    CHECK(allocations == before);
  }
}

TEST_CASE("a warm step of a recurrent net allocates nothing") {
  for (const std::size_t threads : {1, 2}) {
    set_num_threads(threads);
    Sequential model;
    model.add<Embedding>({.input_dim = 30, .output_dim = 16, .input_length = 12});
    model.add<LSTM>(
        {.output_dim = 20, .dropout_W = 0.2, .dropout_U = 0.2, .return_sequences = true});
    model.add<GRU>({.output_dim = 80, .consume_less = "gpu"});
    model.add<Dense>({.output_dim = 2});
    model.compile({.optimizer = "adam", .loss = "mse"});
    Tensor x(Shape{40, 12}), y(Shape{40, 2}), out(Shape{40, 2});
    for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] = static_cast<Scalar>(i % 30);
    for (int i = 0; i < 3; ++i) {
      model.train_on_batch(x, y);
      model.predict_on_batch(x, out);
    }
    const long before = allocations;
    for (int i = 0; i < 3; ++i) {
      model.train_on_batch(x, y);
      model.predict_on_batch(x, out);
    }
    CHECK(allocations == before);
  }
  set_num_threads(0);
}
