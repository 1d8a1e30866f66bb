// Every optimizer against the first three steps of Keras 1.0.3, and what all of them share.

#include "cornu/optimizers/optimizer.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "cornu/core/error.hpp"
#include "cornu/optimizers/adadelta.hpp"
#include "cornu/optimizers/adagrad.hpp"
#include "cornu/optimizers/adam.hpp"
#include "cornu/optimizers/adamax.hpp"
#include "cornu/optimizers/adamw.hpp"
#include "cornu/optimizers/nadam.hpp"
#include "cornu/optimizers/rmsprop.hpp"
#include "cornu/optimizers/sgd.hpp"

using namespace cornu;

namespace {

constexpr double tolerance = sizeof(Scalar) == 8 ? 1e-13 : 3e-7;

/// Parameters with the loss half their sum of squares, so that the gradient is the parameters.
struct Bowl {
  explicit Bowl(OptimizerPtr with, std::vector<Scalar> at = {1, -2, Scalar{0.5}})
      : optimizer(std::move(with)),
        p(std::move(at)),
        slots(optimizer->slot_names().size(), std::vector<Scalar>(p.size())) {}

  void step() {
    std::vector<Scalar> g = p;
    clip_gradients(g, optimizer->clipnorm(), optimizer->clipvalue());
    std::vector<Scalar*> pointers;
    for (auto& slot : slots) pointers.push_back(slot.data());
    optimizer->update({p, g, pointers, optimizer->iterations(), optimizer->scheduled_lr()});
    optimizer->set_iterations(optimizer->iterations() + 1);
  }

