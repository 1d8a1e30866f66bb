// Everything a user can hand over wrongly: the error's type, its words, and the model as before.
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "cornu/core/error.hpp"
#include "cornu/layers/activation.hpp"
#include "cornu/layers/dense.hpp"
#include "cornu/models/sequential.hpp"

using namespace cornu;
using Catch::Matchers::Contains;

namespace {

Sequential small() {
  Sequential model;
  model.add<Dense>({.output_dim = 3, .activation = "tanh", .input_shape = {4}});
  model.add<Dense>({.output_dim = 2, .activation = "softmax"});
  model.compile({.optimizer = "sgd", .loss = "categorical_crossentropy"});
  return model;
}

Tensor ones(const Shape& shape) {
  Tensor result(shape);
  for (Scalar& value : result) value = 1;
  return result;
}

/// Calls `body`, which must throw E with all these words, and compares the weights before and
/// after.
template <class E, class Body>
void refuses(Model& model, const std::vector<std::string>& words, Body body) {
  const std::vector<Tensor> before = model.get_weights();
  bool thrown = false;
  try {
    body();
  } catch (const E& error) {
    thrown = true;
    for (const std::string& word : words) CHECK_THAT(error.what(), Contains(word));
    CHECK(error.what()[0] == '[');
  }
  CHECK(thrown);
  const std::vector<Tensor> after = model.get_weights();
  REQUIRE(before.size() == after.size());
  for (std::size_t i = 0; i < before.size(); ++i)
    CHECK(std::memcmp(before[i].data(), after[i].data(), before[i].size() * sizeof(Scalar)) == 0);
}

constexpr Scalar not_a_number = std::numeric_limits<Scalar>::quiet_NaN();

}  // namespace

TEST_CASE("samples without numbers are refused where their shape is given") {
  for (const Shape& shape : {Shape{0}, Shape{3, 0}, Shape{0, 3}}) {
    CHECK_THROWS_WITH(Activation({.activation = "softmax", .input_shape = shape}),
                      Contains("sizes above 0") && Contains("(Activation)"));
    CHECK_THROWS_AS(Dense({.output_dim = 2, .batch_input_shape = shape.with_samples(2)}),
                    ShapeError);
    CHECK_THROWS_AS(input(shape), ShapeError);
  }
}

TEST_CASE("wrong shapes and sample counts") {
  Sequential model = small();
  const Tensor x = ones({8, 4}), y = ones({8, 2});
  refuses<ShapeError>(model, {"(None, 4)", "(8, 5)"}, [&] { model.fit(ones({8, 5}), y); });
  refuses<ShapeError>(model, {"(4,)", "(None, 4)"}, [&] { model.predict(ones({4})); });
  refuses<ShapeError>(model, {"expected", "(2, 4, 1)"}, [&] { model.predict(ones({2, 4, 1})); });
  refuses<ShapeError>(model, {"8", "7"}, [&] { model.fit(x, ones({7, 2})); });
  refuses<ShapeError>(model, {"8", "7"}, [&] { model.train_on_batch(x, ones({7, 2})); });
  refuses<Error>(model, {"3"}, [&] { model.fit(x, ones({8, 3})); });
  refuses<Error>(model, {"one"}, [&] { model.fit(x, ones({8, 1})); });
  refuses<ShapeError>(model, {"sample weights", "(8,)", "(5,)"},
                      [&] { model.train_on_batch(x, y, ones({5})); });
  refuses<ShapeError>(model, {"temporal"}, [&] { model.train_on_batch(x, y, ones({8, 2})); });
  refuses<ShapeError>(model, {"2"}, [&] { model.fit({x, x}, y); });
  refuses<ShapeError>(model, {"empty"}, [&] { model.fit(Tensor(), y); });
  refuses<ShapeError>(model, {"at least one sample"}, [&] {
    model.fit(Tensor(Shape{0, 4}), Tensor(Shape{0, 2}));
  });
  refuses<ShapeError>(model, {"weight arrays"}, [&] { model.set_weights({}); });
  refuses<ShapeError>(model, {"_W", "(4, 3)", "(3, 4)"}, [&] {
    auto weights = model.get_weights();
    weights[0] = ones({3, 4});
    model.set_weights(weights);
  });
  Tensor out(Shape{7, 2});
  refuses<ShapeError>(model, {"(8, 2)", "(7, 2)"}, [&] { model.predict_on_batch(x, out); });
}

