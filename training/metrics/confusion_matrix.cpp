#include "cornu/training/metrics/confusion_matrix.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "cornu/core/error.hpp"
#include "cornu/training/metrics/builtin_metrics.hpp"

namespace cornu {
namespace {

double part(std::uint64_t some, std::uint64_t all) {
  return all == 0 ? 0 : static_cast<double>(some) / static_cast<double>(all);
}

std::string padded(const std::string& text, std::size_t width) {
  return std::string(width - std::min(width, text.size()), ' ') + text;
}

std::string four_digits(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4f", value);
  return text;
}

}  // namespace

ConfusionMatrix::ConfusionMatrix(std::size_t classes) : classes_(classes) {
  if (classes < 2 || classes > 65535)
    throw ConfigError("confusion matrix",
                      "expected 2 to 65535 classes, got " + std::to_string(classes));
  counts_.resize(classes * classes);
}

void ConfusionMatrix::set_counts(std::vector<std::uint64_t> counts) {
  if (counts.size() != counts_.size())
    throw ConfigError("confusion matrix", "expected " + std::to_string(counts_.size()) +
                                              " counts, got " + std::to_string(counts.size()));
  counts_ = std::move(counts);
}

void ConfusionMatrix::reset() { std::fill(counts_.begin(), counts_.end(), 0); }

void ConfusionMatrix::update(ConstView t, ConstView p, double threshold) {
  const bool numbers = detail::has_class_numbers("confusion matrix", t, p);
  const std::size_t D = p.shape.back();
  const bool binary = D == 1 && classes_ == 2;
  if (!binary && D != classes_)
    throw ShapeError("confusion matrix", "expected predictions with " + std::to_string(classes_) +
                                             " columns, got shape " + p.shape.to_string());
  const std::size_t rows = p.shape.rows();
  if (numbers)
    for (std::size_t r = 0; r < rows; ++r)
      detail::class_number(t.data[r], "confusion matrix", classes_, r);
  for (std::size_t r = 0; r < rows; ++r) {
    const std::size_t truth =
        numbers ? static_cast<std::size_t>(t.data[r]) : detail::greatest(t.data + r * D, D);
    const std::size_t predicted =
        binary ? static_cast<std::size_t>(static_cast<double>(p.data[r]) >= threshold)
               : detail::greatest(p.data + r * D, D);
    ++counts_[truth * classes_ + predicted];
  }
}

std::uint64_t ConfusionMatrix::total() const noexcept {
  return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
}

std::uint64_t ConfusionMatrix::truths(std::size_t c) const {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < classes_; ++i) sum += count(c, i);
  return sum;
}

std::uint64_t ConfusionMatrix::predictions(std::size_t c) const {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < classes_; ++i) sum += count(i, c);
  return sum;
}

double ConfusionMatrix::accuracy() const noexcept {
  std::uint64_t right = 0;
  for (std::size_t c = 0; c < classes_; ++c) right += count(c, c);
  return part(right, total());
}

double ConfusionMatrix::precision(std::size_t c) const { return part(count(c, c), predictions(c)); }
double ConfusionMatrix::recall(std::size_t c) const { return part(count(c, c), truths(c)); }
// The same as the harmonic mean of precision and recall.
double ConfusionMatrix::f1(std::size_t c) const {
  return part(2 * count(c, c), truths(c) + predictions(c));
}
bool ConfusionMatrix::seen(std::size_t c) const { return truths(c) + predictions(c) > 0; }

std::string ConfusionMatrix::to_string(const std::vector<std::string>& names) const {
  const auto name = [&](std::size_t c) { return c < names.size() ? names[c] : std::to_string(c); };
  std::size_t first = std::string("precision").size(), width = std::string("0.0000").size();
  for (std::size_t c = 0; c < classes_; ++c) {
    first = std::max(first, name(c).size());
    width = std::max(width, name(c).size());
  }
  for (const std::uint64_t n : counts_) width = std::max(width, std::to_string(n).size());

  std::string text = padded("", first) + "  predicted\n" + padded("true", first);
  for (std::size_t c = 0; c < classes_; ++c) text += "  " + padded(name(c), width);
  text += "  recall\n";
  for (std::size_t r = 0; r < classes_; ++r) {
    text += padded(name(r), first);
    for (std::size_t c = 0; c < classes_; ++c)
      text += "  " + padded(std::to_string(count(r, c)), width);
    text += "  " + four_digits(recall(r)) + "\n";
  }
  text += padded("precision", first);
  for (std::size_t c = 0; c < classes_; ++c)
    text += "  " + padded(four_digits(precision(c)), width);
  return text + "  " + four_digits(accuracy()) + "\n";
}

}  // namespace cornu
