// States of callbacks and metrics that are many numbers: in files like weights, and read again.

#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "cornu/core/error.hpp"
#include "cornu/core/log.hpp"
#include "cornu/core/random.hpp"
#include "cornu/layers/dense.hpp"
#include "cornu/models/saving/state_arrays.hpp"
#include "cornu/models/sequential.hpp"
#include "cornu/training/callbacks/early_stopping.hpp"
#include "cornu/training/callbacks/lambda_callback.hpp"

using namespace cornu;
namespace fs = std::filesystem;

namespace {

Tensor noise(const Shape& shape, std::uint64_t seed) {
  Tensor result(shape);
  RandomStream(seed, Purpose::user).fill_uniform(result.array(), -1, 1);
  return result;
}

fs::path temporary_path(const char* name) {
  return fs::temp_directory_path() / ("cornu_state_arrays_" + std::string(name));
}

}  // namespace

TEST_CASE("a model trained with EarlyStopping that keeps more than a million weights loads") {
  const fs::path path = temporary_path("early.json");
  set_seed(1);
  Sequential model;
  model.add<Dense>({.output_dim = 1024, .activation = "relu", .input_shape = {1024}});
  model.add<Dense>({.output_dim = 1});
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const auto stopping = [] {
    return early_stopping({.monitor = "loss", .patience = 5, .restore_best_weights = true});
  };
  const Tensor x = noise(Shape{16, 1024}, 1), y(Shape{16, 1});
  model.fit(x, y, {.nb_epoch = 2, .verbose = 0, .callbacks = {stopping()}});
  model.save(path, {.base64 = true});
  CHECK(fs::file_size(path) <
        2.2 * sizeof(Scalar) * 4 / 3 * static_cast<double>(model.count_params()));
  const auto loaded = load_model(path);
  // And it goes on to the same bits.
  const auto goes_on = [&](Model& m) {
    m.fit(x, y, {.nb_epoch = 4, .verbose = 0, .callbacks = {stopping()}, .initial_epoch = 2});
    return m.get_weights();
  };
  const auto a = goes_on(model), b = goes_on(*loaded);
  CHECK(std::memcmp(a[0].data(), b[0].data(), a[0].size() * sizeof(Scalar)) == 0);
  fs::remove(path);
}

TEST_CASE("a run is resumed within an epoch with metrics that keep very many numbers") {
  log::set_level(log::Level::off);
  const struct {
    const char* metric;
    std::size_t samples, columns, batch, stop;
  } cases[] = {{"auc", 60000, 10, 5000, 11}, {"precision", 64, 1200, 8, 3}};
  for (const auto& c : cases) {
    CAPTURE(c.metric);
    const fs::path directory = temporary_path("run");
    fs::remove_all(directory);
    const Tensor x = noise(Shape{c.samples, 4}, 2);
    Tensor y(Shape{c.samples, c.columns});
    for (std::size_t i = 0; i < c.samples; ++i) y(i, i % c.columns) = 1;
    const auto run = [&](std::size_t stop_after, bool keep, bool resume) {
      set_seed(7);
      Sequential model("m");
      model.add<Dense>(
          {.output_dim = c.columns, .activation = "sigmoid", .input_shape = {4}, .name = "d"});
      model.set_seed(1);
      model.compile(
          {.optimizer = "sgd", .loss = "categorical_crossentropy", .metrics = {c.metric}});
      std::size_t done = 0;
      const auto stop = lambda_callback(
          {.on_batch_end = [&](TrainingTarget&, std::size_t, std::size_t, const Scores&) {
            if (++done == stop_after) throw std::runtime_error("killed");
          }});
      FitOptions options{.batch_size = c.batch, .nb_epoch = 1, .verbose = 0, .callbacks = {stop}};
      if (keep) {
        options.checkpoint.directory = directory;
        options.checkpoint.every_batches = c.stop - 1;
      }
      options.resume = resume;
      return model.fit(x, y, options)[c.metric][0];
    };
    CHECK_THROWS_AS(run(c.stop, true, false), std::runtime_error);
    CHECK(run(1000000, true, true) == run(1000000, false, false));
    fs::remove_all(directory);
  }
  log::set_level(log::Level::warning);
}

TEST_CASE("arrays of states that a file cannot hold are refused before memory is taken") {
  using nlohmann::json;
  const json one = json::parse(R"({"of": "metrics/0", "name": "counts", "shape": [4, 3]})");
  CHECK_NOTHROW(detail::KeptArrays(json::array({one}), 12));
  CHECK_THROWS_AS(detail::KeptArrays(json::array({one}), 11), FormatError);
  CHECK_THROWS_AS(detail::KeptArrays(json::array({one, one}), 20), FormatError);
  CHECK_THROWS_AS(detail::KeptArrays(one, 12), FormatError);
  for (const json& shape : {json::array(), json("4"), json::array({-1}), json::array({1.5}),
                            json::array({std::uint64_t{1} << 40, std::uint64_t{1} << 40}),
                            json::array({1, 1, 1, 1, 1, 1, 1, 1, 1})}) {
    json broken = one;
    broken["shape"] = shape;
    CAPTURE(broken.dump());
    CHECK_THROWS_AS(detail::KeptArrays(json::array({broken}), 1000), FormatError);
  }
}
