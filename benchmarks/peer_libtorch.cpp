#include "peers.hpp"

#if defined(BENCH_LIBTORCH)

#include <cblas.h>
#include <torch/torch.h>
#include <torch/version.h>

namespace bench {
namespace {

class LibtorchPeer final : public Peer {
 public:
  LibtorchPeer(const Net& net, const Data& data) {
    const auto shape = [](std::size_t n) { return static_cast<std::int64_t>(n); };
    for (std::size_t i = 1; i < net.widths.size(); ++i) {
      model_->push_back(torch::nn::Linear(shape(net.widths[i - 1]), shape(net.widths[i])));
      if (i + 1 == net.widths.size()) break;
      model_->push_back(torch::nn::BatchNorm1d(shape(net.widths[i])));
      model_->push_back(torch::nn::ReLU(torch::nn::ReLUOptions().inplace(true)));
    }
    x_ = torch::empty({shape(net.batch), shape(net.widths.front())});
    std::copy(data.features.begin(), data.features.end(), x_.data_ptr<float>());
    y_ = torch::empty({shape(net.batch)}, torch::kLong);
    std::copy(data.classes.begin(), data.classes.end(), y_.data_ptr<std::int64_t>());
    one_ = x_.slice(0, 0, 1).clone();
    if (net.adam)
      optimizer_ = std::make_unique<torch::optim::Adam>(model_->parameters(),
                                                        torch::optim::AdamOptions(0.001));
    else
      optimizer_ = std::make_unique<torch::optim::SGD>(
          model_->parameters(), torch::optim::SGDOptions(0.01).momentum(0.9));
  }

  // Softmax and cross-entropy are one function there, as they are in Cornu's backward.
  void train() override {
    if (!model_->is_training()) model_->train();
    optimizer_->zero_grad();
    torch::nn::functional::cross_entropy(model_->forward(x_), y_).backward();
    optimizer_->step();
  }
  void predict() override {
    const torch::InferenceMode guard;
    if (model_->is_training()) model_->eval();
    torch::softmax(model_->forward(one_), 1);
  }

 private:
  torch::nn::Sequential model_;
  torch::Tensor x_, y_, one_;
  std::unique_ptr<torch::optim::Optimizer> optimizer_;
};

}  // namespace

PeerPtr make_libtorch(const Net& net, const Data& data) {
  return std::make_unique<LibtorchPeer>(net, data);
}
void set_threads_of_libtorch(std::size_t threads) {
  at::set_num_threads(static_cast<int>(threads));
  openblas_set_num_threads(static_cast<int>(threads));
}
std::string version_of_libtorch() { return "libtorch " TORCH_VERSION; }

}  // namespace bench

#else

namespace bench {

PeerPtr make_libtorch(const Net&, const Data&) { return nullptr; }
void set_threads_of_libtorch(std::size_t) {}
std::string version_of_libtorch() { return "libtorch: not found"; }

}  // namespace bench

#endif
