// Sums and maps along the channels of an array, and the normalization of rows, each by itself: a
// row stays in the cache from its first pass to its last. Compiled once for each instruction set
// (core/loops.hpp).

#include "cornu/kernels/normalization/normalization.hpp"

#include "cornu/core/loops.hpp"
#include "cornu/kernels/normalization/channel_sums.inc"
#include "cornu/kernels/vectors/maps.inc"

namespace cornu::kernels {

namespace normalization {

/// The family's loops for one instruction set.
struct Table {
  // Of the channels [first, last).
  void (*channel_means)(const Scalar* x, const Channels& channels, std::size_t first,
                        std::size_t last, Scalar* means);
  void (*channel_variances)(const Scalar* x, const Channels& channels, std::size_t first,
                            std::size_t last, const Scalar* means, Scalar* variances);
  void (*channel_products)(const Scalar* x, const Scalar* dy, const Channels& channels,
                           std::size_t first, std::size_t last, const Scalar* centres,
                           Scalar* products, Scalar* sums);
  void (*channel_scale)(const Scalar* x, const Channels& channels, std::size_t first,
                        std::size_t last, const Scalar* centres, const Scalar* slopes,
                        const Scalar* shifts, Scalar* y);
  void (*channel_combine)(const Scalar* x, const Scalar* dy, const Channels& channels,
                          std::size_t first, std::size_t last, const Scalar* centres,
                          const Scalar* dy_centres, const Scalar* a, const Scalar* b, Scalar* dx);
  // Of the rows [first, last).
  void (*normalize_rows)(const Scalar* x, std::size_t first, std::size_t last, std::size_t columns,
                         const Scalar* gamma, const Scalar* beta, Scalar epsilon, Scalar* means,
                         Scalar* deviations, Scalar* y);
  void (*normalize_rows_backward)(const Scalar* x, const Scalar* dy, std::size_t first,
                                  std::size_t last, std::size_t columns, const Scalar* gamma,
                                  const Scalar* means, const Scalar* deviations, Scalar epsilon,
                                  Scalar* dgamma, Scalar* dbeta, Scalar* dx);
  // Of the columns [first, last): dgamma and dbeta.
  void (*normalize_rows_gradients)(const Scalar* x, const Scalar* dy, std::size_t rows,
                                   std::size_t columns, std::size_t first, std::size_t last,
                                   const Scalar* means, const Scalar* deviations, Scalar epsilon,
                                   Scalar* dgamma, Scalar* dbeta);
};
extern const Table CORNU_INSTRUCTION_SETS;

}  // namespace normalization

namespace loops {
namespace {

// As the first number plus the mean distance from it: a constant channel has exactly itself as its
// mean, and channels far from zero lose no digits.
void channel_means(const Scalar* x, const Channels& channels, size_t first, size_t last,
                   Scalar* means) {
  const Scalar members = static_cast<Scalar>(channels.outer * channels.inner);
  const auto distance = [=](size_t i, auto strip, const auto& start, size_t v) {
    return strip.load(x + i, v) - start[v];
  };
  sum_channels(channels, first, last, x, channels.inner, distance, {means});
  for (size_t c = first; c < last; ++c) means[c] = x[c * channels.inner] + means[c] / members;
}

void channel_variances(const Scalar* x, const Channels& channels, size_t first, size_t last,
                       const Scalar* means, Scalar* variances) {
  const Scalar members = static_cast<Scalar>(channels.outer * channels.inner);
  const auto square = [=](size_t i, auto strip, const auto& mean, size_t v) {
    const Vector distance = strip.load(x + i, v) - mean[v];
    return distance * distance;
  };
  sum_channels(channels, first, last, means, 1, square, {variances});
  for (size_t c = first; c < last; ++c) variances[c] /= members;
}

void channel_products(const Scalar* x, const Scalar* dy, const Channels& channels, size_t first,
                      size_t last, const Scalar* centres, Scalar* products, Scalar* sums) {
  const auto both = [=](size_t i, auto strip, const auto& centre, size_t v) {
    if (v >= strip.vectors) return strip.load(dy + i, v - strip.vectors);
    return strip.load(dy + i, v) * (strip.load(x + i, v) - centre[v]);
  };
  sum_channels(channels, first, last, centres, 1, both, {products, sums});
}

/// Calls body(first element, count, channel) for each run of a channel of [first, last).
template <class Body>
inline void for_runs(const Channels& channels, size_t first, size_t last, const Body& body) {
  for (size_t o = 0; o < channels.outer; ++o)
    for (size_t c = first; c < last; ++c)
      body((o * channels.count + c) * channels.inner, channels.inner, c);
}

void channel_scale(const Scalar* x, const Channels& channels, size_t first, size_t last,
                   const Scalar* centres, const Scalar* slopes, const Scalar* shifts, Scalar* y) {
  const bool far = is_far(channels.outer * channels.count * channels.inner);
  if (channels.inner == 1) {
    for (size_t row = 0; row < channels.outer; ++row) {
      const Scalar* const x_r = x + row * channels.count + first;
      Scalar* const y_r = y + row * channels.count + first;
      each(last - first, far, ahead(x_r, y_r), [=](size_t c) {
        y_r[c] = slopes[first + c] * (x_r[c] - centres[first + c]) + shifts[first + c];
      });
    }
    return;
  }
  for_runs(channels, first, last, [=](size_t at, size_t count, size_t c) {
    const Scalar centre = centres[c], slope = slopes[c], shift = shifts[c];
    const Scalar* const x_r = x + at;
    Scalar* const y_r = y + at;
    each(count, far, ahead(x_r, y_r),
         [=](size_t i) { y_r[i] = slope * (x_r[i] - centre) + shift; });
  });
}

void channel_combine(const Scalar* x, const Scalar* dy, const Channels& channels, size_t first,
                     size_t last, const Scalar* centres, const Scalar* dy_centres, const Scalar* a,
                     const Scalar* b, Scalar* dx) {
  const bool far = is_far(channels.outer * channels.count * channels.inner);
  if (channels.inner == 1) {
    for (size_t row = 0; row < channels.outer; ++row) {
      const size_t at = row * channels.count + first;
      const Scalar *const x_r = x + at, *const dy_r = dy + at;
      Scalar* const dx_r = dx + at;
      each(last - first, far, ahead(x_r, dy_r, dx_r), [=](size_t k) {
        const size_t j = first + k;
        dx_r[k] = a[j] * (dy_r[k] - dy_centres[j]) + b[j] * (x_r[k] - centres[j]);
      });
    }
    return;
  }
  for_runs(channels, first, last, [=](size_t at, size_t count, size_t j) {
    const Scalar centre = centres[j], dy_centre = dy_centres[j], factor = a[j], slope = b[j];
    const Scalar *const x_r = x + at, *const dy_r = dy + at;
    Scalar* const dx_r = dx + at;
    each(count, far, ahead(x_r, dy_r, dx_r),
         [=](size_t i) { dx_r[i] = factor * (dy_r[i] - dy_centre) + slope * (x_r[i] - centre); });
  });
}

void normalize_rows(const Scalar* x, size_t first, size_t last, size_t columns, const Scalar* gamma,
                    const Scalar* beta, Scalar epsilon, Scalar* means, Scalar* deviations,
                    Scalar* y) {
  const bool far = is_far((last - first) * columns);
  const size_t next = next_row(columns);
  const Channels row{1, 1, columns};
  for (size_t r = first; r < last; ++r) {
    const Scalar* const x_r = x + r * columns;
    Scalar* const y_r = y + r * columns;
    Scalar mean, variance;
    channel_means(x_r, row, 0, 1, &mean);
    channel_variances(x_r, row, 0, 1, &mean, &variance);
    const Scalar deviation = square_root(variance), slope = 1 / (deviation + epsilon);
    if (means) {
      means[r] = mean;
      deviations[r] = deviation;
    }
    each(columns, far, ahead(x_r + next, y_r + next),
         [=](size_t c) { y_r[c] = gamma[c] * ((x_r[c] - mean) * slope) + beta[c]; });
  }
}

/// What one row, or a part of it, adds to dgamma and dbeta.
inline void add_row(const Scalar* x, const Scalar* dy, size_t columns, bool far, Scalar mean,
                    Scalar slope, Scalar* dgamma, Scalar* dbeta) {
  each(columns, far, ahead(x, dy), [=](size_t c) {
    dgamma[c] += dy[c] * ((x[c] - mean) * slope);
    dbeta[c] += dy[c];
  });
}

void normalize_rows_gradients(const Scalar* x, const Scalar* dy, size_t rows, size_t columns,
                              size_t first, size_t last, const Scalar* means,
                              const Scalar* deviations, Scalar epsilon, Scalar* dgamma,
                              Scalar* dbeta) {
  const bool far = is_far(rows * columns);
  for (size_t r = 0, i = first; r < rows; ++r, i += columns)
    add_row(x + i, dy + i, last - first, far, means[r], 1 / (deviations[r] + epsilon),
            dgamma + first, dbeta + first);
}

void normalize_rows_backward(const Scalar* x, const Scalar* dy, size_t first, size_t last,
                             size_t columns, const Scalar* gamma, const Scalar* means,
                             const Scalar* deviations, Scalar epsilon, Scalar* dgamma,
                             Scalar* dbeta, Scalar* dx) {
  const bool far = is_far((last - first) * columns);
  const size_t next = next_row(columns);
  const Channels row{1, 1, columns};
  const Scalar members = static_cast<Scalar>(columns);
  for (size_t r = first; r < last; ++r) {
    const Scalar *const x_r = x + r * columns, *const dy_r = dy + r * columns;
    const Scalar mean = means[r], deviation = deviations[r], slope = 1 / (deviation + epsilon);
    if (dgamma) add_row(x_r, dy_r, columns, far, mean, slope, dgamma, dbeta);
    if (!dx) continue;
    Scalar* const dx_r = dx + r * columns;
    if (deviation == 0) {
      for (size_t c = 0; c < columns; ++c) dx_r[c] = 0;
      continue;
    }
    Scalar product, sum;
    const auto both = [=](size_t i, auto strip, const auto& centre, size_t v) {
      const size_t w = v < strip.vectors ? v : v - strip.vectors;
      const Vector g = strip.load(dy_r + i, w) * strip.load(gamma + i, w);
      return v < strip.vectors ? g * (strip.load(x_r + i, w) - centre[w]) : g;
    };
    sum_runs(row, 0, mean, both, {&product, &sum});
    const Scalar mean_g = sum / members, pull = product * slope / members / deviation;
    each(columns, far, ahead(x_r + next, dy_r + next, dx_r + next), [=](size_t c) {
      dx_r[c] = slope * ((dy_r[c] * gamma[c] - mean_g) - (x_r[c] - mean) * pull);
    });
  }
}

}  // namespace
}  // namespace loops

const normalization::Table normalization::CORNU_LOOPS = {
    .channel_means = loops::channel_means,
    .channel_variances = loops::channel_variances,
    .channel_products = loops::channel_products,
    .channel_scale = loops::channel_scale,
    .channel_combine = loops::channel_combine,
    .normalize_rows = loops::normalize_rows,
    .normalize_rows_backward = loops::normalize_rows_backward,
    .normalize_rows_gradients = loops::normalize_rows_gradients,
};

}  // namespace cornu::kernels

