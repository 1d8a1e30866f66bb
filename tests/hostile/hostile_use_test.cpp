// Any sequence of public calls works or throws a cornu::Error that leaves the model as it was. The
// sequences are random, but the same in every run; RC_PARAMS="seed=2 max_success=10000" in the
// environment searches elsewhere. A failure is shrunk to a short sequence and printed.

#include <unistd.h>

#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "cornu/core/error.hpp"
#include "cornu/core/log.hpp"
#include "cornu/core/random.hpp"
#include "cornu/graph/functional.hpp"
#include "cornu/inspection/trace.hpp"
#include "cornu/layers/activation.hpp"
#include "cornu/layers/batch_normalization.hpp"
#include "cornu/layers/dense.hpp"
#include "cornu/layers/dropout.hpp"
#include "cornu/layers/flatten.hpp"
#include "cornu/layers/masking.hpp"
#include "cornu/layers/maxout_dense.hpp"
#include "cornu/layers/merge.hpp"
#include "cornu/layers/permute.hpp"
#include "cornu/layers/prelu.hpp"
#include "cornu/layers/repeat_vector.hpp"
#include "cornu/layers/reshape.hpp"
#include "cornu/layers/time_distributed_dense.hpp"
#include "cornu/models/sequential.hpp"

using namespace cornu;

namespace {

// ---- choices, which rapidcheck makes and shrinks

std::size_t below(std::size_t bound) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::size_t>(0, bound));
}

/// Shrinks to no.
bool rarely() { return below(8) == 7; }

template <class T>
T one_of(const std::vector<T>& values) {
  return values[below(values.size())];
}

std::string word(const std::vector<std::string>& good) {
  return rarely() ? one_of<std::string>({"", "nonsense", "relu ", "\xff\xfe"}) : one_of(good);
}

double number() {
  return rarely() ? one_of<double>({0, 1, -1, 1e-30, 1e30, std::nan(""), HUGE_VAL})
                  : one_of<double>({0.5, 0.9});
}

std::size_t size() { return rarely() ? 0 : 1 + below(5); }

std::string name() {
  return rarely() ? one_of<std::string>({"twin", "a\nb", "../x", std::string(300, 'n')}) : "";
}

Shape sample_shape() {
  std::vector<std::size_t> sizes(1 + below(3));
  for (std::size_t& each : sizes) each = size();
  return Shape(sizes);
}

/// Of the shape that fits, mostly, and of numbers, mostly.
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
  RandomStream(below(1000), Purpose::user).fill_uniform(result.array(), -1, 1);
  if (rarely() && !result.empty()) *result.begin() = std::numeric_limits<Scalar>::quiet_NaN();
  return result;
}

// ---- what is called

LayerPtr any_layer(const Shape& input) {
  switch (below(12)) {
    case 0:
      return std::make_shared<Activation>(
          ActivationOptions{.activation = word({"relu", "softmax", "tanh"}), .input_shape = input});
    case 1:
      return std::make_shared<BatchNormalization>(
          BatchNormalizationOptions{.epsilon = rarely() ? number() : 1e-3,
                                    .mode = rarely() ? 2 : 0,
                                    .axis = static_cast<int>(below(4)) - 1,
                                    .momentum = number(),
                                    .input_shape = input});
    case 2:
      return std::make_shared<Dropout>(DropoutOptions{.p = number(), .input_shape = input});
    case 3:
      return std::make_shared<Flatten>(FlattenOptions{.input_shape = input});
    case 4:
      return std::make_shared<Masking>(
          MaskingOptions{.mask_value = number(), .input_shape = input});
    case 5:
      return std::make_shared<MaxoutDense>(
          MaxoutDenseOptions{.output_dim = size(), .nb_feature = size(), .input_shape = input});
    case 6:
      return std::make_shared<Permute>(
          PermuteOptions{.dims = one_of<std::vector<int>>({{2, 1}, {1}, {0, 1}, {3, 1, 2}}),
                         .input_shape = input});
    case 7:
      return std::make_shared<PReLU>(PReLUOptions{.input_shape = input});
    case 8:
      return std::make_shared<RepeatVector>(RepeatVectorOptions{.n = size(), .input_shape = input});
    case 9:
      return std::make_shared<Reshape>(ReshapeOptions{
          .target_shape = one_of<std::vector<int>>({{-1}, {1, -1}, {-1, -1}, {2, 3}, {0}, {-2}}),
          .input_shape = input});
    case 10:
      return std::make_shared<TimeDistributedDense>(
          TimeDistributedDenseOptions{.output_dim = size(), .input_shape = input});
    default:
      return std::make_shared<Dense>(
          DenseOptions{.output_dim = size(),
                       .init = word({"glorot_uniform", "zero", "orthogonal"}),
                       .activation = word({"linear", "sigmoid"}),
                       .input_shape = input,
                       .name = name()});
  }
}

