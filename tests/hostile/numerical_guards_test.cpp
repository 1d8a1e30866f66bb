// Extreme numbers give finite results, or a NumericError that names where it happened.

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "cornu/core/error.hpp"
#include "cornu/layers/activation.hpp"
#include "cornu/layers/batch_normalization.hpp"
#include "cornu/layers/dense.hpp"
#include "cornu/layers/masking.hpp"
#include "cornu/layers/time_distributed_dense.hpp"
#include "cornu/models/sequential.hpp"

using namespace cornu;

namespace {

bool finite(const Tensor& tensor) {
  for (const Scalar value : tensor)
    if (!std::isfinite(value)) return false;
  return true;
}

bool finite(const Model& model) {
  for (const Tensor& weight : model.get_weights())
    if (!finite(weight)) return false;
  return true;
}

/// A model whose logits are its inputs.
std::unique_ptr<Sequential> pass_through(std::size_t width, const char* activation,
                                         const char* loss) {
  auto model = std::make_unique<Sequential>();
  model->add<Dense>(
      {.output_dim = width, .init = "identity", .activation = activation, .input_shape = {width}});
  model->compile({.optimizer = "sgd", .loss = loss});
  return model;
}

}  // namespace

TEST_CASE("logits of ten thousand either way give finite losses and gradients") {
  for (const Scalar size : {Scalar(1e4), Scalar(-1e4)}) {
    const auto softmax = pass_through(3, "softmax", "categorical_crossentropy");
    const Tensor x(Shape{2, 3}, {size, 0, -size, 0, size, size});
    const Tensor y(Shape{2, 3}, {0, 0, 1, 1, 0, 0});
    CHECK(std::isfinite(softmax->train_on_batch(x, y)["loss"]));
    CHECK(finite(*softmax));
    CHECK(finite(softmax->predict(x)));

    const auto sigmoid = pass_through(2, "sigmoid", "binary_crossentropy");
    const Tensor one(Shape{1, 2}, {size, -size});
    for (const Scalar target : {Scalar(0), Scalar(1)}) {
      const Tensor t(Shape{1, 2}, {target, target});
      CHECK(std::isfinite(sigmoid->train_on_batch(one, t)["loss"]));
      CHECK(finite(*sigmoid));
    }
  }
}

TEST_CASE("targets at 0 and 1 and predictions at the ends keep every loss finite") {
  for (const char* loss : {"mse", "mae", "mape", "msle", "hinge", "squared_hinge", "poisson",
                           "binary_crossentropy", "cosine_proximity"})
    for (const Scalar t : {Scalar(0), Scalar(1)})
      for (const Scalar p : {Scalar(0), Scalar(1)}) {
        INFO(loss << " " << t << " " << p);
        const auto model = pass_through(2, "linear", loss);
        const Tensor x(Shape{1, 2}, {p, p}), y(Shape{1, 2}, {t, t});
        CHECK(std::isfinite(model->train_on_batch(x, y)["loss"]));
        CHECK(finite(*model));
      }
}

TEST_CASE("constant features, batches of one and denormals go through batch normalization") {
  const Scalar tiny = std::numeric_limits<Scalar>::denorm_min();
  for (const int mode : {0, 1}) {
    Sequential model;
    model.add<BatchNormalization>({.mode = mode, .input_shape = {3}});
    model.add<Dense>({.output_dim = 1});
    model.compile({.optimizer = "sgd", .loss = "mse"});
    for (const Tensor& x :
         {Tensor(Shape{4, 3}, std::vector<Scalar>(12, 7)), Tensor(Shape{1, 3}, {1, 2, 3}),
          Tensor(Shape{1, 3}, {5, 5, 5}), Tensor(Shape{2, 3}, {tiny, 0, -tiny, tiny, tiny, tiny}),
          Tensor(Shape{2, 3}, {Scalar(1e15), 0, Scalar(-1e15), 0, 0, 0})}) {
      const Tensor y(Shape{x.shape().front(), 1});
      INFO("mode " << mode << ", " << x.shape().to_string());
      CHECK(std::isfinite(model.train_on_batch(x, y)["loss"]));
      CHECK(finite(model));
      CHECK(finite(model.predict(x)));
    }
  }
}

