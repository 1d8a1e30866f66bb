// What Keras 1's Sequential does (models.py, engine/training.py), restated.
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "cornu/core/error.hpp"
#include "cornu/core/random.hpp"
#include "cornu/layers/activation.hpp"
#include "cornu/layers/batch_normalization.hpp"
#include "cornu/layers/dense.hpp"
#include "cornu/layers/flatten.hpp"
#include "cornu/models/sequential.hpp"

using namespace cornu;

namespace {

struct Blobs {
  Tensor x, y;
};

/// Three classes around three centres, one-hot targets.
Blobs blobs(std::size_t samples, std::uint64_t seed = 7) {
  Blobs data{Tensor(Shape{samples, 4}), Tensor(Shape{samples, 3})};
  RandomStream random(seed, Purpose::user);
  for (std::size_t n = 0; n < samples; ++n) {
    const std::size_t label = n % 3;
    for (std::size_t i = 0; i < 4; ++i)
      data.x(n, i) = static_cast<Scalar>(random.normal() * 0.5 + (i == label ? 2 : 0));
    data.y(n, label) = 1;
  }
  return data;
}

Sequential classifier() {
  Sequential model;
  model.add<Dense>({.output_dim = 8, .input_shape = {4}});
  model.add<BatchNormalization>();
  model.add<Activation>({.activation = "relu"});
  model.add<Dense>({.output_dim = 3, .activation = "softmax"});
  return model;
}

void compile(Model& model, const char* optimizer = "adam") {
  model.compile(
      {.optimizer = optimizer, .loss = "categorical_crossentropy", .metrics = {"accuracy"}});
}

bool same_bits(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!(a[i].shape() == b[i].shape()) ||
        std::memcmp(a[i].data(), b[i].data(), a[i].size() * sizeof(Scalar)) != 0)
      return false;
  return true;
}

std::string temporary(const char* name) {
  return (std::filesystem::temp_directory_path() / name).string();
}

}  // namespace

TEST_CASE("the same seed trains the same model") {
  const Blobs data = blobs(60);
  std::vector<std::vector<Tensor>> weights;
  for (int run = 0; run < 2; ++run) {
    set_seed(11);
    Sequential model = classifier();
    compile(model);
    model.fit(data.x, data.y, {.batch_size = 16, .nb_epoch = 5, .verbose = 0});
    weights.push_back(model.get_weights());
  }
  CHECK(same_bits(weights[0], weights[1]));
  set_seed(12);
  CHECK_FALSE(same_bits(weights[0], classifier().get_weights()));
}

TEST_CASE("fit reports sample-weighted means over batches, and validates on the tail") {
  const Blobs data = blobs(50);
  Sequential model = classifier();
  compile(model, "sgd");
  model.optimizer().set_lr(0);  // nothing moves but the running statistics
  const History history = model.fit(
      data.x, data.y,
      {.batch_size = 16, .nb_epoch = 2, .verbose = 0, .validation_split = 0.2, .shuffle = false});
  CHECK(history.names() == std::vector<std::string>{"loss", "acc", "val_loss", "val_acc"});
  CHECK(history.epochs() == std::vector<std::size_t>{0, 1});

  const auto part = [&](const Tensor& all, std::size_t first, std::size_t count) {
    const std::size_t width = all.shape()[1];
    return Tensor(Shape{count, width}, ConstArray(all.data() + first * width, count * width));
  };
  // 40 samples train in batches of 16, 16, 8; the last 10 validate.
  double loss = 0;
  for (const auto& [first, count] : {std::pair<std::size_t, std::size_t>{0, 16}, {16, 16}, {32, 8}})
    loss += static_cast<double>(count) *
            model.train_on_batch(part(data.x, first, count), part(data.y, first, count))["loss"];
  CHECK(history["loss"][1] == Approx(loss / 40).epsilon(1e-5));

  Sequential fresh = classifier();
  compile(fresh, "sgd");
  fresh.set_weights(model.get_weights());
  fresh.optimizer().set_lr(0);
  const History one =
      fresh.fit(data.x, data.y, {.nb_epoch = 1, .verbose = 0, .validation_split = 0.2});
  const Scores tail = fresh.evaluate(part(data.x, 40, 10), part(data.y, 40, 10));
  CHECK(one["val_loss"][0] == Approx(tail["loss"]).epsilon(1e-6));
  CHECK(one["val_acc"][0] == Approx(tail["acc"]));
}

