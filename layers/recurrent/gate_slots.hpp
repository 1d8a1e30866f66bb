#pragma once

// Not a public header: the names of what recurrent layers store.

#include <array>

#include "cornu/layers/layer.hpp"

namespace cornu::detail {

/// The parameters of one gate, or of all gates side by side.
struct GateSlots {
  ParameterSlot W, U, b;
  ParameterSlot c;  ///< added to the product with U; only for GRU's reset_after
};

/// What every recurrent layer stores. N samples, T steps, G gates of H units each, D numbers of a
/// step of the input. The first axis is that of the steps, in the order of processing: what belongs
/// to one step lies together.
namespace recurrent_slots {

inline constexpr CacheSlot x{0, "x"};            ///< (T, N, D)
inline constexpr CacheSlot mask{1, "mask"};      ///< (T, N)
inline constexpr CacheSlot gates{2, "gates"};    ///< (T, N, G H): z = x W + b, then the gates
inline constexpr CacheSlot sums{3, "sums"};      ///< the same before the activations, for some
inline constexpr CacheSlot h{4, "h"};            ///< (T + 1, N, H), from the state before the first
inline constexpr CacheSlot c{5, "c"};            ///< the same, for LSTM
inline constexpr CacheSlot inner{6, "inner"};    ///< (T, N, H): GRU's r h, or p with reset_after
inline constexpr CacheSlot drop_W{7, "drop_W"};  ///< (G, N, D): 0 or 1 / (1 - dropout_W)
inline constexpr CacheSlot drop_U{8, "drop_U"};  ///< (G, N, H)

inline constexpr WorkspaceSlot W{0, "W"};              ///< (D, G H): all gates side by side
inline constexpr WorkspaceSlot b{1, "b"};              ///< (G H,)
inline constexpr WorkspaceSlot c_row{2, "c_row"};      ///< (G H,)
inline constexpr WorkspaceSlot U{3, "U"};              ///< packed, or its transpose
inline constexpr WorkspaceSlot dropped{4, "dropped"};  ///< (T, N, max(D, H)): x or h, some dropped
inline constexpr WorkspaceSlot dz{5, "dz"};            ///< (T, N, G H)
inline constexpr WorkspaceSlot dp{6, "dp"};            ///< (T, N, H), with reset_after
inline constexpr WorkspaceSlot dh{7, "dh"};            ///< (T + 1, N, H)
inline constexpr WorkspaceSlot dc{8, "dc"};            ///< (2, N, H): after a step, and before it
inline constexpr WorkspaceSlot held{9,
                                    "held"};  ///< (2, N, H): gradients that pass a masked step by
inline constexpr WorkspaceSlot inside{10, "inside"};  ///< (2, N, H): for use within a step
inline constexpr WorkspaceSlot dx{11, "dx"};          ///< (T, N, D)

inline constexpr CarriedSlot carried_h{0, "h"};  ///< (N, H): the state before the next batch
inline constexpr CarriedSlot carried_c{1, "c"};

}  // namespace recurrent_slots
}  // namespace cornu::detail
