// A model that was moved from throws in words, whatever it is asked.
#include <catch2/catch.hpp>

#include <functional>
#include <vector>

#include "cornu/cornu.hpp"

using namespace cornu;

TEST_CASE("every public function of a model that was moved from throws in words") {
  Sequential model;
  model.add<Dense>({.output_dim = 1, .input_shape = {2}});
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const Sequential other = std::move(model);
  const Tensor x(Shape{1, 2}), y(Shape{1, 1});
  Tensor out(Shape{1, 1});
  Sequential& m = model;  // NOLINT(bugprone-use-after-move)
  const std::vector<std::function<void()>> calls = {
      [&] { m.name(); },
      [&] { m.class_name(); },
      [&] { m.inputs(); },
      [&] { m.outputs(); },
      [&] { m.layers(); },
      [&] { m.get_layer(0); },
      [&] { m.get_layer("a"); },
      [&] { m.count_params(); },
      [&] { m.input_shape(); },
      [&] { m.output_shape(); },
      [&] { m.trainable(); },
      [&] { m.set_trainable(false); },
      [&] { m(input({2})); },
      [&] { m({input({2})}); },
      [&] { m.container(); },
      [&] { m.graph(); },
      [&] { m.trainer(); },
      [&] { m.batch(x, y); },
      [&] { m.compile({.optimizer = "sgd", .loss = "mse"}); },
      [&] { m.compiled(); },
      [&] { m.fit(x, y); },
      [&] { m.evaluate(x, y); },
      [&] { m.train_on_batch(x, y); },
      [&] {
        m.train_on_batch(x, y, {{0, 1.0}});
      },
      [&] { m.test_on_batch(x, y); },
      [&] { m.metrics_names(); },
      [&] { m.predict(x); },
      [&] { m.predict_all(x); },
      [&] { m.predict_on_batch(x); },
      [&] { m.predict_on_batch(x, out); },
      [&] { m.predict_proba(x); },
      [&] { m.predict_classes(x); },
      [&] { m.get_weights(); },
      [&] { m.set_weights({}); },
      [&] { m.to_json(); },
      [&] { m.save("moved-from.json"); },
      [&] { m.save_weights("moved-from.json"); },
      [&] { m.load_weights("moved-from.json"); },
      [&] { m.optimizer(); },
      [&] { m.stop_training(); },
      [&] { m.stopping(); },
      [&] { m.first_nonfinite(); },
      [&] { m.count_epoch(); },
      [&] { m.epochs(); },
      [&] { m.set_epochs(1); },
      [&] { m.callback_states(); },
      [&] { m.seed(); },
      [&] { m.set_seed(1); },
      [&] { m.summary(); },
      [&] { m.memory(); },
      [&] { m.profile(x, y); },
      [&] { m.trace(x, y); },
      [&] { gradient_check(m, x, y); },
      [&] { to_svg(m); },
      [&] { to_dot(m); },
      [&] { Predictor predictor(m); },
      [&] { m.pop(); },
      [&] { m.add(std::make_shared<Dense>(DenseOptions{.output_dim = 1})); },
      [&] { m.add(other); }};
  for (std::size_t i = 0; i < calls.size(); ++i) {
    INFO(i);
    CHECK_THROWS_WITH(calls[i](), Catch::Contains("moved from"));
  }
  m = Sequential();
  m.add<Dense>({.output_dim = 1, .input_shape = {2}});
  CHECK(m.predict(x).shape() == Shape{1, 1});
}