Tensor inputs(const Model& model) { return tensor(model.input_shape().with_samples(1 + below(4))); }

Tensor targets(const Model& model, const Tensor& x) {
  return tensor(model.output_shape().with_samples(x.shape().front()));
}

std::vector<Tensor> weights(const Model& model) {
  std::vector<Tensor> result = model.get_weights();
  if (!result.empty() && rarely()) result.pop_back();
  for (Tensor& weight : result) weight = tensor(weight.shape());
  return result;
}

struct Call {
  const char* name;
  void (*make)(Model& model, const std::string& path);
};

/// With arguments that are mostly good. Only `fit` may throw after it has changed something.
const std::vector<Call> calls = {
    {"add",
     [](Model& model, const std::string&) {
       if (auto* chain = dynamic_cast<Sequential*>(&model)) chain->add(any_layer({}));
     }},
    {"add a model",
     [](Model& model, const std::string& path) {
       if (auto* chain = dynamic_cast<Sequential*>(&model)) chain->add(*load_model(path));
     }},
    {"pop",
     [](Model& model, const std::string&) {
       if (auto* chain = dynamic_cast<Sequential*>(&model)) chain->pop();
     }},
    {"compile",
     [](Model& model, const std::string&) {
       model.compile({.optimizer = word({"sgd", "adam", "rmsprop"}),
                      .loss = word({"mse", "binary_crossentropy", "hinge"}),
                      .metrics = {word({"accuracy", "mae"})},
                      .loss_weights = number(),
                      .sample_weight_mode = rarely() ? word({"temporal"}) : ""});
     }},
    {"fit",
     [](Model& model, const std::string&) {
       const Tensor x = inputs(model);
       model.fit(x, targets(model, x),
                 {.batch_size = size(),
                  .nb_epoch = below(3),
                  .verbose = 0,
                  .validation_split = rarely() ? number() : 0});
     }},
    {"train_on_batch",
     [](Model& model, const std::string&) {
       const Tensor x = inputs(model);
       model.train_on_batch(x, targets(model, x),
                            rarely() ? tensor(Shape{x.shape().front()}) : Tensor());
     }},
    {"test_on_batch",
     [](Model& model, const std::string&) {
       const Tensor x = inputs(model);
       model.test_on_batch(x, targets(model, x));
     }},
    {"evaluate",
     [](Model& model, const std::string&) {
       const Tensor x = inputs(model);
       model.evaluate(x, targets(model, x), {.batch_size = size()});
     }},
    {"predict", [](Model& model,
                   const std::string&) { model.predict(inputs(model), {.batch_size = size()}); }},
    {"predict_classes",
     [](Model& model, const std::string&) { model.predict_classes(inputs(model)); }},
    {"trace",
     [](Model& model, const std::string&) {
       const Tensor x = inputs(model);
       model.trace(x, targets(model, x));
     }},
    {"set_weights", [](Model& model, const std::string&) { model.set_weights(weights(model)); }},
    {"layer's set_weights",
     [](Model& model, const std::string&) {
       model.get_layer(below(4))->set_weights(weights(model));
     }},
    {"set_trainable", [](Model& model, const std::string&) { model.set_trainable(rarely()); }},
    {"save", [](Model& model, const std::string& path) { model.save(path); }},
    {"save_weights", [](Model& model, const std::string& path) { model.save_weights(path); }},
    {"load_weights", [](Model& model, const std::string& path) { model.load_weights(path); }},
    {"load_model",
     [](Model&, const std::string& path) {
       const auto model = load_model(path);
       model->predict(inputs(*model));
     }},
    {"to_json",
     [](Model& model, const std::string&) { model_from_json(model.to_json())->summary(); }},
};

// ---- what must hold

/// The model as its user sees it: its structure and what it predicts, or why it does not.
std::string state(const Model& model) {
  std::string result;
  try {
    result = model.to_json();
    for (const Tensor& output : model.predict_all(Tensor(model.input_shape().with_samples(2))))
      result.append(reinterpret_cast<const char*>(output.begin()), output.size() * sizeof(Scalar));
  } catch (const Error& error) {
    result += error.what();
  }
  return result;
}

