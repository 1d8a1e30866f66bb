#include "cornu/training/metrics/metric.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "cornu/core/error.hpp"
#include "cornu/core/random.hpp"
#include "cornu/training/metrics/confusion_matrix.hpp"

using namespace cornu;

namespace {

Tensor rows(std::size_t columns, const std::vector<double>& values) {
  Tensor result(Shape{values.size() / columns, columns});
  std::transform(values.begin(), values.end(), result.begin(),
                 [](double value) { return static_cast<Scalar>(value); });
  return result;
}

double measure(std::string_view name, const Tensor& t, const Tensor& p,
               const std::string& loss = "mse") {
  const MetricPtr metric = make_metric(name, {p.shape().without_samples(), loss, ""});
  metric->update(t.view(), p.view());
  return metric->value();
}

}  // namespace

TEST_CASE("accuracy is binary, categorical or sparse by output and loss") {
  const Tensor p = rows(3, {.2, .7, .1, .5, .3, .4, .1, .1, .8, .3, .4, .3});
  CHECK(measure("accuracy", rows(3, {0, 1, 0, 1, 0, 0, 1, 0, 0, 0, 0, 1}), p) == 0.5);
  CHECK(measure("acc", rows(1, {1, 0, 2, 2}), p, "sparse_categorical_crossentropy") == 0.75);
  CHECK(measure("acc", rows(1, {1, 0, 1, 1}), rows(1, {.51, .49, .2, .9})) == 0.75);
  CHECK(make_metric("accuracy", {Shape{3}, "mse", ""})->label() == "acc");
  CHECK(make_metric("acc", {Shape{1}, "mse", ""})->label() == "acc");
  CHECK(make_metric("binary_accuracy", {Shape{3}, "mse", ""})->label() == "binary_accuracy");
  // Also along time, where each step is a row.
  const Tensor steps = p.reshaped(Shape{2, 2, 3});
  const Tensor labels(Shape{2, 2, 1}, std::vector<Scalar>{1, 0, 2, 2});
  CHECK(measure("sparse_categorical_accuracy", labels, steps) == 0.75);
}

TEST_CASE("a half is rounded away from zero, and of equal columns the first counts") {
  CHECK(measure("binary_accuracy", rows(1, {1, 0, -1}), rows(1, {.5, .5, -.5})) == Approx(2 / 3.0));
  CHECK(measure("categorical_accuracy", rows(2, {1, 0, 0, 1}), rows(2, {.5, .5, .5, .5})) == 0.5);
}

TEST_CASE("a metric runs over everything since reset, whatever the batches") {
  RandomStream random(3, Purpose::user);
  Tensor p(Shape{50, 4}), t(Shape{50, 4});
  random.fill_uniform(p.array(), Scalar(0.05), Scalar(0.95));
  for (std::size_t r = 0; r < 50; ++r) t(r, random.below(4)) = 1;
  std::vector<std::string> names = metric_names();
  names.push_back("mse");
  names.push_back("categorical_crossentropy");
  std::erase(names, "sparse_categorical_accuracy");
  for (const std::string& name : names) {
    INFO(name);
    const MetricContext context{Shape{4}, "categorical_crossentropy", ""};
    const MetricPtr whole = make_metric(name, context), parts = make_metric(name, context);
    CHECK(whole->value() == 0);
    whole->update(t.view(), p.view());
    parts->update({t.data(), Shape{13, 4}}, {p.data(), Shape{13, 4}});
    parts->reset();
    for (std::size_t begin = 0; begin < 50; begin += 16) {
      const Shape shape{std::min<std::size_t>(16, 50 - begin), 4};
      parts->update({t.data() + 4 * begin, shape}, {p.data() + 4 * begin, shape});
      parts->value();  // asking in between changes nothing
    }
    CHECK(parts->value() == Approx(whole->value()).epsilon(1e-6));
    CHECK(whole->value() != 0);  // r2 may be below
    whole->reset();
    CHECK(whole->value() == 0);
  }
}

TEST_CASE("objectives are metrics under their full names") {
  const Tensor t = rows(3, {0, 1, 0, 1, 0, 0}), p = rows(3, {.2, .7, .1, .5, .3, .4});
  CHECK(measure("mse", t, p) == Approx(0.1066666667));
  CHECK(measure("mean_absolute_error", t, p) == Approx(0.3));
  CHECK(measure("categorical_crossentropy", t, p) == Approx((0.3566749439 + 0.8754687374) / 2));
  CHECK(make_metric("mse", {Shape{3}, "mae", ""})->label() == "mean_squared_error");
  CHECK_THROWS_AS(measure("sparse_categorical_crossentropy", t, p), ShapeError);
  CHECK_THROWS_AS(measure("sparse_categorical_crossentropy", rows(1, {1, 3}), p), ConfigError);
}

