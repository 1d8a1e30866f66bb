// Batches from generators, read ahead on a thread, and runs that Ctrl-C ends.

#include "cornu/training/sources/batch_source.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>
#include <cstring>
#include <stdexcept>
#include <thread>

#include "cornu/core/error.hpp"
#include "cornu/core/log.hpp"
#include "cornu/core/random.hpp"
#include "cornu/layers/dense.hpp"
#include "cornu/models/sequential.hpp"
#include "cornu/training/callbacks/interrupt.hpp"
#include "cornu/training/callbacks/lambda_callback.hpp"
#include "cornu/training/sources/array_source.hpp"
#include "cornu/training/sources/generator_source.hpp"
#include "cornu/training/sources/read_ahead.hpp"
#include "cornu/training/weights.hpp"

using namespace cornu;

namespace {

/// Batches of 5, 5 and 3 samples, each a function of epoch and number.
bool generate(std::size_t epoch, std::size_t number, TensorBatch& batch) {
  if (number == 3) return false;
  const std::size_t samples = number == 2 ? 3 : 5;
  RandomStream random(epoch, Purpose::user, number);
  batch.x.assign(1, Tensor(Shape{samples, 2}));
  batch.y.assign(1, Tensor(Shape{samples, 1}));
  random.fill_normal(batch.x[0].array(), 0, 1);
  for (std::size_t n = 0; n < samples; ++n) batch.y[0](n, 0) = batch.x[0](n, 0) > 0;
  return true;
}

std::unique_ptr<Sequential> model() {
  set_seed(3);
  auto result = std::make_unique<Sequential>();
  result->add<Dense>({.output_dim = 1, .activation = "sigmoid", .input_shape = {2}});
  result->compile({.optimizer = "adam", .loss = "binary_crossentropy", .metrics = {"accuracy"}});
  return result;
}

bool same_bits(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  bool same = a.size() == b.size();
  for (std::size_t i = 0; same && i < a.size(); ++i)
    same = std::memcmp(a[i].data(), b[i].data(), a[i].size() * sizeof(Scalar)) == 0;
  return same;
}

/// All numbers of an epoch in a row, with the batch sizes before them.
std::vector<Scalar> contents(BatchSource& source, std::size_t epoch) {
  std::vector<Scalar> all;
  Batch batch;
  source.begin_epoch(epoch);
  while (source.next(batch)) {
    all.push_back(static_cast<Scalar>(batch.samples));
    for (const auto* views : {&batch.x, &batch.y, &batch.sample_weight})
      for (const ConstView& view : *views)
        all.insert(all.end(), view.array().begin(), view.array().end());
  }
  return all;
}

}  // namespace

TEST_CASE("a generator's batches train like the same arrays") {
  GeneratorSource source(generate, 13);
  CHECK(source.samples() == 13);
  const auto by_fit = model(), by_hand = model();
  const History history = by_fit->fit(source, {.nb_epoch = 4, .verbose = 0});
  for (std::size_t epoch = 0; epoch < 4; ++epoch) {
    TensorBatch batch;
    double sum = 0;
    for (std::size_t number = 0; generate(epoch, number, batch); ++number)
      sum += by_hand->train_on_batch(batch.x[0], batch.y[0])["loss"] *
             static_cast<double>(batch.x[0].shape().front());
    CHECK(history["loss"][epoch] == Approx(sum / 13));
  }
  CHECK(same_bits(by_fit->get_weights(), by_hand->get_weights()));
  CHECK(std::isfinite(by_fit->evaluate(source)["loss"]));
}

TEST_CASE("reading ahead changes nothing but the thread") {
  for (const std::size_t depth : std::vector<std::size_t>{1, 2, 7}) {
    GeneratorSource plain(generate), read(generate);
    ReadAhead ahead(read, depth);
    for (const std::size_t epoch : std::vector<std::size_t>{0, 1, 5, 0})
      CHECK(contents(ahead, epoch) == contents(plain, epoch));
  }
  const auto plain = model(), ahead = model();
  GeneratorSource one(generate), two(generate);
  ReadAhead reading(two);
  plain->fit(one, {.nb_epoch = 5, .verbose = 0});
  ahead->fit(reading, {.nb_epoch = 5, .verbose = 0});
  CHECK(same_bits(plain->get_weights(), ahead->get_weights()));

  Tensor x(Shape{7, 2}), y(Shape{7, 1}), weights(Shape{7});
  ArraySource arrays({x.view()}, {y.view()}, {ConstView{}}, 7, 3);
  ReadAhead with_nothing(arrays);
  Batch batch;
  with_nothing.begin_epoch(0);
  CHECK(with_nothing.next(batch));
  CHECK(batch.sample_weight.size() == 1);
  CHECK_FALSE(batch.sample_weight[0]);
  CHECK_THROWS_AS(ReadAhead(arrays, 0), ConfigError);
}

