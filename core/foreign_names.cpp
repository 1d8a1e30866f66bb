#include "cornu/core/foreign_names.hpp"

#include <algorithm>

namespace cornu::detail {
namespace {

struct ForeignName {
  std::string_view theirs, ours;
};

// PyTorch's, later Keras's and common short names, for the help of an error. One may mean several
// things of different kinds; those of the kind that is asked for are known.
constexpr ForeignName foreign_names[] = {
    // losses
    {"bce", "binary_crossentropy"},
    {"bceloss", "binary_crossentropy"},
    {"bcewithlogits", "binary_crossentropy"},
    {"bcewithlogitsloss", "binary_crossentropy"},
    {"logloss", "binary_crossentropy"},
    {"ce", "categorical_crossentropy"},
    {"cce", "categorical_crossentropy"},
    {"crossentropy", "categorical_crossentropy"},
    {"crossentropyloss", "categorical_crossentropy"},
    {"softmaxcrossentropy", "categorical_crossentropy"},
    {"scce", "sparse_categorical_crossentropy"},
    {"sparsecrossentropy", "sparse_categorical_crossentropy"},
    {"nll", "sparse_categorical_crossentropy"},
    {"nllloss", "sparse_categorical_crossentropy"},
    {"l1loss", "mean_absolute_error"},
    {"l2loss", "mean_squared_error"},
    {"mseloss", "mean_squared_error"},
    {"smoothl1", "huber"},
    {"smoothl1loss", "huber"},
    {"huberloss", "huber"},
    {"cosinesimilarity", "cosine_proximity"},
    {"kldivergence", "kullback_leibler_divergence"},
    {"kldiv", "kullback_leibler_divergence"},
    {"kldivloss", "kullback_leibler_divergence"},
    // initializers
    {"xavier", "glorot_uniform"},
    {"xavieruniform", "glorot_uniform"},
    {"xaviernormal", "glorot_normal"},
    {"kaiming", "he_normal"},
    {"kaiminguniform", "he_uniform"},
    {"kaimingnormal", "he_normal"},
    {"randomnormal", "normal"},
    {"truncatednormal", "normal"},
    {"gaussian", "normal"},
    {"randomuniform", "uniform"},
    {"random", "uniform"},
    {"eye", "identity"},
    {"lecunnormal", "lecun_uniform"},
    // activations
    {"silu", "swish"},
    {"logistic", "sigmoid"},
    {"identity", "linear"},
    {"none", "linear"},
    {"exp", "exponential"},
    {"lrelu", "leaky_relu"},
    {"hardswish", "swish"},
    {"logsoftmax", "softmax"},
    // layers
    {"linear", "Dense"},
    {"fullyconnected", "Dense"},
    {"input", "InputLayer"},
    {"batchnorm", "BatchNormalization"},
    {"batchnorm1d", "BatchNormalization"},
    {"batchnorm2d", "BatchNormalization"},
    {"layernorm", "LayerNormalization"},
    {"add", "Merge"},
    {"subtract", "Merge"},
    {"multiply", "Merge"},
    {"average", "Merge"},
    {"maximum", "Merge"},
    {"minimum", "Merge"},
    {"concatenate", "Merge"},
    {"dot", "Merge"},
    {"conv1d", "Convolution1D"},
    {"conv2d", "Convolution2D"},
    {"conv3d", "Convolution3D"},
    // modes of Merge
    {"add", "sum"},
    {"multiply", "mul"},
    {"average", "ave"},
    {"mean", "ave"},
    {"maximum", "max"},
    {"min", "minimum"},
    {"concatenate", "concat"},
    {"sub", "subtract"},
    {"cosine", "cos"},
    // optimizers
    {"momentum", "SGD"},
    {"gradientdescent", "SGD"},
    // metrics
    {"r2score", "r2"},
    {"rsquared", "r2"},
    {"rootmeansquarederror", "rmse"},
    // regularizers and constraints
    {"weightdecay", "l2"},
    {"ridge", "l2"},
    {"lasso", "l1"},
    {"l1l2regularizer", "l1l2"},
    {"nonnegative", "nonneg"},
    {"unitnormalization", "unitnorm"},
};

}  // namespace

std::string name_from_elsewhere(std::string_view name, const std::vector<std::string>& known) {
  for (const auto& [theirs, ours] : foreign_names)
    if (theirs == name && std::find(known.begin(), known.end(), ours) != known.end())
      return std::string(ours);
  return {};
}

}  // namespace cornu::detail