TEST_CASE("sample weights of zero throughout give a loss of zero") {
  const auto model = pass_through(2, "linear", "mse");
  const std::vector<Tensor> before = model->get_weights();
  const Tensor x(Shape{2, 2}, {1, 2, 3, 4}), y(Shape{2, 2});
  CHECK(model->train_on_batch(x, y, Tensor(Shape{2}))["loss"] == 0);
  CHECK(finite(*model));
}

TEST_CASE("a batch that is masked throughout gives a loss of zero and no gradient") {
  const Tensor x(Shape{2, 3, 2}), y(Shape{2, 3, 1}, std::vector<Scalar>(6, 1));
  for (const char* loss : {"mse", "mae", "binary_crossentropy", "poisson"})
    for (const std::string mode : {"", "temporal"})
      for (const bool weighted : {false, true}) {
        INFO(loss << " '" << mode << "' " << weighted);
        Sequential model;
        model.add<Masking>({.input_shape = {3, 2}});
        model.add<TimeDistributedDense>({.output_dim = 1, .init = "one", .activation = "sigmoid"});
        model.compile({.optimizer = "sgd", .loss = loss, .sample_weight_mode = mode});
        const std::vector<Tensor> before = model.get_weights();
        Tensor weights(mode.empty() ? Shape{2} : Shape{2, 3});
        std::fill(weights.begin(), weights.end(), Scalar(2));
        const Data given = weighted ? Data(weights) : Data();
        CHECK(model.train_on_batch(x, y, given)["loss"] == 0);
        CHECK(model.test_on_batch(x, y, given)["loss"] == 0);
        const std::vector<Tensor> after = model.get_weights();
        for (std::size_t i = 0; i < before.size(); ++i)
          CHECK(std::equal(before[i].begin(), before[i].end(), after[i].begin()));
        CHECK(finite(model.predict(x)));
      }
}

TEST_CASE("a loss that is not finite stops training and says where it began") {
  Sequential model;
  model.add<Dense>({.output_dim = 4, .input_shape = {2}, .name = "first"});
  model.add<Dense>({.output_dim = 1, .name = "second"});
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const Scalar huge = std::sqrt(std::numeric_limits<Scalar>::max());
  const Tensor x(Shape{2, 2}, {huge, huge, huge, -huge}), y(Shape{2, 1});
  const std::vector<Tensor> before = model.get_weights();
  try {
    for (int i = 0; i < 50; ++i) model.train_on_batch(x, y);
    FAIL("no error");
  } catch (const NumericError& error) {
    const std::string text = error.what();
    INFO(text);
    CHECK((text.find("first") != std::string::npos || text.find("second") != std::string::npos ||
           text.find("loss") != std::string::npos));
  }
  CHECK(finite(model));

  Tensor poisoned = model.get_weights()[2];
  std::vector<Tensor> weights = model.get_weights();
  weights[2](0, 0) = std::numeric_limits<Scalar>::quiet_NaN();
  model.set_weights(weights);
  CHECK_THROWS_WITH(model.train_on_batch(Tensor(Shape{1, 2}), Tensor(Shape{1, 1})),
                    Catch::Contains("second_W") && Catch::Contains("second (Dense)"));
  CHECK_THROWS_WITH(model.save("cornu-never-written.json"), Catch::Contains("second_W"));
}

TEST_CASE("missing values in the data are named before training starts") {
  const auto model = pass_through(2, "linear", "mse");
  Tensor x(Shape{3, 2}), y(Shape{3, 2});
  x(1, 1) = std::numeric_limits<Scalar>::quiet_NaN();
  CHECK_THROWS_WITH(model->fit(x, y, {.verbose = 0}), Catch::Contains("sample 1"));
  CHECK(finite(*model));
}

TEST_CASE("weights that are no numbers are named before training starts") {
  const auto model = pass_through(2, "linear", "mse");
  const Tensor x(Shape{3, 2}), y(Shape{3, 2});
  Tensor weights(Shape{3});
  weights(2) = std::numeric_limits<Scalar>::infinity();
  CHECK_THROWS_WITH(model->fit(x, y, {.verbose = 0, .sample_weight = weights}),
                    Catch::Contains("finite sample weights") && Catch::Contains("sample 2"));
  CHECK_THROWS_WITH(model->fit(x, y, {.verbose = 0, .class_weight = {{0, std::nan("")}}}),
                    Catch::Contains("finite class_weight for the class 0, got NaN"));
}