TEST_CASE("uncompiled, empty, shapeless") {
  Sequential plain;
  plain.add<Dense>({.output_dim = 2, .input_shape = {4}});
  const Tensor x = ones({8, 4}), y = ones({8, 2});
  refuses<ConfigError>(plain, {"not compiled", "compile("}, [&] { plain.fit(x, y); });
  refuses<ConfigError>(plain, {"not compiled"}, [&] { plain.evaluate(x, y); });
  refuses<ConfigError>(plain, {"not compiled"}, [&] { plain.train_on_batch(x, y); });
  refuses<ConfigError>(plain, {"not compiled"}, [&] { plain.metrics_names(); });
  CHECK(plain.predict(x).shape() == Shape{8, 2});  // predicting needs no compile

  Sequential empty;
  CHECK_THROWS_WITH(empty.compile({.optimizer = "sgd", .loss = "mse"}), Contains("no layers"));
  CHECK_THROWS_WITH(empty.predict(x), Contains("no layers"));
  CHECK_THROWS_WITH(empty.summary(), Contains("no layers"));
  CHECK_THROWS_WITH(empty.pop(), Contains("no layers"));
  CHECK_THROWS_WITH(empty.add<Dense>({.output_dim = 2}), Contains("input_shape"));
  CHECK_THROWS_WITH(empty.add(LayerPtr()), Contains("null"));
  empty.add<Dense>({.output_dim = 2, .input_shape = {4}});  // and still works
  CHECK(empty.predict(x).shape() == Shape{8, 2});
}

TEST_CASE("a layer that does not fit is not added") {
  Sequential model = small();
  const std::size_t layers = model.layers().size();
  const LayerPtr used = model.get_layer(std::size_t{0});
  refuses<ShapeError>(model, {used->name()}, [&] { model.add(used); });
  CHECK(model.layers().size() == layers);
  CHECK(model.compiled());
}

TEST_CASE("not a number: in data, in weights, in the loss") {
  Sequential model = small();
  Tensor x = ones({8, 4}), y = ones({8, 2});
  x(5, 1) = not_a_number;
  refuses<NumericError>(model, {"input", "sample 5"}, [&] { model.fit(x, y); });
  refuses<NumericError>(model, {"NaN", "input"}, [&] { model.train_on_batch(x, y); });
  y(3, 0) = not_a_number;
  refuses<ConfigError>(model, {"target", "sample 3"}, [&] {
    model.fit(ones({8, 4}), y, {.verbose = 0});
  });
  std::vector<Tensor> weights = model.get_weights();
  weights[0](0, 0) = not_a_number;
  model.set_weights(weights);
  refuses<NumericError>(model, {"loss is NaN", model.get_layer(std::size_t{0})->name() + "_W"},
                        [&] {
                          model.fit(ones({8, 4}), ones({8, 2}), {.verbose = 0});
                        });
}

