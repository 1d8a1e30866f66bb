#pragma once

#include <cornu/cornu.hpp>
#include <string>
#include <vector>

#include "peers.hpp"

namespace bench {

/// The network in Cornu, compiled.
inline cornu::Sequential cornu_net(const Net& net, const std::vector<std::string>& metrics = {}) {
  using namespace cornu;
  Sequential model;
  model.add<Dense>({.output_dim = net.widths[1], .input_shape = {net.widths[0]}});
  for (std::size_t i = 2; i < net.widths.size(); ++i) {
    model.add<BatchNormalization>();
    model.add<Activation>({.activation = "relu"});
    model.add<Dense>({.output_dim = net.widths[i]});
  }
  model.add<Activation>({.activation = "softmax"});
  const OptimizerPtr optimizer =
      net.adam ? adam({.lr = 0.001}) : sgd({.lr = 0.01, .momentum = 0.9});
  model.compile({.optimizer = optimizer, .loss = "categorical_crossentropy", .metrics = metrics});
  return model;
}

}  // namespace bench
