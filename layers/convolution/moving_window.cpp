#include "cornu/layers/convolution/moving_window.hpp"

#include <algorithm>

#include "cornu/core/error.hpp"
#include "cornu/core/text/json.hpp"

namespace cornu::detail {
namespace {

/// A padded picture may have so many times the numbers of the picture, and so many more: windows
/// that see next to nothing but padding are refused before they take memory.
constexpr double most_padding_factor = 64, most_padding = 1 << 24;

const char* form_of(std::size_t axes, bool last) {
  if (axes == 1) return last ? "(N, steps, channels)" : "(N, channels, steps)";
  if (axes == 2) return last ? "(N, rows, columns, channels)" : "(N, channels, rows, columns)";
  return last ? "(N, dim1, dim2, dim3, channels)" : "(N, channels, dim1, dim2, dim3)";
}

}  // namespace

AxisSizes to_sizes(const std::vector<int>& numbers) {
  AxisSizes sizes{};
  sizes.axes = std::min<std::size_t>(numbers.size(), 3);
  for (std::size_t a = 0; a < sizes.axes; ++a)
    sizes.sizes[a] = static_cast<std::size_t>(numbers[a]);
  return sizes;
}

PictureSizes picture_sizes(const Layer& layer, std::size_t axes, bool channels_last,
                           const Shape& input) {
  if (input.rank() != axes + 1)
    throw ShapeError(layer.place(),
                     std::string("expected an input ") + form_of(axes, channels_last) + ", got " +
                         input.to_string_with_samples(),
                     "dim_ordering \"th\" has the channels first, \"tf\" last");
  PictureSizes sizes{channels_last ? input.back() : input.front(), {1, 1, 1}};
  for (std::size_t a = 0; a < axes; ++a)
    sizes.places[3 - axes + a] = input[channels_last ? a : a + 1];
  return sizes;
}

Shape picture_shape(std::size_t axes, bool channels_last, std::size_t channels,
                    const std::array<std::size_t, 3>& places) {
  std::array<std::size_t, 4> sizes{};
  std::copy(places.end() - static_cast<std::ptrdiff_t>(axes), places.end(),
            sizes.begin() + (channels_last ? 0 : 1));
  sizes[channels_last ? axes : 0] = channels;
  return Shape(std::span<const std::size_t>(sizes.data(), axes + 1));
}

kernels::Windows windows_on(const Layer& layer, const MovingWindow& moving,
                            const PictureSizes& sizes) {
  kernels::Windows windows;
  double numbers = static_cast<double>(sizes.channels), padded = numbers;
  for (std::size_t a = 0; a < moving.axes; ++a) {
    const std::size_t at = 3 - moving.axes + a, n = sizes.places[at], s = moving.stride[a];
    // Sizes of options are below 2^31, so that none of this overflows.
    const std::size_t reach = (moving.window[a] - 1) * moving.spread[a] + 1;
    std::size_t before = 0, output = 0;
    if (moving.border_mode == "valid") {
      if (reach > n)
        throw ShapeError(layer.place(),
                         "expected an input at least as large as the window, got " +
                             std::to_string(n) + " along axis " + std::to_string(a) +
                             " of the places for a window of " + std::to_string(reach),
                         "use a smaller window, or border_mode \"same\"");
      output = (n - reach) / s + 1;
    } else {
      output = (n + s - 1) / s;
      const std::size_t covered = (output - 1) * s + reach;
      const std::size_t padding = covered > n ? covered - n : 0;
      before = moving.border_mode == "causal" ? reach - 1 : padding / 2;
    }
    windows.axes[at] = {n, moving.window[a], s, moving.spread[a], before, output};
    numbers *= static_cast<double>(n);
    padded *= static_cast<double>(n + reach);
  }
  if (padded > most_padding_factor * numbers + most_padding)
    throw ShapeError(layer.place(),
                     "the window would see next to nothing but padding: a picture of " +
                         detail::number_text(numbers) + " numbers would be padded to " +
                         detail::number_text(padded),
                     "use a smaller window or atrous_rate");
  return windows;
}

std::array<std::size_t, 3> positions_of(const kernels::Windows& windows) {
  return {windows.axes[0].output, windows.axes[1].output, windows.axes[2].output};
}

void describe_ordering(Fields& fields, std::string& dim_ordering) {
  fields.field("dim_ordering", dim_ordering, {"th", "tf"},
               "th: channels first, (N, C, ...); tf: channels last, (N, ..., C)");
}

void describe_forgotten_ordering(Fields& fields, std::string& dim_ordering) {
  if (dim_ordering == "th" && !fields.visits_defaults()) return;
  fields.begin_additions();
  describe_ordering(fields, dim_ordering);
  fields.end_additions();
}

void describe_border(Fields& fields, std::string& border_mode, bool causal) {
  if (causal)
    fields.field("border_mode", border_mode, {"valid", "same", "causal"},
                 "valid: windows inside of the input only; same: padded, as many outputs as inputs "
                 "at stride 1; causal: padded before the first step");
  else
    fields.field("border_mode", border_mode, {"valid", "same"},
                 "valid: windows inside of the input only; same: padded, as many outputs as inputs "
                 "at stride 1");
}

void expect_numbers(const Layer& layer, const char* option, const std::vector<int>& numbers,
                    std::size_t axes) {
  if (numbers.size() != axes)
    throw ConfigError(layer.place(), std::string(option) + " expects " + std::to_string(axes) +
                                         (axes == 1 ? " number" : " numbers") + ", got " +
                                         std::to_string(numbers.size()));
}

}  // namespace cornu::detail