TEST_CASE("the reader runs ahead, but not further than its depth") {
  std::atomic<std::size_t> made{0};
  GeneratorSource source([&](std::size_t, std::size_t number, TensorBatch& batch) {
    if (number == 100) return false;
    ++made;
    return generate(0, 0, batch);
  });
  ReadAhead ahead(source, 3);
  Batch batch;
  ahead.begin_epoch(0);
  REQUIRE(ahead.next(batch));
  for (int wait = 0; wait < 2000 && made < 4; ++wait)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  CHECK(made == 4);  // the one in use and three more
  const std::vector<Scalar> before(batch.x[0].array().begin(), batch.x[0].array().end());
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  CHECK(std::equal(before.begin(), before.end(), batch.x[0].data));  // left alone while in use
}

TEST_CASE("an epoch that is left early starts anew, and an unused reader ends") {
  GeneratorSource plain(generate), read(generate);
  ReadAhead ahead(read, 2);
  Batch batch;
  CHECK_FALSE(ahead.next(batch));  // no epoch yet
  ahead.begin_epoch(0);
  ahead.next(batch);
  CHECK(contents(ahead, 1) == contents(plain, 1));
  CHECK_FALSE(ahead.next(batch));
  ahead.begin_epoch(2);  // and nobody asks for its batches
}

TEST_CASE("what a source throws comes out of next, in its place") {
  GeneratorSource source([](std::size_t epoch, std::size_t number, TensorBatch& batch) {
    if (epoch == 1 && number == 2) throw std::runtime_error("the disk is gone");
    return generate(epoch, number, batch);
  });
  ReadAhead ahead(source);
  Batch batch;
  ahead.begin_epoch(1);
  CHECK(ahead.next(batch));
  CHECK(ahead.next(batch));
  CHECK_THROWS_WITH(ahead.next(batch), "the disk is gone");
  CHECK_THROWS_WITH(ahead.next(batch), "the disk is gone");
  ahead.begin_epoch(0);
  CHECK(ahead.next(batch));

  const auto trained = model();
  CHECK_THROWS_WITH(trained->fit(ahead, {.nb_epoch = 3, .verbose = 0}), "the disk is gone");
  CHECK(trained->epochs() == 1);
  GeneratorSource good(generate);
  trained->fit(good, {.nb_epoch = 1, .verbose = 0});
}

TEST_CASE("batches that do not fit the model are refused one by one") {
  const auto trained = model();
  const auto refuse = [&](auto spoil) {
    GeneratorSource source([&](std::size_t epoch, std::size_t number, TensorBatch& batch) {
      const bool more = generate(epoch, number, batch);
      if (more && number == 1) spoil(batch);
      return more;
    });
    trained->fit(source, {.nb_epoch = 1, .verbose = 0});
  };
  refuse([](TensorBatch&) {});
  CHECK_THROWS_WITH(
      refuse([](TensorBatch& b) {
        b.x[0] = Tensor(Shape{5, 3});
      }),
      Catch::Contains("batch 1") && Catch::Contains("(5, 2)") && Catch::Contains("(5, 3)"));
  CHECK_THROWS_AS(refuse([](TensorBatch& b) { b.x[0] = Tensor(Shape{5, 1, 2}); }), ShapeError);
  CHECK_THROWS_AS(refuse([](TensorBatch& b) { b.y[0] = Tensor(Shape{4, 1}); }), ShapeError);
  CHECK_THROWS_AS(refuse([](TensorBatch& b) { b.y[0] = Tensor(Shape{5, 2}); }), ShapeError);
  CHECK_THROWS_AS(refuse([](TensorBatch& b) { b.y.clear(); }), ShapeError);
  CHECK_THROWS_AS(refuse([](TensorBatch& b) { b.x.clear(); }), ShapeError);
  CHECK_THROWS_AS(refuse([](TensorBatch& b) { b.x[0] = Tensor(); }), ShapeError);
  CHECK_THROWS_AS(refuse([](TensorBatch& b) { b.x.push_back(b.x[0]); }), ShapeError);
  CHECK_THROWS_AS(refuse([](TensorBatch& b) { b.y[0](2, 0) = static_cast<Scalar>(NAN); }),
                  ConfigError);
  CHECK_THROWS_AS(refuse([](TensorBatch& b) {
                    b.sample_weight.assign(1, Tensor(Shape{5, 3}));
                  }),
                  ShapeError);
  CHECK_THROWS_AS(refuse([](TensorBatch& b) { b.sample_weight.assign(2, Tensor(Shape{5})); }),
                  ShapeError);

  GeneratorSource none([](std::size_t, std::size_t, TensorBatch&) { return false; });
  CHECK_THROWS_AS(trained->fit(none, {.verbose = 0}), ConfigError);
  CHECK_THROWS_AS(GeneratorSource(nullptr), ConfigError);
}

