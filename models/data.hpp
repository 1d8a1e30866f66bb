#pragma once

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cornu/core/tensor.hpp"

namespace cornu {

/// Arrays for the inputs or the outputs of a model. One tensor converts by itself; several stand in
/// the model's order, `{a, b}`, or by the names of the input and output layers,
/// `{{"left", a}, {"right", b}}`.
///
/// A tensor that has a name in the program is borrowed, which costs nothing, and must live as long
/// as the Data; what is made on the spot, `{load("a"), std::move(b)}`, is kept by the Data and its
/// copies.
class CORNU_API Data {
 public:
  /// One of several arrays.
  class CORNU_API Item {
   public:
    Item(const Tensor& tensor) : tensor_(&tensor) {}       // NOLINT(google-explicit-constructor)
    Item(Tensor&& tensor);                                 // NOLINT(google-explicit-constructor)
    Item(const Tensor&& tensor) : Item(Tensor(tensor)) {}  // NOLINT(google-explicit-constructor)

   private:
    friend Data;
    std::shared_ptr<const Tensor> kept_;
    const Tensor* tensor_;
  };
  struct Named {
    std::string_view name;
    Item tensor;
  };

  /// Not given.
  Data() = default;
  Data(const Tensor& tensor) : one_(&tensor) {}          // NOLINT(google-explicit-constructor)
  Data(Tensor&& tensor);                                 // NOLINT(google-explicit-constructor)
  Data(const Tensor&& tensor) : Data(Tensor(tensor)) {}  // NOLINT(google-explicit-constructor)
  Data(const std::vector<Tensor>& tensors);              // NOLINT(google-explicit-constructor)
  Data(std::vector<Tensor>&& tensors);                   // NOLINT(google-explicit-constructor)
  Data(std::initializer_list<Item> tensors);
  Data(std::initializer_list<Named> tensors);

  std::size_t size() const noexcept { return one_ ? 1 : tensors_.size(); }
  /// True too for a single tensor of size 0, which stands for "not given".
  bool empty() const noexcept { return one_ ? one_->empty() : tensors_.empty(); }
  const Tensor& operator[](std::size_t i) const { return one_ ? *one_ : *tensors_[i]; }
  bool named() const noexcept { return !names_.empty(); }
  const std::vector<std::string>& names() const noexcept { return names_; }

 private:
  const Tensor* one_ = nullptr;
  std::vector<const Tensor*> tensors_;
  std::vector<std::string> names_;
  std::shared_ptr<const void> kept_;  ///< what is not borrowed

  void take(std::vector<Item> items);
};

/// What data must look like for one input or output: its layer's name and its sample shape.
struct DataSlot {
  std::string name;
  Shape shape;
  std::size_t samples = 0;  ///< a fixed number of samples, 0 for any
  /// The numbers are whole ones below this, for a layer that takes indices; 0: any numbers.
  std::size_t indices_below = 0;
};

/// Throws ConfigError, naming the first number that is not such an index, its sample and place.
CORNU_API void check_indices(ConstView view, const DataSlot& slot, const char* place);

class RandomStream;

/// An input (samples, ...) to try a model with: numbers in [-1, 1], or indices where the slot wants
/// them. Open axes get the size `open`.
CORNU_API Tensor draw_input(const DataSlot& slot, std::size_t samples, RandomStream& random,
                            std::size_t open = 8);

CORNU_API std::vector<std::string> names_of(const std::vector<DataSlot>& slots);

/// The number of samples that the inputs fix for every batch, 0 for any.
CORNU_API std::size_t fixed_batch(const std::vector<DataSlot>& inputs);
/// Throws ShapeError unless so many samples, cut into batches of batch_size, are batches of the
/// number that each input fixes.
CORNU_API void check_fixed_batches(const std::vector<DataSlot>& inputs, std::size_t samples,
                                   std::size_t batch_size, const std::string& place);

/// Sorts data into the order of the slots and checks it: number, names, shapes, equal
/// numbers of samples. A rank-1 array of N numbers passes for (N, 1). Views go to `views`; the
/// number of samples is the answer. `place` and `what` ("input", "target") are for error texts.
/// With `check_shapes` off only sample counts are checked (targets are the objective's to judge).
CORNU_API std::size_t arrange(const Data& data, const std::vector<DataSlot>& slots,
                              const char* place, const char* what, bool check_shapes,
                              std::vector<ConstView>& views);

}  // namespace cornu
