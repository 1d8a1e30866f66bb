#pragma once

#include "cornu/layers/checking/gradient_check.hpp"
#include "cornu/models/model.hpp"

namespace cornu {

/// Checks the gradients that a compiled model trains with against differences of its training loss
/// on x and y: every element of every trained parameter, through all outputs with their losses and
/// weights, shared layers, models in the model and penalties. `options.samples` and `seed` are not
/// used: random layers draw what they would draw in the next step, the same each time.
///
/// The weights move while it works, so the model is to be left alone; afterwards all of it is as
/// before: weights, states, metrics, optimizer and random numbers. Takes some ten losses an
/// element. It passes right models and fails wrong ones in float as in double; what float cannot
/// tell is an error below a thousandth, or one in an element whose derivative is smaller than the
/// rounding of the loss.
///
/// Throws ConfigError when the model is not compiled, ShapeError for data that does not fit,
/// NumericError when the loss is not finite.
CORNU_API GradientReport gradient_check(Model& model, const Data& x, const Data& y,
                                        const GradientCheckOptions& options = {},
                                        const Data& sample_weight = {});

}  // namespace cornu
