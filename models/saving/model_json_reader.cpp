#include <algorithm>
#include <map>
#include <queue>
#include <tuple>
#include <unordered_map>

#include "cornu/core/error.hpp"
#include "cornu/core/registry.hpp"
#include "cornu/core/text/json.hpp"
#include "cornu/core/text/json_reader.hpp"
#include "cornu/core/text/names.hpp"
#include "cornu/graph/variables.hpp"
#include "cornu/layers/layer_class.hpp"
#include "cornu/models/saving/model_json.hpp"
#include "cornu/models/sequential.hpp"

namespace cornu {

void detail::check_in_time(const LoadOptions& options, std::string_view place) {
  using Clock = std::chrono::steady_clock;
  if (options.cancel && options.cancel()) throw IoError(place, "loading was cancelled");
  if (options.deadline != Clock::time_point::max() && Clock::now() > options.deadline)
    throw IoError(place, "loading was not done before its deadline",
                  "LoadOptions::deadline sets it");
}

namespace {

using nlohmann::json;
using Names = std::vector<std::string>;

constexpr std::size_t max_nesting = 32;

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

/// What reading one text has come to so far, models within included.
class Reading {
 public:
  explicit Reading(const LoadOptions& options) : options_(options) {}

  /// Called before each layer is made.
  void go_on(const std::string& place) const { detail::check_in_time(options_, place); }

  /// The calls that the container opens to, once its own are made: a call of a layer counts one.
  void count(const Container& container, const std::string& path) {
    double calls = 0;
    for (const auto& call : container.calls())
      calls += call->container ? opened_.at(call->container.get()) : 1;
    if (calls > static_cast<double>(options_.limits.calls))
      throw FormatError(path,
                        "the model '" + container.name() + "' comes to more than " +
                            std::to_string(options_.limits.calls) + " calls of layers",
                        "LoadLimits::calls sets the limit");
    opened_[&container] = calls;
  }

  /// Every layer and model read, by the names from the outermost model inwards.
  struct Made {
    Member member;
    const json* config;
  };
  void add(Names path, Member member, const json& config) {
    made_.emplace(std::move(path), Made{std::move(member), &config});
  }
  /// The one that an entry says it is the same as; its config must be the same, too.
  Member find(const json& value, const json& config, const std::string& place) const {
    Names path;
    for (const json& name : value)
      if (name.is_string()) path.push_back(name.get<std::string>());
    const auto found = made_.find(path);
    if (!value.is_array() || path.size() != value.size() || found == made_.end())
      throw FormatError(child(place, "shared_with"),
                        "expected the names of a layer that stands before, from the outermost "
                        "model inwards, got " +
                            detail::describe_value(value));
    // Where it is the first of a chain, its config tells the chain's input, too.
    const auto own = [](json options) {
      if (options.is_object()) {
        options.erase("batch_input_shape");
        options.erase("input_dtype");
      }
      return options;
    };
    if (own(*found->second.config) != own(config))
      throw FormatError(place, "the config differs from that of the layer it is shared with");
    return found->second.member;
  }

 private:
  const LoadOptions& options_;
  std::unordered_map<const Container*, double> opened_;
  std::map<Names, Made> made_;
};

/// Where a model stands: its place in the text, the names of the models around it and itself.
struct Place {
  std::string path;
  Names names;
  std::size_t depth = 0;

