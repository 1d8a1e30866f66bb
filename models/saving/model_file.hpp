#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cornu/core/export.hpp"
#include "cornu/core/tensor.hpp"

namespace cornu {

/// What a model file may ask for. A file that asks for more is refused before memory is taken and
/// time is spent. With the defaults everything that `save` wrote is read, and reading a file of S
/// bytes takes a + b S seconds at most (SECURITY.md).
struct LoadLimits {
  std::uint64_t bytes = std::uint64_t{1} << 40;  ///< of the file
  /// Numbers of all weights and states together, for a file without weights; those of a file with
  /// weights are as many as it can hold. And the numbers of one sample of any layer's output.
  std::size_t elements = std::size_t{1} << 28;
  /// Bytes of all arrays: weights, gradients, accumulators, and what replaying the sample takes; or
  /// sixteen times the size of the file where that is more.
  std::uint64_t memory = std::uint64_t{1} << 30;
  std::size_t depth = 160;                ///< of nesting
  std::size_t layers = 1'000'000;         ///< named in the file, nested ones included
  std::size_t name_length = 8 * 1024;     ///< bytes of a weight's name
  std::size_t string_length = 64 * 1024;  ///< bytes of any other string
  std::size_t values = 10'000'000;        ///< values in `config` and `training`
  /// Calls of layers, once for each time that a model around them is called in its turn.
  std::size_t calls = 300'000;
  /// Multiplications, roughly, of replaying the sample and of drawing first weights.
  double operations = 1e10;
};

/// How a model is read from a file.
struct LoadOptions {
  /// Accept NaN and infinite weights: for looking into a model that diverged.
  bool allow_nonfinite = false;
  /// Replay the file's sample and compare the outputs.
  bool check = true;
  LoadLimits limits = {};
  /// For `load_weights` only. The arrays of the same names are taken, whatever else is in the file;
  /// otherwise all of them, by their names or else in their order.
  bool by_name = false;
  /// For `load_weights` only. Arrays of another shape are passed over instead of refused.
  bool skip_mismatch = false;
  /// Loading that is not done by then ends with an IoError.
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  /// Asked now and then while loading; true ends it with an IoError. Empty: never.
  std::function<bool()> cancel = {};
};

/// What `load_weights` did, by the names of arrays.
struct WeightsReport {
  std::vector<std::string> taken;    ///< the model's weights that have the file's numbers now
  std::vector<std::string> skipped;  ///< in the file, not taken: of another name or shape
  std::vector<std::string> left;     ///< the model's weights that are as they were

  /// "taken 4: dense_1_W, ...; skipped 0; left 2: ..."
  CORNU_API std::string to_string() const;
};

/// How a model is written to a file.
struct SaveOptions {
  /// Numbers as base64 of their bytes instead of decimal text: half the size, ten times the speed.
  bool base64 = false;
  /// Write NaN and infinite weights instead of refusing to.
  bool allow_nonfinite = false;
  /// With the optimizer, its accumulators and counters: training goes on where it stopped.
  bool training = true;
};

namespace detail {

// What follows knows the format (docs/file-format.md) and nothing of models.

/// An array in a file: where its numbers are read from, or go to.
struct NamedArray {
  std::string name;  ///< "dense_1_W"
  Shape shape;
  ConstArray values;
};
struct NamedTarget {
  std::string name;
  Shape shape;
  Array values;
};

/// A few inputs and what the model made of them when it was saved.
struct CheckSample {
  std::vector<Tensor> inputs = {}, outputs = {};
  bool empty() const noexcept { return outputs.empty(); }
};

/// What a file holds.
struct ModelContent {
  std::string_view class_name = {};        ///< empty: weights only
  const nlohmann::json* config = nullptr;  ///< null: weights only
  bool trainable = true;                   ///< of the model as a whole
  std::vector<NamedArray> weights = {};
  CheckSample check = {};
  const nlohmann::json* training = nullptr;   ///< an object without "accumulators", or null
  std::vector<NamedArray> accumulators = {};  ///< become training's "accumulators"
};

/// Writes the file atomically. Throws NumericError naming the arrays that hold numbers which are
/// not finite, unless options.allow_nonfinite; IoError when the system refuses.
CORNU_API void write_model_file(const std::string& path, const ModelContent& content,
                                const SaveOptions& options);
/// The same as text.
CORNU_API std::string model_text(const ModelContent& content, const SaveOptions& options);

/// What a file says of an array before its numbers.
struct ArrayHeading {
  std::string name;
  Shape shape;
};

/// Who receives what a file holds. Each is called at most once, in this order.
struct ModelReceiver {
  /// Makes the model. Returns where its weights go: every one of them, in any order; the places
  /// must stay valid until reading ends. `class_name` is empty and `config` null for a file with
  /// weights only. Throw FormatError, before taking memory, when the model's weights and states are
  /// more than `most_elements` numbers: the limit, or less where the file is too short for so many.
  /// `weights_follow`: the file has weights, so there is no need to draw any.
  std::function<std::vector<NamedTarget>(const std::string& class_name,
                                         const nlohmann::json& config, std::size_t most_elements,
                                         bool weights_follow)>
      architecture;
  /// When there is one, it is asked instead where the numbers of each of the file's weights go:
  /// one answer a heading, of its size, or empty to pass over it.
  std::function<std::vector<Array>(const std::vector<ArrayHeading>& headings)> choose;
  /// Takes whether the model as a whole is trainable, before `training`. May be empty.
  std::function<void(bool trainable)> trainable;
  /// Takes `training` (without its accumulators) and returns where the accumulators go. May be
  /// empty: the section is then passed over.
  std::function<std::vector<NamedTarget>(const nlohmann::json& training)> training;
};

/// What was found besides.
struct ModelFileSummary {
  std::uint64_t memory = 0;  ///< what LoadLimits::memory comes to for this file
  bool has_weights = false;
  bool has_training = false;
  CheckSample check;
};

/// Reads a model file strictly, streaming its numbers straight to where they go. A file with only
/// `class_name` and `config` is whole. Throws FormatError, placed at file, line and column, for
/// everything that is not as it should be; a cornu::Error thrown by the receiver becomes one, too;
/// missing, unexpected and misshapen arrays are reported together. Throws IoError when the file
/// cannot be read. What the receiver made is then to be thrown away.
CORNU_API ModelFileSummary read_model_file(const std::string& path, const ModelReceiver& receiver,
                                           const LoadOptions& options);
/// The same from text; `place` stands for the file in errors.
CORNU_API ModelFileSummary read_model_text(std::string_view text, std::string_view place,
                                           const ModelReceiver& receiver,
                                           const LoadOptions& options);

/// Throws FormatError saying which output differs, unless each of `outputs` is within the tolerance
/// of what `sample` has: |a - b| <= tolerance * (1 + |b|). A file made on another machine, or in
/// the other precision, differs in the last bits.
CORNU_API void compare_check(const CheckSample& sample, const std::vector<Tensor>& outputs,
                             std::string_view place);
inline constexpr double check_tolerance = 1e-3;

}  // namespace detail

}  // namespace cornu
