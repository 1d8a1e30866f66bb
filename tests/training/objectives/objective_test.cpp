// Every objective: Keras's golden values, gradients against central differences, ends of the range,
// and the targets that it refuses.

#include "cornu/training/objectives/objective.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "cornu/core/error.hpp"
#include "cornu/core/random.hpp"
#include "cornu/kernels/elementwise/elementwise.hpp"
#include "cornu/kernels/rows/rows.hpp"

using namespace cornu;

namespace {

const bool is_double = sizeof(Scalar) == 8;

std::vector<Scalar> scores_of(std::string_view name, const Tensor& t, const Tensor& p) {
  std::vector<Scalar> scores(p.size() / p.shape().back());
  find_objective(name)->score(t.view(), p.view(), scores);
  return scores;
}

Tensor gradient_of(std::string_view name, const Tensor& t, const Tensor& p,
                   const std::vector<Scalar>& weights) {
  Tensor dp(p.shape());
  std::fill(dp.begin(), dp.end(), std::nan(""));  // every element is to be assigned
  find_objective(name)->gradient(t.view(), p.view(), weights, dp.view());
  return dp;
}

Tensor joint_gradient_of(std::string_view name, const Tensor& t, const Tensor& p,
                         const std::vector<Scalar>& weights) {
  Tensor dz(p.shape());
  std::fill(dz.begin(), dz.end(), std::nan(""));
  find_objective(name)->joint_gradient(t.view(), p.view(), weights, dz.view());
  return dz;
}

const Tensor golden_t(Shape{2, 3}, std::vector<Scalar>{0, 1, 0, 1, 0, 0});
const Tensor golden_p(Shape{2, 3}, std::vector<Scalar>{Scalar(.2), Scalar(.7), Scalar(.1),
                                                       Scalar(.5), Scalar(.3), Scalar(.4)});

/// Targets and predictions of shape (3, 2, 4) that suit the objective.
std::pair<Tensor, Tensor> example(std::string_view name) {
  RandomStream random(7, Purpose::user);
  const Shape shape{3, 2, 4};
  Tensor p(shape), t(name == "sparse_categorical_crossentropy" ? Shape{3, 2, 1} : shape);
  random.fill_uniform(p.array(), Scalar(0.1), Scalar(0.9));
  random.fill_uniform(t.array(), Scalar(0.1), Scalar(0.9));
  if (name == "sparse_categorical_crossentropy")
    for (Scalar& label : t) label = std::floor(label * 4);
  return {t, p};
}

}  // namespace

TEST_CASE("objectives give Keras's numbers") {
  const auto check = [](std::string_view name, double first, double second) {
    INFO(name);
    const auto scores = scores_of(name, golden_t, golden_p);
    const double tolerance = is_double ? 1e-9 : 1e-6;
    CHECK(scores[0] == Approx(first).epsilon(tolerance));
    CHECK(scores[1] == Approx(second).epsilon(tolerance));
  };
  check("mse", 0.0466666667, 0.1666666667);
  check("mae", 0.2, 0.4);
  check("mape", 100000010, 700000050 / 3.0);
  check("msle", 0.0229125091216, 0.0882698094431);
  check("squared_hinge", 0.6966666667, 0.75);
  check("hinge", 0.7666666667, 0.8333333333);
  check("categorical_crossentropy", 0.3566749439, 0.8754687374);
  check("binary_crossentropy", 0.2283930036, 0.5202159161);
  check("poisson", 0.4522249337, 0.6310489935);
  check("cosine_proximity", -0.3175264481, -0.2357022604);
  // sum of t log(t / p), t clipped to [1e-7, 1]
  check("kld", std::log(1 / 0.7) + 1e-7 * (std::log(1e-7 / 0.2) + std::log(1e-7 / 0.1)),
        std::log(1 / 0.5) + 1e-7 * (std::log(1e-7 / 0.3) + std::log(1e-7 / 0.4)));
  const Tensor labels(Shape{2, 1}, std::vector<Scalar>{1, 0});
  const auto by_number = scores_of("sparse_categorical_crossentropy", labels, golden_p);
  const auto by_row = scores_of("categorical_crossentropy", golden_t, golden_p);
  for (std::size_t r = 0; r < 2; ++r)
    CHECK(by_number[r] == Approx(by_row[r]).epsilon(4 * std::numeric_limits<Scalar>::epsilon()));
}

