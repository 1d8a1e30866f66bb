#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace cornu {

/// The place of an array that a layer stores: its number among those of its kind, from 0 in the
/// order of declaration, and its name. A layer writes down each once, as a constant, and declares
/// and reads the array by it:
///
///     static constexpr ParameterSlot W{0, "W"}, b{1, "b"};
///     builder.parameter(W, Shape{D, M}, "glorot_uniform");   // in build
///     z = x * run[W] + run[b];                               // in forward
///
/// A slot that is not declared (a layer without b) reads as an empty array.
template <class Kind>
struct LayerSlot {
  std::size_t index;
  std::string_view name;

  /// The slot of a layer within another, whose own slots of this kind begin at `first`.
  constexpr LayerSlot after(std::size_t first) const { return {first + index, name}; }
};

using ParameterSlot = LayerSlot<struct ParameterKind>;  ///< trained numbers
using StateSlot = LayerSlot<struct StateKind>;          ///< saved numbers that no gradient reaches
using CarriedSlot = LayerSlot<struct CarriedKind>;  ///< samples' numbers that go on over batches
using CacheSlot = LayerSlot<struct CacheKind>;      ///< what forward leaves to backward and update
using WorkspaceSlot = LayerSlot<struct WorkspaceKind>;  ///< of use within one forward or backward

/// Arrays found by their slots. Borrows them; cheap to copy.
template <class Slot, class Element>
class SlotTable {
 public:
  constexpr SlotTable() = default;
  constexpr SlotTable(std::span<const Element> arrays)  // NOLINT(google-explicit-constructor)
      : arrays_(arrays.data()), size_(arrays.size()) {}

  constexpr Element operator[](Slot slot) const {
    return slot.index < size_ ? arrays_[slot.index] : Element();
  }
  /// What a layer within another is handed: the arrays from slot number `first` on.
  constexpr SlotTable from(std::size_t first) const {
    return first < size_ ? SlotTable(std::span<const Element>(arrays_ + first, size_ - first))
                         : SlotTable();
  }

 private:
  const Element* arrays_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace cornu
