// docs/file-format.md describes what is read here. Keys may stand in any order: what comes before
// the place where it can be used is passed over and read afterwards.

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "cornu/core/error.hpp"
#include "cornu/core/registry.hpp"
#include "cornu/core/text/file_source.hpp"
#include "cornu/core/text/json_reader.hpp"
#include "cornu/models/saving/model_file_arrays.hpp"

namespace cornu::detail {
namespace {

using Position = JsonReader::Position;

JsonLimits json_limits(const LoadLimits& limits) {
  return {limits.depth, limits.string_length, limits.values};
}

// The number of layers in a config: each has a class_name beside its config.
std::size_t count_layers(const nlohmann::json& config) {
  std::size_t count = config.is_object() && config.contains("class_name") ? 1 : 0;
  if (config.is_structured())
    for (const nlohmann::json& part : config) count += count_layers(part);
  return count;
}

class ModelFileReader {
 public:
  ModelFileReader(JsonReader& json, std::uint64_t size, std::string place,
                  const ModelReceiver& receiver, const LoadOptions& options)
      : json_(json),
        size_(size),
        place_(std::move(place)),
        receiver_(receiver),
        options_(options),
        arrays_(json, size, place_, options) {}

  ModelFileSummary read() {
    if (size_ > options_.limits.bytes)
      throw FormatError(place_,
                        "expected at most " + std::to_string(options_.limits.bytes) +
                            " bytes, got " + std::to_string(size_),
                        "LoadLimits::bytes sets the limit");
    summary_.memory = std::max(options_.limits.memory, 16 * size_);
    const MemoryLimit memory(summary_.memory);
    json_.begin_object();
    std::string key;
    std::set<std::string> seen;
    for (bool first = true; json_.next_key(key, first); first = false) {
      if (!seen.insert(key).second) json_.fail_twice(key);
      read_member(key);
    }
    json_.finish();
    finish();
    return std::move(summary_);
  }

 private:
  void read_member(const std::string& key) {
    if (key == "format") {
      if (json_.string() != "cornu") json_.fail("expected the format 'cornu'");
      has_format_ = true;
    } else if (key == "format_version") {
      if (const std::size_t version = read_size(json_); version != 1)
        json_.fail("expected format_version 1, got " + std::to_string(version),
                   "the file is from a newer Cornu: update this one");
      has_version_ = true;
    } else if (key == "class_name") {
      class_name_ = json_.string();
    } else if (key == "config") {
      config_ = json_.value();
      if (const std::size_t layers = count_layers(*config_); layers > options_.limits.layers)
        json_.fail("expected at most " + std::to_string(options_.limits.layers) + " layers, got " +
                       std::to_string(layers),
                   "LoadLimits::layers sets the limit");
    } else if (key == "weights") {
      summary_.has_weights = true;
      if (class_name_ && config_)
        arrays_.read_named(make_model(), "weights");
      else
        weights_ = pass_over(json_);
    } else if (key == "training") {
      summary_.has_training = true;
      if (receiver_.training)
        read_training();
      else
        json_.skip();
    } else if (key == "check") {
      read_check();
    } else {
      const std::vector<std::string> known = {"check",          "class_name", "config", "format",
                                              "format_version", "training",   "weights"};
      const std::string nearest = nearest_name(key, known);
      json_.fail("unknown key '" + printable(key) + "'",
                 nearest.empty() ? "" : "did you mean '" + nearest + "'?");
    }
  }

  void finish() {
    const auto missing = [this](const char* key) {
      throw FormatError(place_, "the key '" + std::string(key) + "' is missing");
    };
    if (class_name_ && !config_) missing("config");
    if (config_ && !class_name_) missing("class_name");
    if (!config_ && !summary_.has_weights) missing("class_name");
    const bool more_than_keras = summary_.has_weights || summary_.has_training ||
                                 !summary_.check.empty() || has_format_ || has_version_;
    if (more_than_keras && !has_format_) missing("format");
    if (more_than_keras && !has_version_) missing("format_version");
    if (!made_) {
      const std::vector<NamedTarget> targets = make_model();
      if (weights_) {
        json_.go_to(*weights_);
        arrays_.read_named(targets, "weights");
      }
    }
    if (!training_) return;
    const std::vector<NamedTarget> targets =
        received([&] { return receiver_.training(*training_); });
    if (accumulators_) {
      json_.go_to(*accumulators_);
      arrays_.read_named(targets, "accumulators");
    } else if (!targets.empty()) {
      throw FormatError(place_ + ": training", "the key 'accumulators' is missing");
    }
  }

  // Errors of the receiver are errors in the file.
  template <class Call>
  auto received(Call call) -> decltype(call()) {
    try {
      return call();
    } catch (const IoError&) {
      throw;
    } catch (const Error& error) {
      throw FormatError(place_ + ": " + error.place(), text_without_place(error));
    } catch (const nlohmann::json::exception& error) {
      throw FormatError(place_,
                        std::string("a value of another type than expected: ") + error.what());
    }
  }

  std::vector<NamedTarget> make_model() {
    made_ = true;
    // A number takes at least two characters, so the file itself says how many there can be.
    std::size_t most = options_.limits.elements;
    if (summary_.has_weights) most = std::min<std::size_t>(most, size_ / 2);
    return received([&] {
      return receiver_.architecture(class_name_.value_or(""), config_.value_or(nullptr), most);
    });
  }

  void read_training() {
    training_ = nlohmann::json::object();
    json_.begin_object();
    std::string key;
    for (bool first = true; json_.next_key(key, first); first = false) {
      if (training_->contains(key) || (key == "accumulators" && accumulators_))
        json_.fail_twice(key);
      if (key == "accumulators") {
        accumulators_ = pass_over(json_);
      } else {
        nlohmann::json& member = (*training_)[key];
        member = json_.value();
      }
    }
  }

  void read_check() {
    json_.begin_object();
    std::string key;
    std::set<std::string> seen;
    for (bool first = true; json_.next_key(key, first); first = false) {
      if (!seen.insert(key).second) json_.fail_twice(key);
      if (key == "inputs")
        summary_.check.inputs = arrays_.read_tensors();
      else if (key == "outputs")
        summary_.check.outputs = arrays_.read_tensors();
      else
        json_.fail("unknown key '" + printable(key) + "'");
    }
    if (summary_.check.inputs.empty() || summary_.check.outputs.empty())
      json_.fail("expected 'inputs' and 'outputs', neither of them empty");
  }

  JsonReader& json_;
  const std::uint64_t size_;
  const std::string place_;
  const ModelReceiver& receiver_;
  const LoadOptions& options_;
  ArrayReader arrays_;

  bool has_format_ = false, has_version_ = false, made_ = false;
  std::optional<std::string> class_name_;
  std::optional<nlohmann::json> config_, training_;
  std::optional<Position> weights_, accumulators_;
  ModelFileSummary summary_;
};

}  // namespace

ModelFileSummary read_model_file(const std::string& path, const ModelReceiver& receiver,
                                 const LoadOptions& options) {
  FileSource source(path);
  JsonReader json(source, path, json_limits(options.limits));
  return ModelFileReader(json, source.size(), path, receiver, options).read();
}

ModelFileSummary read_model_text(std::string_view text, std::string_view place,
                                 const ModelReceiver& receiver, const LoadOptions& options) {
  JsonReader json(text, std::string(place), json_limits(options.limits));
  return ModelFileReader(json, text.size(), std::string(place), receiver, options).read();
}

}  // namespace cornu::detail