TEST_CASE("precision, recall and F1 of one column and of several labels") {
  // 3 true positives, 1 false positive, 2 false negatives
  const Tensor t = rows(1, {1, 1, 1, 0, 1, 1, 0, 0}), p = rows(1, {.9, .8, .7, .6, .4, .2, .1, .3});
  CHECK(measure("precision", t, p) == 0.75);
  CHECK(measure("recall", t, p) == 0.6);
  CHECK(measure("f1", t, p) == Approx(2 * 0.75 * 0.6 / 1.35));
  CHECK(measure("recall(threshold=0.3)", t, p) == 0.8);
  CHECK(make_metric("recall(threshold=0.3)", {Shape{1}, "mse", ""})->label() ==
        "recall(threshold=0.3)");
  CHECK(measure("precision", t.reshaped(Shape{4, 2}), p.reshaped(Shape{4, 2}),
                "binary_crossentropy") == 0.75);
  CHECK(measure("precision", rows(1, {1, 0}), rows(1, {.1, .1})) == 0);  // nothing predicted
}

TEST_CASE("precision, recall and F1 of several classes are means over classes") {
  // truth 0: 0 0 1, truth 1: 1, truth 2: 2 0; class 3 never seen
  const Tensor t = rows(1, {0, 0, 0, 1, 2, 2});
  const Tensor p = rows(4, {.7, .1, .1, .1, .7, .1, .1, .1, .1, .7, .1, .1,
                            .1, .7, .1, .1, .1, .1, .7, .1, .7, .1, .1, .1});
  const std::string loss = "sparse_categorical_crossentropy";
  CHECK(measure("precision", t, p, loss) == Approx((2 / 3.0 + 0.5 + 1) / 3));
  CHECK(measure("recall", t, p, loss) == Approx((2 / 3.0 + 1 + 0.5) / 3));
  CHECK(measure("f1", t, p, loss) == Approx((2 / 3.0 + 2 / 3.0 + 2 / 3.0) / 3));
}

TEST_CASE("top k") {
  const Tensor p = rows(4, {.4, .3, .2, .1, .4, .3, .2, .1, .4, .3, .2, .1, .25, .25, .25, .25});
  const Tensor t = rows(1, {0, 1, 3, 3});
  CHECK(measure("top_k_categorical_accuracy(k=1)", t, p) == 0.5);
  CHECK(measure("top_k_categorical_accuracy(k=2)", t, p) == 0.75);
  CHECK(measure("top_k_categorical_accuracy", t, p) == 1);
  const Tensor one_hot = rows(4, {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1});
  CHECK(measure("top_k_categorical_accuracy(k=2)", one_hot, p) == 0.75);
  CHECK(make_metric("top_k_categorical_accuracy(k=3)", {Shape{4}, "mse", ""})->label() ==
        "top_k_categorical_accuracy(k=3)");
  CHECK_THROWS_AS(measure("top_k_categorical_accuracy(k=0)", t, p), Error);
  CHECK_THROWS_AS(measure("top_k_categorical_accuracy(n=3)", t, p), Error);
  CHECK_THROWS_AS(measure("top_k_categorical_accuracy(3)", t, p), ConfigError);
  CHECK_THROWS_AS(measure("top_k_categorical_accuracy(k=3", t, p), ConfigError);
}

TEST_CASE("the area under the curve is exact") {
  CHECK(measure("auc", rows(1, {0, 0, 1, 1}), rows(1, {.1, .4, .35, .8})) == 0.75);
  CHECK(measure("auc", rows(1, {1, 0}), rows(1, {.5, .5})) == 0.5);
  CHECK(measure("auc", rows(1, {1, 1}), rows(1, {.5, .6})) == 0);  // no negatives: no answer

  RandomStream random(5, Purpose::user);
  Tensor t(Shape{300, 1}), p(Shape{300, 1});
  for (std::size_t i = 0; i < 300; ++i) {
    t(i, 0) = static_cast<Scalar>(random.below(2));
    p(i, 0) = std::floor(static_cast<Scalar>(random.normal()) * 4 + t(i, 0) * 3);  // many ties
  }
  double pairs = 0, all = 0;
  for (std::size_t i = 0; i < 300; ++i)
    for (std::size_t j = 0; j < 300; ++j)
      if (t(i, 0) == 1 && t(j, 0) == 0) {
        all += 1;
        pairs += p(i, 0) > p(j, 0) ? 1 : p(i, 0) == p(j, 0) ? 0.5 : 0;
      }
  CHECK(measure("auc", t, p) == Approx(pairs / all).epsilon(1e-12));

  // Two softmax columns say the same as one sigmoid; class numbers the same as rows of 0 and 1.
  const Tensor two = rows(2, {.9, .1, .6, .4, .65, .35, .2, .8});
  CHECK(measure("auc", rows(2, {1, 0, 1, 0, 0, 1, 0, 1}), two) == 0.75);
  CHECK(measure("auc", rows(1, {0, 0, 1, 1}), two) == 0.75);
  const Tensor broken = rows(1, {std::nan(""), .4, .35, .8});
  CHECK(measure("auc", rows(1, {0, 0, 1, 1}), broken) == 0.75);
}

