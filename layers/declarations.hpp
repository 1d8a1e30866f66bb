#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cornu/layers/layer.hpp"

namespace cornu {

/// A parameter or a state as a layer declared it.
struct DeclaredArray {
  std::size_t slot;
  std::string name;
  Shape shape;
  Initializer init;  ///< of a state: all numbers the same
  Regularizer regularizer;
  Constraint constraint;
};

/// A cache or a workspace as a layer declared it: `per_sample * N + fixed` numbers.
struct DeclaredScratch {
  std::size_t slot;
  std::string name;
  std::size_t per_sample, fixed;
  Kept kept;

  std::size_t at(std::size_t samples) const { return per_sample * samples + fixed; }
};

/// What a layer declares for one call, taken down: `layer.build(inputs, declarations)`.
/// Declarations that Builder does not allow throw ConfigError at `place`, the layer's.
struct CORNU_API Declarations : Builder {
  explicit Declarations(std::string layer_place) : place(std::move(layer_place)) {}

  void parameter(ParameterSlot slot, const Shape& shape, const Initializer& init,
                 const Regularizer& regularizer, const Constraint& constraint) override;
  void state(StateSlot slot, const Shape& shape, Scalar value) override;
  void carried(CarriedSlot slot, std::size_t per_sample) override;
  void cache(CacheSlot slot, std::size_t per_sample, std::size_t fixed, Kept kept) override;
  void workspace(WorkspaceSlot slot, std::size_t per_sample, std::size_t fixed) override;

  std::string place;
  std::vector<DeclaredArray> parameters, states;
  std::vector<DeclaredScratch> carries, caches, workspaces;
};

namespace detail {

/// The length of a table that has an entry for each slot up to the last one that was declared.
template <class Declared>
std::size_t table_size(const std::vector<Declared>& declared) {
  return declared.empty() ? 0 : declared.back().slot + 1;
}

}  // namespace detail

}  // namespace cornu
