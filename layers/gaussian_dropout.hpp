#pragma once

#include "cornu/layers/layer.hpp"

namespace cornu {

struct GaussianDropoutOptions {
  double p = 0;

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// Training: y = x * n with n normal of mean 1 and standard deviation sqrt(p / (1 - p)), that of
/// Dropout's factors, fresh for each number. Testing: y = x. Any shape; masks pass through. p is in
/// [0, 1). (Srivastava et al., JMLR 2014, section 10; Keras 1.0.3, layers/noise.py)
class CORNU_API GaussianDropout final : public ConfiguredLayer<GaussianDropoutOptions> {
 public:
  explicit GaussianDropout(GaussianDropoutOptions options);

  Traits traits() const override;
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override;
  void forward(const Forward& run) const override;
  void backward(const Backward& run) const override;

  static std::vector<LayerExample> examples();

 private:
  static constexpr CacheSlot factors{0, "factors"};
};

}  // namespace cornu
