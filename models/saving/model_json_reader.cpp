#include "cornu/models/saving/model_json.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "cornu/core/error.hpp"
#include "cornu/core/registry.hpp"
#include "cornu/core/text/json.hpp"
#include "cornu/core/text/names.hpp"
#include "cornu/graph/variables.hpp"
#include "cornu/layers/layer_class.hpp"
#include "cornu/models/sequential.hpp"

namespace cornu {
namespace {

using nlohmann::json;

constexpr std::size_t max_nesting = 32;

std::unique_ptr<Model> read_model(const std::string& class_name, const json& config,
                                  const std::string& name, const std::string& path,
                                  std::size_t depth);

bool is_model_class(const std::string& class_name) {
  return class_name == "Sequential" || class_name == "Model" || class_name == "Container";
}

std::string child(const std::string& path, const std::string& key) {
  return path.empty() ? key : path + "." + key;
}

std::string element(const std::string& path, std::size_t i) {
  return path + "[" + std::to_string(i) + "]";
}

const json& list_at(detail::ObjectReader& reader, const char* key) {
  const json& value = reader.at(key);
  if (!value.is_array())
    throw FormatError(reader.path_of(key),
                      std::string("expected an array, got ") + value.type_name());
  return value;
}

LayerPtr read_chain_layer(const std::string& class_name, const json& config,
                          const std::string& path, std::map<std::string, LayerPtr>& made) {
  if (config.is_object() && config.contains("name") && config["name"].is_string()) {
    const auto found = made.find(config["name"].get<std::string>());
    if (found != made.end() && found->second->class_name() == class_name) return found->second;
  }
  LayerPtr layer = layer_from_json(class_name, config, path);
  made.emplace(layer->name(), layer);
  return layer;
}

std::unique_ptr<Model> read_sequential(const json& config, const std::string& name,
                                       const std::string& path, std::size_t depth) {
  if (!config.is_array())
    throw FormatError(path, std::string("expected an array of layers, got ") + config.type_name());
  auto model = std::make_unique<Sequential>(name);
  std::map<std::string, LayerPtr> made;  // by name: a layer that was added twice is one layer
  for (std::size_t i = 0; i < config.size(); ++i) {
    const std::string place = element(path, i);
    detail::ObjectReader entry(config[i], place);
    const std::string class_name = entry.string("class_name");
    const json& layer_config = entry.at("config");
    const json* const given = entry.find("name");
    const std::string own = given != nullptr ? entry.string("name") : "";
    entry.finish();
    if (is_model_class(class_name))
      model->add(*read_model(class_name, layer_config, own, child(place, "config"), depth + 1));
    else
      model->add(read_chain_layer(class_name, layer_config, child(place, "config"), made));
  }
  return model;
}

/// [layer name, node index, tensor index]
struct Reference {
  std::string layer;
  std::size_t node, output;
};

Reference read_reference(const json& value, const std::string& path) {
  if (!value.is_array() || value.size() != 3 || !value[0].is_string() ||
      !value[1].is_number_unsigned() || !value[2].is_number_unsigned())
    throw FormatError(path, "expected [layer name, node index, tensor index], got " +
                                detail::printable(value.dump()));
  return {value[0].get<std::string>(), value[1].get<std::size_t>(), value[2].get<std::size_t>()};
}

std::vector<Reference> read_references(const json& value, const std::string& path) {
  if (!value.is_array())
    throw FormatError(path, std::string("expected an array, got ") + value.type_name());
  std::vector<Reference> result;
  for (std::size_t i = 0; i < value.size(); ++i)
    result.push_back(read_reference(value[i], element(path, i)));
  return result;
}

/// A layer of a functional file, and its calls as far as they have been made.
struct Entry {
  LayerPtr layer;
  std::shared_ptr<Container> container;
  std::vector<std::vector<Reference>> calls;
  std::vector<std::vector<Node>> made;  ///< the outputs of each call made so far
  std::size_t first = 0;                ///< the index of the first node
};

class FunctionalReader {
 public:
  FunctionalReader(const json& config, std::string path, std::size_t depth)
      : path_(std::move(path)), reader_(config, path_), depth_(depth) {}

  std::unique_ptr<Model> read(const std::string& name) {
    std::string own_name = name;
    if (const json* value = reader_.find("name"); value != nullptr && value->is_string())
      own_name = value->get<std::string>();
    const json& layers = list_at(reader_, "layers");
    for (std::size_t i = 0; i < layers.size(); ++i)
      read_entry(layers[i], element(reader_.path_of("layers"), i));
    const auto inputs =
        read_references(reader_.at("input_layers"), reader_.path_of("input_layers"));
    const auto outputs =
        read_references(reader_.at("output_layers"), reader_.path_of("output_layers"));
    reader_.finish();
    make_calls();
    std::vector<Node> from, to;
    for (const Reference& reference : inputs) from.push_back(node(reference));
    for (const Reference& reference : outputs) to.push_back(node(reference));
    return std::make_unique<Model>(std::move(from), std::move(to), own_name, order_);
  }

