// The layer check is worth something only if wrong layers fail it: each layer here breaks one
// promise, and the check must say which.
#include <catch2/catch.hpp>
#include <cmath>
#include <string>

#include "cornu/core/error.hpp"
#include "cornu/layers/checking/layer_check.hpp"
#include "cornu/layers/declarations.hpp"

namespace {

using cornu::Backward;
using cornu::Forward;
using cornu::Scalar;
using cornu::Shape;

struct Options {
  Shape input_shape = {}, batch_input_shape = {};
  std::string name = {};
  bool trainable = true;
  void describe(cornu::Fields& fields) { cornu::describe_layer(fields, *this); }
};

/// y = a * x^2 + b with one a and b for all elements: right in all respects.
class Right : public cornu::ConfiguredLayer<Options> {
 public:
  static constexpr cornu::ParameterSlot A{0, "a"}, B{1, "b"};
  static constexpr cornu::StateSlot Count{0, "count"};
  static constexpr cornu::CacheSlot Seen{0, "kept"};
  static constexpr cornu::WorkspaceSlot Work{0, "work"};

  Right() : ConfiguredLayer("Right", {}) {}
  cornu::Traits traits() const override { return {}; }
  using Layer::build;
  Shape build(const Shape& input, cornu::Builder& builder) const override {
    builder.parameter(A, Shape{1}, "one");
    builder.parameter(B, Shape{1}, "zero");
    builder.state(Count, Shape{1}, 0);
    builder.cache(Seen, 0, 1);
    builder.workspace(Work, 1);
    return input;
  }
  void forward(const Forward& run) const override {
    for (std::size_t i = 0; i < run.y.size(); ++i) {
      const Scalar x = run.x().data[i];
      run.y.data[i] = run[A][0] * x * x + run[B][0];
    }
  }
  void backward(const Backward& run) const override {
    for (std::size_t i = 0; i < run.dy.size(); ++i) {
      const Scalar x = run.x().data[i], dy = run.dy.data[i];
      if (!run.gradient(A).empty()) run.gradient(A)[0] += dy * x * x;
      if (!run.gradient(B).empty()) run.gradient(B)[0] += dy;
      if (run.dx()) run.dx().data[i] = dy * 2 * run[A][0] * x;
    }
  }
};

/// What the check says of a layer.
template <class Layer>
std::string failures() {
  return cornu::check_layer(Layer(), {Shape{3}}).to_string();
}

template <class Layer>
void expect_failure(const std::string& words) {
  const std::string text = failures<Layer>();
  INFO(text);
  CHECK(text.find(words) != std::string::npos);
}

struct WrongSign : Right {
  void backward(const Backward& run) const override {
    Right::backward(run);
    if (run.dx())
      for (Scalar& dx : run.dx().array()) dx = -dx;
  }
};

struct ForgetsATerm : Right {
  void backward(const Backward& run) const override {
    Right::backward(run);
    if (!run.gradient(B).empty()) run.gradient(B)[0] -= run.dy.data[0];
  }
};

struct AssignsGradient : Right {
  void backward(const Backward& run) const override {
    if (!run.gradient(A).empty()) run.gradient(A)[0] = 0;
    Right::backward(run);
  }
};

struct AddsToInputGradient : Right {
  void backward(const Backward& run) const override {
    const Scalar before = run.dx() ? run.dx().data[0] : 0;
    Right::backward(run);
    if (run.dx()) run.dx().data[0] += before;
  }
};

struct LeavesAnElement : Right {
  void forward(const Forward& run) const override {
    const Scalar last = run.y.data[run.y.size() - 1];
    Right::forward(run);
    run.y.data[run.y.size() - 1] = last;
  }
};

struct LeavesAnInputGradient : Right {
  void backward(const Backward& run) const override {
    const Scalar first = run.dx() ? run.dx().data[0] : 0;
    Right::backward(run);
    if (run.dx()) run.dx().data[0] = first;
  }
};

struct StaleShape : Right {
  using Layer::build;
  Shape build(const Shape& input, cornu::Builder& builder) const override {
    Right::build(input, builder);
    return Shape{input.size() - 1};
  }
  void forward(const Forward& run) const override {
    Forward whole = run;
    whole.y.shape = run.x().shape;
    Right::forward(whole);
  }
};

struct TooLargeShape : Right {
  using Layer::build;
  Shape build(const Shape& input, cornu::Builder& builder) const override {
    Right::build(input, builder);
    return Shape{input.size() + 1};
  }
  void forward(const Forward& run) const override {
    Forward part = run;
    part.y.shape = run.x().shape;
    Right::forward(part);
  }
};

struct ChangesItsInput : Right {
  void forward(const Forward& run) const override {
    Right::forward(run);
    const_cast<Scalar*>(run.x().data)[0] = 0;
  }
};

struct ChangesDy : Right {
  void backward(const Backward& run) const override {
    Right::backward(run);
    const_cast<Scalar*>(run.dy.data)[0] *= 2;
  }
};

struct ReadsWorkspace : Right {
  void forward(const Forward& run) const override {
    Right::forward(run);
    run.y.data[0] += run[Work][0];
  }
};

struct ReadsInputInSecret : Right {
  cornu::Traits traits() const override { return {.reads_input = false}; }
};

struct ReadsOutputInSecret : Right {
  void backward(const Backward& run) const override {
    Right::backward(run);
    if (run.dx()) run.dx().data[0] += 0 * run.y.data[0];
  }
};

struct InPlaceAndReadsInput : Right {
  cornu::Traits traits() const override { return {.reads_input = true, .in_place = true}; }
};

struct NotInPlaceAfterAll : Right {  // y from a neighbour of x that is already overwritten
  cornu::Traits traits() const override { return {.reads_input = false, .in_place = true}; }
  void forward(const Forward& run) const override {
    for (std::size_t i = 0; i < run.y.size(); ++i) run.y.data[i] = run.x().data[i ? i - 1 : 0];
  }
  void backward(const Backward& run) const override {
    if (!run.dx()) return;
    const std::size_t n = run.dy.size();
    for (std::size_t i = 0; i < n; ++i) {
      run.dx().data[i] = i + 1 < n ? run.dy.data[i + 1] : 0;
      if (i == 0) run.dx().data[0] += run.dy.data[0];
    }
  }
};

struct RandomInSecret : Right {
  void forward(const Forward& run) const override {
    Right::forward(run);
    cornu::RandomStream random = run.random;
    run.y.data[0] += static_cast<Scalar>(random.uniform());
  }
};

struct TrainsDifferentlyInSecret : Right {
  void forward(const Forward& run) const override {
    Right::forward(run);
    if (run.training) run.y.data[0] += 1;
  }
};

struct KeepsACounter : Right {
  void forward(const Forward& run) const override {
    Right::forward(run);
    run.y.data[0] += static_cast<Scalar>(++calls);
  }
  mutable int calls = 0;
};

struct WritesFrozenGradient : Right {
  void backward(const Backward& run) const override {
    Right::backward(run);
    if (run.gradient(A).empty() && run.dx()) run.dx().data[0] = 0;
  }
};

struct NeedsDx : Right {  // the parameter gradients go by way of dx
  void backward(const Backward& run) const override {
    Right::backward(run);
    if (!run.dx() && !run.gradient(B).empty()) run.gradient(B)[0] = 0;
  }
};

struct MovesStatesInSecret : Right {
  void update(const cornu::Update& run) const override { run[Count][0] += 1; }
};

struct UpdatesToNan : Right {
  cornu::Traits traits() const override { return {.updates_state = true}; }
  void update(const cornu::Update& run) const override { run[Count][0] = run[Seen][0]; }
};

struct WrongInitialWeights : Right {
  std::vector<cornu::Tensor> initial_weights() const override { return {cornu::Tensor(Shape{1})}; }
};

struct Fickle : Right {
  using Layer::build;
  Shape build(const Shape& input, cornu::Builder& builder) const override {
    Right::build(input, builder);
    return Shape{input.size() + static_cast<std::size_t>(++calls)};
  }
  mutable int calls = 0;
};

}  // namespace

