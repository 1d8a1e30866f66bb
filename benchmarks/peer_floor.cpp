#include <cblas.h>

#include "peers.hpp"

// The bare matrix products of a step by OpenBLAS: what a framework that is nothing but its BLAS
// would take. No biases, activations, normalization, loss or update.

namespace bench {
namespace {

class FloorPeer final : public Peer {
 public:
  FloorPeer(const Net& net, const Data& data)
      : widths_(net.widths), batch_(static_cast<int>(net.batch)) {
    openblas_set_num_threads(1);
    for (std::size_t i = 0; i < widths_.size(); ++i) {
      values_.emplace_back(net.batch * widths_[i], 0.5f);
      gradients_.emplace_back(net.batch * widths_[i], 0.5f);
      if (i == 0) continue;
      weights_.emplace_back(widths_[i - 1] * widths_[i], 0.01f);
      weight_gradients_.emplace_back(widths_[i - 1] * widths_[i], 0.f);
    }
    values_[0] = data.features;
  }

  void train() override {
    forward(batch_);
    for (std::size_t i = weights_.size(); i-- > 0;) {
      const int in = static_cast<int>(widths_[i]), out = static_cast<int>(widths_[i + 1]);
      // dW = xᵀ dy, and dx = dy Wᵀ where anybody needs it
      cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, in, out, batch_, 1, values_[i].data(),
                  in, gradients_[i + 1].data(), out, 0, weight_gradients_[i].data(), out);
      if (i > 0)
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, batch_, in, out, 1,
                    gradients_[i + 1].data(), out, weights_[i].data(), out, 0, gradients_[i].data(),
                    in);
    }
  }
  void predict() override { forward(1); }

 private:
  void forward(int rows) {
    for (std::size_t i = 0; i < weights_.size(); ++i) {
      const int in = static_cast<int>(widths_[i]), out = static_cast<int>(widths_[i + 1]);
      cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, out, in, 1, values_[i].data(),
                  in, weights_[i].data(), out, 0, values_[i + 1].data(), out);
    }
  }

  std::vector<std::size_t> widths_;
  int batch_;
  std::vector<std::vector<float>> values_, gradients_, weights_, weight_gradients_;
};

}  // namespace

PeerPtr make_floor(const Net& net, const Data& data) {
  return std::make_unique<FloorPeer>(net, data);
}

}  // namespace bench
