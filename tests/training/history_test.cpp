#include "cornu/training/history.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "cornu/core/error.hpp"
#include "cornu/training/scores.hpp"

using namespace cornu;

namespace {

std::shared_ptr<const std::vector<std::string>> names(std::vector<std::string> list) {
  return std::make_shared<const std::vector<std::string>>(std::move(list));
}

}  // namespace

TEST_CASE("scores are named numbers in order") {
  Scores scores(names({"loss", "acc"}));
  CHECK(scores["loss"] == 0);
  scores.set(0, 1.5);
  scores.set(1, 0.25);
  CHECK(scores["loss"] == 1.5);
  CHECK(scores.contains("acc"));
  CHECK_FALSE(scores.contains("val_acc"));
  CHECK_THROWS_WITH(scores["los"], Catch::Contains("loss"));
  std::string text;
  for (const auto& [name, value] : scores)
    text += std::string(name) + "=" + std::to_string(value) + " ";
  CHECK(text == "loss=1.500000 acc=0.250000 ");
  const Scores copy = scores;
  CHECK(copy["acc"] == 0.25);
  CHECK(Scores().size() == 0);
  CHECK_THROWS_AS(Scores()["loss"], ConfigError);
}

TEST_CASE("more scores than are held in place") {
  std::vector<std::string> list;
  for (int i = 0; i < 40; ++i) list.push_back("s" + std::to_string(i));
  Scores scores(names(list));
  for (std::size_t i = 0; i < 40; ++i) scores.set(i, static_cast<double>(i));
  const Scores copy = scores;
  CHECK(copy["s39"] == 39);
  CHECK(copy["s15"] == 15);
}

TEST_CASE("history holds a value an epoch") {
  History history;
  CHECK(history.empty());
  Scores scores(names({"loss", "val_loss"}));
  for (std::size_t epoch = 0; epoch < 3; ++epoch) {
    scores.set(0, 1.0 / static_cast<double>(epoch + 1));
    scores.set(1, 2);
    history.append(epoch, scores);
  }
  CHECK(history["loss"] == std::vector<double>{1, 0.5, 1.0 / 3});
  CHECK(history["val_loss"].size() == 3);
  CHECK(history.epochs() == std::vector<std::size_t>{0, 1, 2});
  CHECK(history.names() == std::vector<std::string>{"loss", "val_loss"});
  CHECK(history.contains("loss"));
  CHECK_THROWS_WITH(history["val_los"], Catch::Contains("val_loss"));

  history.append(3, Scores(names({"loss", "acc"})));
  CHECK(history["acc"].size() == 4);
  CHECK(std::isnan(history["acc"][2]));
  CHECK(history["acc"][3] == 0);
  CHECK(std::isnan(history["val_loss"][3]));
}
