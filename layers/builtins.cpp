#include "cornu/layers/builtins.hpp"

#include "cornu/layers/activation.hpp"
#include "cornu/layers/activity_regularization.hpp"
#include "cornu/layers/batch_normalization.hpp"
#include "cornu/layers/dense.hpp"
#include "cornu/layers/dropout.hpp"
#include "cornu/layers/elu.hpp"
#include "cornu/layers/flatten.hpp"
#include "cornu/layers/gaussian_dropout.hpp"
#include "cornu/layers/gaussian_noise.hpp"
#include "cornu/layers/highway.hpp"
#include "cornu/layers/lambda.hpp"
#include "cornu/layers/layer_class.hpp"
#include "cornu/layers/layer_normalization.hpp"
#include "cornu/layers/leaky_relu.hpp"
#include "cornu/layers/masking.hpp"
#include "cornu/layers/maxout_dense.hpp"
#include "cornu/layers/merge.hpp"
#include "cornu/layers/parametric_softplus.hpp"
#include "cornu/layers/permute.hpp"
#include "cornu/layers/prelu.hpp"
#include "cornu/layers/relu.hpp"
#include "cornu/layers/repeat_vector.hpp"
#include "cornu/layers/reshape.hpp"
#include "cornu/layers/softmax.hpp"
#include "cornu/layers/srelu.hpp"
#include "cornu/layers/thresholded_relu.hpp"
#include "cornu/layers/time_distributed.hpp"
#include "cornu/layers/time_distributed_dense.hpp"

namespace cornu::detail {

// To add a layer: its two files, and its line here.
std::vector<std::pair<std::string, LayerClass>> builtin_layers() {
  return {
      {"Dense", layer_class<Dense>()},
      {"Activation", layer_class<Activation>()},
      {"Dropout", layer_class<Dropout>()},
      {"Flatten", layer_class<Flatten>()},
      {"Reshape", layer_class<Reshape>()},
      {"Permute", layer_class<Permute>()},
      {"RepeatVector", layer_class<RepeatVector>()},
      {"Lambda", layer_class<Lambda>()},
      {"ActivityRegularization", layer_class<ActivityRegularization>()},
      {"Masking", layer_class<Masking>()},
      {"MaxoutDense", layer_class<MaxoutDense>()},
      {"Highway", layer_class<Highway>()},
      {"TimeDistributedDense", layer_class<TimeDistributedDense>()},
      {"TimeDistributed", layer_class<TimeDistributed>()},
      {"BatchNormalization", layer_class<BatchNormalization>()},
      {"LayerNormalization", layer_class<LayerNormalization>()},
      {"Softmax", layer_class<Softmax>()},
      {"ReLU", layer_class<ReLU>()},
      {"LeakyReLU", layer_class<LeakyReLU>()},
      {"PReLU", layer_class<PReLU>()},
      {"ELU", layer_class<ELU>()},
      {"ParametricSoftplus", layer_class<ParametricSoftplus>()},
      {"ThresholdedReLU", layer_class<ThresholdedReLU>()},
      {"SReLU", layer_class<SReLU>()},
      {"GaussianNoise", layer_class<GaussianNoise>()},
      {"GaussianDropout", layer_class<GaussianDropout>()},
      {"Merge", layer_class<Merge>()},
  };
}

}  // namespace cornu::detail
