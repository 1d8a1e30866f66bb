#include "cornu/datasets/pad_sequences.hpp"

#include <algorithm>
#include <span>

#include "cornu/core/error.hpp"

namespace cornu {
namespace {

constexpr const char* place = "pad_sequences";

/// Whether the word is "post" and not "pre".
bool at_the_end(const std::string& word, const char* option) {
  if (word != "pre" && word != "post")
    throw ConfigError(place,
                      std::string(option) + ": expected 'pre' or 'post', got '" + word + "'");
  return word == "post";
}

/// One sequence: its numbers, and how many steps they are.
struct Sequence {
  const Scalar* numbers;
  std::size_t steps;
};

Tensor pad(const std::vector<Sequence>& sequences, const Shape& step, const PadOptions& options) {
  const bool pad_end = at_the_end(options.padding, "padding");
  const bool cut_end = at_the_end(options.truncating, "truncating");
  if (sequences.empty()) throw ShapeError(place, "expected at least one sequence, got none");
  std::size_t length = options.maxlen;
  if (length == 0)
    for (const Sequence& sequence : sequences) length = std::max(length, sequence.steps);
  if (length == 0)
    throw ShapeError(place, "expected a sequence of at least one step, got only empty ones",
                     "give a maxlen");
  Tensor padded(step.with_samples(length).with_samples(sequences.size()));
  std::fill(padded.begin(), padded.end(), options.value);
  const std::size_t width = step.size();
  Scalar* row = padded.data();
  for (const Sequence& sequence : sequences) {
    const std::size_t taken = std::min(length, sequence.steps);
    const std::size_t from = cut_end ? 0 : sequence.steps - taken;
    const std::size_t to = pad_end ? 0 : length - taken;
    std::copy_n(sequence.numbers + from * width, taken * width, row + to * width);
    row += length * width;
  }
  return padded;
}

}  // namespace

Tensor pad_sequences(const std::vector<std::vector<Scalar>>& sequences, const PadOptions& options) {
  std::vector<Sequence> views;
  for (const std::vector<Scalar>& sequence : sequences)
    views.push_back({sequence.data(), sequence.size()});
  return pad(views, Shape(), options);
}

Tensor pad_sequences(const std::vector<Tensor>& sequences, const PadOptions& options) {
  std::vector<Sequence> views;
  Shape step;
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    const Shape& shape = sequences[i].shape();
    if (shape.empty())
      throw ShapeError(place, "expected sequences (T, ...), got a tensor without axes at index " +
                                  std::to_string(i));
    if (i == 0) step = shape.without_samples();
    if (!(shape.without_samples() == step))
      throw ShapeError(place, "expected steps of shape " + step.to_string() + ", got " +
                                  shape.without_samples().to_string() + " at index " +
                                  std::to_string(i));
    views.push_back({sequences[i].data(), shape.front()});
  }
  return pad(views, step, options);
}

}  // namespace cornu