 private:
  void read_entry(const json& value, const std::string& place) {
    detail::ObjectReader entry(value, place);
    const std::string class_name = entry.string("class_name");
    const std::string name = entry.string("name");
    detail::check_name(name, "layer", entry.path_of("name"));
    const json& config = entry.at("config");
    const json& nodes = list_at(entry, "inbound_nodes");
    entry.finish();
    if (entries_.contains(name))
      throw FormatError(place, "two layers have the name '" + name + "'");
    Entry& made = entries_[name];
    order_.push_back(name);
    if (class_name == "InputLayer") {
      InputOptions options;
      detail::read_fields([&options](Fields& fields) { options.describe(fields); }, config,
                          child(place, "config"), {"trainable", "sparse"});
      made.made = {{input(std::move(options))}};
    } else if (is_model_class(class_name)) {
      made.container =
          read_model(class_name, config, name, child(place, "config"), depth_ + 1)->container();
      made.first = 1;
    } else {
      made.layer = layer_from_json(class_name, config, child(place, "config"));
    }
    const std::string& known = made.layer       ? made.layer->name()
                               : made.container ? made.container->name()
                                                : made.made[0][0].name();
    if (known != name)
      throw FormatError(place,
                        "the entry's name '" + name + "' is not its config's name '" + known + "'");
    for (std::size_t i = 0; i < nodes.size(); ++i)
      made.calls.push_back(read_references(nodes[i], element(child(place, "inbound_nodes"), i)));
  }

  /// The node of a reference, or nothing when its call has not been made yet.
  std::optional<Node> find(const Reference& reference) const {
    const auto found = entries_.find(reference.layer);
    if (found == entries_.end())
      detail::throw_unknown_name(path_, "layer", reference.layer, order_);
    const Entry& entry = found->second;
    const std::size_t calls = std::max(entry.calls.size(), entry.made.size());
    if (reference.node < entry.first || reference.node - entry.first >= calls)
      throw FormatError(path_, "the layer '" + reference.layer + "' has no node " +
                                   std::to_string(reference.node));
    const std::size_t call = reference.node - entry.first;
    if (call >= entry.made.size()) return std::nullopt;
    if (reference.output >= entry.made[call].size())
      throw FormatError(path_, "the layer '" + reference.layer + "' has no output " +
                                   std::to_string(reference.output));
    return entry.made[call][reference.output];
  }

  Node node(const Reference& reference) const {
    if (const std::optional<Node> found = find(reference)) return *found;
    throw FormatError(path_, "the layer '" + reference.layer + "' is never called");
  }

  /// Makes the calls whose inputs stand, round after round, in the order of the file; the calls of
  /// one layer keep their order.
  void make_calls() {
    for (bool progress = true; progress;) {
      progress = false;
      for (const std::string& name : order_) {
        Entry& entry = entries_[name];
        while (entry.made.size() < entry.calls.size() && make_next_call(entry)) progress = true;
      }
    }
    for (const std::string& name : order_)
      if (entries_[name].made.size() < entries_[name].calls.size())
        throw FormatError(path_, "the inputs of layer '" + name + "' form a circle");
  }

  bool make_next_call(Entry& entry) {
    std::vector<Node> inputs;
    for (const Reference& reference : entry.calls[entry.made.size()]) {
      const std::optional<Node> found = find(reference);
      if (!found) return false;
      inputs.push_back(*found);
    }
    entry.made.push_back(entry.container ? connect(entry.container, inputs)
                                         : std::vector<Node>{connect(entry.layer, inputs)});
    return true;
  }

  std::string path_;
  detail::ObjectReader reader_;
  std::size_t depth_;
  std::map<std::string, Entry> entries_;
  std::vector<std::string> order_;
};

std::unique_ptr<Model> read_model(const std::string& class_name, const json& config,
                                  const std::string& name, const std::string& path,
                                  std::size_t depth) {
  if (depth > max_nesting)
    throw FormatError(path, "models are nested deeper than " + std::to_string(max_nesting));
  if (class_name == "Sequential") return read_sequential(config, name, path, depth);
  return FunctionalReader(config, path, depth).read(name);
}

}  // namespace

namespace detail {

std::unique_ptr<Model> model_from_json(const json& object, const std::string& path) {
  ObjectReader reader(object, path);
  const std::string class_name = reader.string("class_name");
  if (!is_model_class(class_name))
    throw_unknown_name(reader.path_of("class_name"), "model class", class_name,
                       {"Sequential", "Model"});
  return read_model(class_name, reader.at("config"), "", child(path, "config"), 0);
}

}  // namespace detail

std::unique_ptr<Model> model_from_json(std::string_view text) {
  const json object = detail::parse_json(text, "model_from_json");
  const LoadingScope scope(LoadLimits{}.elements, LoadingScope::Values::initialized);
  return detail::model_from_json(object, "");
}

}  // namespace cornu
