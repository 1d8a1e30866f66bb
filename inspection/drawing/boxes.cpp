#include "cornu/inspection/drawing/boxes.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace cornu::detail {
namespace {

std::size_t parameters_of(const Container& container) {
  std::size_t count = 0;
  for (const LayerPtr& layer : container.flat_layers()) count += layer->count_params();
  return count;
}

Box::Kind kind_of(const Call& call) {
  if (call.container) return Box::Kind::model;
  if (call.is_input()) return Box::Kind::input;
  if (!call.layer->variables()->states.empty()) return Box::Kind::states;
  if (!call.layer->variables()->parameters.empty()) return Box::Kind::weights;
  return call.inputs.size() > 1 ? Box::Kind::join : Box::Kind::plain;
}

/// From its config, so that a layer of a user's own is described like Cornu's.
std::string how_of(const Layer& layer) {
  const nlohmann::json config = layer.config();
  for (const char* key : {"mode", "activation"})
    if (const auto found = config.find(key); found != config.end() && found->is_string())
      if (*found != "linear") return found->get<std::string>();
  return {};
}

class Collector {
 public:
  explicit Collector(const DrawingOptions& options) : options_(options) {}

  Picture collect(const Container& container, bool frozen, bool nested) {
    frozen = frozen || !container.trainable();
    Picture picture{.name = container.name(),
                    .class_name = container.class_name(),
                    .parameters = parameters_of(container)};
    std::map<const Call*, std::size_t> place;
    for (const auto& call : container.calls()) {
      place[call.get()] = picture.boxes.size();
      for (std::size_t k = 0; k < call->inputs.size(); ++k)
        picture.edges.push_back(
            {place.at(&call->inputs[k].call()), picture.boxes.size(), call->inputs[k].output(), k});
      picture.boxes.push_back(box_of(*call, frozen));
      picture.boxes.back().frozen_around = nested && frozen;
    }
    for (const Node& node : container.inputs()) picture.inputs.push_back(place.at(&node.call()));
    for (const Node& node : container.outputs()) {
      picture.outputs.push_back({place.at(&node.call()), node.output()});
      picture.boxes[place.at(&node.call())].is_output = !nested;
    }
    return picture;
  }

  /// Says of every box which call of its layer it is; known when all have been collected.
  void count_calls(Picture& picture, std::size_t calls_around = 1) {
    for (Box& box : picture.boxes) {
      const std::size_t calls = calls_[box.name];
      if (calls > 1) {
        box.calls = calls;
        box.call = ++seen_[box.name];
        box.shared_around = calls == calls_around;
        box.shared = numbers_.emplace(box.name, numbers_.size() + 1).first->second;
      }
      if (box.inside) count_calls(*box.inside, calls);
    }
  }

 private:
  Box box_of(const Call& call, bool frozen) {
    Box box{.kind = kind_of(call), .name = call.name()};
    for (const Shape& shape : call.output_shapes)
      box.shape += (box.shape.empty() ? "" : ", ") + shape.to_string_with_samples();
    if (call.layer) {
      box.class_name = call.layer->class_name();
      box.how = how_of(*call.layer);
      box.parameters = call.layer->count_params();
      box.frozen = box.parameters != 0 && (frozen || !call.layer->trainable());
    } else {
      box.class_name = call.container->class_name();
      box.parameters = parameters_of(*call.container);
      box.frozen = frozen || !call.container->trainable();
      if (options_.open_models)
        box.inside = std::make_unique<Picture>(collect(*call.container, frozen, true));
    }
    if (box.kind != Box::Kind::input) ++calls_[box.name];
    return box;
  }

  const DrawingOptions& options_;
  std::map<std::string, std::size_t> calls_, seen_, numbers_;
};

}  // namespace

Picture picture_of(const Model& model, const DrawingOptions& options) {
  Collector collector(options);
  Picture picture = collector.collect(*model.container(), false, false);
  collector.count_calls(picture);
  return picture;
}

}  // namespace cornu::detail