TEST_CASE("every objective has a score for each row") {
  for (const std::string& name : objective_names()) {
    const auto [t, p] = example(name);
    const auto scores = scores_of(name, t, p);
    REQUIRE(scores.size() == 6);
    for (const Scalar score : scores) CHECK(std::isfinite(score));
    find_objective(name)->check_shapes(t.shape().without_samples(), p.shape().without_samples(),
                                       "test");
    find_objective(name)->check_targets(t.view(), p.shape().without_samples(), "test");
  }
}

TEST_CASE("gradients are those of the scores") {
  const double h = is_double ? 1e-5 : 1e-2;
  const double tolerance = is_double ? 1e-7 : 2e-2;
  for (const std::string& name : objective_names()) {
    INFO(name);
    auto [t, p] = example(name);
    const std::vector<Scalar> weights{1, 0, 2, Scalar(0.5), -1, 3};
    const Tensor dp = gradient_of(name, t, p, weights);
    for (std::size_t i = 0; i < p.size(); ++i) {
      const Scalar saved = p.data()[i];
      p.data()[i] = saved + static_cast<Scalar>(h);
      const auto above = scores_of(name, t, p);
      p.data()[i] = saved - static_cast<Scalar>(h);
      const auto below = scores_of(name, t, p);
      p.data()[i] = saved;
      double expected = 0;
      for (std::size_t r = 0; r < weights.size(); ++r)
        expected += static_cast<double>(weights[r]) * (above[r] - below[r]) / (2 * h);
      INFO("element " << i << ", t " << t.data()[std::min(i, t.size() - 1)] << ", p " << saved);
      if (std::abs(static_cast<double>(saved - t.data()[std::min(i, t.size() - 1)])) < 2 * h)
        continue;  // too near to the kink of an absolute value
      CHECK(std::abs(dp.data()[i] - expected) <= tolerance * std::max(1.0, std::abs(expected)));
    }
  }
}

TEST_CASE("joint gradients are those of loss and activation one after the other") {
  RandomStream random(11, Purpose::user);
  Tensor z(Shape{6, 4}), p(Shape{6, 4});
  random.fill_uniform(z.array(), -3, 3);
  Tensor t(Shape{6, 4}), labels(Shape{6, 1});
  for (std::size_t r = 0; r < 6; ++r) {
    labels(r, 0) = static_cast<Scalar>(r % 4);
    for (std::size_t c = 0; c < 4; ++c) t(r, c) = c == r % 4;
  }
  const std::vector<Scalar> weights{1, 0, 2, Scalar(0.5), 1, 3};
  const double tolerance = is_double ? 1e-12 : 1e-5;

  SECTION("softmax") {
    kernels::softmax(z.data(), p.data(), 6, 4);
    for (const char* name : {"categorical_crossentropy", "sparse_categorical_crossentropy"}) {
      const Tensor& targets = name[0] == 's' ? labels : t;
      CHECK(find_objective(name)->joins("softmax"));
      CHECK_FALSE(find_objective(name)->joins("sigmoid"));
      Tensor expected = gradient_of(name, targets, p, weights);
      kernels::softmax_backward(p.data(), expected.data(), expected.data(), 6, 4);
      const Tensor dz = joint_gradient_of(name, targets, p, weights);
      for (std::size_t i = 0; i < dz.size(); ++i)
        CHECK(std::abs(dz.data()[i] - expected.data()[i]) <= tolerance);
    }
  }
  SECTION("softmax with targets that do not sum to one") {
    for (Scalar& value : t) value = value * Scalar(1.5) + Scalar(0.25);
    kernels::softmax(z.data(), p.data(), 6, 4);
    Tensor expected = gradient_of("categorical_crossentropy", t, p, weights);
    kernels::softmax_backward(p.data(), expected.data(), expected.data(), 6, 4);
    const Tensor dz = joint_gradient_of("categorical_crossentropy", t, p, weights);
    for (std::size_t i = 0; i < dz.size(); ++i)
      CHECK(std::abs(dz.data()[i] - expected.data()[i]) <= tolerance * 10);
  }
  SECTION("sigmoid") {
    kernels::sigmoid(z.data(), p.data(), z.size());
    CHECK(find_objective("binary_crossentropy")->joins("sigmoid"));
    CHECK_FALSE(find_objective("binary_crossentropy")->joins("softmax"));
    Tensor expected = gradient_of("binary_crossentropy", t, p, weights);
    kernels::sigmoid_backward(p.data(), expected.data(), expected.data(), p.size());
    const Tensor dz = joint_gradient_of("binary_crossentropy", t, p, weights);
    for (std::size_t i = 0; i < dz.size(); ++i)
      CHECK(std::abs(dz.data()[i] - expected.data()[i]) <= tolerance);
  }
  SECTION("no other pair") {
    CHECK_FALSE(find_objective("mse")->joins("linear"));
    CHECK_THROWS_AS(joint_gradient_of("mse", t, z, weights), ConfigError);
  }
}