#if defined(CORNU_DOORS)

#include "cornu/kernels/sharing.hpp"

namespace cornu::kernels {
namespace normalization {
namespace {

const Table& table() {
  static const Table& chosen = cornu::detail::of_instruction_set(CORNU_INSTRUCTION_SETS);
  return chosen;
}

}  // namespace
}  // namespace normalization

namespace {

using detail::least_numbers;
using detail::line;

/// kernel(first, last) over shares of the channels, which do not depend on each other.
template <class Kernel>
void share_channels(const Channels& channels, const Kernel& kernel) {
  const std::size_t n = channels.outer * channels.count * channels.inner;
  if (n == 0) return;
  const std::size_t parts = cornu::detail::parts_of(n, least_numbers);
  if (parts == 1) return kernel(std::size_t{0}, channels.count);
  cornu::detail::parallel(parts, [&](std::size_t part) {
    const std::size_t unit = channels.inner == 1 ? 4 * line : 1;
    const auto [first, last] = cornu::detail::share_of(channels.count, unit, part, parts);
    if (first != last) kernel(first, last);
  });
}

}  // namespace

void channel_means(const Scalar* x, const Channels& channels, Scalar* means) {
  share_channels(channels, [&](std::size_t first, std::size_t last) {
    normalization::table().channel_means(x, channels, first, last, means);
  });
}
void channel_variances(const Scalar* x, const Channels& channels, const Scalar* means,
                       Scalar* variances) {
  share_channels(channels, [&](std::size_t first, std::size_t last) {
    normalization::table().channel_variances(x, channels, first, last, means, variances);
  });
}
void channel_products(const Scalar* x, const Scalar* dy, const Channels& channels,
                      const Scalar* centres, Scalar* products, Scalar* sums) {
  share_channels(channels, [&](std::size_t first, std::size_t last) {
    normalization::table().channel_products(x, dy, channels, first, last, centres, products, sums);
  });
}
void channel_scale(const Scalar* x, const Channels& channels, const Scalar* centres,
                   const Scalar* slopes, const Scalar* shifts, Scalar* y) {
  share_channels(channels, [&](std::size_t first, std::size_t last) {
    normalization::table().channel_scale(x, channels, first, last, centres, slopes, shifts, y);
  });
}
void channel_combine(const Scalar* x, const Scalar* dy, const Channels& channels,
                     const Scalar* centres, const Scalar* dy_centres, const Scalar* a,
                     const Scalar* b, Scalar* dx) {
  share_channels(channels, [&](std::size_t first, std::size_t last) {
    normalization::table().channel_combine(x, dy, channels, first, last, centres, dy_centres, a, b,
                                           dx);
  });
}
void normalize_rows(const Scalar* x, std::size_t rows, std::size_t columns, const Scalar* gamma,
                    const Scalar* beta, Scalar epsilon, Scalar* means, Scalar* deviations,
                    Scalar* y) {
  share_channels({1, rows, columns}, [&](std::size_t first, std::size_t last) {
    normalization::table().normalize_rows(x, first, last, columns, gamma, beta, epsilon, means,
                                          deviations, y);
  });
}
void normalize_rows_backward(const Scalar* x, const Scalar* dy, std::size_t rows,
                             std::size_t columns, const Scalar* gamma, const Scalar* means,
                             const Scalar* deviations, Scalar epsilon, Scalar* dgamma,
                             Scalar* dbeta, Scalar* dx) {
  // Together while a row is in the cache; between threads, dgamma and dbeta by columns, so that the
  // bits do not depend on how many there are, and then dx by rows.
  const auto& table = normalization::table();
  if (cornu::detail::parts_of(rows * columns, least_numbers) == 1)
    return table.normalize_rows_backward(x, dy, 0, rows, columns, gamma, means, deviations, epsilon,
                                         dgamma, dbeta, dx);
  if (dgamma)
    share_channels({rows, columns, 1}, [&](std::size_t first, std::size_t last) {
      table.normalize_rows_gradients(x, dy, rows, columns, first, last, means, deviations, epsilon,
                                     dgamma, dbeta);
    });
  if (dx)
    share_channels({1, rows, columns}, [&](std::size_t first, std::size_t last) {
      table.normalize_rows_backward(x, dy, first, last, columns, gamma, means, deviations, epsilon,
                                    nullptr, nullptr, dx);
    });
}

}  // namespace cornu::kernels

#endif  // CORNU_DOORS