TEST_CASE("metrics refuse targets that do not fit") {
  const Tensor p = rows(3, {.2, .7, .1});
  for (const char* name : {"categorical_accuracy", "binary_accuracy"})
    CHECK_THROWS_AS(measure(name, rows(2, {0, 1}), p), ShapeError);
  for (const char* name : {"sparse_categorical_accuracy", "top_k_categorical_accuracy", "auc"})
    CHECK_THROWS_AS(measure(name, rows(1, {0, 1}), p), ShapeError);
  CHECK_THROWS_AS(measure("sparse_categorical_accuracy", rows(3, {0, 1, 0}), p), ShapeError);
  CHECK_THROWS_AS(measure("precision", rows(1, {7}), p, "sparse_categorical_crossentropy"),
                  ConfigError);
  CHECK_THROWS_WITH(make_metric("acuracy", {Shape{3}, "mse", ""}), Catch::Contains("accuracy"));
  CHECK_THROWS_AS(make_metric("accuracy(k=3)", {Shape{3}, "mse", ""}), ConfigError);
  CHECK_THROWS_AS(make_metric("mse(k=3)", {Shape{3}, "mse", ""}), ConfigError);
}

TEST_CASE("metrics of the user's own") {
  register_metric("mean_prediction", [](ConstView, ConstView p) {
    double sum = 0;
    for (const Scalar value : p.array()) sum += static_cast<double>(value);
    return sum / static_cast<double>(p.size());
  });
  const MetricPtr metric = make_metric("mean_prediction", {Shape{1}, "mse", ""});
  const Tensor a = rows(1, {1, 1, 1}), b = rows(1, {5});
  metric->update(a.view(), a.view());
  metric->update(b.view(), b.view());
  CHECK(metric->value() == 2);  // each sample counts once, not each batch
  CHECK(metric->label() == "mean_prediction");
  CHECK_THROWS_AS(register_metric("mse", [](ConstView, ConstView) { return 0.0; }), ConfigError);
}

TEST_CASE("the confusion matrix") {
  ConfusionMatrix matrix(3);
  const Tensor p = rows(3, {.7, .2, .1, .1, .8, .1, .6, .3, .1, .1, .1, .8});
  matrix.update(rows(1, {0, 1, 1, 2}).view(), p.view());
  matrix.update(rows(3, {1, 0, 0}).view(), rows(3, {.1, .2, .7}).view());
  CHECK(matrix.total() == 5);
  CHECK(matrix.count(1, 0) == 1);
  CHECK(matrix.count(0, 2) == 1);
  CHECK(matrix.accuracy() == 0.6);
  CHECK(matrix.recall(1) == 0.5);
  CHECK(matrix.precision(2) == 0.5);
  CHECK(matrix.f1(2) == Approx(2 / 3.0));
  CHECK(matrix.to_string() ==
        "           predicted\n"
        "     true       0       1       2  recall\n"
        "        0       1       0       1  0.5000\n"
        "        1       1       1       0  0.5000\n"
        "        2       0       0       1  1.0000\n"
        "precision  0.5000  1.0000  0.5000  0.6000\n");
  CHECK(matrix.to_string({"cat", "dog", "elephant"}).find("elephant") != std::string::npos);

  CHECK_THROWS_AS(matrix.update(rows(1, {0, 3}).view(), rows(3, {1, 0, 0, 1, 0, 0}).view()),
                  ConfigError);
  CHECK(matrix.total() == 5);  // as before
  CHECK_THROWS_AS(matrix.update(rows(1, {0}).view(), rows(2, {1, 0}).view()), ShapeError);
  CHECK_THROWS_AS(ConfusionMatrix(1), ConfigError);
  matrix.reset();
  CHECK(matrix.total() == 0);
  CHECK(matrix.accuracy() == 0);

  ConfusionMatrix binary(2);
  binary.update(rows(1, {0, 1, 1}).view(), rows(1, {.5, .5, .2}).view());
  CHECK(binary.count(0, 1) == 1);
  CHECK(binary.count(1, 1) == 1);
  CHECK(binary.count(1, 0) == 1);
}

