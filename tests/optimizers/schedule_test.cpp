#include "cornu/optimizers/schedule.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cornu/core/error.hpp"
#include "cornu/optimizers/adam.hpp"
#include "cornu/optimizers/sgd.hpp"

using namespace cornu;

TEST_CASE("step and exponential decay") {
  const Schedule steps = step_decay({.drop = 0.1, .every = 10});
  CHECK(steps.factor(0) == 1);
  CHECK(steps.factor(9) == 1);
  CHECK(steps.factor(10) == Approx(0.1));
  CHECK(steps.factor(25) == Approx(0.01));

  const Schedule smooth = exponential_decay({.rate = 0.5, .steps = 4});
  CHECK(smooth.factor(0) == 1);
  CHECK(smooth.factor(2) == Approx(std::sqrt(0.5)));
  CHECK(smooth.factor(8) == Approx(0.25));
}

TEST_CASE("cosine decay with warm-up") {
  const Schedule cosine = cosine_decay({.steps = 104, .warmup = 4, .floor = 0.1});
  CHECK(cosine.factor(0) == Approx(0.2));
  CHECK(cosine.factor(3) == Approx(0.8));
  CHECK(cosine.factor(4) == Approx(1.0));
  CHECK(cosine.factor(54) == Approx(0.55));  // halfway between 1 and the floor
  CHECK(cosine.factor(104) == Approx(0.1));
  CHECK(cosine.factor(1e6) == Approx(0.1));
  CHECK(cosine_decay({.steps = 10}).factor(0) == 1);
}

TEST_CASE("one cycle") {
  const Schedule cycle = one_cycle({.steps = 100, .rise = 0.25, .start = 0.04, .end = 0.001});
  CHECK(cycle.factor(0) == Approx(0.04));
  CHECK(cycle.factor(12.5) == Approx(0.52));
  CHECK(cycle.factor(25) == Approx(1.0));
  CHECK(cycle.factor(62.5) == Approx(0.5005));
  CHECK(cycle.factor(100) == Approx(0.001));
  CHECK(cycle.factor(200) == Approx(0.001));
  CHECK(one_cycle({.rise = 0}).factor(0) == 1);
}

TEST_CASE("factors stay between 0 and 1 and are pure functions of time") {
  for (const std::string& name : schedule_names()) {
    INFO(name);
    const Schedule one = find_schedule(name), two = find_schedule(name);
    for (double time : {0.0, 1.0, 17.0, 999.0, 1000.0, 5e4, 1e9}) {
      CHECK(one.factor(time) >= 0);
      CHECK(one.factor(time) <= 1);
      CHECK(one.factor(time) == two.factor(time));
    }
  }
  CHECK(Schedule().factor(12) == 1);
}

TEST_CASE("a schedule is part of its optimizer's JSON") {
  const OptimizerPtr one = adam({.lr = 0.5, .schedule = step_decay({.every = 2})});
  const nlohmann::json json = one->to_json();
  CHECK(json.at("schedule") ==
        nlohmann::json::parse(R"({"name": "step_decay", "drop": 0.5, "every": 2.0})"));
  const OptimizerPtr read = optimizer_from_json(json);
  CHECK(read->to_json() == json);
  CHECK(read->scheduled_lr() == 0.5);
  read->set_iterations(2);
  CHECK(read->scheduled_lr() == 0.25);
  CHECK(read->lr() == 0.5);
  CHECK_FALSE(sgd()->to_json().contains("schedule"));
  CHECK(optimizer_from_json(R"({"name": "SGD", "schedule": "cosine_decay"})")->schedule());
  CHECK(optimizer_from_json(R"({"name": "SGD", "schedule": {"name": "one_cycle", "steps": 5}})")
            ->to_json()
            .at("schedule")
            .at("steps") == 5);
}

TEST_CASE("schedules refuse what they cannot be") {
  CHECK_THROWS_AS(step_decay({.drop = 1.5}), ConfigError);
  CHECK_THROWS_AS(step_decay({.every = 0}), ConfigError);
  CHECK_THROWS_AS(exponential_decay({.steps = -1}), ConfigError);
  CHECK_THROWS_AS(cosine_decay({.steps = 10, .warmup = 10}), ConfigError);
  CHECK_THROWS_AS(cosine_decay({.floor = std::nan("")}), ConfigError);
  CHECK_THROWS_AS(one_cycle({.rise = 1}), ConfigError);
  CHECK_THROWS_AS(find_schedule("cosine"), ConfigError);
  CHECK_THROWS_AS(optimizer_from_json(R"({"name": "SGD", "schedule": 5})"), Error);
  CHECK_THROWS_AS(optimizer_from_json(R"({"name": "SGD", "schedule": {"name": "one_cycle",
    "step": 5}})"),
                  Error);
}

TEST_CASE("a schedule of the user's own") {
  register_schedule("halves", [](double time) { return 1 / (1 + time); });
  const OptimizerPtr one = optimizer_from_json(R"({"name": "SGD", "schedule": "halves"})");
  one->set_iterations(3);
  CHECK(one->scheduled_lr() == Approx(0.0025));
  CHECK(optimizer_from_json(one->to_json())->schedule().factor(1) == 0.5);
}