TEST_CASE("a joint gradient keeps its digits where the prediction is rounded to 0 or 1") {
  const Tensor t(Shape{1, 2}, std::vector<Scalar>{1, 0});
  const Tensor p(Shape{1, 2}, std::vector<Scalar>{0, 1});
  const Tensor softmax = joint_gradient_of("categorical_crossentropy", t, p, {1});
  CHECK(softmax(0, 0) == -1);
  CHECK(softmax(0, 1) == 1);
  const Tensor sigmoid = joint_gradient_of("binary_crossentropy", t, p, {1});
  CHECK(sigmoid(0, 0) == Scalar(-0.5));
  CHECK(sigmoid(0, 1) == Scalar(0.5));
}

TEST_CASE("the gradient of a clipped prediction is zero") {
  const Tensor t(Shape{1, 2}, std::vector<Scalar>{1, 0});
  const Tensor p(Shape{1, 2}, std::vector<Scalar>{0, 1});
  for (const char* name : {"binary_crossentropy", "kld", "categorical_crossentropy"}) {
    INFO(name);
    CHECK(gradient_of(name, t, p, {1})(0, 0) == 0);
  }
  CHECK(gradient_of("binary_crossentropy", t, p, {1})(0, 1) == 0);
  CHECK(gradient_of("msle", t, p, {1})(0, 0) == 0);
}

TEST_CASE("extreme predictions give finite scores and gradients") {
  const Scalar big = is_double ? Scalar(1e100) : Scalar(1e15);
  for (const std::string& name : objective_names()) {
    const bool sparse = name == "sparse_categorical_crossentropy";
    for (const auto& row : std::vector<std::vector<Scalar>>{
             {0, 0, 0}, {1, 1, 1}, {0, 1, 0}, {1, 0, 0}, {Scalar(1e-30), 1, 0}, {big, 0, 1}}) {
      const Tensor p(Shape{1, 3}, row);
      const Tensor t = sparse ? Tensor(Shape{1, 1}, std::vector<Scalar>{1})
                              : Tensor(Shape{1, 3}, std::vector<Scalar>{0, 1, 0});
      INFO(name << " at (" << row[0] << ", " << row[1] << ", " << row[2] << ")");
      CHECK(std::isfinite(scores_of(name, t, p)[0]));
      for (const Scalar g : gradient_of(name, t, p, {1})) CHECK(std::isfinite(g));
    }
  }
}

