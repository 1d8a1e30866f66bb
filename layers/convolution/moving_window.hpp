#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <vector>

#include "cornu/kernels/windows/windows.hpp"
#include "cornu/layers/layer.hpp"

namespace cornu::detail {

/// How a window moves over the places of a picture: what the options of convolution and pooling
/// say, whatever the number of axes.
struct MovingWindow {
  std::size_t axes;  ///< 1, 2 or 3; the arrays below have one number for each
  std::array<std::size_t, 3> window;
  std::array<std::size_t, 3> stride;
  std::array<std::size_t, 3> spread;  ///< from tap to tap; 1 unless the window is dilated
  std::string border_mode;            ///< "valid", "same" or, along time, "causal"
  bool channels_last;                 ///< (N, places, C) instead of (N, C, places)
};

/// Sizes along one, two or three axes.
struct AxisSizes {
  std::size_t axes = 0;
  std::array<std::size_t, 3> sizes{1, 1, 1};

  AxisSizes(std::initializer_list<std::size_t> given) : axes(given.size()) {
    std::copy(given.begin(), given.end(), sizes.begin());
  }
};
/// An option of one number for each axis, all above 0.
CORNU_API AxisSizes to_sizes(const std::vector<int>& numbers);
/// What windows, strides and numbers of filters may be.
inline constexpr Range size_range = Range::closed(1, 0x7fffffff);

inline MovingWindow moving_window(const AxisSizes& window, const AxisSizes& stride,
                                  const AxisSizes& spread, std::string border_mode,
                                  bool channels_last) {
  return {window.axes,  window.sizes,           stride.sizes,
          spread.sizes, std::move(border_mode), channels_last};
}

/// The channels of a sample, and its places along each axis, with leading ones.
struct PictureSizes {
  std::size_t channels;
  std::array<std::size_t, 3> places;
};
/// Throws ShapeError unless the sample shape has `axes` axes beside the channels'.
CORNU_API PictureSizes picture_sizes(const Layer& layer, std::size_t axes, bool channels_last,
                                     const Shape& input);
/// The sample shape of such a picture, the last `axes` of the places.
CORNU_API Shape picture_shape(std::size_t axes, bool channels_last, std::size_t channels,
                              const std::array<std::size_t, 3>& places);

/// Where the window stands on a picture with these places. Keras 1 over TensorFlow:
///
///     valid:   no padding, floor((n - k) / s) + 1 positions
///     same:    ceil(n / s) positions; max((ceil(n / s) - 1) s + k - n, 0) zeros, the smaller half
///     before causal:  k - 1 zeros before, none after: no position sees what comes later
///
/// with k the places from the first tap to the last. Throws ShapeError for a window that is larger
/// than the picture ("valid"), and where the padded picture would be larger than memory.
CORNU_API kernels::Windows windows_on(const Layer& layer, const MovingWindow& moving,
                                      const PictureSizes& sizes);
/// The positions of the window along each axis.
CORNU_API std::array<std::size_t, 3> positions_of(const kernels::Windows& windows);

/// "th" and "tf": whether channels stand last.
inline bool channels_last(const std::string& dim_ordering) { return dim_ordering == "tf"; }
/// Visits `dim_ordering`.
CORNU_API void describe_ordering(Fields& fields, std::string& dim_ordering);
/// The same for the layers that Keras 1.0.3 forgets it of: written when it is not "th".
CORNU_API void describe_forgotten_ordering(Fields& fields, std::string& dim_ordering);
/// Visits `border_mode`.
CORNU_API void describe_border(Fields& fields, std::string& border_mode, bool causal = false);
/// Throws ConfigError unless the option has one number for each axis.
CORNU_API void expect_numbers(const Layer& layer, const char* option,
                              const std::vector<int>& numbers, std::size_t axes);

/// Resolves Keras's short form `input_length`, `input_dim` of the input shape (steps, channels).
template <class Options>
Options with_steps(Options options) {
  const bool given = !options.input_shape.empty() || !options.batch_input_shape.empty();
  if (options.input_dim != 0 && options.input_length != 0 && !given)
    options.input_shape = Shape{options.input_length, options.input_dim};
  return options;
}

}  // namespace cornu::detail