namespace {

/// What is said when a layer declares two parameters by these slots.
std::string refusal(cornu::ParameterSlot first, cornu::ParameterSlot second) {
  cornu::Declarations declarations("layer_1 (Layer)");
  try {
    declarations.parameter(first, Shape{1}, "one", {}, {});
    declarations.parameter(second, Shape{1}, "zero", {}, {});
  } catch (const cornu::ConfigError& error) {
    return error.what();
  }
  return "";
}

/// y = x, or b * x with a slot left out before b: what is not declared reads as empty.
struct LeavesOneOut : Right {
  using Layer::build;
  Shape build(const Shape& input, cornu::Builder& builder) const override {
    builder.parameter(B, Shape{1}, "one");
    return input;
  }
  void forward(const Forward& run) const override {
    for (std::size_t i = 0; i < run.y.size(); ++i)
      run.y.data[i] = run.x().data[i] * (run[A].empty() ? run[B][0] : 0);
  }
  void backward(const Backward& run) const override {
    for (std::size_t i = 0; i < run.dy.size(); ++i) {
      if (run.gradient(A).empty() && !run.gradient(B).empty())
        run.gradient(B)[0] += run.dy.data[i] * run.x().data[i];
      if (run.dx()) run.dx().data[i] = run.dy.data[i] * run[B][0];
    }
  }
};

/// y = x + h, h carried and moved on to the sum: the smallest layer with a memory.
struct Sums : Right {
  static constexpr cornu::CarriedSlot H{0, "h"};
  static constexpr cornu::CacheSlot Next{0, "next"};
  using Layer::build;
  Shape build(const Shape& input, cornu::Builder& builder) const override {
    builder.carried(H, input.size());
    builder.cache(Next, input.size(), 0, cornu::Kept::always);
    return input;
  }
  void forward(const Forward& run) const override {
    for (std::size_t i = 0; i < run.y.size(); ++i)
      run.y.data[i] = run[Next][i] = run.x().data[i] + run[H][i];
  }
  void backward(const Backward& run) const override {
    if (run.dx()) std::copy_n(run.dy.data, run.dy.size(), run.dx().data);
  }
  void update(const cornu::Update& run) const override {
    std::copy(run[Next].begin(), run[Next].end(), run[H].begin());
  }
};

struct NeverMovesOn : Sums {
  void update(const cornu::Update&) const override {}
};

struct MovesOnTooEarly : Sums {
  void forward(const Forward& run) const override {
    Sums::forward(run);
    const_cast<Scalar&>(run[H][0]) = run.y.data[0];
  }
};

/// y = x where a step is seen, else 0; x (T, D).
struct ReadsMask : Right {
  cornu::Traits traits() const override {
    return {.reads_input = false, .mask = cornu::MaskRule::read};
  }
  using Layer::build;
  Shape build(const Shape& input, cornu::Builder&) const override { return input; }
  static void select(cornu::ConstView from, cornu::ConstArray mask, cornu::View to) {
    const std::size_t D = from.shape.back();
    for (std::size_t i = 0; i < from.size(); ++i) to.data[i] = mask[i / D] * from.data[i];
  }
  void forward(const Forward& run) const override { select(run.x(), run.mask(), run.y); }
  void backward(const Backward& run) const override {
    if (run.dx()) select(run.dy, run.mask(), run.dx());
  }
};

struct ForgetsTheMask : ReadsMask {
  void backward(const Backward& run) const override {
    if (run.dx()) std::copy_n(run.dy.data, run.dy.size(), run.dx().data);
  }
};

struct MakesHalfMasks : ReadsMask {
  cornu::Traits traits() const override {
    return {.reads_input = false, .mask = cornu::MaskRule::create};
  }
  void forward(const Forward& run) const override {
    ReadsMask::forward(run);
    for (Scalar& step : run.output_mask) step = Scalar(0.5);
  }
};

/// y = a row of a for each index: the smallest embedding.
struct LooksUp : Right {
  cornu::Traits traits() const override { return {.indices_below = 4}; }
  using Layer::build;
  Shape build(const Shape& input, cornu::Builder& builder) const override {
    builder.parameter(A, Shape{4}, "uniform");
    return input;
  }
  void forward(const Forward& run) const override {
    for (std::size_t i = 0; i < run.y.size(); ++i)
      run.y.data[i] = run[A][static_cast<std::size_t>(run.x().data[i])];
  }
  void backward(const Backward& run) const override {
    for (std::size_t i = 0; i < run.dy.size() && !run.gradient(A).empty(); ++i)
      run.gradient(A)[static_cast<std::size_t>(run.x().data[i])] += run.dy.data[i];
  }
};

template <class Layer>
std::string failures_on_steps() {
  return cornu::check_layer(Layer(), {Shape{3, 2}}).to_string();
}

}  // namespace