TEST_CASE("validation_data wins over validation_split; evaluate does not depend on batch size") {
  const Blobs data = blobs(60), other = blobs(30, 8);
  Sequential model = classifier();
  compile(model);
  const History history = model.fit(data.x, data.y,
                                    {.nb_epoch = 3,
                                     .verbose = 0,
                                     .validation_split = 0.5,
                                     .validation_data = {other.x, other.y}});
  const Scores a = model.evaluate(other.x, other.y),
               b = model.evaluate(other.x, other.y, {.batch_size = 7});
  CHECK(history["val_loss"].back() == Approx(a["loss"]).epsilon(1e-6));
  CHECK(a["loss"] == Approx(b["loss"]).epsilon(1e-5));
  CHECK(a["acc"] == b["acc"]);
}

TEST_CASE("evaluate is the mean of the loss over predictions") {
  const Blobs data = blobs(33);
  Sequential model = classifier();
  compile(model);
  const Tensor p = model.predict(data.x, {.batch_size = 8});
  double loss = 0;
  for (std::size_t n = 0; n < 33; ++n) loss -= std::log(static_cast<double>(p(n, n % 3)));
  CHECK(model.evaluate(data.x, data.y)["loss"] == Approx(loss / 33).epsilon(1e-5));
  const std::vector<std::size_t> classes = model.predict_classes(data.x);
  std::size_t right = 0;
  for (std::size_t n = 0; n < 33; ++n) right += classes[n] == n % 3;
  CHECK(model.evaluate(data.x, data.y)["acc"] == Approx(static_cast<double>(right) / 33));
}

TEST_CASE("shuffling: every sample once an epoch, batches whole with \"batch\"") {
  std::vector<Scalar> numbers(10);
  for (std::size_t i = 0; i < 10; ++i) numbers[i] = static_cast<Scalar>(i);
  const Tensor all(Shape{10, 1}, numbers);
  for (const Shuffle mode : {Shuffle::off, Shuffle::samples, Shuffle::batches}) {
    ArraySource source({all.view()}, {all.view()}, {}, 10, 4, mode, 3);
    std::vector<std::vector<Scalar>> epochs;
    for (std::size_t epoch : {0, 1, 0}) {
      source.begin_epoch(epoch);
      std::vector<Scalar> seen;
      Batch batch;
      std::vector<std::size_t> sizes;
      while (source.next(batch)) {
        sizes.push_back(batch.samples);
        CHECK(std::memcmp(batch.x[0].data, batch.y[0].data, batch.samples * sizeof(Scalar)) == 0);
        seen.insert(seen.end(), batch.x[0].data, batch.x[0].data + batch.samples);
      }
      CHECK(sizes == std::vector<std::size_t>{4, 4, 2});
      epochs.push_back(seen);
    }
    CHECK(epochs[0] == epochs[2]);  // a function of the epoch alone
    if (mode == Shuffle::off) CHECK(epochs[0] == numbers);
    if (mode == Shuffle::samples) CHECK(epochs[0] != epochs[1]);
    if (mode == Shuffle::batches) CHECK((epochs[0][0] == 0 || epochs[0][0] == 4));
    std::sort(epochs[1].begin(), epochs[1].end());
    CHECK(epochs[1] == numbers);
  }
}

TEST_CASE("class weights and sample weights scale losses as Keras does") {
  const Blobs data = blobs(12);
  Sequential model = classifier();
  compile(model, "sgd");
  Tensor weights(Shape{12});
  for (std::size_t n = 0; n < 12; ++n) weights(n) = n % 3 == 1 ? 3 : 1;
  const std::vector<Tensor> start = model.get_weights();
  const double by_sample = model.train_on_batch(data.x, data.y, weights)["loss"];
  const std::vector<Tensor> after = model.get_weights();
  model.set_weights(start);
  const double by_class = model.train_on_batch(
      data.x, data.y, std::map<std::size_t, double>{{0, 1}, {1, 3}, {2, 1}})["loss"];
  CHECK(by_sample == by_class);
  CHECK(same_bits(after, model.get_weights()));

  // A weight of zero takes a sample out of numerator and denominator.
  Tensor first(Shape{12});
  for (std::size_t n = 0; n < 6; ++n) first(n) = 1;
  const Tensor x(Shape{6, 4}, ConstArray(data.x.data(), 24)),
      y(Shape{6, 3}, ConstArray(data.y.data(), 18));
  CHECK(model.test_on_batch(data.x, data.y, first)["loss"] ==
        Approx(model.test_on_batch(x, y)["loss"]).epsilon(1e-5));
}