TEST_CASE("aliases and unknown names") {
  const auto name_of = [](const char* alias) { return std::string(find_objective(alias)->name()); };
  for (const char* alias : {"mse", "MSE"}) CHECK(name_of(alias) == "mean_squared_error");
  for (const char* alias : {"mae", "MAE"}) CHECK(name_of(alias) == "mean_absolute_error");
  for (const char* alias : {"mape", "MAPE"})
    CHECK(name_of(alias) == "mean_absolute_percentage_error");
  for (const char* alias : {"msle", "MSLE"})
    CHECK(name_of(alias) == "mean_squared_logarithmic_error");
  for (const char* alias : {"kld", "KLD"}) CHECK(name_of(alias) == "kullback_leibler_divergence");
  CHECK(name_of("cosine") == "cosine_proximity");
  CHECK(objective_names().size() == 14);
  CHECK(objective_aliases("mean_squared_error") == std::vector<std::string>{"mse", "MSE"});
  CHECK_THROWS_WITH(find_objective("categorical_crossentrop", "compile"),
                    Catch::Contains("compile") && Catch::Contains("categorical_crossentropy"));
  CHECK_THROWS_WITH(find_objective("msee"), Catch::Contains("mse"));
}

TEST_CASE("targets of the wrong shape are refused") {
  const auto check = [](const char* name, const Shape& t, const Shape& p) {
    find_objective(name)->check_shapes(t, p, "fit");
  };
  check("mse", {3}, {3});
  CHECK_THROWS_AS(check("mse", {2}, {3}), ShapeError);
  CHECK_THROWS_AS(check("mse", {3}, {2, 3}), ShapeError);
  CHECK_THROWS_WITH(check("categorical_crossentropy", {1}, {3}),
                    Catch::Contains("sparse_categorical_crossentropy") &&
                        Catch::Contains("to_categorical") && Catch::Contains("fit"));
  CHECK_THROWS_AS(check("categorical_crossentropy", {1}, {1}), ShapeError);
  CHECK_THROWS_AS(check("categorical_crossentropy", {4}, {3}), ShapeError);
  check("sparse_categorical_crossentropy", {1}, {3});
  check("sparse_categorical_crossentropy", {5, 1}, {5, 3});
  CHECK_THROWS_WITH(check("sparse_categorical_crossentropy", {3}, {3}),
                    Catch::Contains("(None, 1)"));
  CHECK_THROWS_AS(check("sparse_categorical_crossentropy", {4, 1}, {5, 3}), ShapeError);
}

