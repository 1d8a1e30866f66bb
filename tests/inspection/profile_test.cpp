#include "cornu/inspection/profile.hpp"

#include <catch2/catch.hpp>

#include "cornu/cornu.hpp"

using namespace cornu;

TEST_CASE("layers that are matrix products count their multiplications") {
  const auto of = [](const Layer& layer, std::vector<Shape> inputs) {
    return layer.multiplications(inputs);
  };
  CHECK(of(Dense({.output_dim = 3}), {{5}}) == 5 * 3);
  CHECK(of(MaxoutDense({.output_dim = 3, .nb_feature = 2}), {{5}}) == 5 * 3 * 2);
  CHECK(of(Highway(), {{5}}) == 2 * 5 * 5);
  CHECK(of(TimeDistributedDense({.output_dim = 3}), {{4, 5}}) == 4 * 5 * 3);
  const auto dense = std::make_shared<Dense>(DenseOptions{.output_dim = 3});
  CHECK(of(TimeDistributed({.layer = dense}), {{4, 5}}) == 4 * 5 * 3);
  CHECK(of(Merge({.mode = "dot"}), {{6}, {6}}) == 6);
  CHECK(of(Merge({.mode = "dot", .dot_axes = {1, 2}}), {{3, 2}, {4, 3}}) == 2 * 3 * 4);
  CHECK(of(Merge({.mode = "sum"}), {{6}, {6}}) == 0);
  CHECK(of(BatchNormalization(), {{6}}) == 0);
}

TEST_CASE("a profile has a row for each layer and changes nothing") {
  Sequential model;
  model.add<Dense>({.output_dim = 8, .input_shape = {4}});
  model.add<BatchNormalization>();
  model.add<Activation>({.activation = "relu"});
  model.add<Dense>({.output_dim = 2});
  model.add<Activation>({.activation = "softmax"});
  const Tensor x(Shape{3, 4}, std::vector<Scalar>{1, 2, 3, 4, 4, 3, 2, 1, 0, 1, 0, 1});
  const Tensor y(Shape{3, 2}, std::vector<Scalar>{1, 0, 0, 1, 1, 0});
  CHECK_THROWS_AS(cornu::profile(model, x, y), ConfigError);
  model.compile({.optimizer = "sgd", .loss = "categorical_crossentropy"});
  CHECK_THROWS_AS(cornu::profile(model, x, y, 0), ConfigError);
  const std::vector<Tensor> before = model.get_weights();

  const Profile profile = cornu::profile(model, x, y, 5);
  CHECK(profile.samples == 3);
  REQUIRE(profile.rows.size() == 5);
  CHECK(profile.rows[0].class_name == "Dense");
  double share = 0, total = 0;
  for (const Profile::Row& row : profile.rows) {
    CHECK(row.forward > 0);
    CHECK((row.flops > 0) == (row.class_name == "Dense"));
    share += row.share;
    total += row.forward + row.backward;
  }
  CHECK(share == Approx(1));
  CHECK(total == Approx(profile.total));
  // The forward product and the weights' gradient; nobody wants the input's gradient.
  const Profile::Row& first = profile.rows[0];
  CHECK(first.flops * (first.forward + first.backward) / 1e6 == Approx(3 * 2 * 2 * 4 * 8));
  const Profile::Row& second = profile.rows[3];
  CHECK(second.flops * (second.forward + second.backward) / 1e6 == Approx(3 * 3 * 2 * 8 * 2));
  CHECK(profile.to_string().find(profile.rows[1].name) != std::string::npos);

  const std::vector<Tensor> after = model.get_weights();
  for (std::size_t i = 0; i < before.size(); ++i)
    CHECK(std::equal(before[i].begin(), before[i].end(), after[i].begin()));
}
