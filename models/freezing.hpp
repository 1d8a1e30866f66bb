#pragma once

#include "cornu/layers/layer.hpp"
#include "cornu/models/model.hpp"

namespace cornu {

/// Freezes a model that others are built on: no optimizer changes its parameters, and its
/// BatchNormalization layers hold their running statistics still and normalize by them in training
/// too, so that it computes the same from then on (of Keras 1, whose `trainable = false` leaves
/// these statistics moving, later versions say so as well). The layers of inner models are frozen
/// too, files keep it, and what is trained changes at the next `compile`.
CORNU_API void freeze(Model& model);
/// The same for one layer.
CORNU_API void freeze(Layer& layer);
/// Takes it back.
CORNU_API void unfreeze(Model& model);
CORNU_API void unfreeze(Layer& layer);

}  // namespace cornu
