#include "cornu/models/data.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "cornu/core/error.hpp"
#include "cornu/core/random.hpp"
#include "cornu/core/registry.hpp"
#include "cornu/core/text/json.hpp"

namespace cornu {
namespace {

const Tensor& find_tensor(const Data& data, const std::vector<DataSlot>& slots, std::size_t slot,
                          const char* place, const char* what) {
  if (!data.named()) return data[slot];
  const auto& names = data.names();
  for (const std::string& name : names)
    if (std::none_of(slots.begin(), slots.end(),
                     [&name](const DataSlot& s) { return s.name == name; }))
      detail::throw_unknown_name(place, what, name, names_of(slots));
  const auto found = std::find(names.begin(), names.end(), slots[slot].name);
  if (found == names.end())
    throw ConfigError(place, std::string("no ") + what + " named '" + slots[slot].name + "' given",
                      "give one array for each name");
  return data[static_cast<std::size_t>(found - names.begin())];
}

/// `given` is the shape as the user knows it, to which `view` may have an axis more.
void check_shape(const ConstView& view, const Shape& given, const DataSlot& slot, const char* place,
                 const char* what) {
  if (slot.shape.takes(view.shape.without_samples())) return;
  std::string help = "the first axis counts samples";
  if (given == slot.shape)
    help = "for one sample, add the samples' axis: shape " + given.with_samples(1).to_string();
  throw ShapeError(place,
                   std::string("expected ") + what + " '" + slot.name + "' of shape " +
                       slot.shape.to_string_with_samples() + ", got " + given.to_string(),
                   help);
}

}  // namespace

std::vector<std::string> names_of(const std::vector<DataSlot>& slots) {
  std::vector<std::string> names;
  names.reserve(slots.size());
  for (const DataSlot& slot : slots) names.push_back(slot.name);
  return names;
}

void check_indices(ConstView view, const DataSlot& slot, const char* place) {
  const auto end = static_cast<Scalar>(slot.indices_below);
  const std::size_t row = slot.shape.open() ? view.size() / view.shape.front() : slot.shape.size();
  for (std::size_t i = 0; i < view.size(); ++i) {
    const Scalar v = view.data[i];
    if (v >= 0 && v < end && v == std::floor(v)) continue;
    std::string at;
    std::size_t rest = i % row;
    for (std::size_t axis = view.shape.rank(); axis-- > 1; rest /= view.shape[axis])
      at = std::to_string(rest % view.shape[axis]) + (at.empty() ? "" : ", ") + at;
    throw ConfigError(place,
                      "expected whole numbers from 0 to " + std::to_string(slot.indices_below - 1) +
                          " in '" + slot.name + "', got " +
                          detail::number_text(static_cast<double>(v)) + " in sample " +
                          std::to_string(i / row) + " at (" + at + ")",
                      "the layer looks rows up by them: give a larger vocabulary (input_dim), or "
                      "other data");
  }
}

Tensor draw_input(const DataSlot& slot, std::size_t samples, RandomStream& random,
                  std::size_t open) {
  std::vector<std::size_t> sizes(slot.shape.begin(), slot.shape.end());
  std::replace(sizes.begin(), sizes.end(), Shape::any, open);
  Tensor input(Shape(sizes).with_samples(samples));
  if (slot.indices_below == 0) {
    random.fill_uniform(input.array(), -1, 1);
    return input;
  }
  for (Scalar& index : input) index = static_cast<Scalar>(random.below(slot.indices_below));
  return input;
}

Data::Item::Item(Tensor&& tensor)
    : kept_(std::make_shared<const Tensor>(std::move(tensor))), tensor_(kept_.get()) {}

Data::Data(Tensor&& tensor) {
  const auto kept = std::make_shared<const Tensor>(std::move(tensor));
  one_ = kept.get();
  kept_ = kept;
}

Data::Data(const std::vector<Tensor>& tensors) {
  for (const Tensor& tensor : tensors) tensors_.push_back(&tensor);
}

Data::Data(std::vector<Tensor>&& tensors) {
  const auto kept = std::make_shared<const std::vector<Tensor>>(std::move(tensors));
  for (const Tensor& tensor : *kept) tensors_.push_back(&tensor);
  kept_ = kept;
}

Data::Data(std::initializer_list<Item> tensors) { take(tensors); }

Data::Data(std::initializer_list<Named> tensors) {
  std::vector<Item> items;
  for (const Named& named : tensors) {
    names_.emplace_back(named.name);
    items.push_back(named.tensor);
  }
  take(std::move(items));
}

void Data::take(std::vector<Item> items) {
  for (const Item& item : items) tensors_.push_back(item.tensor_);
  kept_ = std::make_shared<const std::vector<Item>>(std::move(items));
}

std::size_t fixed_batch(const std::vector<DataSlot>& inputs) {
  for (const DataSlot& slot : inputs)
    if (slot.samples != 0) return slot.samples;
  return 0;
}

void check_fixed_batches(const std::vector<DataSlot>& inputs, std::size_t samples,
                         std::size_t batch_size, const std::string& place) {
  for (const DataSlot& slot : inputs)
    if (slot.samples != 0 && (batch_size != slot.samples || samples % slot.samples != 0))
      throw ShapeError(place,
                       "expected input '" + slot.name + "' in batches of " +
                           std::to_string(slot.samples) + " samples, got " +
                           std::to_string(samples) + " in batches of " + std::to_string(batch_size),
                       "batch_input_shape fixes the number of samples of every batch");
}

std::size_t arrange(const Data& data, const std::vector<DataSlot>& slots, const char* place,
                    const char* what, bool check_shapes, std::vector<ConstView>& views) {
  if (data.size() != slots.size())
    throw ShapeError(place, "expected " + std::to_string(slots.size()) + " " + what +
                                (slots.size() == 1 ? " array" : " arrays") + ", got " +
                                std::to_string(data.size()));
  views.resize(slots.size());
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const Tensor& tensor = find_tensor(data, slots, i, place, what);
    if (tensor.shape().empty())
      throw ShapeError(place, std::string("the ") + what + " '" + slots[i].name + "' is empty",
                       "give an array of shape " + slots[i].shape.to_string_with_samples());
    views[i] = tensor.view();
    if (views[i].shape.rank() == 1) views[i].shape = Shape{views[i].shape[0], 1};
    if (check_shapes) {
      check_shape(views[i], tensor.shape(), slots[i], place, what);
      if (slots[i].indices_below != 0) check_indices(views[i], slots[i], place);
    }
    const std::size_t samples = views[i].shape.front();
    if (samples != views[0].shape.front())
      throw ShapeError(place, std::string("expected as many samples in '") + slots[i].name +
                                  "' as in '" + slots[0].name + "' (" +
                                  std::to_string(views[0].shape.front()) + "), got " +
                                  std::to_string(samples));
  }
  return views.empty() ? 0 : views[0].shape.front();
}

}  // namespace cornu