TEST_CASE("layers that carry, read masks or look up are held to what they declare") {
  CHECK(failures<Sums>() == "passed");
  expect_failure<NeverMovesOn>("does not move on what is carried");
  expect_failure<MovesOnTooEarly>("forward changes what is carried");
  CHECK(failures_on_steps<ReadsMask>() == "passed");
  CHECK(failures_on_steps<ForgetsTheMask>().find("gradient check failed") != std::string::npos);
  CHECK(failures_on_steps<MakesHalfMasks>().find("neither 0 nor 1") != std::string::npos);
  CHECK(failures<LooksUp>() == "passed");
}

TEST_CASE("slots are declared in their order, each once, under names of their own") {
  CHECK(refusal({0, "a"}, {1, "b"}).empty());
  CHECK(refusal({0, "a"}, {5, "b"}).empty());
  CHECK(refusal({1, "b"}, {0, "a"}).find("expected a parameter after 'b' (slot 1), got 'a'") !=
        std::string::npos);
  CHECK(refusal({0, "a"}, {0, "b"}).find("got 'b' (slot 0)") != std::string::npos);
  CHECK(refusal({0, "a"}, {1, "a"}).find("have the name 'a'") != std::string::npos);
  CHECK(refusal({0, "a"}, {1, ""}).find("with a name") != std::string::npos);
  CHECK(refusal({0, "a"}, {1u << 30, "b"}).find("a slot below") != std::string::npos);
}