int worked = 0, refused = 0;

/// Makes a call; after an error the model must be what it was.
template <class Function>
void attempt(const Model& model, const char* name, Function function) {
  const std::string before = state(model);
  try {
    function();
    ++worked;
  } catch (const Error& error) {
    ++refused;
    RC_LOG() << name << ": " << error.what() << "\n";
    RC_ASSERT(error.what()[0] == '[');
    if (std::strcmp(name, "fit") != 0) RC_ASSERT(state(model) == before);
    return;
  }
  RC_LOG() << name << "\n";
}

void call_anything(Model& model, const std::string& path) {
  for (std::size_t left = below(25); left > 0; --left) {
    const Call call = one_of(calls);
    attempt(model, call.name, [&] { call.make(model, path); });
  }
}

/// A correct use of whatever there is now succeeds.
void use(Model& model, const std::string& path) {
  try {
    model.outputs();
  } catch (const ConfigError&) {  // nothing was added
    return;
  }
  std::vector<Tensor> weights = model.get_weights();
  for (Tensor& weight : weights)
    for (Scalar& value : weight) value = Scalar(0.5);
  model.set_weights(weights);
  const Tensor x(model.input_shape().with_samples(2));
  const std::vector<Tensor> outputs = model.predict_all(x);
  RC_ASSERT(outputs.size() == model.outputs().size());
  model.compile({.optimizer = "sgd", .loss = "mse"});
  std::vector<Tensor> targets;
  for (const Tensor& output : outputs) targets.emplace_back(output.shape());
  model.train_on_batch(x, targets);
  try {
    model.save(path);
  } catch (const ConfigError& error) {  // a model that was loaded and added to itself
    RC_ASSERT(std::string(error.what()).find("two weights have the name") != std::string::npos);
    return;
  }
  RC_ASSERT(load_model(path)->get_weights().size() == weights.size());
}

struct Setting {
  std::string path = (std::filesystem::temp_directory_path() /
                      ("cornu-hostile-use-" + std::to_string(::getpid()) + ".json"))
                         .string();
  Setting() {
    set_seed(7);
    std::filesystem::remove(path);
    log::set_level(log::Level::off);
  }
  ~Setting() {
    std::filesystem::remove(path);
    log::set_level(log::Level::warning);
  }
};

/// rapidcheck reads this once, at its first check.
const int same_every_time = ::setenv("RC_PARAMS", "seed=1 max_success=200", 0);

}  // namespace

TEST_CASE("whatever is called on a chain, in whatever order, it stays usable") {
  REQUIRE(same_every_time == 0);
  worked = refused = 0;
  CHECK(rc::check([] {
    const Setting setting;
    Sequential model;
    attempt(model, "first", [&] { model.add(any_layer(rarely() ? Shape() : sample_shape())); });
    for (std::size_t left = below(4); left > 0; --left)
      attempt(model, "add", [&] { model.add(any_layer({})); });
    call_anything(model, setting.path);
    use(model, setting.path);
  }));
  CAPTURE(worked, refused);
  CHECK(worked > 500);
  CHECK(refused > 500);
}

TEST_CASE("whatever graph is made and called, it stays usable") {
  worked = refused = 0;
  CHECK(rc::check([] {
    const Setting setting;
    std::vector<Node> nodes{input(Shape{1 + below(3), 2})};
    for (std::size_t left = 1 + below(6); left > 0; --left) {
      try {
        if (below(3) > 0)
          nodes.push_back(connect(any_layer({}), {one_of(nodes)}));
        else
          nodes.push_back(merge({one_of(nodes), one_of(nodes)},
                                {.mode = word({"sum", "concat", "mul", "dot", "ave"}),
                                 .concat_axis = static_cast<int>(below(4)) - 1}));
        ++worked;
      } catch (const Error& error) {
        ++refused;
        RC_LOG() << error.what() << "\n";
      }
    }
    std::vector<Node> outputs{one_of(nodes)};
    if (rarely()) outputs.push_back(one_of(nodes));
    std::unique_ptr<Model> model;
    try {
      model = std::make_unique<Model>(std::vector<Node>{nodes.front()}, outputs, name());
    } catch (const Error& error) {
      ++refused;
      RC_LOG() << error.what() << "\n";
      return;
    }
    call_anything(*model, setting.path);
    use(*model, setting.path);
  }));
  CAPTURE(worked, refused);
  CHECK(worked > 500);
  CHECK(refused > 500);
}
