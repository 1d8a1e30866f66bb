#include "cornu/models/saving/checkpoints.hpp"

#include <algorithm>
#include <exception>
#include <limits>
#include <span>

#include "cornu/core/error.hpp"
#include "cornu/core/log.hpp"
#include "cornu/core/registry.hpp"
#include "cornu/core/text/json.hpp"
#include "cornu/models/saving/model_json.hpp"
#include "cornu/models/saving/saving_parts.hpp"

namespace cornu {
namespace {

using nlohmann::json;

constexpr std::uint64_t most_count = std::numeric_limits<std::uint64_t>::max();

/// Whose the arrays are that layers carry from batch to batch.
constexpr const char* of_carried = "carried";

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
      directory_(options.checkpoint.directory),
      epochs_before_(impl.epochs) {
  detail::check_savable(model);
  if (options.resume)
    resume();
  else if (!directory_.checkpoints().empty())
    throw ConfigError("fit",
                      "the directory '" + detail::printable(options.checkpoint.directory, 400) +
                          "' holds checkpoints of another run",
                      "set resume to go on with it, or give another directory");
}

// ---- keeping

void Checkpoints::on_state(TrainingTarget& target, const RunState& run) {
  const std::size_t every = options_.checkpoint.every_batches;
  const bool due = run.batch == 0 || (every != 0 && run.batch % every == 0);
  if (!due && !target.stopping()) return;
  const FitState state = run.capture();
  const bool best = run.scores != nullptr && monitor_.improves(monitor_.value(*run.scores));
  detail::KeptArrays arrays;
  const json fit = description(state, run.ended, arrays);
  for (const CarriedArray& carried : carried_of(model_))
    arrays.add(of_carried, {{carried.name, carried.values}});
  const detail::RunContent content{fit, arrays};
  const auto save = [&](const std::string& name) {
    detail::save_model(model_, impl_, directory_.path(name), {.base64 = true}, &content);
  };
  // The best one first: the checkpoint says that it is there.
  if (best) save("best.json");
  const std::string name = detail::checkpoint_name(state.epoch, state.batch);
  save(name);
  // What went before is needed until this one is known to be whole.
  read_checkpoint(directory_.path(name));
  directory_.add(name);
  directory_.remove_old(options_.checkpoint.keep);
}

// ---- resuming

void Checkpoints::resume() {
  std::vector<std::string> names = directory_.checkpoints();
  std::exception_ptr first;
  for (; !names.empty(); names.pop_back()) try {
      const std::string path = directory_.path(names.back());
      if (from_)
        read_checkpoint(path);  // whole, and of this run: it may go when its turn comes
      else
        load(path);
      directory_.add(names.back());
    } catch (const Error& error) {
      log::warning("a checkpoint is passed over: " + detail::printable(error.what(), 400));
      if (!first) first = std::current_exception();
    }
  if (!from_ && first) std::rethrow_exception(first);
  directory_.remove_old(options_.checkpoint.keep);
}

Checkpoints::Content Checkpoints::read_checkpoint(const std::string& path) const {
  Trainer& trainer = *impl_.trainer;
  // The name of the model as a whole means nothing: a program may make it anew.
  const auto nameless = [](json config) {
    if (config.is_object()) config.erase("name");
    return config;
  };
  const json architecture = detail::model_to_json(model_);
  // Everything goes beside what stands first, and in its place when all of it is known to be good.
  Content content;
  auto& [training, weights, accumulators, arrays] = content;
  const auto beside = [](std::vector<detail::NamedTarget> targets, std::vector<Tensor>& tensors) {
    for (detail::NamedTarget& target : targets)
      target.values = tensors.emplace_back(target.shape).array();
    return targets;
  };
  std::size_t most = 0;
  const detail::ModelReceiver receiver = {
      .architecture =
          [&](const std::string& class_name, const json& config, std::size_t most_elements, bool) {
            most = most_elements;
            if (class_name != architecture["class_name"] ||
                nameless(config) != nameless(architecture["config"]))
              throw FormatError("config", "the checkpoint is of another model",
                                "resume with the model that the run began with");
            return beside(detail::variables_of(model_), weights);
          },
      .choose = {},
      .trainable = {},
      .training =
          [&](const json& value) {
            training = value;
            std::vector<detail::NamedTarget> targets =
                beside(detail::accumulators_of(model_, trainer), accumulators);
            if (const auto kept = value.find("arrays"); kept != value.end())
              arrays = detail::KeptArrays(*kept, most);
            arrays.append_to(targets);
            return targets;
          }};
  // It is our own file, as large as the model is.
  LoadOptions options;
  options.limits.memory = ~std::uint64_t{0};
  options.check = false;
  const detail::ModelFileSummary summary = detail::read_model_file(path, receiver, options);
  if (!summary.has_weights || !summary.has_training)
    throw FormatError(path, "the file is no checkpoint of a run");
  return content;
}

void Checkpoints::load(const std::string& path) {
  Trainer& trainer = *impl_.trainer;
  const Content content = read_checkpoint(path);
  const auto& [training, weights, accumulators, arrays] = content;
  StateArrays carried;
  try {
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
    reader.find("frozen");  // of the compiled state, which is the model's
    read_description(reader.at("fit"));
    reader.finish();
    carried = arrays.of(of_carried);
    check_carried(carried, carried_of(model_));
    for (std::size_t i = 0; i < from_->metrics.size(); ++i)
      from_->metrics[i].arrays = arrays.of(detail::owner_of_metric(i));
    // What could still be refused when the run begins is tried now.
    if (from_->batch != 0) trainer.make_metrics().set_states(from_->metrics);
    if (callbacks != nullptr) try_callbacks(*callbacks, arrays.callbacks());

    if (callbacks != nullptr) model_.set_callback_states(*callbacks, arrays.callbacks());
    trainer.optimizer().set_lr(lr);
    trainer.optimizer().set_iterations(iterations);
    trainer.set_random_state(seed, steps);
    model_.set_epochs(epochs);
    model_.set_seed(seed);
  } catch (const Error& error) {
    from_.reset();
    throw FormatError(path + ": " + error.place(), detail::text_without_place(error));
  }
  const auto put = [](const std::vector<detail::NamedTarget>& targets,
                      const std::vector<Tensor>& tensors) {
    for (std::size_t i = 0; i < targets.size(); ++i)
      std::copy(tensors[i].begin(), tensors[i].end(), targets[i].values.begin());
  };
  put(detail::variables_of(model_), weights);
  put(detail::accumulators_of(model_, trainer), accumulators);
  for (std::size_t i = 0; i < carried.size(); ++i)
    std::copy(carried[i].values.begin(), carried[i].values.end(),
              carried_of(model_)[i].values.begin());
}

void Checkpoints::try_callbacks(const json& states,
                                const std::map<std::string, StateArrays>& arrays) const {
  if (!states.is_object())
    throw FormatError("training.callbacks",
                      "expected an object, got " + detail::describe_value(states));
  struct Former {
    Callback& callback;
    json state;
    StateArrays arrays;
    ~Former() {  // they get the file's when the run begins
      try {
        callback.set_state(state);
        callback.set_state_arrays(arrays);
      } catch (const Error&) {  // what a callback gave it takes
      }
    }
  };
  for (const CallbackPtr& callback : options_.callbacks) {
    if (!callback || !states.contains(callback->key())) continue;
    const Former former{*callback, callback->state(), callback->state_arrays()};
    callback->set_state(states[callback->key()]);
    const auto found = arrays.find(callback->key());
    callback->set_state_arrays(found == arrays.end() ? StateArrays{} : found->second);
  }
}

}  // namespace cornu