TEST_CASE("a saved and loaded model goes on training bit for bit") {
  const Blobs data = blobs(40);
  for (const char* optimizer : {"sgd", "adam", "nadam", "adadelta"})
    for (const bool base64 : {false, true}) {
      INFO(optimizer);
      set_seed(5);
      Sequential model = classifier();
      compile(model, optimizer);
      const FitOptions three{.batch_size = 16, .nb_epoch = 3, .verbose = 0};
      model.fit(data.x, data.y, three);
      const std::string path = temporary("cornu-sequential-test.json");
      model.save(path, {.base64 = base64});
      const auto loaded = load_model(path);
      CHECK(same_bits(model.get_weights(), loaded->get_weights()));
      model.fit(data.x, data.y, three);
      const History resumed = loaded->fit(data.x, data.y, three);
      CHECK(same_bits(model.get_weights(), loaded->get_weights()));
      CHECK(model.layers().back()->name() == loaded->layers().back()->name());
      CHECK(resumed["loss"].size() == 3);
      std::filesystem::remove(path);
    }
}

TEST_CASE("weights alone travel by name") {
  Sequential a = classifier();
  const auto b = model_from_json(a.to_json());
  const std::string path = temporary("cornu-weights-test.json");
  a.save_weights(path);
  CHECK_FALSE(same_bits(a.get_weights(), b->get_weights()));
  b->load_weights(path);
  CHECK(same_bits(a.get_weights(), b->get_weights()));
  Sequential other;
  other.add<Dense>({.output_dim = 2, .input_shape = {4}});
  const std::vector<Tensor> before = other.get_weights();
  CHECK_THROWS_AS(other.load_weights(path), FormatError);
  CHECK(same_bits(before, other.get_weights()));
  CHECK_THROWS_AS(load_model(path), FormatError);
  std::filesystem::remove(path);
}

TEST_CASE("add, pop, shared layers, nested models") {
  Sequential model = classifier();
  CHECK(model.layers().size() == 4);
  CHECK(model.count_params() == 4 * 8 + 8 + 16 + 8 * 3 + 3);
  CHECK(model.get_layer(1)->class_name() == "BatchNormalization");
  CHECK(model.get_layer(model.layers()[3]->name()) == model.layers()[3]);
  model.pop();
  CHECK(model.output_shape() == Shape{8});
  const auto dense = model.add<Dense>({.output_dim = 8});
  model.add(LayerPtr(dense));  // once more: the same weights
  CHECK(model.count_params() == 40 + 16 + 72);
  Sequential outer;
  outer.add(model);
  outer.add<Dense>({.output_dim = 1});
  CHECK(outer.count_params() == 128 + 9);
  const Blobs data = blobs(5);
  const auto twin = model_from_json(outer.to_json());
  twin->set_weights(outer.get_weights());
  CHECK(same_bits({outer.predict(data.x)}, {twin->predict(data.x)}));
}

TEST_CASE("trainable = false keeps parameters, takes effect at compile") {
  const Blobs data = blobs(20);
  Sequential model = classifier();
  const LayerPtr frozen = model.get_layer(std::size_t{0});
  frozen->set_trainable(false);
  compile(model);
  const std::vector<Tensor> before = frozen->get_weights();
  const std::vector<Tensor> statistics = model.get_layer(1)->get_weights();
  model.train_on_batch(data.x, data.y);
  CHECK(same_bits(before, frozen->get_weights()));
  CHECK_FALSE(same_bits(statistics, model.get_layer(1)->get_weights()));
  frozen->set_trainable(true);
  model.train_on_batch(data.x, data.y);
  CHECK(same_bits(before, frozen->get_weights()));
  compile(model);
  model.train_on_batch(data.x, data.y);
  CHECK_FALSE(same_bits(before, frozen->get_weights()));
}

TEST_CASE("several threads predict with one const model") {
  const Blobs data = blobs(64);
  const Sequential model = classifier();
  const Tensor expected = model.predict(data.x);
  std::vector<std::thread> threads;
  std::vector<int> same(4, 0);
  for (std::size_t t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      bool all = true;
      for (int i = 0; i < 20; ++i)
        all = all && same_bits({expected}, {model.predict(data.x, {.batch_size = 64})});
      same[t] = all;
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(same == std::vector<int>(4, 1));
}

TEST_CASE("a chain within a chain keeps its name, so that a compiled one can be loaded") {
  Sequential inner("inner"), outer;
  inner.add<Dense>({.output_dim = 2, .input_shape = {3}});
  outer.add(inner);
  outer.compile({.optimizer = "sgd", .loss = "mse"});
  CHECK(model_from_json(outer.to_json())->outputs()[0].name() == "inner");
  const std::string path =
      (std::filesystem::temp_directory_path() / ("cornu-chain-" + std::to_string(sizeof(Scalar))))
          .string();
  outer.save(path);
  CHECK(load_model(path)->compiled());
  std::filesystem::remove(path);
}

TEST_CASE("an input of no numbers is refused") {
  Sequential model;
  CHECK_THROWS_AS(model.add<Flatten>({.input_shape = {2, 0}}), ShapeError);
}
