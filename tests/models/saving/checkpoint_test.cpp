// A run of `fit` that is killed at any moment and started again ends with the same bits as one that
// was left alone.

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>

#include "cornu/core/error.hpp"
#include "cornu/core/log.hpp"
#include "cornu/core/random.hpp"
#include "cornu/core/text/number_text.hpp"
#include "cornu/core/threads.hpp"
#include "cornu/graph/carried.hpp"
#include "cornu/layers/activation.hpp"
#include "cornu/layers/batch_normalization.hpp"
#include "cornu/layers/dense.hpp"
#include "cornu/layers/dropout.hpp"
#include "cornu/layers/recurrent/simple_rnn.hpp"
#include "cornu/models/sequential.hpp"
#include "cornu/training/callbacks/csv_logger.hpp"
#include "cornu/training/callbacks/early_stopping.hpp"
#include "cornu/training/callbacks/lambda_callback.hpp"
#include "cornu/training/callbacks/learning_rate_scheduler.hpp"
#include "cornu/training/callbacks/reduce_lr_on_plateau.hpp"
#include "temporary_directory.hpp"

using namespace cornu;
namespace fs = std::filesystem;

namespace {

struct Data2 {
  Tensor x{Shape{60, 4}}, y{Shape{60, 2}};
};

Data2 data() {
  Data2 result;
  RandomStream random(5, Purpose::user);
  random.fill_normal(result.x.array(), 0, 1);
  for (std::size_t n = 0; n < 60; ++n) result.y(n, result.x(n, 0) * result.x(n, 1) > 0 ? 0 : 1) = 1;
  return result;
}

/// The same model in every process.
std::unique_ptr<Sequential> make(const char* optimizer = "adam") {
  set_seed(11);
  auto model = std::make_unique<Sequential>();
  model->add<Dense>({.output_dim = 8, .input_shape = {4}, .name = "a"});
  model->add<BatchNormalization>({.name = "b"});
  model->add<Activation>({.activation = "relu", .name = "c"});
  model->add<Dropout>({.p = 0.3, .name = "d"});
  model->add<Dense>({.output_dim = 2, .activation = "softmax", .name = "e"});
  model->compile(
      {.optimizer = optimizer, .loss = "categorical_crossentropy", .metrics = {"accuracy", "auc"}});
  return model;
}

constexpr std::size_t epochs = 6;

FitOptions options(const std::string& directory, std::vector<CallbackPtr> more = {}) {
  FitOptions result{.batch_size = 7, .nb_epoch = epochs, .verbose = 0, .validation_split = 0.2};
  result.callbacks = {reduce_lr_on_plateau({.monitor = "val_loss", .patience = 0}),
                      early_stopping({.monitor = "loss", .patience = 20})};
  result.callbacks.insert(result.callbacks.end(), more.begin(), more.end());
  result.checkpoint = {.directory = directory, .every_batches = 2, .keep = 2};
  result.resume = !directory.empty();
  return result;
}

std::string history_text(const History& history) {
  std::string text;
  for (const std::string& name : history.names()) {
    text += name;
    for (const double value : history[name]) {
      char number[detail::longest_shortest_text];
      text += ' ';
      text.append(number, detail::write_number(number, value));
    }
    text += '\n';
  }
  return text;
}

/// Trains from where the directory says to the end; writes the model and the history.
void run(const std::string& directory, const std::string& result,
         std::vector<CallbackPtr> more = {}) {
  const Data2 d = data();
  const auto model = make();
  const History history = model->fit(d.x, d.y, options(directory, std::move(more)));
  model->save(result);
  std::ofstream(result + ".history") << history_text(history);
}

pid_t start(const std::function<void()>& work) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  try {
    work();
    ::_exit(0);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
  }
  ::_exit(1);
}

int finish(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

/// Makes every batch last long enough to be killed in.
CallbackPtr slow() {
  return lambda_callback({.on_batch_end = [](TrainingTarget&, std::size_t, std::size_t,
                                             const Scores&) { ::usleep(400); }});
}

}  // namespace

