#include "cornu/datasets/split.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "cornu/core/error.hpp"
#include "cornu/datasets/labels.hpp"
#include "cornu/datasets/rows.hpp"

namespace cornu {
namespace {

/// How many of each class are held out: each class's share rounded down, and what is then missing
/// from the classes that lost most by that, the lower numbers first.
std::vector<std::size_t> shares(const std::vector<std::size_t>& counts, std::size_t wanted,
                                double part) {
  std::vector<std::size_t> held(counts.size()), order(counts.size());
  std::vector<double> lost(counts.size());
  for (std::size_t c = 0; c < counts.size(); ++c) {
    const double share = part * static_cast<double>(counts[c]);
    held[c] = static_cast<std::size_t>(share);
    lost[c] = share - static_cast<double>(held[c]);
  }
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return lost[a] > lost[b]; });
  std::size_t missing = wanted - std::min(wanted, std::reduce(held.begin(), held.end()));
  for (const std::size_t c : order)
    if (missing > 0 && held[c] < counts[c]) ++held[c], --missing;
  return held;
}

/// Which samples are held out, one flag a sample, `order` deciding within each class.
std::vector<bool> held_out_by_class(const std::vector<std::size_t>& order,
                                    const std::vector<std::size_t>& classes, std::size_t wanted,
                                    double part) {
  std::vector<std::size_t> counts(*std::max_element(classes.begin(), classes.end()) + 1);
  for (const std::size_t c : classes) ++counts[c];
  for (std::size_t c = 0; c < counts.size(); ++c)
    if (counts[c] == 1)
      throw ConfigError(
          "train_test_split",
          "class " + std::to_string(c) + " has one sample only, which cannot be in both sets",
          "leave that class out, or stratify = false");
  std::vector<std::size_t> left = shares(counts, wanted, part);
  std::vector<bool> held(classes.size());
  for (const std::size_t n : order)
    if (left[classes[n]] > 0) {
      held[n] = true;
      --left[classes[n]];
    }
  return held;
}

}  // namespace

TrainTestSplit train_test_split(const Tensor& x, const Tensor& y, const SplitOptions& options) {
  constexpr const char* place = "train_test_split";
  const std::size_t N = x.shape().empty() ? 0 : x.shape().front();
  if (N < 2 || y.shape().empty() || y.shape().front() != N)
    throw ShapeError(place, "expected two samples or more, and as many targets, got " +
                                x.shape().to_string() + " and " + y.shape().to_string());
  if (!(options.test_size > 0 && options.test_size < 1))
    throw ConfigError(place, "expected a test_size above 0 and below 1, got " +
                                 std::to_string(options.test_size));
  if (options.stratify && !options.shuffle)
    throw ConfigError(place, "stratify needs shuffle: the last samples hold what they hold");

  const auto rounded = std::llround(options.test_size * static_cast<double>(N));
  const std::size_t wanted = std::clamp<std::size_t>(static_cast<std::size_t>(rounded), 1, N - 1);
  std::vector<std::size_t> order(N);
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (options.shuffle) order = shuffled_order(N, options.seed);
  std::vector<bool> held(N);
  if (options.stratify)
    held = held_out_by_class(order, to_classes(y), wanted, options.test_size);
  else
    for (std::size_t i = N - wanted; i < N; ++i) held[order[i]] = true;

  TrainTestSplit split;
  for (const std::size_t n : order) (held[n] ? split.test : split.train).push_back(n);
  split.x_train = take_rows(x, split.train);
  split.x_test = take_rows(x, split.test);
  split.y_train = take_rows(y, split.train);
  split.y_test = take_rows(y, split.test);
  return split;
}

}  // namespace cornu
