#include "cornu/graph/variables.hpp"

#include <algorithm>
#include <limits>

#include "cornu/core/error.hpp"

namespace cornu {
namespace {

std::size_t storage_size(const std::vector<DeclaredArray>& declared) {
  std::size_t size = 0;
  for (const DeclaredArray& d : declared) size += aligned_size(d.shape.size());
  return size;
}

/// The storage of a layer. When there is no memory for it the error names the largest array.
std::shared_ptr<AlignedArray> make_storage(const Layer& layer, const Declarations& declared) {
  const DeclaredArray* largest = nullptr;
  double total = 0;
  for (const auto* kind : {&declared.parameters, &declared.states})
    for (const DeclaredArray& array : *kind) {
      total += static_cast<double>(array.shape.size());
      if (largest == nullptr || array.shape.size() > largest->shape.size()) largest = &array;
    }
  constexpr double most = static_cast<double>(std::numeric_limits<std::ptrdiff_t>::max()) / 16;
  try {
    if (total < most)
      return std::make_shared<AlignedArray>(storage_size(declared.parameters) +
                                            storage_size(declared.states));
  } catch (const MemoryError&) {  // told better below
  }
  detail::throw_out_of_memory(layer.place(), largest->name + " " + largest->shape.to_string(),
                              static_cast<double>(largest->shape.size()));
}

thread_local LoadingScope* loading = nullptr;

bool draws_values() {
  return loading == nullptr || loading->values() == LoadingScope::Values::initialized;
}

/// What the layer stores; where sizes of a file are beyond all bounds, a number beyond them, too.
std::size_t numbers_stored(const Declarations& declared) {
  const std::size_t arrays = declared.parameters.size() + declared.states.size();
  const std::size_t bound = std::numeric_limits<std::size_t>::max() / (2 * arrays + 2);
  for (const auto* kind : {&declared.parameters, &declared.states})
    for (const DeclaredArray& array : *kind)
      if (array.shape.size() >= bound) return bound;
  return storage_size(declared.parameters) + storage_size(declared.states);
}

void make_variables(Layer& layer, const Declarations& declared) {
  if (loading != nullptr) loading->take(numbers_stored(declared), layer);
  auto variables = std::make_shared<Variables>();
  variables->storage = make_storage(layer, declared);
  Scalar* at = variables->storage->data();
  const auto add = [&](const DeclaredArray& d, bool trained, std::vector<Variable>& to) {
    const Array values(at, d.shape.size());
    at += aligned_size(values.size());
    if (d.constraint) d.constraint->check(d.shape);
    if (!trained || draws_values()) {
      RandomStream random =
          trained ? detail::next_initialization_stream() : RandomStream(0, Purpose::initialization);
      if (loading != nullptr) loading->take_drawing(d.shape, d.init, layer);
      d.init.fill(d.shape, random, values);
    }
    to.push_back({layer.name() + "_" + d.name, d.slot, d.shape, values, trained, d.regularizer,
                  d.constraint});
  };
  for (const DeclaredArray& d : declared.parameters) add(d, true, variables->parameters);
  for (const DeclaredArray& d : declared.states) add(d, false, variables->states);
  layer.set_variables(std::move(variables));
  try {
    const std::vector<Tensor> weights = layer.initial_weights();
    if (!weights.empty()) layer.set_weights(weights);
  } catch (...) {
    layer.set_variables(nullptr);
    throw;
  }
}

void compare(const Layer& layer, const std::vector<DeclaredArray>& declared,
             const std::vector<Variable>& made) {
  if (declared.size() != made.size())
    throw ShapeError(layer.place(), "the layer declares other weights than at its first call");
  for (std::size_t i = 0; i < made.size(); ++i) {
    if (declared[i].slot != made[i].slot)
      throw ShapeError(layer.place(), "the layer declares other weights than at its first call");
    if (!(declared[i].shape == made[i].shape))
      throw ShapeError(layer.place(),
                       "expected an input for which " + made[i].name + " has shape " +
                           made[i].shape.to_string() + ", got one for which it has " +
                           declared[i].shape.to_string(),
                       "a layer that is called again keeps the weights of its first call");
  }
}

/// Sizes that open axes are tried with: large enough for any window, and divisible by many numbers.
constexpr std::size_t tried[] = {5040, 7560};

Shape build_with(const Layer& layer, std::span<const Shape> inputs, std::size_t size,
                 Declarations& declared) {
  std::vector<Shape> shapes;
  for (const Shape& input : inputs) {
    std::vector<std::size_t> sizes(input.begin(), input.end());
    std::replace(sizes.begin(), sizes.end(), Shape::any, size);
    shapes.emplace_back(sizes);
  }
  try {
    return layer.build(shapes, declared);
  } catch (const ShapeError& error) {
    throw ShapeError(layer.place(),
                     "does not take inputs with open axes: with " + std::to_string(size) +
                         " for each of them, " + error.what(),
                     "give every axis a size");
  }
}

/// See `declare`.
Shape build_open(const Layer& layer, std::span<const Shape> inputs, Declarations& declared) {
  Declarations other(layer.place());
  const Shape a = build_with(layer, inputs, tried[0], declared);
  const Shape b = build_with(layer, inputs, tried[1], other);
  const auto same = [](const DeclaredArray& p, const DeclaredArray& q) {
    return p.slot == q.slot && p.shape == q.shape;
  };
  for (const auto kind : {&Declarations::parameters, &Declarations::states}) {
    const auto& first = declared.*kind;
    const auto& second = other.*kind;
    if (!std::equal(first.begin(), first.end(), second.begin(), second.end(), same))
      throw ShapeError(layer.place(),
                       "expected an input without open axes, got " +
                           inputs[0].to_string_with_samples() +
                           ": the layer's weights depend on their sizes",
                       "give every axis a size, or use a layer that works step by step");
  }
  if (a.rank() != b.rank()) throw ShapeError(layer.place(), "does not take inputs with open axes");
  std::vector<std::size_t> sizes;
  for (std::size_t i = 0; i < a.rank(); ++i) sizes.push_back(a[i] == b[i] ? a[i] : Shape::any);
  return Shape(sizes);
}

}  // namespace

LoadingScope::LoadingScope(const Limits& limits, Values values)
    : most_(limits), left_(limits), values_(values), outer_(loading) {
  loading = this;
}

LoadingScope::~LoadingScope() { loading = outer_; }

LoadingScope* LoadingScope::current() { return loading; }

void LoadingScope::take(std::size_t elements, const Layer& layer) {
  if (elements > left_.weights)
    throw FormatError(layer.place(),
                      "the model's weights have more than " + std::to_string(most_.weights) +
                          " numbers: the limit, or all that the file can hold",
                      "raise LoadLimits::elements if you trust the file");
  left_.weights -= elements;
}

void LoadingScope::take_drawing(const Shape& shape, const Initializer& init, const Layer& layer) {
  const double numbers = static_cast<double>(shape.size());
  // A random number takes some ten operations; an orthogonal basis of n rows n times as many.
  const double columns = shape.empty() ? 1 : static_cast<double>(shape[shape.rank() - 1]);
  const double rank = init.name() == "orthogonal" ? std::min(columns, numbers / columns) : 1;
  left_.operations -= 10 * numbers * rank;
  if (left_.operations < 0)
    throw FormatError(layer.place(),
                      "drawing initial weights of shape " + shape.to_string() + " by '" +
                          std::string(init.name()) + "' would take more operations than the limit",
                      "raise LoadLimits::operations if you trust the file");
}

void LoadingScope::check_sample(std::size_t elements, const Layer& layer) const {
  if (elements > most_.sample)
    throw FormatError(layer.place(),
                      "one sample has " + std::to_string(elements) +
                          " numbers, more than the limit of " + std::to_string(most_.sample),
                      "raise LoadLimits::elements if you trust the file");
}

DeclaredCall declare(Layer& layer, std::span<const Shape> inputs) {
  Declarations declared(layer.place());
  const bool open =
      std::any_of(inputs.begin(), inputs.end(), [](const Shape& shape) { return shape.open(); });
  const Shape output = open ? build_open(layer, inputs, declared) : layer.build(inputs, declared);
  if (loading != nullptr && !open) {
    if (!output.open()) loading->check_sample(output.size(), layer);
    for (const auto* kind : {&declared.carries, &declared.caches, &declared.workspaces})
      for (const DeclaredScratch& scratch : *kind) loading->check_sample(scratch.at(1), layer);
  }
  if (const Variables* made = layer.variables()) {
    compare(layer, declared.parameters, made->parameters);
    compare(layer, declared.states, made->states);
  } else {
    make_variables(layer, declared);
  }
  return {output, std::move(declared.carries), std::move(declared.caches),
          std::move(declared.workspaces)};
}

void place_variables(const std::vector<LayerPtr>& layers) {
  std::vector<LayerPtr> loose;
  std::vector<std::shared_ptr<Variables>> moved;
  std::size_t size = 0;
  for (const LayerPtr& layer : layers) {
    const Variables* variables = layer->variables();
    if (variables == nullptr || variables->placed) continue;
    loose.push_back(layer);
    moved.push_back(std::make_shared<Variables>(*variables));
    size += variables->storage->size();
  }
  const auto storage = std::make_shared<AlignedArray>(size);
  Scalar* at = storage->data();
  const auto move = [&at](Variable& variable) {
    std::copy(variable.values.begin(), variable.values.end(), at);
    variable.values = Array(at, variable.values.size());
    at += aligned_size(variable.values.size());
  };
  for (const auto& variables : moved)
    for (Variable& parameter : variables->parameters) move(parameter);
  for (const auto& variables : moved)
    for (Variable& state : variables->states) move(state);
  for (std::size_t i = 0; i < loose.size(); ++i) {
    moved[i]->storage = storage;
    moved[i]->placed = true;
    loose[i]->set_variables(std::move(moved[i]));
  }
}

TrainedParameters::TrainedParameters(const std::vector<LayerPtr>& layers) {
  for (const LayerPtr& layer : layers) {
    for (const Variable& parameter : layer->variables()->parameters) {
      entries.push_back({layer.get(), &parameter, size});
      Scalar* const begin = parameter.values.data();
      const std::size_t length = aligned_size(parameter.values.size());
      if (!segments.empty() &&
          segments.back().values.data() + segments.back().values.size() == begin)
        segments.back().values = {segments.back().values.data(),
                                  segments.back().values.size() + length};
      else
        segments.push_back({Array(begin, length), size});
      size += length;
    }
  }
}

}  // namespace cornu
