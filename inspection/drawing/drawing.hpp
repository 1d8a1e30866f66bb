#pragma once

#include <string>

#include "cornu/core/export.hpp"

namespace cornu {

class Model;

/// What a drawing shows.
struct DrawingOptions {
  /// Models used as layers are drawn with all that is in them; otherwise as one box each.
  bool open_models = true;
};

/// The model's graph as a picture: an SVG 1.1 document that stands alone and reads well on light
/// and on dark ground. One box is one call of a layer, with its name, class, what it does (the mode
/// of a merge, the activation), output shape and number of trained numbers. Calls of one shared
/// layer say so and have a colour in common; frozen layers are dashed. Layers that merge,
/// normalize, have weights or have none differ in colour.
///
/// The layout is Sugiyama's: ranks by longest path, crossings reduced by barycenters, positions by
/// weighted medians; long edges run around what they pass. Takes about a second for 1000 layers.
CORNU_API std::string to_svg(const Model& model, const DrawingOptions& options = {});

/// The same graph in the language of Graphviz: `dot -Tpdf model.dot`.
CORNU_API std::string to_dot(const Model& model, const DrawingOptions& options = {});

}  // namespace cornu