  OptimizerPtr optimizer;
  std::vector<Scalar> p;
  std::vector<std::vector<Scalar>> slots;
};

using Three = std::array<double, 3>;

void check_steps(OptimizerPtr optimizer, const std::array<Three, 3>& expected) {
  Bowl bowl(std::move(optimizer));
  INFO(bowl.optimizer->to_json().dump());
  for (const Three& after : expected) {
    bowl.step();
    for (std::size_t i = 0; i < 3; ++i)
      CHECK(std::abs(static_cast<double>(bowl.p[i]) - after[i]) <= tolerance * 2);
  }
}

std::string error_of(const std::string& config) {
  try {
    optimizer_from_json(config);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("SGD makes Keras's steps") {
  check_steps(sgd(),
              {{{.99, -1.98, .495}, {.9801, -1.9602, .49005}, {.970299, -1.940598, .4851495}}});
  check_steps(sgd({.lr = .1, .momentum = .9}),
              {{{.9, -1.8, .45}, {.72, -1.44, .36}, {.486, -.972, .243}}});
  check_steps(sgd({.lr = .1, .momentum = .9, .nesterov = true}),
              {{{.81, -1.62, .405}, {.5751, -1.1502, .28755}, {.327321, -.654642, .1636605}}});
  check_steps(sgd({.lr = .1, .decay = .5}),
              {{{.9, -1.8, .45}, {.84, -1.68, .42}, {.798, -1.596, .399}}});
}

TEST_CASE("clipnorm and clipvalue make Keras's steps") {
  check_steps(sgd({.lr = .1, .clipnorm = 1}),
              {{{.9563564219528016, -1.9127128439056031, .4781782109764008},
                {.9127128439056031, -1.8254256878112063, .4563564219528016},
                {.8690692658584047, -1.7381385317168094, .4345346329292024}}});
  check_steps(sgd({.lr = .1, .clipvalue = .6}),
              {{{.94, -1.94, .45}, {.88, -1.88, .405}, {.82, -1.82, .3645}}});
}

TEST_CASE("RMSprop, Adagrad and Adadelta make Keras 1.0.3's steps") {
  check_steps(rmsprop(), {{{.9968377224398316, -1.9968377223898317, .4968377225398316},
                           {.9945470102141313, -1.9945452854573007, .4945504726741585},
                           {.9926306744616785, -1.9926266404725672, .49263877748699386}}});
  check_steps(adagrad(), {{{.9900000001, -1.99000000005, .4900000002},
                           {.9829645541704375, -1.9829466763897357, .48300071447492576},
                           {.9772379396722113, -1.97719651091577, .4773218486121916}}});
  check_steps(adadelta(), {{{.9995527864492214, -1.9995527864156803, .49955278658338537},
                            {.999099974392549, -1.9990999249605614, .49910007344332596},
                            {.9986434432057646, -1.9986432770323153, .49864377594172166}}});
}

TEST_CASE("Adam and Adamax make Keras's steps") {
  check_steps(adam(), {{{.9990000003162277, -1.9990000001581139, .49900000063245514},
                        {.9980000267438203, -1.9980000133373277, .4980000537646847},
                        {.9970000967729392, -1.9970000482511117, .4970001946312294}}});
  check_steps(adamax(), {{{.99800000002, -1.99800000001, .49800000004},
                          {.9960001054085243, -1.9959990517032817, .4960022128189663},
                          {.9940003883591386, -1.993997190564208, .494006781611293}}});
}

TEST_CASE("Nadam makes Keras 1.0.5's steps, AdamW its paper's") {
  // Recomputed from the formulas in double, in another language.
  check_steps(nadam(), {{{0.9978870964644183, -1.9978870964538538, 0.4978870964855473},
                         {0.996321196799969, -1.9963204616576307, 0.4963226707359099},
                         {0.9948589145392641, -1.9948571022390718, 0.49486254974717786}}});
  check_steps(adamw(), {{{0.9989960003162277, -1.9989920001581138, 0.49899800063245514},
                         {0.9979920308651902, -1.9979840174741448, 0.49799605787916273},
                         {0.9969881092070515, -1.9969760607311804, 0.49699420704544073}}});
  Bowl bowl(nadam());
  for (int step = 0; step < 200; ++step) bowl.step();
  const double drift = sizeof(Scalar) == 8 ? 1e-12 : 2e-5;
  CHECK(std::abs(static_cast<double>(bowl.p[0]) - 0.6448390574395217) < drift);
  CHECK(std::abs(static_cast<double>(bowl.p[2]) - 0.18719938865358454) < drift);
}

TEST_CASE("long arrays are updated as short ones are") {
  for (const std::string& name : optimizer_names()) {
    INFO(name);
    std::vector<Scalar> start(101);
    for (std::size_t i = 0; i < start.size(); ++i)
      start[i] = static_cast<Scalar>(std::sin(static_cast<double>(i) * 0.7));
    Bowl whole(make_optimizer(name), start);
    whole.step();
    whole.step();
    for (std::size_t i = 0; i < start.size(); ++i) {
      Bowl alone(make_optimizer(name), {start[i]});
      alone.step();
      alone.step();
      REQUIRE(whole.p[i] == Approx(alone.p[0]).epsilon(1e-6).margin(1e-7));
    }
  }
}

TEST_CASE("an optimizer goes on exactly from its slots and count of steps") {
  for (const std::string& name : optimizer_names()) {
    INFO(name);
    Bowl through(make_optimizer(name));
    for (int step = 0; step < 7; ++step) through.step();
    Bowl resumed(optimizer_from_json(through.optimizer->to_json()), through.p);
    resumed.slots = through.slots;
    resumed.optimizer->set_iterations(through.optimizer->iterations());
    for (int step = 0; step < 100; ++step) {
      through.step();
      resumed.step();
    }
    CHECK(through.p == resumed.p);
  }
}

TEST_CASE("clipping") {
  std::vector<Scalar> g{3, 4};
  clip_gradients(g, 0, 0);
  CHECK(g == std::vector<Scalar>{3, 4});
  clip_gradients(g, 6, 0);
  CHECK(g == std::vector<Scalar>{3, 4});
  clip_gradients(g, 5, 0);  // the norm itself: scaled by 1
  CHECK(g == std::vector<Scalar>{3, 4});
  clip_gradients(g, 2.5, 0);
  CHECK(g == std::vector<Scalar>{Scalar{1.5}, 2});
  clip_gradients(g, 1e3, 1.75);
  CHECK(g == std::vector<Scalar>{Scalar{1.5}, Scalar{1.75}});
  std::vector<Scalar> bad{std::numeric_limits<Scalar>::quiet_NaN(), -7};
  clip_gradients(bad, 1, 2);
  CHECK(std::isnan(bad[0]));  // an error must stay visible
  CHECK(bad[1] == -2);
  std::vector<Scalar> none(3);
  clip_gradients(none, 1, 0);
  CHECK(none == std::vector<Scalar>(3));
}

TEST_CASE("the JSON of an optimizer is Keras's") {
  CHECK(sgd()->to_json() == nlohmann::json::parse(R"({"name": "SGD", "lr": 0.01, "momentum": 0.0,
    "decay": 0.0, "nesterov": false})"));
  CHECK(rmsprop()->to_json() ==
        nlohmann::json::parse(R"({"name": "RMSprop", "lr": 0.001, "rho": 0.9, "epsilon": 1e-08})"));
  CHECK(adam({.clipnorm = 1.5})->to_json() ==
        nlohmann::json::parse(R"({"name": "Adam", "lr": 0.001, "beta_1": 0.9, "beta_2": 0.999,
    "epsilon": 1e-08, "clipnorm": 1.5})"));
  CHECK(nadam()->to_json().at("schedule_decay") == 0.004);
  for (const std::string& name : optimizer_names()) {
    const OptimizerPtr one = make_optimizer(name);
    CHECK(one->class_name() == name);
    CHECK(optimizer_from_json(one->to_json())->to_json() == one->to_json());
  }
}

TEST_CASE("an optimizer is read from JSON") {
  const OptimizerPtr read = optimizer_from_json(R"({"name": "sgd", "lr": 0.5, "clipvalue": 2})");
  CHECK(read->class_name() == "SGD");
  CHECK(read->lr() == 0.5);
  CHECK(read->clipvalue() == 2);
  CHECK(read->clipnorm() == 0);
  CHECK(optimizer_from_json(R"({"class_name": "Adam", "config": {"beta_1": 0.5}})")
            ->to_json()
            .at("beta_1") == 0.5);
  CHECK(make_optimizer("rmsprop")->class_name() == "RMSprop");

  CHECK(contains(error_of(R"({"name": "adem"})"), "Adam"));
  CHECK(contains(error_of(R"({"name": "SGD", "momentun": 0.9})"), "momentum"));
  CHECK(contains(error_of(R"({"name": "SGD", "momentum": 1.5})"), "momentum"));
  CHECK(contains(error_of(R"({"name": "SGD", "lr": "fast"})"), "lr"));
  CHECK(contains(error_of(R"({"name": "Adam", "clipnorm": -1})"), "clipnorm"));
  CHECK(contains(error_of(R"({"class_name": "Adam", "config": {}, "lr": 1})"), "lr"));
  CHECK(error_of("{") != "no error");
  CHECK(error_of("[]") != "no error");
  CHECK(error_of("{}") != "no error");
  CHECK_THROWS_AS(make_optimizer("sdg"), ConfigError);
}

TEST_CASE("options out of range are refused at construction") {
  CHECK_THROWS_AS(sgd({.lr = -1}), ConfigError);
  CHECK_THROWS_AS(sgd({.lr = std::nan("")}), ConfigError);
  CHECK_THROWS_AS(sgd({.momentum = 1}), ConfigError);
  CHECK_THROWS_AS(sgd({.decay = -1e-3}), ConfigError);
  CHECK_THROWS_AS(sgd({.clipnorm = -1}), ConfigError);
  CHECK_THROWS_AS(sgd({.clipvalue = std::numeric_limits<double>::infinity()}), ConfigError);
  CHECK_THROWS_AS(rmsprop({.rho = 1}), ConfigError);
  CHECK_THROWS_AS(rmsprop({.epsilon = 0}), ConfigError);
  CHECK_THROWS_AS(adadelta({.rho = -0.1}), ConfigError);
  CHECK_THROWS_AS(adam({.beta_1 = 1}), ConfigError);
  CHECK_THROWS_AS(adamax({.beta_2 = 2}), ConfigError);
  CHECK_THROWS_AS(nadam({.schedule_decay = -1}), ConfigError);
  CHECK_THROWS_AS(adamw({.weight_decay = -1}), ConfigError);

  const OptimizerPtr one = sgd();
  CHECK_THROWS_AS(one->set_lr(-1), ConfigError);
  CHECK_THROWS_AS(one->set_lr(std::numeric_limits<double>::infinity()), ConfigError);
  CHECK(one->lr() == 0.01);
  one->set_lr(0);
  CHECK(one->to_json().at("lr") == 0);
}

namespace {

struct SignDescentOptions {
  double lr = 0.1;
  double clipnorm = 0, clipvalue = 0;
  Schedule schedule = {};
  void describe(Fields& fields) {
    fields.field("lr", lr, Range::at_least(0), "learning rate");
    describe_optimizer(fields, *this);
  }
};

/// What a user writes for an optimizer of her own.
class SignDescent final : public ConfiguredOptimizer<SignDescentOptions> {
 public:
  explicit SignDescent(SignDescentOptions options = {})
      : ConfiguredOptimizer("SignDescent", std::move(options)) {}
  std::vector<std::string> slot_names() const override { return {}; }
  void update(const OptimizerStep& step) const override {
    for (std::size_t i = 0; i < step.parameters.size(); ++i)
      step.parameters[i] -= static_cast<Scalar>(step.lr) * (step.gradients[i] > 0 ? 1 : -1);
  }
};

}  // namespace

TEST_CASE("an optimizer of the user's own is found by name") {
  register_optimizer<SignDescent>("SignDescent");
  CHECK_THROWS_AS(register_optimizer<SignDescent>("SignDescent"), ConfigError);
  const OptimizerPtr one = optimizer_from_json(R"({"name": "SignDescent", "lr": 0.25})");
  Bowl bowl(one);
  bowl.step();
  CHECK(bowl.p == std::vector<Scalar>{Scalar{0.75}, Scalar{-1.75}, Scalar{0.25}});
  CHECK(make_optimizer("signdescent")->lr() == 0.1);
}

TEST_CASE("a step leaves parameters without gradient alone") {
  for (const std::string& name :
       {"SGD", "RMSprop", "Adagrad", "Adadelta", "Adam", "Adamax", "Nadam"}) {
    const OptimizerPtr one = make_optimizer(name);
    std::vector<Scalar> p{1, 2}, g{0, 0};
    std::vector<std::vector<Scalar>> slots(one->slot_names().size(), std::vector<Scalar>(2));
    std::vector<Scalar*> pointers;
    for (auto& slot : slots) pointers.push_back(slot.data());
    one->update({p, g, pointers, 0, one->lr()});
    INFO(name);
    CHECK(p == std::vector<Scalar>{1, 2});
  }
}

TEST_CASE("RMSprop with epsilon in the root makes Keras 3's steps") {
  Bowl bowl(rmsprop({.lr = 0.1, .rho = 0.5, .epsilon = 0.25, .epsilon_in_root = true}), {1, -2});
  bowl.step();
  // a = 0.5 g^2; p -= lr g / sqrt(a + epsilon)
  CHECK(bowl.p[0] == Approx(1 - 0.1 * 1 / std::sqrt(0.5 + 0.25)));
  CHECK(bowl.p[1] == Approx(-2 + 0.1 * 2 / std::sqrt(2 + 0.25)));
  const double g = bowl.p[0], a = 0.5 * 0.5 + 0.5 * g * g;
  bowl.step();
  CHECK(bowl.p[0] == Approx(g - 0.1 * g / std::sqrt(a + 0.25)));
  CHECK(bowl.optimizer->to_json()["epsilon_in_root"] == true);
  CHECK(optimizer_from_json(bowl.optimizer->to_json())->to_json() == bowl.optimizer->to_json());
}