  Place within(const std::string& place, const std::string& name) const {
    Place result{place, names, depth + 1};
    result.names.push_back(name);
    if (result.depth > max_nesting)
      throw FormatError(place, "models are nested deeper than " + std::to_string(max_nesting));
    return result;
  }
  Names names_with(const std::string& name) const {
    Names result = names;
    result.push_back(name);
    return result;
  }
};

std::shared_ptr<Container> read_container(const std::string& class_name, const json& config,
                                          const std::string& name, const Place& place,
                                          Reading& reading);

/// A layer or model within another: what its entry holds, read strictly.
struct EntryKeys {
  std::string class_name, name;
  const json* config;
  const json* shared;
  const json* nodes;  ///< inbound_nodes, null in a chain
  bool trainable;
};

EntryKeys read_keys(const json& value, const std::string& path, bool functional) {
  detail::ObjectReader entry(value, path);
  EntryKeys keys{};
  keys.class_name = entry.string("class_name");
  keys.config = &entry.at("config");
  if (functional || entry.find("name") != nullptr) keys.name = entry.string("name");
  if (functional) keys.nodes = &list_at(entry, "inbound_nodes");
  keys.shared = entry.find("shared_with");
  keys.trainable = entry.find("trainable") == nullptr || entry.boolean("trainable");
  entry.finish();
  if (!keys.trainable && !is_model_class(keys.class_name))
    throw FormatError(child(path, "trainable"), "a layer's stands in its config");
  return keys;
}

Member read_member(const EntryKeys& keys, const Place& around, const std::string& path,
                   Reading& reading) {
  reading.go_on(path);
  const bool is_model = is_model_class(keys.class_name);
  Member member;
  if (keys.shared != nullptr) {
    member = reading.find(*keys.shared, *keys.config, path);
    if ((member.container != nullptr) != is_model)
      throw FormatError(path, "the class differs from that of the layer it is shared with");
  } else if (is_model) {
    member.container = read_container(keys.class_name, *keys.config, keys.name,
                                      around.within(child(path, "config"), keys.name), reading);
    if (!keys.trainable) member.container->set_trainable(false);
  } else {
    member.layer = layer_from_json(keys.class_name, *keys.config, child(path, "config"));
  }
  reading.add(around.names_with(member.name()), member, *keys.config);
  return member;
}

// ---- chains

std::vector<Node> read_chain(const json& config, const Place& place, Reading& reading) {
  if (!config.is_array())
    throw FormatError(place.path,
                      std::string("expected an array of layers, got ") + config.type_name());
  std::vector<Node> nodes;
  std::map<std::string, LayerPtr> made;  // by name: a layer that was added twice is one layer
  for (std::size_t i = 0; i < config.size(); ++i) {
    const std::string path = element(place.path, i);
    const EntryKeys keys = read_keys(config[i], path, false);
    if (keys.shared == nullptr && keys.config->is_object()) {
      const auto name = keys.config->find("name");
      if (name != keys.config->end() && name->is_string()) {
        const auto found = made.find(name->get_ref<const std::string&>());
        if (found != made.end() && found->second->class_name() == keys.class_name) {
          detail::append_to_chain(nodes, {found->second, nullptr}, path);
          continue;
        }
      }
    }
    const Member member = read_member(keys, place, path, reading);
    if (member.layer) made.emplace(member.layer->name(), member.layer);
    detail::append_to_chain(nodes, member, path);
  }
  return nodes;
}

// ---- graphs

/// [layer name, node index, tensor index]
struct Reference {
  std::string layer;
  std::size_t node, output;
};

Reference read_reference(const json& value, const std::string& path) {
  if (!value.is_array() || value.size() != 3 || !value[0].is_string() ||
      !value[1].is_number_unsigned() || !value[2].is_number_unsigned())
    throw FormatError(path, "expected [layer name, node index, tensor index], got " +
                                detail::describe_value(value));
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

/// A layer of a functional text, and its calls as far as they have been made.
struct Entry {
  Member member;
  std::vector<std::vector<Reference>> calls;
  std::vector<std::vector<Node>> made;  ///< the outputs of each call made so far
  std::size_t first = 0;                ///< the index of the first node
};

/// Reads the nodes between which a functional model lies.
class FunctionalReader {
 public:
  FunctionalReader(const json& config, const Place& place, Reading& reading)
      : place_(place), path_(place.path), reader_(config, path_), reading_(reading) {}

  struct Result {
    std::string name;
    std::vector<Node> inputs, outputs;
    std::vector<std::string> order;
  };

  Result read(const std::string& name) {
    Result result{name, {}, {}, {}};
    if (reader_.find("name") != nullptr) result.name = reader_.string("name");
    const json& layers = list_at(reader_, "layers");
    for (std::size_t i = 0; i < layers.size(); ++i)
      read_entry(layers[i], element(reader_.path_of("layers"), i));
    const auto inputs =
        read_references(reader_.at("input_layers"), reader_.path_of("input_layers"));
    const auto outputs =
        read_references(reader_.at("output_layers"), reader_.path_of("output_layers"));
    reader_.finish();
    make_calls();
    for (const Reference& reference : inputs) result.inputs.push_back(node(reference));
    for (const Reference& reference : outputs) result.outputs.push_back(node(reference));
    result.order = std::move(order_);
    return result;
  }

 private:
  void read_entry(const json& value, const std::string& path) {
    const EntryKeys keys = read_keys(value, path, true);
    detail::check_name(keys.name, "layer", child(path, "name"));
    if (index_.contains(keys.name))
      throw FormatError(path, "two layers have the name '" + keys.name + "'");
    index_[keys.name] = entries_.size();
    order_.push_back(keys.name);
    Entry& made = entries_.emplace_back();
    if (keys.class_name == "InputLayer") {
      if (!keys.nodes->empty())
        throw FormatError(child(path, "inbound_nodes"), "expected none for an input");
      InputOptions options;
      detail::read_fields([&options](Fields& fields) { options.describe(fields); }, *keys.config,
                          child(path, "config"), {"trainable", "sparse"});
      made.made = {{input(std::move(options))}};
      made.member.layer = made.made[0][0].call().layer;
    } else {
      made.member = read_member(keys, place_, path, reading_);
      made.first = made.member.container ? 1 : 0;
    }
    const std::string& known = made.member.name();
    if (known != keys.name)
      throw FormatError(
          path, "the entry's name '" + keys.name + "' is not its config's name '" + known + "'");
    for (std::size_t i = 0; i < keys.nodes->size(); ++i)
      made.calls.push_back(
          read_references((*keys.nodes)[i], element(child(path, "inbound_nodes"), i)));
  }

  const Entry& entry_of(const Reference& reference) const {
    const auto found = index_.find(reference.layer);
    if (found == index_.end()) detail::throw_unknown_name(path_, "layer", reference.layer, order_);
    return entries_[found->second];
  }

  /// Which call of its layer a reference means.
  std::size_t call_of(const Entry& entry, const Reference& reference) const {
    const std::size_t calls = std::max(entry.calls.size(), entry.made.size());
    if (reference.node < entry.first || reference.node - entry.first >= calls)
      throw FormatError(path_, "the layer '" + reference.layer + "' has no node " +
                                   std::to_string(reference.node));
    return reference.node - entry.first;
  }

  Node node(const Reference& reference) const {
    const Entry& entry = entry_of(reference);
    const std::size_t call = call_of(entry, reference);
    if (reference.output >= entry.made[call].size())
      throw FormatError(path_, "the layer '" + reference.layer + "' has no output " +
                                   std::to_string(reference.output));
    return entry.made[call][reference.output];
  }

  /// Makes the calls as if in rounds through the text, each making what can be made by then: a call
  /// belongs to the round of its last input, or to the next one where that stands further down. The
  /// calls of one layer keep their order. Linear in the length of the text but for sorting.
  void make_calls() {
    struct Waiting {
      std::size_t entry, call, round = 0, missing = 0;
    };
    std::vector<Waiting> calls;
    std::vector<std::size_t> first_of(entries_.size());  // the number of an entry's first call
    for (std::size_t e = 0; e < entries_.size(); ++e) {
      first_of[e] = calls.size();
      for (std::size_t c = 0; c < entries_[e].calls.size(); ++c) calls.push_back({e, c});
    }
    std::vector<std::vector<std::size_t>> readers(calls.size());
    for (std::size_t i = 0; i < calls.size(); ++i) {
      const Entry& entry = entries_[calls[i].entry];
      const auto wait_for = [&](std::size_t other) {
        readers[other].push_back(i);
        ++calls[i].missing;
      };
      if (calls[i].call != 0) wait_for(i - 1);
      for (const Reference& reference : entry.calls[calls[i].call]) {
        const std::size_t e = index_of(reference);
        const std::size_t call = call_of(entries_[e], reference);
        if (entries_[e].made.empty()) wait_for(first_of[e] + call);
      }
    }
    const auto later = [&calls](std::size_t a, std::size_t b) {
      const auto key = [&calls](std::size_t i) {
        return std::tuple(calls[i].round, calls[i].entry, calls[i].call);
      };
      return key(a) > key(b);
    };
    std::priority_queue<std::size_t, std::vector<std::size_t>, decltype(later)> ready(later);
    for (std::size_t i = 0; i < calls.size(); ++i)
      if (calls[i].missing == 0) ready.push(i);
    std::vector<std::vector<std::vector<Node>>> made(entries_.size());
    std::size_t done = 0;
    for (; !ready.empty(); ++done) {
      const std::size_t i = ready.top();
      ready.pop();
      make_call(entries_[calls[i].entry], calls[i].call);
      for (const std::size_t reader : readers[i]) {
        Waiting& waiting = calls[reader];
        const std::size_t round = calls[i].round + (calls[i].entry > waiting.entry ? 1 : 0);
        waiting.round = std::max(waiting.round, round);
        if (--waiting.missing == 0) ready.push(reader);
      }
    }
    if (done == calls.size()) return;
    for (const Waiting& waiting : calls)
      if (waiting.missing != 0)
        throw FormatError(path_,
                          "the inputs of layer '" + order_[waiting.entry] + "' form a circle");
  }

  std::size_t index_of(const Reference& reference) const {
    entry_of(reference);
    return index_.at(reference.layer);
  }

  void make_call(Entry& entry, std::size_t call) {
    reading_.go_on(path_);
    std::vector<Node> inputs;
    for (const Reference& reference : entry.calls[call]) inputs.push_back(node(reference));
    entry.made.push_back(entry.member.container
                             ? connect(entry.member.container, inputs)
                             : std::vector<Node>{connect(entry.member.layer, inputs)});
  }

  const Place& place_;
  const std::string& path_;
  detail::ObjectReader reader_;
  Reading& reading_;
  std::vector<Entry> entries_;
  std::unordered_map<std::string, std::size_t> index_;
  std::vector<std::string> order_;
};

std::shared_ptr<Container> read_container(const std::string& class_name, const json& config,
                                          const std::string& name, const Place& place,
                                          Reading& reading) {
  std::shared_ptr<Container> made;
  if (class_name == "Sequential") {
    const std::vector<Node> nodes = read_chain(config, place, reading);
    if (nodes.empty()) throw FormatError(place.path, "the model has no layers");
    made = std::make_shared<Container>(
        "Sequential", detail::taken_name(name, "model", "Sequential"),
        std::vector<Node>{nodes.front()}, std::vector<Node>{nodes.back()});
  } else {
    auto parts = FunctionalReader(config, place, reading).read(name);
    made =
        std::make_shared<Container>("Model", detail::taken_name(parts.name, "model", "Model"),
                                    std::move(parts.inputs), std::move(parts.outputs), parts.order);
  }
  reading.count(*made, place.path);
  return made;
}

std::unique_ptr<Model> read_model(const std::string& class_name, const json& config,
                                  const Place& place, Reading& reading) {
  if (class_name == "Sequential") {
    std::vector<Node> nodes = read_chain(config, place, reading);
    if (!nodes.empty())  // counted before the graph is opened, here as below
      reading.count(Container("Sequential", "model", {nodes.front()}, {nodes.back()}), place.path);
    return std::make_unique<Sequential>("", std::move(nodes));
  }
  auto parts = FunctionalReader(config, place, reading).read("");
  reading.count(Container("Model", "model", parts.inputs, parts.outputs, parts.order), place.path);
  return std::make_unique<Model>(std::move(parts.inputs), std::move(parts.outputs), parts.name,
                                 parts.order);
}

}  // namespace

namespace detail {

std::unique_ptr<Model> model_from_json(const json& object, const std::string& path,
                                       const LoadOptions& options) {
  ObjectReader reader(object, path);
  const std::string class_name = reader.string("class_name");
  if (!is_model_class(class_name))
    throw_unknown_name(reader.path_of("class_name"), "model class", class_name,
                       {"Sequential", "Model"});
  Reading reading(options);
  return read_model(class_name, reader.at("config"), {child(path, "config"), {}, 0}, reading);
}

}  // namespace detail

std::unique_ptr<Model> model_from_json(std::string_view text, const LoadOptions& options) {
  detail::check_in_time(options, "model_from_json");
  if (text.size() > options.limits.bytes)
    throw FormatError("model_from_json",
                      "expected at most " + std::to_string(options.limits.bytes) + " bytes, got " +
                          std::to_string(text.size()),
                      "LoadLimits::bytes sets the limit");
  const LoadLimits& limits = options.limits;
  detail::JsonReader reader(text, "model_from_json",
                            {limits.depth, limits.string_length, limits.values});
  const json object = reader.value();
  reader.finish();
  const detail::MemoryLimit memory(std::max<std::uint64_t>(limits.memory, 16 * text.size()));
  const LoadingScope scope({limits.elements, limits.elements, limits.operations},
                           LoadingScope::Values::initialized);
  return detail::model_from_json(object, "", options);
}

}  // namespace cornu
