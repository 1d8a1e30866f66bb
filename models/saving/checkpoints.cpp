#include "cornu/models/saving/checkpoints.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <span>

#include "cornu/core/error.hpp"
#include "cornu/core/log.hpp"
#include "cornu/core/text/json.hpp"
#include "cornu/models/saving/model_json.hpp"
#include "cornu/models/saving/saving_parts.hpp"

namespace cornu {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::uint64_t most_count = std::numeric_limits<std::uint64_t>::max();

/// Whose the arrays are that layers carry from batch to batch.
const std::string of_carried = "carried";

/// The checkpoints of a directory, oldest first.
std::vector<std::string> checkpoints_in(const std::string& directory) {
  std::vector<std::string> paths;
  std::error_code error;
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (name.starts_with("checkpoint-") && name.ends_with(".json")) paths.push_back(at->path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

/// Ten digits, so that the order of the names is the order in time.
std::string checkpoint_name(std::size_t epoch, std::size_t batch) {
  char name[64];
  std::snprintf(name, sizeof name, "checkpoint-%010zu-%010zu.json", epoch, batch);
  return name;
}

/// What the layers of a model carry; empty for most models.
std::span<CarriedArray> carried_of(const Model& model) {
  CarriedState* const carried = model.graph()->carried.get();
  return carried == nullptr ? std::span<CarriedArray>() : carried->arrays;
}

/// Throws FormatError unless `kept` are the arrays of `carried`, one for one.
void check_carried(const StateArrays& kept, std::span<const CarriedArray> carried) {
  const bool same = std::equal(kept.begin(), kept.end(), carried.begin(), carried.end(),
                               [](const StateArray& a, const CarriedArray& b) {
                                 return a.name == b.name && a.values.shape() == b.values.shape();
                               });
  if (!same)
    throw FormatError("training.arrays",
                      "expected the states that the model's layers carry from batch to batch: " +
                          std::to_string(carried.size()) + " arrays, got " +
                          std::to_string(kept.size()) + " or others");
}

}  // namespace

std::shared_ptr<Checkpoints> Checkpoints::of(Model& model, Model::Impl& impl,
                                             const FitOptions& options, std::size_t samples) {
  if (options.checkpoint.directory.empty()) {
    if (options.resume)
      throw ConfigError("fit", "resume needs checkpoints", "give checkpoint.directory");
    return nullptr;
  }
  if (options.checkpoint.keep == 0)
    throw ConfigError("fit", "expected checkpoint.keep of at least 1, got 0");
  return std::shared_ptr<Checkpoints>(new Checkpoints(model, impl, options, samples));
}

Checkpoints::Checkpoints(Model& model, Model::Impl& impl, const FitOptions& options,
                         std::size_t samples)
    : model_(model),
      impl_(impl),
      options_(options),
      samples_(samples),
      monitor_("fit, checkpoint",
               !options.checkpoint.monitor.empty() ? options.checkpoint.monitor
               : options.validation_split > 0 || !options.validation_data.x.empty() ? "val_loss"
                                                                                    : "loss",
               "auto", 0),
      epochs_before_(impl.epochs) {
  const std::string& directory = options.checkpoint.directory;
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) throw IoError(directory, "cannot make the directory: " + error.message());
  if (options.resume)
    resume();
  else if (!checkpoints_in(directory).empty())
    throw ConfigError("fit", "the directory '" + directory + "' holds checkpoints of another run",
                      "set resume to go on with it, or give another directory");
}

// ---- keeping

void Checkpoints::on_state(TrainingTarget& target, const RunState& run) {
  const std::size_t every = options_.checkpoint.every_batches;
  const bool due = run.batch == 0 || (every != 0 && run.batch % every == 0);
  if (!due && !target.stopping()) return;
  const FitState state = run.capture();
  const fs::path directory = options_.checkpoint.directory;
  const bool best = run.scores != nullptr && monitor_.improves(monitor_.value(*run.scores));
  detail::KeptArrays arrays;
  const json fit = description(state, run.ended, arrays);
  for (const CarriedArray& carried : carried_of(model_))
    arrays.add(of_carried, {{carried.name, carried.values}});
  const detail::RunContent content{fit, arrays};
  const auto save = [&](const std::string& name) {
    detail::save_model(model_, impl_, directory / name, {.base64 = true}, &content);
  };
  // The best one first: the checkpoint says that it is there.
  if (best) save("best.json");
  save(checkpoint_name(state.epoch, state.batch));
  remove_old();
}

void Checkpoints::remove_old() const {
  const std::vector<std::string> paths = checkpoints_in(options_.checkpoint.directory);
  for (std::size_t i = 0; i + options_.checkpoint.keep < paths.size(); ++i) {
    std::error_code error;
    fs::remove(paths[i], error);
  }
}

// ---- resuming

void Checkpoints::resume() {
  std::vector<std::string> paths = checkpoints_in(options_.checkpoint.directory);
  std::optional<FormatError> first;
  for (; !paths.empty(); paths.pop_back()) try {
      load(paths.back());
      return remove_old();
    } catch (const FormatError& error) {
      log::warning(std::string("a checkpoint is passed over: ") + error.what());
      if (!first) first = error;
    }
  if (first) throw FormatError(*first);
}

void Checkpoints::load(const std::string& path) {
  Trainer& trainer = *impl_.trainer;
  const json architecture = detail::model_to_json(model_);
  // Everything goes beside what stands first, and in its place when all of it is known to be good.
  std::vector<Tensor> weights, accumulators;
  const auto beside = [](std::vector<detail::NamedTarget> targets, std::vector<Tensor>& tensors) {
    for (detail::NamedTarget& target : targets)
      target.values = tensors.emplace_back(target.shape).array();
    return targets;
  };
  json training;
  std::size_t most = 0;
  detail::KeptArrays arrays;
  StateArrays carried;
  const detail::ModelReceiver receiver = {
      .architecture =
          [&](const std::string& class_name, const json& config, std::size_t most_elements) {
            most = most_elements;
            if (class_name != architecture["class_name"] || config != architecture["config"])
              throw FormatError("config", "the checkpoint is of another model",
                                "resume with the model that the run began with");
            return beside(detail::variables_of(model_), weights);
          },
      .training =
          [&](const json& value) {
            training = value;
            std::vector<detail::NamedTarget> targets =
                beside(detail::accumulators_of(trainer), accumulators);
            if (const auto kept = value.find("arrays"); kept != value.end())
              arrays = detail::KeptArrays(*kept, most);
            arrays.append_to(targets);
            return targets;
          }};
  const detail::ModelFileSummary summary = detail::read_model_file(path, receiver, {});
  try {
    if (!summary.has_weights || !summary.has_training)
      throw FormatError("training", "the file is no checkpoint of a run");
    detail::ObjectReader reader(training, "training");
    const json now = detail::training_json(model_, impl_);
    json optimizer = reader.at("optimizer");
    detail::ObjectReader optimizer_reader(optimizer, "training.optimizer");
    const double lr = optimizer_reader.number("lr");
    optimizer["lr"] = now["optimizer"]["lr"];
    if (optimizer != now["optimizer"] || reader.at("outputs") != now["outputs"])
      throw FormatError("training", "the run was compiled with other arguments",
                        "resume with the interrupted run's");
    const std::uint64_t iterations = reader.integer("iterations", 0, most_count);
    const std::uint64_t epochs = reader.integer("epochs", 0, most_count);
    const std::uint64_t steps = reader.integer("steps", 0, most_count);
    const std::uint64_t seed = reader.integer("seed", 0, most_count);
    const json* callbacks = reader.find("callbacks");
    reader.find("arrays");  // taken already
    read_description(reader.at("fit"));
    reader.finish();
    carried = arrays.of(of_carried);
    check_carried(carried, carried_of(model_));
    for (std::size_t i = 0; i < from_->metrics.size(); ++i)
      from_->metrics[i].arrays = arrays.of(detail::owner_of_metric(i));

    if (callbacks != nullptr) model_.set_callback_states(*callbacks, arrays.callbacks());
    trainer.optimizer().set_lr(lr);
    trainer.optimizer().set_iterations(iterations);
    trainer.set_random_state(seed, steps);
    model_.set_epochs(epochs);
    model_.set_seed(seed);
  } catch (const FormatError& error) {
    from_.reset();
    throw FormatError(path + ": " + error.place(), detail::text_without_place(error));
  }
  const auto put = [](const std::vector<detail::NamedTarget>& targets,
                      const std::vector<Tensor>& tensors) {
    for (std::size_t i = 0; i < targets.size(); ++i)
      std::copy(tensors[i].begin(), tensors[i].end(), targets[i].values.begin());
  };
  put(detail::variables_of(model_), weights);
  put(detail::accumulators_of(trainer), accumulators);
  for (std::size_t i = 0; i < carried.size(); ++i)
    std::copy(carried[i].values.begin(), carried[i].values.end(),
              carried_of(model_)[i].values.begin());
}

}  // namespace cornu
