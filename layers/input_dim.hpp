#pragma once

// Not a public header: checks that several layers share.

#include <string>

#include "cornu/core/error.hpp"
#include "cornu/layers/layer.hpp"

namespace cornu::detail {

/// Resolves Keras's short form `input_dim = D` of the input shape (D,). Throws ConfigError when a
/// shape is given too and says something else.
template <class Options>
Options with_input_dim(const char* class_name, Options options) {
  if (options.input_dim == 0) return options;
  const Shape& batch = options.batch_input_shape;
  const Shape given = batch.empty() ? options.input_shape : batch.without_samples();
  if (given.empty() && batch.empty())
    options.input_shape = Shape{options.input_dim};
  else if (given.empty() || given.back() != options.input_dim)
    throw ConfigError(class_name,
                      "input_dim is " + std::to_string(options.input_dim) +
                          ", but the input shape given beside it is " +
                          given.to_string_with_samples(),
                      "give one of the two");
  return options;
}

/// Throws ShapeError unless the sample shape has this rank; `form` is the whole shape in words.
inline void expect_rank(const Layer& layer, const Shape& input, std::size_t rank, const char* form,
                        const char* help) {
  if (input.rank() != rank)
    throw ShapeError(
        layer.place(),
        std::string("expected an input ") + form + ", got " + input.to_string_with_samples(), help);
}

}  // namespace cornu::detail
