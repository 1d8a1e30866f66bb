// A training step's own arithmetic makes no allocation: objectives, metrics and optimizers.

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <new>

#include "cornu/core/random.hpp"
#include "cornu/optimizers/optimizer.hpp"
#include "cornu/training/metrics/metric.hpp"
#include "cornu/training/objectives/objective.hpp"

namespace {

std::atomic<long> allocations{0};

void* counted(std::size_t bytes, std::size_t alignment) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  const std::size_t rounded = (bytes + alignment - 1) / alignment * alignment;
  if (void* p = std::aligned_alloc(alignment, rounded == 0 ? alignment : rounded)) return p;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t bytes) { return counted(bytes, 16); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return counted(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }

using namespace cornu;

namespace {

/// The allocations that a second and third run of something make.
template <class Body>
long steady_allocations(const Body& body) {
  body();
  const long before = allocations;
  body();
  body();
  return allocations - before;
}

}  // namespace

TEST_CASE("objectives and metrics do not allocate") {
  RandomStream random(1, Purpose::user);
  Tensor p(Shape{20, 4}), t(Shape{20, 4}), labels(Shape{20, 1}), dp(Shape{20, 4});
  random.fill_uniform(p.array(), Scalar(0.1), Scalar(0.9));
  for (std::size_t n = 0; n < 20; ++n) {
    labels(n, 0) = static_cast<Scalar>(n % 4);
    t(n, n % 4) = 1;
  }
  std::vector<Scalar> rows(20, 1);
  for (const std::string& name : objective_names()) {
    INFO(name);
    const ObjectivePtr objective = find_objective(name);
    const ConstView targets =
        name == "sparse_categorical_crossentropy" ? labels.view() : ConstView(t.view());
    CHECK(steady_allocations([&] {
            objective->check_shapes(targets.shape.without_samples(), Shape{4}, "fit");
            objective->check_targets(targets, Shape{4}, "fit");
            objective->score(targets, p.view(), rows);
            objective->gradient(targets, p.view(), rows, dp.view());
            for (const char* activation : {"softmax", "sigmoid"})
              if (objective->joins(activation))
                objective->joint_gradient(targets, p.view(), rows, dp.view());
          }) == 0);
  }
  std::vector<std::string> names = metric_names();
  names.push_back("mse");
  for (const std::string& name : names) {
    if (name == "auc") continue;  // keeps what it sees
    INFO(name);
    const MetricPtr metric =
        make_metric(name, {Shape{4}, "sparse_categorical_crossentropy", std::string()});
    const bool sparse = name.find("sparse") != std::string::npos || name == "accuracy";
    const ConstView targets = sparse ? labels.view() : ConstView(t.view());
    CHECK(steady_allocations([&] {
            metric->update(targets, p.view());
            metric->value();
            metric->reset();
          }) == 0);
  }
}

TEST_CASE("optimizers do not allocate in a step") {
  std::vector<Scalar> p(100, 1), g(100, Scalar(0.5));
  std::vector<std::vector<Scalar>> slots(2, std::vector<Scalar>(100));
  std::vector<Scalar*> pointers{slots[0].data(), slots[1].data()};
  for (const std::string& name : optimizer_names()) {
    INFO(name);
    const OptimizerPtr optimizer = optimizer_from_json(
        R"({"name": ")" + name + R"(", "clipnorm": 1, "clipvalue": 1, "schedule": "one_cycle"})");
    CHECK(steady_allocations([&] {
            clip_gradients(g, optimizer->clipnorm(), optimizer->clipvalue());
            optimizer->update({p, g, pointers, optimizer->iterations(), optimizer->scheduled_lr()});
            optimizer->set_iterations(optimizer->iterations() + 1);
          }) == 0);
  }
}
