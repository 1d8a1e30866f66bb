#pragma once

#include <cstddef>
#include <memory>
#include <vector>

/// 784-256-128-10 on Fashion-MNIST in Cornu and in libtorch: Dense, BatchNormalization and relu for
/// each hidden width, softmax at the end, categorical cross-entropy, Adam(0.001), batches of 128 in
/// a new order every epoch.
namespace bench {

constexpr std::size_t fashion_batch = 128;

/// Pixels (N, 784) in [0, 1] and what they show, 0 to 9.
struct Pictures {
  const float* pixels;
  std::vector<std::size_t> labels;
};

class FashionPeer {
 public:
  virtual ~FashionPeer() = default;
  /// One epoch, with the mean loss and the accuracy over all its batches.
  virtual void train() = 0;
  /// On the pictures for testing.
  virtual double accuracy() = 0;
};

using FashionPeerPtr = std::unique_ptr<FashionPeer>;

/// The pictures outlive the peers. libtorch's is null where it was not found.
FashionPeerPtr make_cornu_fashion(const Pictures& train, const Pictures& test);
FashionPeerPtr make_libtorch_fashion(const Pictures& train, const Pictures& test);

}  // namespace bench
