#include "cornu/models/freezing.hpp"

namespace cornu {
namespace {

void set_frozen(Layer& layer, bool frozen) {
  layer.set_trainable(!frozen);
  layer.hold_states(frozen);
}

}  // namespace

void freeze(Layer& layer) { set_frozen(layer, true); }
void unfreeze(Layer& layer) { set_frozen(layer, false); }

void freeze(Model& model) {
  for (const LayerPtr& layer : model.layers()) freeze(*layer);
}
void unfreeze(Model& model) {
  for (const LayerPtr& layer : model.layers()) unfreeze(*layer);
}

}  // namespace cornu
