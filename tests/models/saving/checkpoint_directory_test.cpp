// What else lies in a directory of checkpoints is not read, counted or removed, and does not bar
// resuming.

#include <sys/file.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "cornu/core/error.hpp"
#include "cornu/core/log.hpp"
#include "cornu/core/random.hpp"
#include "cornu/layers/dense.hpp"
#include "cornu/models/sequential.hpp"
#include "cornu/training/callbacks/lambda_callback.hpp"
#include "cornu/training/callbacks/model_checkpoint.hpp"
#include "temporary_directory.hpp"

using namespace cornu;
namespace fs = std::filesystem;

namespace {

std::unique_ptr<Sequential> make_small() {
  set_seed(1);
  auto model = std::make_unique<Sequential>("m");
  model->add<Dense>({.output_dim = 1, .input_shape = {2}, .name = "d"});
  model->set_seed(1);
  model->compile({.optimizer = "sgd", .loss = "mse"});
  return model;
}

std::vector<Tensor> run(const std::string& directory, std::size_t epochs, std::size_t keep,
                        bool resume, std::vector<CallbackPtr> callbacks = {}) {
  Tensor x(Shape{32, 2}), y(Shape{32, 1});
  RandomStream(1, Purpose::user).fill_uniform(x.array(), -1, 1);
  const auto model = make_small();
  FitOptions options{.nb_epoch = epochs, .verbose = 0, .callbacks = std::move(callbacks)};
  options.checkpoint = {.directory = directory, .keep = keep};
  options.resume = resume;
  model->fit(x, y, options);
  return model->get_weights();
}

std::set<std::string> names_in(const std::string& directory) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory))
    names.insert(entry.path().filename().string());
  return names;
}

std::string checkpoint(std::size_t epoch) {
  std::string number = std::to_string(epoch);
  return "checkpoint-" + std::string(10 - number.size(), '0') + number + "-0000000000.json";
}

struct Quiet {
  Quiet() { log::set_level(log::Level::off); }
  ~Quiet() { log::set_level(log::Level::warning); }
};

}  // namespace

TEST_CASE("ModelCheckpoint may write beside the run's checkpoints") {
  const TemporaryDirectory place;
  const std::string kept = place / "kept";
  run(kept, 5, 2, false, {model_checkpoint({.filepath = kept + "/checkpoint-mine-{epoch}.json"})});
  std::set<std::string> expected = {"best.json", checkpoint(4), checkpoint(5)};
  for (int epoch = 0; epoch < 5; ++epoch)
    expected.insert("checkpoint-mine-" + std::to_string(epoch) + ".json");
  CHECK(names_in(kept) == expected);
}

TEST_CASE("what has nearly a checkpoint's name stays, and does not count") {
  const TemporaryDirectory place;
  const std::string kept = place / "kept";
  run(kept, 3, 1, false);
  const std::vector<std::string> foreign = {"checkpoint-0-backup.json", "checkpoint-x.json",
                                            "checkpoint-00000000099-0000000000.json",
                                            "checkpoint-0000000099-0000000000.json.old"};
  for (const std::string& name : foreign) std::ofstream(kept + "/" + name) << "precious";
  run(kept, 6, 1, true);
  std::set<std::string> expected(foreign.begin(), foreign.end());
  expected.insert({"best.json", checkpoint(6)});
  CHECK(names_in(kept) == expected);
  for (const std::string& name : foreign) CHECK(bytes_of(kept + "/" + name) == "precious");
}

TEST_CASE("directories, links and damaged files of a checkpoint's name do not bar resuming") {
  const Quiet quiet;
  const TemporaryDirectory place;
  const std::string kept = place / "kept";
  const auto whole = run(place / "whole", 6, 2, false);
  run(kept, 3, 2, false);
  fs::create_directory(kept + "/" + checkpoint(9));
  fs::create_symlink("nowhere", kept + "/" + checkpoint(8));
  std::ofstream(kept + "/" + checkpoint(7)) << "{\"format\": \"cornu\"";
  const auto resumed = run(kept, 6, 2, true);
  for (std::size_t i = 0; i < whole.size(); ++i)
    CHECK(std::equal(whole[i].begin(), whole[i].end(), resumed[i].begin(), resumed[i].end()));
  const auto names = names_in(kept);
  for (const std::size_t epoch : {5, 6, 7, 8, 9}) CHECK(names.count(checkpoint(epoch)) == 1);
  CHECK(names.count(checkpoint(2)) == 0);  // of this run, which had read it
}

TEST_CASE("two runs cannot share a directory") {
  const TemporaryDirectory place;
  const std::string kept = place / "kept";
  bool tried = false;
  const auto again = lambda_callback({.on_epoch_begin = [&](TrainingTarget&, std::size_t) {
    tried = true;
    CHECK_THROWS_WITH(run(kept, 1, 1, true), Catch::Contains("another run keeps"));
  }});
  run(kept, 1, 2, false, {again});
  CHECK(tried);
  CHECK_NOTHROW(run(kept, 2, 2, true));  // the lock went with the run
}