TEST_CASE("sample weights come with the batches") {
  GeneratorSource source([](std::size_t epoch, std::size_t number, TensorBatch& batch) {
    if (!generate(epoch, number, batch)) return false;
    const std::size_t samples = batch.x[0].shape().front();
    batch.sample_weight.assign(1, Tensor(Shape{samples}));
    batch.sample_weight[0](0) = 2;
    return true;
  });
  const auto weighted = model(), by_hand = model();
  weighted->fit(source, {.nb_epoch = 1, .verbose = 0});
  TensorBatch batch;
  for (std::size_t number = 0; generate(0, number, batch); ++number) {
    Tensor weights(Shape{batch.x[0].shape().front()});
    weights(0) = 2;
    by_hand->train_on_batch(batch.x[0], batch.y[0], weights);
  }
  CHECK(same_bits(weighted->get_weights(), by_hand->get_weights()));
}

TEST_CASE("the weights of classes") {
  const Tensor labels(Shape{4, 1}, std::vector<Scalar>{0, 2, 2, 1});
  const Tensor by_label = weights_of_classes(labels.view(), {{0, 1}, {1, 3}, {2, 0.5}}, "fit");
  CHECK(std::vector<Scalar>(by_label.begin(), by_label.end()) ==
        std::vector<Scalar>{1, Scalar(0.5), Scalar(0.5), 3});
  const Tensor rows(Shape{2, 3}, std::vector<Scalar>{0, 1, 0, Scalar(.2), Scalar(.1), Scalar(.7)});
  const Tensor by_row = weights_of_classes(rows.view(), {{1, 3}, {2, 0.5}}, "fit");
  CHECK(by_row(0) == 3);
  CHECK(by_row(1) == Scalar(0.5));
  CHECK_THROWS_WITH(weights_of_classes(labels.view(), {{0, 1}, {2, 1}}, "fit"),
                    Catch::Contains("sample 3"));
  CHECK_THROWS_AS(weights_of_classes(Tensor(Shape{1, 2, 3}).view(), {{0, 1}}, "fit"), ShapeError);
}

namespace {

volatile sig_atomic_t users_signals = 0;
void users_handler(int) { users_signals = users_signals + 1; }

}  // namespace

TEST_CASE("an interrupt is caught once, and the handler before it comes back") {
  struct sigaction users {};
  users.sa_handler = users_handler;
  struct sigaction before {};
  sigaction(SIGINT, &users, &before);
  users_signals = 0;
  {
    const InterruptGuard outer;
    CHECK_FALSE(outer.interrupted());
    {
      const InterruptGuard inner;
      raise(SIGINT);
      CHECK(inner.interrupted());
    }
    CHECK(outer.interrupted());
    CHECK(users_signals == 0);
    raise(SIGINT);  // the second is the user's again
    CHECK(users_signals == 1);
    const InterruptGuard later;
    CHECK_FALSE(later.interrupted());
    raise(SIGINT);
    CHECK(later.interrupted());
    CHECK(users_signals == 1);
  }
  { const InterruptGuard unused; }
  struct sigaction after {};
  sigaction(SIGINT, &before, &after);
  CHECK(after.sa_handler == users_handler);
}

TEST_CASE("Ctrl-C finishes the batch and keeps the model usable") {
  log::set_level(log::Level::off);
  const auto trained = model();
  GeneratorSource source(generate);
  const auto stop = stop_on_interrupt();
  std::size_t batches = 0;
  const auto press =
      lambda_callback({.on_batch_begin = [&](TrainingTarget&, std::size_t, std::size_t) {
        if (++batches == 5) raise(SIGINT);
      }});
  const History history =
      trained->fit(source, {.nb_epoch = 1000, .verbose = 0, .callbacks = {press, stop}});
  CHECK(batches == 5);
  CHECK(stop->stopped());
  CHECK(history.epochs().size() == 1);
  trained->fit(source, {.nb_epoch = 2, .verbose = 0, .callbacks = {stop}});
  CHECK_FALSE(stop->stopped());
  CHECK(trained->epochs() == 3);
  log::set_level(log::Level::warning);
}

TEST_CASE("the second Ctrl-C kills") {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    signal(SIGINT, SIG_DFL);
    const InterruptGuard guard;
    raise(SIGINT);
    if (!guard.interrupted()) _exit(1);
    raise(SIGINT);
    _exit(2);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGINT);
}
