// docs/file-format.md describes what is read here. Keys may stand in any order: what comes before
// the place where it can be used is passed over and read afterwards.

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "cornu/core/error.hpp"
#include "cornu/core/file_source.hpp"
#include "cornu/core/json_reader.hpp"
#include "cornu/core/names.hpp"
#include "cornu/core/registry.hpp"
#include "cornu/models/model_file.hpp"

namespace cornu::detail {
namespace {

using Kind = JsonReader::Kind;
using Position = JsonReader::Position;

JsonLimits json_limits(const LoadLimits& limits) {
  return {limits.depth, limits.string_length, limits.values};
}

// A few names for an error text, and how many more there are.
class NameList {
 public:
  void add(const std::string& name) {
    if (++count_ <= most_named) text_ += (count_ == 1 ? "" : ", ") + name;
  }
  bool empty() const noexcept { return count_ == 0; }
  std::string text(const char* heading) const {
    if (count_ == 0) return {};
    std::string result = std::string(heading) + " " + text_;
    if (count_ > most_named) result += " and " + std::to_string(count_ - most_named) + " more";
    return result;
  }

 private:
  static constexpr std::size_t most_named = 8;
  std::string text_;
  std::size_t count_ = 0;
};

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
        options_(options) {}

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
      if (const std::size_t version = read_size(); version != 1)
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
        read_arrays(make_model(), "weights");
      else
        defer(weights_);
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
        read_arrays(targets, "weights");
      }
    }
    if (!training_) return;
    const std::vector<NamedTarget> targets =
        received([&] { return receiver_.training(*training_); });
    if (accumulators_) {
      json_.go_to(*accumulators_);
      read_arrays(targets, "accumulators");
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

  void defer(std::optional<Position>& position) {
    json_.peek();
    position = json_.position();
    json_.skip();
  }

  void read_training() {
    training_ = nlohmann::json::object();
    json_.begin_object();
    std::string key;
    for (bool first = true; json_.next_key(key, first); first = false) {
      if (training_->contains(key) || (key == "accumulators" && accumulators_))
        json_.fail_twice(key);
      if (key == "accumulators") {
        defer(accumulators_);
      } else {
        nlohmann::json& member = (*training_)[key];
        member = json_.value();
      }
    }
  }

  // ---- arrays

  std::size_t read_size() {
    const std::string_view text = json_.number();
    std::size_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || stop != end)
      json_.fail("expected a whole number, got " + printable(text));
    return value;
  }

  Shape read_shape() {
    std::vector<std::size_t> sizes;
    json_.begin_array();
    for (bool first = true; json_.next_element(first); first = false) {
      sizes.push_back(read_size());
      if (sizes.size() > Shape::max_rank) json_.fail("expected at most 8 axes");
    }
    try {
      return Shape(sizes);
    } catch (const ShapeError& error) {
      json_.fail(text_without_place(error));
    }
  }

  void read_data(Array out) {
    if (json_.peek() != Kind::object) return json_.numbers(out, options_.allow_nonfinite);
    json_.begin_object();
    std::string key;
    if (!json_.next_key(key, true) || key != "base64") json_.fail("expected the key 'base64'");
    json_.base64_numbers(out, options_.allow_nonfinite);
    if (json_.next_key(key, false))
      json_.fail("expected 'base64' alone, got '" + printable(key) + "'");
  }

  /// Reads an object of `shape` and `data`, and `name` where `with_name`. `place_of` says where
  /// numbers of that name and shape go; nothing: nowhere.
  template <class PlaceOf>
  void read_array(bool with_name, PlaceOf place_of) {
    std::optional<std::string> name;
    std::optional<Shape> shape;
    std::optional<Position> data;
    bool read = false;
    const auto read_now = [&] {
      if (const std::optional<Array> out = place_of(name.value_or(""), *shape))
        read_data(*out);
      else
        json_.skip();
      read = true;
    };
    json_.begin_object();
    std::string key;
    for (bool first = true; json_.next_key(key, first); first = false) {
      if ((key == "name" && name) || (key == "shape" && shape) || (key == "data" && (data || read)))
        json_.fail_twice(key);
      if (key == "name" && with_name) {
        name = json_.string();
        if (name->size() > options_.limits.name_length || !is_safe_name(*name))
          json_.fail("expected a name of at most " + std::to_string(options_.limits.name_length) +
                     " bytes of UTF-8 without control characters and '..', got '" +
                     printable(*name) + "'");
      } else if (key == "shape") {
        shape = read_shape();
      } else if (key == "data") {
        if (shape && (name || !with_name))
          read_now();
        else
          defer(data);
      } else {
        json_.fail("unknown key '" + printable(key) + "'");
      }
    }
    if (with_name && !name) json_.fail("the key 'name' is missing");
    if (!shape) json_.fail("the key 'shape' is missing");
    if (!read && !data) json_.fail("the key 'data' is missing");
    if (read) return;
    const Position end = json_.position();
    json_.go_to(*data);
    read_now();
    json_.go_to(end);
  }

  void read_arrays(const std::vector<NamedTarget>& targets, const char* what) {
    std::map<std::string_view, const NamedTarget*> left;
    for (const NamedTarget& target : targets) left.emplace(target.name, &target);
    std::set<std::string> seen;
    NameList missing, unexpected, misshapen;
    const auto place_of = [&](const std::string& name, const Shape& shape) -> std::optional<Array> {
      if (!seen.insert(name).second) json_.fail("the name '" + name + "' stands twice");
      if (seen.size() > options_.limits.values) json_.fail(std::string("too many ") + what);
      const auto found = left.find(name);
      if (found == left.end()) {
        unexpected.add(name);
        return std::nullopt;
      }
      const NamedTarget& target = *found->second;
      left.erase(found);
      if (target.shape == shape) return target.values;
      misshapen.add(name + " (expected " + target.shape.to_string() + ", got " + shape.to_string() +
                    ")");
      return std::nullopt;
    };
    json_.begin_array();
    for (bool first = true; json_.next_element(first); first = false) read_array(true, place_of);
    for (const auto& [name, target] : left) missing.add(std::string(name));
    if (missing.empty() && unexpected.empty() && misshapen.empty()) return;
    std::string text;
    for (const std::string& part :
         {missing.text("missing"), unexpected.text("unexpected"), misshapen.text("misshapen")})
      if (!part.empty()) text += (text.empty() ? "" : "; ") + part;
    throw FormatError(place_ + ": " + what, text, "do the file and the model belong together?");
  }

  void read_check() {
    json_.begin_object();
    std::string key;
    std::set<std::string> seen;
    for (bool first = true; json_.next_key(key, first); first = false) {
      if (!seen.insert(key).second) json_.fail_twice(key);
      if (key == "inputs")
        summary_.check.inputs = read_tensors();
      else if (key == "outputs")
        summary_.check.outputs = read_tensors();
      else
        json_.fail("unknown key '" + printable(key) + "'");
    }
    if (summary_.check.inputs.empty() || summary_.check.outputs.empty())
      json_.fail("expected 'inputs' and 'outputs', neither of them empty");
  }

  std::vector<Tensor> read_tensors() {
    std::vector<Tensor> tensors;
    json_.begin_array();
    for (bool first = true; json_.next_element(first); first = false) {
      read_array(false, [&](const std::string&, const Shape& shape) -> std::optional<Array> {
        // Memory only for what the file can hold.
        sample_elements_ += shape.size();
        if (sample_elements_ > std::min<std::uint64_t>(size_ / 2, options_.limits.elements))
          json_.fail("expected fewer than " + std::to_string(size_ / 2) + " numbers, got shape " +
                     shape.to_string());
        if (shape.empty()) json_.fail("expected a shape with the samples' axis");
        return tensors.emplace_back(shape).array();
      });
    }
    return tensors;
  }

  JsonReader& json_;
  const std::uint64_t size_;
  const std::string place_;
  const ModelReceiver& receiver_;
  const LoadOptions& options_;

  bool has_format_ = false, has_version_ = false, made_ = false;
  std::optional<std::string> class_name_;
  std::optional<nlohmann::json> config_, training_;
  std::optional<Position> weights_, accumulators_;
  std::uint64_t sample_elements_ = 0;
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