TEST_CASE("a slot that is left out reads as empty") { CHECK(failures<LeavesOneOut>() == "passed"); }

TEST_CASE("a right layer passes") { CHECK(failures<Right>() == "passed"); }

TEST_CASE("wrong layers fail, each for its reason") {
  expect_failure<WrongSign>("gradient check failed");
  expect_failure<ForgetsATerm>("gradient check failed");
  expect_failure<AssignsGradient>("assigns the gradient of a instead of adding");
  expect_failure<AddsToInputGradient>("element of dx unwritten");
  expect_failure<LeavesAnElement>("leaves an element of the output unwritten");
  expect_failure<LeavesAnInputGradient>("element of dx unwritten");
  expect_failure<StaleShape>("forward writes outside of an array");
  expect_failure<TooLargeShape>("leaves an element of the output unwritten");
  expect_failure<ChangesItsInput>("forward changes its input");
  expect_failure<ChangesDy>("backward changes dy");
  expect_failure<ReadsWorkspace>("reads what was never written");
  expect_failure<ReadsInputInSecret>("backward reads x or y");
  expect_failure<ReadsOutputInSecret>("backward reads x or y");
  expect_failure<InPlaceAndReadsInput>("in_place and reads_input");
  expect_failure<NotInPlaceAfterAll>("forward in place gives another output");
  expect_failure<RandomInSecret>("traits do not say random");
  expect_failure<TrainsDifferentlyInSecret>("traits do not say training_differs");
  expect_failure<KeepsACounter>("other numbers the second time");
  expect_failure<WritesFrozenGradient>("with all parameters frozen");
  expect_failure<NeedsDx>("where dx is not wanted");
  expect_failure<MovesStatesInSecret>("update moves states");
  expect_failure<UpdatesToNan>("not finite");
  expect_failure<WrongInitialWeights>("initial_weights do not fit");
  expect_failure<Fickle>("another output shape the second time");
}

TEST_CASE("the gradient check names the worst element and tells kinks from errors") {
  const cornu::GradientReport wrong = cornu::gradient_check(WrongSign(), {Shape{3}});
  CHECK_FALSE(wrong.passed);
  CHECK(wrong.worst.find("input 0(") == 0);
  CHECK(wrong.analytic == Approx(-wrong.numeric).epsilon(1e-3));
  CHECK(wrong.to_string().find("failed: ") == 0);

  // L = |a| + 2 |b| + c^2 at a = 0: any slope in [-1, 1] is right there, and one outside is not.
  std::vector<Scalar> values = {0, 1, 1};
  const auto loss = [&] {
    return std::abs(static_cast<double>(values[0])) + 2 * std::abs(static_cast<double>(values[1])) +
           static_cast<double>(values[2]) * values[2];
  };
  cornu::GradientComparison comparison;
  comparison.compare("v", Shape{3}, values, std::vector<Scalar>{Scalar(0.7), 2, 2}, loss);
  CHECK(comparison.report().passed);
  CHECK(comparison.report().kinks == 1);
  CHECK(comparison.report().checked == 2);
  CHECK(values == std::vector<Scalar>{0, 1, 1});
  comparison.compare("v", Shape{3}, values, std::vector<Scalar>{Scalar(1.5), 2, 2}, loss);
  CHECK_FALSE(comparison.report().passed);
  CHECK(comparison.report().worst == "v(0)");
}
