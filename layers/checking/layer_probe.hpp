#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cornu/layers/declarations.hpp"

namespace cornu {

/// An array with a margin on both sides, in which a stray write is noticed.
class CORNU_API GuardedArray {
 public:
  GuardedArray() = default;
  explicit GuardedArray(std::size_t size);

  Array array() noexcept { return size_ == 0 ? Array() : Array(storage_.data() + margin, size_); }
  ConstArray array() const noexcept {
    return size_ == 0 ? ConstArray() : ConstArray(storage_.data() + margin, size_);
  }
  /// Fills it with NaN.
  void poison();
  /// Whether both margins are untouched.
  bool intact() const;

 private:
  static constexpr std::size_t margin = 64;
  std::size_t size_ = 0;
  std::vector<Scalar> storage_;
};

/// One layer outside of any model, on arrays of its own: for tests, and to look at what a layer
/// computes. The layer's own weights are not touched.
///
///     LayerProbe probe(layer, {Shape{3}});
///     LayerProbe::Run run = probe.start(2);          // two samples
///     run.x[0].array()[0] = ...;
///     probe.forward(run, true);                      // run.y
///     run.dy.array()[0] = ...;
///     probe.backward(run);                           // run.dx, run.gradients
///     probe.update(run);                             // probe.states
class CORNU_API LayerProbe {
 public:
  /// The buffers of one run of `samples` samples; those of the layer in the order of declaration.
  struct Run {
    std::size_t samples = 0;
    std::vector<GuardedArray> x, dx, carried, caches, workspaces, gradients;
    /// Of each input, (N, T), if the layer reads masks; the first sample's last step is masked.
    std::vector<GuardedArray> masks;
    GuardedArray y, dy;
    GuardedArray mask;  ///< of the output, where the layer makes one
    RandomStream random{1, Purpose::noise};
    /// Leave out what these say, as a plan would.
    bool keep_x = true, keep_y = true, want_dx = true, want_gradients = true;
    bool assign = false;    ///< Backward::assign_gradients
    bool in_place = false;  ///< y is written over x, dx over dy

   private:
    friend class LayerProbe;
    // What the layer is shown; kept, so that the second call of a run allocates nothing.
    std::vector<ConstView> inputs_;
    std::vector<View> dinputs_;
    std::vector<ConstArray> parameters_, states_, carried_, masks_;
    std::vector<Array> caches_, workspaces_, gradients_;
  };

  /// Draws parameters by their initializers. Throws what the layer's build throws.
  LayerProbe(const Layer& layer, std::vector<Shape> inputs, std::uint64_t seed = 1);

  Run start(std::size_t samples) const;
  /// Fills an input with normal numbers, or with indices where the layer wants them.
  void draw(Array x, RandomStream& random) const;
  void forward(Run& run, bool training) const;
  /// After a forward in training; `run.dy` is dL/dy.
  void backward(Run& run) const;
  void update(Run& run, bool training = true);

  const Layer& layer;
  std::vector<Shape> inputs;  ///< sample shapes
  Shape output;               ///< sample shape
  Declarations declarations;
  std::vector<Tensor> parameters, states;  ///< in the order of declaration

 private:
  void show(Run& run) const;
};

}  // namespace cornu
