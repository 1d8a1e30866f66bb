#include <catch2/catch.hpp>
#include <cmath>
#include <thread>
#include <vector>

#include "cornu/cornu.hpp"

using namespace cornu;
using Catch::Contains;

namespace {

constexpr double tolerance = sizeof(Scalar) == 8 ? 1e-12 : 1e-5;

Tensor numbers(const Shape& shape, std::uint64_t id = 1) {
  Tensor tensor(shape);
  RandomStream(3, Purpose::user, id).fill_uniform(tensor.array(), -1, 1);
  return tensor;
}

/// Step t of sequences (N, T, ...).
Tensor step_of(const Tensor& sequences, std::size_t t) {
  const Shape shape = sequences.shape();
  const std::size_t N = shape[0], T = shape[1], width = sequences.size() / (N * T);
  Tensor step(shape.without_samples().without_samples().with_samples(N));
  for (std::size_t n = 0; n < N; ++n)
    std::copy_n(sequences.data() + (n * T + t) * width, width, step.data() + n * width);
  return step;
}

void near_to(const Tensor& got, const Tensor& expected) {
  REQUIRE(got.shape() == expected.shape());
  for (std::size_t i = 0; i < got.size(); ++i) {
    CAPTURE(i);
    REQUIRE(std::abs(static_cast<double>(got.data()[i]) - expected.data()[i]) <= tolerance);
  }
}

/// Step by step is what `predict` says of the whole.
void follows(const Model& model, const Tensor& x) {
  const Tensor whole = model.predict(x);
  Stream stream(model, x.shape()[0]);
  Tensor y(stream.output_shapes()[0]);
  for (int round = 0; round < 2; ++round) {
    for (std::size_t t = 0; t < x.shape()[1]; ++t) {
      CAPTURE(round, t);
      stream.step(step_of(x, t), y);
      if (whole.shape().rank() == 3) near_to(y, step_of(whole, t));
    }
    if (whole.shape().rank() == 2) near_to(y, whole);
    stream.reset();
  }
}

Sequential recurrent_model() {
  Sequential model;
  model.add<GRU>({.output_dim = 5, .return_sequences = true, .input_shape = {6, 3}});
  model.add<Dropout>({.p = 0.3});
  model.add<LSTM>({.output_dim = 7, .return_sequences = true});
  model.add<TimeDistributed>({.layer = std::make_shared<Dense>(DenseOptions{.output_dim = 2})});
  return model;
}

}  // namespace

TEST_CASE("step by step a stream says what predict says of the whole sequence") {
  follows(recurrent_model(), numbers({1, 6, 3}));
  follows(recurrent_model(), numbers({11, 6, 3}));

  Sequential last;
  last.add<SimpleRNN>({.output_dim = 4, .return_sequences = true, .input_shape = {5, 2}});
  last.add<BatchNormalization>();
  last.add<Activation>({.activation = "tanh"});
  last.add<GRU>({.output_dim = 3, .reset_after = true});
  last.add<Dense>({.output_dim = 2, .activation = "softmax"});
  follows(last, numbers({3, 5, 2}));

  Sequential words;
  words.add<Embedding>({.input_dim = 9, .output_dim = 3, .input_length = 5});
  words.add<LSTM>({.output_dim = 4, .inner_activation = "sigmoid", .return_sequences = true});
  words.add<TimeDistributedDense>({.output_dim = 2});
  follows(words, Tensor(Shape{2, 5}, {1, 2, 3, 4, 5, 6, 7, 8, 0, 1}));
}

TEST_CASE("a stream skips the steps that are masked") {
  for (const std::size_t N : {2, 11}) {
    CAPTURE(N);
    Sequential words;
    words.add<Embedding>({.input_dim = 5, .output_dim = 3, .input_length = 6, .mask_zero = true});
    words.add<LSTM>({.output_dim = 4, .return_sequences = true});
    words.add<GRU>({.output_dim = 3});
    words.add<Dense>({.output_dim = 2});
    Tensor x(Shape{N, 6});  // 0s before, between and after
    for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] = static_cast<Scalar>(i * i % 5);
    follows(words, x);

    Sequential steps;
    steps.add<Masking>({.input_shape = {6, 2}});
    steps.add<SimpleRNN>({.output_dim = 4, .return_sequences = true});
    steps.add<LSTM>({.output_dim = 3, .return_sequences = true});
    Tensor y = numbers({N, 6, 2});
    for (std::size_t n = 0; n < N; ++n)
      for (const std::size_t t : {n % 6, (n + 2) % 6, std::size_t{5}}) y(n, t, 0) = y(n, t, 1) = 0;
    follows(steps, y);
  }
}