TEST_CASE("targets outside an objective's range are refused with the first bad row") {
  const auto refusal = [](const char* name, std::vector<Scalar> values) {
    const Tensor t(Shape{2, 2}, values);
    try {
      find_objective(name)->check_targets(t.view(), Shape{2}, "fit");
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK(refusal("binary_crossentropy", {0, 1, 0.5, 1}).empty());
  CHECK_THAT(refusal("binary_crossentropy", {0, 1, -1, 1}),
             Catch::Contains("got -1 in sample 1") && Catch::Contains("hinge"));
  CHECK_THAT(refusal("binary_crossentropy", {0, 1, 1, 2}), Catch::Contains("got 2 in sample 1"));
  CHECK(refusal("categorical_crossentropy", {0, 3, 0.5, 0.5}).empty());
  CHECK_THAT(refusal("categorical_crossentropy", {-1, 1, 0, 1}),
             Catch::Contains("got -1 in sample 0"));
  CHECK_THAT(refusal("poisson", {0, 7, 1, -3}), Catch::Contains("got -3 in sample 1"));
}

TEST_CASE("targets without a value are refused with the first bad row") {
  const auto check = [](const char* name, const Shape& shape, std::vector<Scalar> t, Shape p) {
    const Tensor targets(shape, t);
    find_objective(name)->check_targets(targets.view(), p, "fit");
  };
  check("sparse_categorical_crossentropy", {3, 1}, {0, 2, 1}, {3});
  CHECK_THROWS_WITH(check("sparse_categorical_crossentropy", {3, 1}, {0, 3, 1}, {3}),
                    Catch::Contains("from 0 to 2") && Catch::Contains("got 3 in sample 1"));
  CHECK_THROWS_AS(check("sparse_categorical_crossentropy", {2, 1}, {0, -1}, {3}), ConfigError);
  CHECK_THROWS_AS(check("sparse_categorical_crossentropy", {2, 1}, {0, Scalar(0.5)}, {3}),
                  ConfigError);
  CHECK_THROWS_AS(
      check("sparse_categorical_crossentropy", {2, 1}, {0, static_cast<Scalar>(NAN)}, {3}),
      ConfigError);
  CHECK_THROWS_WITH(check("sparse_categorical_crossentropy", {2, 2, 1}, {0, 0, 7, 0}, {2, 3}),
                    Catch::Contains("sample 1, row 0"));
  CHECK_THROWS_WITH(check("poisson", {2, 2}, {0, 3, 1, -2}, {2}),
                    Catch::Contains("got -2 in sample 1, column 1"));
  check("mse", {2, 2}, {0, 3, 1, -2}, {2});
  CHECK_THROWS_WITH(check("mse", {2, 2}, {0, 3, static_cast<Scalar>(INFINITY), 0}, {2}),
                    Catch::Contains("got inf in sample 1, column 0"));
}

namespace {

/// p^4, whatever the target.
class Quartic final : public Objective {
 public:
  std::string_view name() const override { return "quartic"; }
  void score(ConstView, ConstView p, Array scores) const override {
    const std::size_t D = p.shape.back();
    for (std::size_t r = 0; r < scores.size(); ++r) {
      scores[r] = 0;
      for (std::size_t i = r * D; i < (r + 1) * D; ++i)
        scores[r] += p.data[i] * p.data[i] * p.data[i] * p.data[i];
    }
  }
  void gradient(ConstView, ConstView p, ConstArray weights, View dp) const override {
    const std::size_t D = p.shape.back();
    for (std::size_t i = 0; i < p.size(); ++i)
      dp.data[i] = weights[i / D] * 4 * p.data[i] * p.data[i] * p.data[i];
  }
};

}  // namespace

TEST_CASE("an objective of the user's own") {
  register_objective("quartic", std::make_shared<Quartic>());
  CHECK(scores_of("quartic", golden_t, golden_p)[0] == Approx(0.2418));
  CHECK_THROWS_AS(register_objective("quartic", std::make_shared<Quartic>()), ConfigError);
  CHECK_THROWS_AS(register_objective("mse", std::make_shared<Quartic>()), ConfigError);
}

TEST_CASE("huber and logcosh: a parabola near 0, a straight line far from it") {
  const Tensor t{{0, 0, 0, 0}}, p{{0.5, -1, 3, -1000}};
  CHECK(scores_of("huber", t, p)[0] == Approx((0.125 + 0.5 + 2.5 + 999.5) / 4));
  const double log_2 = std::log(2.0);
  CHECK(scores_of("logcosh", t, p)[0] == Approx((std::log(std::cosh(0.5)) + std::log(std::cosh(1)) +
                                                 std::log(std::cosh(3)) + 1000 - log_2) /
                                                4));
  const Tensor of_huber = gradient_of("huber", t, p, {4});
  CHECK((of_huber(0, 0) == 0.5 && of_huber(0, 1) == -1 && of_huber(0, 2) == 1));
  const Tensor of_logcosh = gradient_of("log_cosh", t, p, {4});
  CHECK(of_logcosh(0, 0) == Approx(std::tanh(0.5)));
  CHECK(of_logcosh(0, 3) == -1);
}

TEST_CASE("other frameworks' names of losses lead to the right neighbour") {
  for (const auto& [theirs, ours] : std::vector<std::pair<std::string, std::string>>{
           {"bce", "binary_crossentropy"},
           {"BCEWithLogitsLoss", "binary_crossentropy"},
           {"cross_entropy", "categorical_crossentropy"},
           {"smooth_l1", "huber"},
           {"nll_loss", "sparse_categorical_crossentropy"}})
    CHECK_THROWS_WITH(find_objective(theirs), Catch::Contains("did you mean '" + ours + "'"));
}