TEST_CASE("a run killed again and again ends with the same bits") {
  set_num_threads(1);
  const TemporaryDirectory place;
  const auto log = [&] { return csv_logger({.filename = place / "log.csv"}); };
  run("", place / "whole.json", {log()});
  const std::string lines = bytes_of(place / "log.csv");
  const std::string directory = place / "run";
  int kills = 0;
  for (int attempt = 0;; ++attempt) {
    REQUIRE(attempt < 200);
    const pid_t child = start([&] { run(directory, place / "resumed.json", {log(), slow()}); });
    ::usleep(static_cast<useconds_t>(8000 + attempt * 977));
    ::kill(child, SIGKILL);
    const int status = finish(child);
    if (WIFEXITED(status)) {
      REQUIRE(WEXITSTATUS(status) == 0);
      break;
    }
    ++kills;
  }
  CAPTURE(kills);
  CHECK(kills > 1);
  CHECK((bytes_of(place / "resumed.json") == bytes_of(place / "whole.json")));
  CHECK((bytes_of(place / "resumed.json.history") == bytes_of(place / "whole.json.history")));

  CHECK(bytes_of(place / "log.csv") == lines);

  // Two checkpoints and the best one, nothing else but at most one temporary; all whole.
  int files = 0;
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (entry.path().extension() != ".json") continue;
    ++files;
    CHECK_NOTHROW(load_model(entry.path()));
  }
  CHECK(files == 3);

  // The run is at its end; once more changes nothing.
  run(directory, place / "again.json", {log()});
  CHECK((bytes_of(place / "again.json") == bytes_of(place / "whole.json")));
}

TEST_CASE("CSVLogger has each epoch once when a run goes on from an earlier checkpoint") {
  set_num_threads(1);
  const TemporaryDirectory place;
  const std::string directory = place / "run", log = place / "log.csv";
  run(directory, place / "whole.json", {csv_logger({.filename = log})});
  const std::string lines = bytes_of(log);
  CHECK(std::count(lines.begin(), lines.end(), '\n') == epochs + 1);
  const auto lose_newest = [&] {
    fs::path newest;
    for (const auto& entry : fs::directory_iterator(directory))
      if (entry.path().filename().string().starts_with("checkpoint"))
        newest = std::max(newest, entry.path());
    fs::remove(newest);
  };
  lose_newest();
  run(directory, place / "resumed.json", {csv_logger({.filename = log})});
  CHECK(bytes_of(log) == lines);

  // A file that was put in its place since then is not cut.
  lose_newest();
  const std::string other(2 * lines.size(), 'x');
  std::ofstream(log) << other;
  run(directory, place / "resumed.json", {csv_logger({.filename = log})});
  CHECK(bytes_of(log).starts_with(other));
}

TEST_CASE("Ctrl-C finishes the batch, keeps a checkpoint and returns; the run then goes on") {
  set_num_threads(1);
  const TemporaryDirectory place;
  run("", place / "whole.json");
  const std::string directory = place / "run", first = place / "first.json";
  const pid_t child = start([&] { run(directory, first, {slow()}); });
  while (!fs::exists(directory) || fs::is_empty(directory)) ::usleep(500);
  ::kill(child, SIGINT);
  const int status = finish(child);
  CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0));
  CHECK(bytes_of(first + ".history") != bytes_of(place / "whole.json.history"));
  run(directory, place / "resumed.json");
  CHECK((bytes_of(place / "resumed.json") == bytes_of(place / "whole.json")));
  CHECK((bytes_of(place / "resumed.json.history") == bytes_of(place / "whole.json.history")));
}

TEST_CASE(
    "a damaged checkpoint is passed over for the one before; if none is whole, that is said") {
  set_num_threads(1);
  log::set_level(log::Level::off);
  const TemporaryDirectory place;
  const std::string directory = place / "run";
  run(directory, place / "whole.json");
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(directory))
    if (entry.path().filename().string().starts_with("checkpoint")) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  REQUIRE(paths.size() == 2);
  const std::string text = bytes_of(paths[1]);
  std::ofstream(paths[1]) << text.substr(0, text.size() / 2);
  run(directory, place / "resumed.json");
  CHECK((bytes_of(place / "resumed.json") == bytes_of(place / "whole.json")));

  for (const auto& entry : fs::directory_iterator(directory))
    std::ofstream(entry.path()) << "{\"format\": \"cornu\"";
  const Data2 d = data();
  const auto model = make();
  const std::vector<Tensor> before = model->get_weights();
  CHECK_THROWS_AS(model->fit(d.x, d.y, options(directory)), FormatError);
  CHECK(model->get_weights()[0](0, 0) == before[0](0, 0));
  log::set_level(log::Level::warning);
}