TEST_CASE("a stream keeps the weights that it was made with") {
  Sequential model = recurrent_model();
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const Tensor x = numbers({2, 6, 3}), y = numbers({2, 6, 2}, 2), before = model.predict(x);
  Stream stream(model, 2);
  Stream copy = stream;
  for (int step = 0; step < 5; ++step) model.train_on_batch(x, y);
  Tensor out(stream.output_shapes()[0]), out_of_copy(out.shape());
  for (std::size_t t = 0; t < 6; ++t) {
    stream.step(step_of(x, t), out);
    copy.step(step_of(x, t), out_of_copy);
    near_to(out, step_of(before, t));
    near_to(out_of_copy, step_of(before, t));
  }
}

TEST_CASE("what a stream remembers comes out and goes in") {
  const Sequential model = recurrent_model();
  const Tensor x = numbers({1, 6, 3});
  Stream stream(model);
  Tensor out(stream.output_shapes()[0]), again(out.shape());
  for (std::size_t t = 0; t < 3; ++t) stream.step(step_of(x, t), out);
  const std::vector<Tensor> state = stream.state();
  REQUIRE(state.size() == 3);  // GRU's h, LSTM's h and c
  CHECK(state[0].shape() == Shape{1, 5});
  CHECK(state[1].shape() == Shape{1, 7});
  stream.step(step_of(x, 3), out);
  Stream other(model);
  other.set_state(state);
  other.step(step_of(x, 3), again);
  CHECK(std::equal(out.begin(), out.end(), again.begin()));
  CHECK_THROWS_WITH(other.set_state({state[0]}), Contains("3 arrays"));
  CHECK_THROWS_WITH(other.set_state({state[0], state[1], state[0]}), Contains("(1, 7)"));
}

TEST_CASE("streams of one model run in several threads") {
  const Sequential model = recurrent_model();
  const Tensor x = numbers({1, 6, 3}), whole = model.predict(x);
  std::vector<double> worst(4, 0);
  std::vector<std::thread> threads;
  for (std::size_t k = 0; k < worst.size(); ++k)
    threads.emplace_back([&, k] {
      Stream stream(model);
      Tensor out(stream.output_shapes()[0]);
      for (int round = 0; round < 50; ++round, stream.reset())
        for (std::size_t t = 0; t < 6; ++t) {
          stream.step(step_of(x, t), out);
          const Tensor expected = step_of(whole, t);
          for (std::size_t i = 0; i < out.size(); ++i)
            worst[k] = std::max(worst[k], std::abs(static_cast<double>(out.data()[i]) -
                                                   static_cast<double>(expected.data()[i])));
        }
    });
  for (std::thread& thread : threads) thread.join();
  for (const double error : worst) CHECK(error <= tolerance);
}

TEST_CASE("a stream refuses, by name, what cannot be followed step by step") {
  const auto refusal = [](auto&&... add) {
    Sequential model;
    (add(model), ...);
    try {
      Stream stream(model);
    } catch (const ConfigError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const auto both = [](Sequential& model) {
    model.add<Bidirectional>({.layer = std::make_shared<GRU>(GRUOptions{.output_dim = 2}),
                              .input_shape = {4, 3},
                              .name = "both_ways"});
  };
  CHECK_THAT(refusal(both), Contains("both_ways (Bidirectional)"));
  const auto backwards = [](Sequential& model) {
    model.add<LSTM>({.output_dim = 2, .go_backwards = true, .input_shape = {4, 3}, .name = "back"});
  };
  CHECK_THAT(refusal(backwards), Contains("back (LSTM)"));
  const auto flat = [](Sequential& model) {
    model.add<Flatten>({.input_shape = {4, 3}, .name = "flat"});
  };
  CHECK_THAT(refusal(flat), Contains("flat (Flatten)"));
  const auto dense = [](Sequential& model) {
    model.add<Dense>({.output_dim = 2, .input_shape = {4}});
  };
  CHECK_THAT(refusal(dense), Contains("without steps"));
}

TEST_CASE("a stream refuses steps that do not fit") {
  const Sequential model = recurrent_model();
  Stream stream(model, 2);
  Tensor out(Shape{2, 2}), small(Shape{1, 2});
  CHECK_THROWS_WITH(stream.step(numbers({2, 1, 3}), out), Contains("(2, 3)"));
  CHECK_THROWS_WITH(stream.step(numbers({2, 3}), small), Contains("(2, 2)"));
  CHECK_THROWS_AS(Stream(model, 0), ConfigError);

  Sequential words;
  words.add<Embedding>({.input_dim = 4, .output_dim = 3, .input_length = 5});
  words.add<SimpleRNN>({.output_dim = 2});
  Stream reader(words);
  Tensor y(Shape{1, 2});
  CHECK_THROWS_WITH(reader.step(Tensor(Shape{1}, {4}), y), Contains("4"));
  CHECK_THROWS_WITH(reader.step(Tensor(Shape{1}, {Scalar(0.5)}), y), Contains("0.5"));
  CHECK_THROWS_WITH(reader.step(Tensor(Shape{1}, {-1}), y), Contains("-1"));
}
