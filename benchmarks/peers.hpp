#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

/// The same small networks in Cornu and in other frameworks: Dense, BatchNormalization and relu for
/// each hidden width, Dense and softmax at the end, categorical cross-entropy.
namespace bench {

struct Net {
  std::vector<std::size_t> widths;  ///< input, hidden ..., output
  std::size_t batch;
  bool adam;  ///< Adam(0.001), otherwise SGD(0.01) with momentum 0.9
};

/// Features (batch, input) in [-1, 1) and class numbers (batch,), the same for everybody.
struct Data {
  explicit Data(const Net& net);
  std::vector<float> features;
  std::vector<std::size_t> classes;
};

/// One framework's network. The data is handed over when it is made.
class Peer {
 public:
  virtual ~Peer() = default;
  /// Forward, loss, backward, update on the batch.
  virtual void train() = 0;
  /// The prediction of the first sample alone.
  virtual void predict() = 0;
};

using PeerPtr = std::unique_ptr<Peer>;

/// Null where a framework was not found when this was built.
PeerPtr make_cornu(const Net& net, const Data& data);
PeerPtr make_floor(const Net& net, const Data& data);
PeerPtr make_libtorch(const Net& net, const Data& data);
PeerPtr make_dlib(const Net& net, const Data& data);

/// How many threads each may use.
void set_threads_of_cornu(std::size_t threads);
void set_threads_of_libtorch(std::size_t threads);

std::string version_of_cornu();
std::string version_of_libtorch();
std::string version_of_dlib();

}  // namespace bench
