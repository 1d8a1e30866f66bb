#include "cornu/layers/convolution/theano_filters.hpp"

#include "cornu/core/error.hpp"

namespace cornu {

Tensor from_theano(const Tensor& W, const std::string& dim_ordering) {
  const Shape& shape = W.shape();
  if (dim_ordering != "th" && dim_ordering != "tf")
    throw ConfigError("from_theano",
                      "dim_ordering expects 'th' or 'tf', got '" + dim_ordering + "'");
  if (shape.rank() < 3 || shape.rank() > 5)
    throw ShapeError("from_theano", "expected filters with one to three axes of the window, got " +
                                        shape.to_string());
  // (outer, taps, inner): to turn every axis of the window is to reverse the taps.
  const bool last = dim_ordering == "tf";
  std::size_t taps = 1;
  for (std::size_t a = 0; a + 2 < shape.rank(); ++a) taps *= shape[last ? a : a + 2];
  const std::size_t others = taps == 0 ? 0 : W.size() / taps;
  const std::size_t outer = last ? 1 : others, inner = last ? others : 1;
  Tensor turned(shape);
  for (std::size_t o = 0; o < outer; ++o)
    for (std::size_t t = 0; t < taps; ++t)
      for (std::size_t i = 0; i < inner; ++i)
        turned.data()[(o * taps + t) * inner + i] = W.data()[(o * taps + taps - 1 - t) * inner + i];
  return turned;
}

}  // namespace cornu