TEST_CASE("names that do not exist") {
  Sequential model = small();
  refuses<ConfigError>(model, {"adm", "adam"},
                       [&] { model.compile({.optimizer = "adm", .loss = "mse"}); });
  refuses<ConfigError>(model, {"msee", "mse"},
                       [&] { model.compile({.optimizer = "adam", .loss = "msee"}); });
  refuses<ConfigError>(model, {"acuracy", "accuracy"}, [&] {
    model.compile({.optimizer = "adam", .loss = "mse", .metrics = {"acuracy"}});
  });
  refuses<ConfigError>(model, {"no optimizer"}, [&] { model.compile({.loss = "mse"}); });
  refuses<ConfigError>(model, {"no loss"}, [&] { model.compile({.optimizer = "sgd"}); });
  refuses<ConfigError>(model, {"rleu", "relu"},
                       [&] { model.add<Activation>({.activation = "rleu"}); });
  refuses<ConfigError>(model, {"he_norml", "he_normal"},
                       [&] { model.add<Dense>({.output_dim = 2, .init = "he_norml"}); });
  refuses<ConfigError>(model, {"layer", "nobody"}, [&] { model.get_layer("nobody"); });
  refuses<ConfigError>(model, {"below 2", "9"}, [&] { model.get_layer(9); });
  CHECK(model.compiled());
  CHECK_THROWS_WITH(model.test_on_batch(ones({2, 4}), ones({2, 2}))["los"], Contains("loss"));
}

TEST_CASE("options out of range") {
  Sequential model = small();
  const Tensor x = ones({8, 4}), y = ones({8, 2});
  refuses<ConfigError>(model, {"batch_size", "0"}, [&] { model.fit(x, y, {.batch_size = 0}); });
  refuses<ConfigError>(model, {"batch_size"}, [&] { model.evaluate(x, y, {.batch_size = 0}); });
  refuses<ConfigError>(model, {"batch_size"}, [&] { model.predict(x, {.batch_size = 0}); });
  refuses<ConfigError>(model, {"validation_split", "1.5"},
                       [&] { model.fit(x, y, {.validation_split = 1.5}); });
  refuses<ConfigError>(model, {"validation_split"},
                       [&] { model.fit(x, y, {.validation_split = 0.99}); });
  refuses<ConfigError>(model, {"output_dim"}, [&] { model.add<Dense>({.output_dim = 0}); });
  refuses<ConfigError>(model, {"batch"}, [&] { model.fit(x, y, {.shuffle = "batches"}); });
  refuses<ConfigError>(model, {"class", "0"}, [&] {
    model.fit(x, y, {.verbose = 0, .class_weight = {{1, 2.0}}});
  });
  refuses<ConfigError>(model, {"lr"}, [&] { model.optimizer().set_lr(-1); });
}

TEST_CASE("files that cannot be read or written") {
  namespace fs = std::filesystem;
  Sequential model = small();
  const fs::path directory = fs::temp_directory_path() / "cornu-bad-input";
  fs::create_directories(directory);
  const std::string path = (directory / "model.json").string();
  CHECK_THROWS_AS(load_model((directory / "nothing.json").string()), IoError);
  CHECK_THROWS_AS(load_model(directory.string()), Error);
  refuses<IoError>(model, {"nowhere"},
                   [&] { model.save((directory / "nowhere" / "m.json").string()); });

  model.save(path);
  std::ifstream in(path);
  const std::string good((std::istreambuf_iterator<char>(in)), {});
  const auto write = [&](const std::string& text) { std::ofstream(path) << text; };
  for (const std::size_t length :
       {std::size_t{0}, std::size_t{1}, good.size() / 2, good.size() - 2}) {
    write(good.substr(0, length));
    CHECK_THROWS_AS(load_model(path), FormatError);
  }
  write(good + "x");
  CHECK_THROWS_AS(load_model(path), FormatError);
  write("not json");
  CHECK_THROWS_AS(load_model(path), FormatError);
  std::vector<Tensor> weights = model.get_weights();
  weights[1](0) = not_a_number;
  model.set_weights(weights);
  write(good);
  refuses<NumericError>(model, {model.get_layer(std::size_t{0})->name() + "_b"},
                        [&] { model.save(path); });
  std::ifstream again(path);
  CHECK(std::string((std::istreambuf_iterator<char>(again)), {}) == good);
  if (fs::exists("/dev/full")) CHECK_THROWS_AS(small().save("/dev/full"), IoError);
  fs::remove_all(directory);
}