void compare_check(const CheckSample& sample, const std::vector<Tensor>& outputs,
                   std::string_view place) {
  const std::string where = std::string(place) + ": check";
  if (outputs.size() != sample.outputs.size())
    throw FormatError(where, "expected " + std::to_string(outputs.size()) + " outputs, got " +
                                 std::to_string(sample.outputs.size()));
  for (std::size_t output = 0; output < outputs.size(); ++output) {
    const Tensor& expected = sample.outputs[output];
    const Tensor& got = outputs[output];
    const std::string name = "output " + std::to_string(output);
    if (!(got.shape() == expected.shape()))
      throw FormatError(where, name + " has shape " + got.shape().to_string() +
                                   ", when the file was written it had " +
                                   expected.shape().to_string());
    for (std::size_t i = 0; i < got.size(); ++i) {
      const double a = got.data()[i], b = expected.data()[i];
      if (std::abs(a - b) <= check_tolerance * (1 + std::abs(b))) continue;
      throw FormatError(where,
                        name + ", number " + std::to_string(i) + ", is " + std::to_string(a) +
                            ", when the file was written it was " + std::to_string(b),
                        "the file was changed, or this version of Cornu computes something else; "
                        "LoadOptions::check = false loads it all the same");
    }
  }
}

}  // namespace cornu::detail
