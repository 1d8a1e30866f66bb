// Any sequence of public calls works or throws a cornu::Error, and leaves the model usable. The
// sequences are random but the same in every run; a failure says its number.

#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "cornu/core/error.hpp"
#include "cornu/core/log.hpp"
#include "cornu/core/random.hpp"
#include "cornu/layers/activation.hpp"
#include "cornu/layers/batch_normalization.hpp"
#include "cornu/layers/dense.hpp"
#include "cornu/layers/dropout.hpp"
#include "cornu/layers/flatten.hpp"
#include "cornu/models/sequential.hpp"

using namespace cornu;

namespace {

class Choices {
 public:
  explicit Choices(std::uint64_t number) : random_(number, Purpose::user) {}

  std::size_t below(std::size_t bound) { return random_.below(bound); }
  bool rarely() { return below(8) == 0; }
  std::string word(std::vector<std::string> good) {
    return rarely() ? std::vector<std::string>{"", "nonsense", "relu ", "\xff\xfe"}[below(4)]
                    : good[below(good.size())];
  }
  double number() {
    const double values[] = {0.5, 0.9, 0, 1, -1, 1e-30, 1e30, std::nan(""), HUGE_VAL};
    return rarely() ? values[below(9)] : values[below(2)];
  }
  std::size_t size() { return rarely() ? 0 : 1 + below(5); }
  Tensor tensor(const Shape& good) {
    Shape shape = good;
    if (rarely()) {
      std::vector<std::size_t> sizes(good.begin(), good.end());
      if (below(2) == 0)
        sizes.push_back(2);
      else
        sizes.back() += 1;
      shape = Shape(sizes);
    }
    Tensor result(shape);
    random_.fill_uniform(result.array(), -1, 1);
    if (rarely() && !result.empty()) *result.begin() = std::numeric_limits<Scalar>::quiet_NaN();
    return result;
  }

 private:
  RandomStream random_;
};

void add_layer(Sequential& model, Choices& choose, bool first) {
  const Shape input = first && !choose.rarely() ? Shape{3} : Shape{};
  switch (choose.below(5)) {
    case 0:
      model.add<Activation>(
          {.activation = choose.word({"relu", "softmax", "tanh"}), .input_shape = input});
      break;
    case 1:
      model.add<BatchNormalization>({.epsilon = choose.rarely() ? choose.number() : 1e-3,
                                     .mode = choose.rarely() ? 2 : 0,
                                     .axis = static_cast<int>(choose.below(3)) - 1,
                                     .momentum = choose.number(),
                                     .input_shape = input});
      break;
    case 2:
      model.add<Dropout>({.p = choose.number(), .input_shape = input});
      break;
    case 3:
      model.add<Flatten>({.input_shape = input});
      break;
    default:
      model.add<Dense>({.output_dim = choose.size(),
                        .init = choose.word({"glorot_uniform", "zero", "orthogonal"}),
                        .activation = choose.word({"linear", "sigmoid"}),
                        .input_shape = input});
  }
}

/// One public call with arguments that are mostly good.
void call(Sequential& model, Choices& choose, const std::string& path) {
  const std::size_t samples = 1 + choose.below(4);
  const auto x = [&] { return choose.tensor(model.input_shape().with_samples(samples)); };
  const auto y = [&] { return choose.tensor(model.output_shape().with_samples(samples)); };
  switch (choose.below(12)) {
    case 0:
      add_layer(model, choose, false);
      break;
    case 1:
      model.compile({.optimizer = choose.word({"sgd", "adam", "rmsprop"}),
                     .loss = choose.word({"mse", "binary_crossentropy", "hinge"}),
                     .metrics = {choose.word({"accuracy", "mae"})}});
      break;
    case 2:
      model.fit(x(), y(),
                {.batch_size = choose.size(),
                 .nb_epoch = choose.below(3),
                 .verbose = 0,
                 .validation_split = choose.rarely() ? choose.number() : 0});
      break;
    case 3:
      model.predict(x(), {.batch_size = choose.size()});
      break;
    case 4:
      model.evaluate(x(), y(), {.batch_size = choose.size()});
      break;
    case 5:
      model.train_on_batch(x(), y(), choose.rarely() ? choose.tensor(Shape{samples}) : Tensor());
      break;
    case 6:
      model.save(path);
      break;
    case 7:
      model.load_weights(path);
      break;
    case 8: {
      std::vector<Tensor> weights = model.get_weights();
      if (!weights.empty() && choose.rarely()) weights.pop_back();
      for (Tensor& weight : weights) weight = choose.tensor(weight.shape());
      model.set_weights(weights);
      break;
    }
    case 9:
      model_from_json(model.to_json())->summary();
      break;
    case 10:
      model.get_layer(choose.below(6));
      break;
    default:
      load_model(path)->predict(x());
  }
}

}  // namespace

TEST_CASE("whatever is called, in whatever order, the model stays usable") {
  log::set_level(log::Level::off);
  const std::string path = (std::filesystem::temp_directory_path() /
                            ("cornu-hostile-use-" + std::to_string(sizeof(Scalar)) + ".json"))
                               .string();
  int worked = 0, refused = 0;
  for (std::uint64_t sequence = 0; sequence < 300; ++sequence) {
    INFO("sequence " << sequence);
    Choices choose(sequence);
    std::filesystem::remove(path);
    Sequential model;
    for (int step = 0; step < 25; ++step) {
      INFO("step " << step);
      try {
        if (step < 3)
          add_layer(model, choose, step == 0);
        else
          call(model, choose, path);
        ++worked;
      } catch (const Error& error) {
        ++refused;
        REQUIRE(error.what()[0] == '[');
      }
    }
    // Usable: what the model says of itself can be read, and it predicts or says why it cannot.
    try {
      const Tensor output = model.predict(Tensor(model.input_shape().with_samples(2)));
      CHECK(output.shape() == model.output_shape().with_samples(2));
      CHECK(model_from_json(model.to_json())->count_params() == model.count_params());
    } catch (const ConfigError&) {  // no layers, or none that says its input shape
    } catch (const ShapeError&) {
    }
  }
  std::filesystem::remove(path);
  CAPTURE(worked, refused);
  CHECK(worked > 1000);
  CHECK(refused > 1000);
  log::set_level(log::Level::warning);
}