TEST_CASE(
    "a run is not resumed with other data, options or models, nor begun among old checkpoints") {
  set_num_threads(1);
  log::set_level(log::Level::off);
  const TemporaryDirectory place;
  const std::string directory = place / "run";
  run(directory, place / "whole.json");
  const Data2 d = data();
  FitOptions other = options(directory);
  other.batch_size = 8;
  CHECK_THROWS_WITH(make()->fit(d.x, d.y, other), Catch::Contains("batch_size"));
  other = options(directory);
  other.validation_split = 0.5;
  CHECK_THROWS_WITH(make()->fit(d.x, d.y, other), Catch::Contains("samples"));
  CHECK_THROWS_WITH(make("sgd")->fit(d.x, d.y, options(directory)),
                    Catch::Contains("accumulators") || Catch::Contains("compiled"));
  Sequential small;
  small.add<Dense>({.output_dim = 2, .activation = "softmax", .input_shape = {4}});
  small.compile({.optimizer = "adam", .loss = "categorical_crossentropy"});
  CHECK_THROWS_WITH(small.fit(d.x, d.y, options(directory)), Catch::Contains("another model"));
  other = options(directory);
  other.resume = false;
  CHECK_THROWS_AS(make()->fit(d.x, d.y, other), ConfigError);
  other = options("");
  other.resume = true;
  CHECK_THROWS_AS(make()->fit(d.x, d.y, other), ConfigError);
  other = options(directory);
  other.checkpoint.keep = 0;
  CHECK_THROWS_AS(make()->fit(d.x, d.y, other), ConfigError);
  // More epochs are allowed: the run is longer.
  other = options(directory);
  other.nb_epoch = epochs + 2;
  CHECK(make()->fit(d.x, d.y, other).epochs().size() == epochs + 2);
  log::set_level(log::Level::warning);
}

TEST_CASE("what layers carry from batch to batch goes on in a resumed run, to the same bits") {
  set_num_threads(1);
  const TemporaryDirectory place;
  RandomStream random(6, Purpose::user);
  Tensor x(Shape{24, 3, 2}), y(Shape{24, 1});
  random.fill_normal(x.array(), 0, 1);
  random.fill_normal(y.array(), 0, 1);
  const auto make_stateful = [](std::size_t units) {
    set_seed(12);
    auto model = std::make_unique<Sequential>("stateful");
    model->add<SimpleRNN>(
        {.output_dim = units, .stateful = true, .batch_input_shape = {4, 3, 2}, .name = "rnn"});
    model->add<Dense>({.output_dim = 1, .name = "out"});
    model->compile({.optimizer = "adam", .loss = "mse"});
    return model;
  };
  const auto carried = [](const Model& model) -> const Tensor& {
    REQUIRE(model.graph()->carried != nullptr);
    REQUIRE(model.graph()->carried->arrays.size() == 1);
    return model.graph()->carried->arrays.front().values;
  };
  const std::string directory = place / "run";
  // Ended by an exception after so many batches; 0: never.
  const auto train = [&](Model& model, std::size_t stop_after, bool keep) {
    std::size_t done = 0;
    FitOptions options{.batch_size = 4, .nb_epoch = 3, .verbose = 0, .shuffle = false};
    options.callbacks = {lambda_callback(
        {.on_batch_end = [&](TrainingTarget&, std::size_t, std::size_t, const Scores&) {
          if (++done == stop_after) throw std::runtime_error("killed");
        }})};
    if (keep) {
      options.checkpoint = {.directory = directory, .every_batches = 1};
      options.resume = true;
    }
    return model.fit(x, y, options);
  };
  const auto whole = make_stateful(5);
  const History expected = train(*whole, 0, false);
  // Within the second epoch, in which the states are those of the first one's end and more.
  CHECK_THROWS_AS(train(*make_stateful(5), 10, true), std::runtime_error);
  const auto resumed = make_stateful(5);
  const History history = train(*resumed, 0, true);
  CHECK(history_text(history) == history_text(expected));
  CHECK(std::equal(carried(*resumed).begin(), carried(*resumed).end(), carried(*whole).begin()));
  CHECK(std::any_of(carried(*resumed).begin(), carried(*resumed).end(),
                    [](Scalar value) { return value != 0; }));
  resumed->save(place / "resumed.json");
  whole->save(place / "whole.json");
  CHECK((bytes_of(place / "resumed.json") == bytes_of(place / "whole.json")));

  // A checkpoint without them, as of another program, is refused, and the model is as it was.
  for (const auto& entry : fs::directory_iterator(directory)) {
    std::string text = bytes_of(entry.path());
    for (std::size_t at = 0; (at = text.find("\"carried\"", at)) != std::string::npos; ++at)
      text.replace(at, 9, "\"nobody's\"");
    std::ofstream(entry.path()) << text;
  }
  log::set_level(log::Level::off);
  const auto other = make_stateful(5);
  const std::vector<Tensor> before = other->get_weights();
  CHECK_THROWS_WITH(train(*other, 0, true), Catch::Contains("carry from batch to batch"));
  log::set_level(log::Level::warning);
  CHECK(other->get_weights()[0](0, 0) == before[0](0, 0));
  CHECK(std::all_of(carried(*other).begin(), carried(*other).end(),
                    [](Scalar value) { return value == 0; }));
}
