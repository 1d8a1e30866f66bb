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
#include "cornu/models/saving/model_json.hpp"

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
    for (const nlohmann::json& part : config)
      if (part.is_structured()) count += count_layers(part);
  return count;
}

/// What begins like another kind of file is called by its name.
struct Foreign {
  std::string_view begin, what, help;
};
constexpr std::string_view give_keras_json =
    "Cornu reads its own files and the architecture that Keras 1's to_json writes";
constexpr Foreign foreign_files[] = {
    {"\x89HDF\r\n\x1a\n", "an HDF5 file (Keras 1 and 2 save weights and models so)",
     give_keras_json},
    {"PK\x03\x04", "a ZIP archive (Keras 3 and PyTorch save models so)", give_keras_json},
    {"\x1f\x8b", "a file compressed by gzip", "unpack it first: gunzip"},
    {"\x93NUMPY", "a NumPy array", give_keras_json},
    {"\xef\xbb\xbf", "a byte-order mark before the text", "save the text as UTF-8 without one"},
    {"\xff\xfe", "a text in UTF-16", "save the text as UTF-8 without a byte-order mark"},
    {"\xfe\xff", "a text in UTF-16", "save the text as UTF-8 without a byte-order mark"},
    {"\x80\x02", "a Python pickle (PyTorch saves so)", give_keras_json},
    {"\x80\x04", "a Python pickle", give_keras_json},
};

void refuse_foreign(std::string_view begin, std::string_view place) {
  for (const Foreign& foreign : foreign_files)
    if (begin.starts_with(foreign.begin))
      throw FormatError(
          place, "expected a model file, which is JSON text, found " + std::string(foreign.what),
          foreign.help);
  // A protocol buffer whose first fields are ONNX's ir_version and producer_name.
  if (begin.size() > 3 && begin[0] == '\x08' && begin[1] > 0 && begin[1] < 32 && begin[2] == '\x12')
    throw FormatError(place, "expected a model file, which is JSON text, found an ONNX model",
                      give_keras_json);
  // Safetensors: the length of a JSON header in eight bytes, then the header.
  if (begin.size() > 9 && begin[8] == '{' &&
      begin.substr(3, 5) == std::string_view("\0\0\0\0\0", 5))
    throw FormatError(place, "expected a model file, which is JSON text, found a safetensors file",
                      give_keras_json);
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
    check_in_time(options_, place_);
    summary_.memory = std::max(options_.limits.memory, 16 * size_);
    const MemoryLimit memory(summary_.memory);
    json_.begin_object();
    std::string key;
    std::set<std::string> seen;
    for (bool first = true; json_.next_key(key, first); first = false) {
      if (!seen.insert(key).second) json_.fail_twice(key);
      read_member(key);
      check_in_time(options_, place_);
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
        read_weights();
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
    } else if (key == "trainable") {
      trainable_ = json_.boolean();
      has_trainable_ = true;
    } else if (key == "keras_version" || key == "backend") {
      if (json_.peek() != JsonReader::Kind::string)
        json_.fail("expected a string for '" + key + "'");
      const std::string value = json_.string();
      if (key == "keras_version" && !value.starts_with("1."))
        json_.fail("expected a model of Keras 1, got one of Keras " + printable(value),
                   "write the layers anew: names and options have changed since Keras 1");
    } else if (key == "module" || key == "build_config" || key == "registered_name" ||
               key == "compile_config") {
      json_.fail("expected a model of Keras 1, got one of Keras 3 ('" + key + "')",
                 "write the layers anew: names and options have changed since Keras 1");
    } else {
      const std::vector<std::string> known = {"check",    "class_name",     "config",
                                              "format",   "format_version", "trainable",
                                              "training", "weights"};
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
                                 !summary_.check.empty() || has_format_ || has_version_ ||
                                 has_trainable_;
    if (more_than_keras && !has_format_) missing("format");
    if (more_than_keras && !has_version_) missing("format_version");
    if (!made_) {
      if (weights_) {
        json_.go_to(*weights_);
        read_weights();
      } else {
        make_model();
      }
    }
    if (!trainable_ && receiver_.trainable) received([&] { receiver_.trainable(false); });
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

  // Errors of the receiver are errors in the file; that memory runs out is none.
  template <class Call>
  auto received(Call call) -> decltype(call()) {
    try {
      return call();
    } catch (const IoError&) {
      throw;
    } catch (const MemoryError&) {
      throw;
    } catch (const Error& error) {
      throw FormatError(place_ + ": " + error.place(), text_without_place(error));
    } catch (const nlohmann::json::exception& error) {
      throw FormatError(place_,
                        std::string("a value of another type than expected: ") + error.what());
    }
  }

  void read_weights() {
    const std::vector<NamedTarget> targets = make_model();
    if (receiver_.choose)
      arrays_.read_chosen([this](const std::vector<ArrayHeading>& headings) {
        return received([&] { return receiver_.choose(headings); });
      });
    else
      arrays_.read_named(targets, "weights");
  }

  std::vector<NamedTarget> make_model() {
    made_ = true;
    // A number takes at least two characters, or four thirds of its four bytes: the file itself
    // says how many weights there can be.
    const std::size_t most = summary_.has_weights ? size_ / 2 : options_.limits.elements;
    if (!receiver_.architecture) return {};
    return received([&] {
      return receiver_.architecture(class_name_.value_or(""), config_.value_or(nullptr), most,
                                    summary_.has_weights);
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
    for (const auto* kind : {&summary_.check.inputs, &summary_.check.outputs})
      for (const Tensor& tensor : *kind)
        if (tensor.empty()) json_.fail("expected at least one sample and number in each array");
  }

  JsonReader& json_;
  const std::uint64_t size_;
  const std::string place_;
  const ModelReceiver& receiver_;
  const LoadOptions& options_;
  ArrayReader arrays_;

  bool trainable_ = true, has_format_ = false, has_version_ = false, has_trainable_ = false,
       made_ = false;
  std::optional<std::string> class_name_;
  std::optional<nlohmann::json> config_, training_;
  std::optional<Position> weights_, accumulators_;
  ModelFileSummary summary_;
};

}  // namespace

ModelFileSummary read_model_file(const std::string& path, const ModelReceiver& receiver,
                                 const LoadOptions& options) {
  FileSource source(path);
  char begin[16];
  refuse_foreign({begin, source.read(begin, sizeof begin)}, path);
  source.seek(0);
  JsonReader json(source, path, json_limits(options.limits));
  return ModelFileReader(json, source.size(), path, receiver, options).read();
}

ModelFileSummary read_model_text(std::string_view text, std::string_view place,
                                 const ModelReceiver& receiver, const LoadOptions& options) {
  refuse_foreign(text.substr(0, 16), place);
  JsonReader json(text, std::string(place), json_limits(options.limits));
  return ModelFileReader(json, text.size(), std::string(place), receiver, options).read();
}

}  // namespace cornu::detail
