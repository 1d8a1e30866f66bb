#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "cornu/layers/declarations.hpp"

namespace cornu {

/// While one lives, what this thread builds comes from a file and is not trusted: it may come to at
/// most so much. More throws FormatError, before memory or time is taken.
class CORNU_API LoadingScope {
 public:
  enum class Values {
    initialized,
    left_zero,  ///< the file's weights will follow: draw no random numbers
  };
  struct Limits {
    std::size_t weights;  ///< numbers of all weights together
    std::size_t sample;   ///< numbers of one sample of any layer's array
    double operations;    ///< of drawing initial weights
  };
  LoadingScope(const Limits& limits, Values values);
  ~LoadingScope();
  LoadingScope(const LoadingScope&) = delete;
  LoadingScope& operator=(const LoadingScope&) = delete;

  /// The innermost scope of this thread, or null.
  static LoadingScope* current();
  Values values() const noexcept { return values_; }
  /// Takes this many numbers of what is left for weights.
  void take(std::size_t elements, const Layer& layer);
  /// Takes what drawing the initial values of a weight costs.
  void take_drawing(const Shape& shape, const Initializer& init, const Layer& layer);
  /// Checks the size of an array of one sample.
  void check_sample(std::size_t elements, const Layer& layer) const;

 private:
  Limits most_, left_;
  Values values_;
  LoadingScope* outer_;
};

/// What a layer declares for one call, and the shape of its output.
struct DeclaredCall {
  Shape output;
  std::vector<DeclaredScratch> carries, caches, workspaces;
};

/// Runs a layer's `build` on these input shapes. The first time, the layer's variables are made and
/// filled; later, the declarations are compared with them (ShapeError). Nothing changes on throw.
///
/// Where inputs have open axes, `build` is run for two sizes of them: axes of the output that
/// differ are open too, and weights must not (ShapeError). So layers know nothing of open axes;
/// what is declared for a run is asked for again when the sizes are known.
CORNU_API DeclaredCall declare(Layer& layer, std::span<const Shape> inputs);

/// Moves the variables of all layers that do not yet lie in a flat array into one, parameters
/// first, each aligned; layers that already do stay where they are.
CORNU_API void place_variables(const std::vector<LayerPtr>& layers);

/// The trained parameters of a model as the optimizer sees them.
struct CORNU_API TrainedParameters {
  /// A stretch of memory that is contiguous both in the parameters and in the gradients.
  struct Segment {
    Array values;
    std::size_t offset;  ///< of its first number in the gradient array
  };
  struct Entry {
    const Layer* layer;
    const Variable* variable;
    std::size_t offset;  ///< in the gradient array
  };
  std::vector<Segment> segments;
  std::vector<Entry> entries;
  std::size_t size = 0;  ///< of the gradient array and of each of the optimizer's accumulators

  TrainedParameters() = default;
  /// `layers` are those to train, without repetition.
  explicit TrainedParameters(const std::vector<LayerPtr>& layers);
};

}  // namespace cornu