TEST_CASE("a metric goes on from its state") {
  for (const char* name : {"accuracy", "precision", "recall", "f1", "auc", "rmse", "r2", "mse",
                           "top_k_categorical_accuracy(k=2)"}) {
    CAPTURE(name);
    const MetricContext context{Shape{3}, "categorical_crossentropy", {}};
    const MetricPtr whole = make_metric(name, context), begun = make_metric(name, context),
                    resumed = make_metric(name, context);
    const Tensor t = rows(3, {1, 0, 0, 0, 1, 0, 0, 0, 1}),
                 p = rows(3, {.5, .2, .3, .1, .3, .6, .2, .1, .7});
    for (int batch = 0; batch < 2; ++batch) whole->update(t.view(), p.view());
    begun->update(t.view(), p.view());
    resumed->set_state(begun->state());
    resumed->set_state_arrays(begun->state_arrays());
    resumed->update(t.view(), p.view());
    CHECK(resumed->value() == whole->value());
    CHECK(resumed->value() != 0);
  }
}

TEST_CASE("a row's weight counts it so many times, and of weight 0 not at all") {
  const MetricContext context{Shape{3}, "categorical_crossentropy", {}};
  const Tensor t = rows(3, {1, 0, 0, 0, 1, 0, 0, 0, 1}),
               p = rows(3, {.5, .2, .3, .1, .3, .6, .2, .1, .7});
  const Tensor twice_t = rows(3, {1, 0, 0, 1, 0, 0, 0, 0, 1}),
               twice_p = rows(3, {.5, .2, .3, .5, .2, .3, .2, .1, .7});
  const std::vector<Scalar> weights{2, 0, 1};
  for (const char* name : {"accuracy", "binary_accuracy", "precision", "recall", "f1", "rmse", "r2",
                           "mse", "top_k_categorical_accuracy(k=2)"}) {
    CAPTURE(name);
    const MetricPtr weighted = make_metric(name, context), plain = make_metric(name, context);
    REQUIRE(weighted->takes_weights());
    weighted->update_weighted(t.view(), p.view(), weights);
    plain->update(twice_t.view(), twice_p.view());
    CHECK(weighted->value() == Approx(plain->value()).epsilon(1e-12));
  }
  const MetricPtr auc = make_metric("auc", context);
  CHECK_FALSE(auc->takes_weights());
  CHECK_THROWS_AS(auc->update_weighted(t.view(), p.view(), weights), ConfigError);
}

TEST_CASE("rmse and r2 over several batches are those over all rows") {
  const auto value = [](const char* name) {
    const MetricPtr metric = make_metric(name, {Shape{1}, "mean_squared_error", {}});
    metric->update(rows(1, {1, 2}).view(), rows(1, {2, 2}).view());
    metric->update(rows(1, {3, 6}).view(), rows(1, {3, 3}).view());
    return metric->value();
  };
  CHECK(value("rmse") == Approx(std::sqrt(10.0 / 4)));
  CHECK(value("root_mean_squared_error") == value("rmse"));
  CHECK(value("r2") == Approx(1 - 10.0 / 14));  // the mean is 3: 4 + 1 + 0 + 9
  CHECK(value("r2_score") == value("r2"));
}

TEST_CASE("precision, recall and f1 of many classes keep three counts a class") {
  const std::size_t classes = 200000;
  const MetricPtr f1 = make_metric("f1", {Shape{classes}, "sparse_categorical_crossentropy", {}});
  Tensor t(Shape{2, 1}), p(Shape{2, classes});
  t(1, 0) = classes - 1;
  p(0, 0) = p(1, classes - 1) = 1;
  f1->update(t.view(), p.view());
  CHECK(f1->value() == 1);
  CHECK(f1->state_arrays()[0].values.size() <= 9 * classes);
}

TEST_CASE("class counts of checkpoints before 0.5, one for each pair of classes, are still read") {
  const MetricPtr recall = make_metric("recall", {Shape{2}, "categorical_crossentropy", {}});
  recall->set_state(std::vector<double>{3, 1, 0, 2});  // of class 0 three of four, of class 1 both
  CHECK(recall->value() == Approx((0.75 + 1) / 2));
  CHECK_THROWS_AS(recall->set_state(std::vector<double>{3, 1, 0}), FormatError);
}
