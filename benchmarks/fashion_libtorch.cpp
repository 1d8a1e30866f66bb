#include "fashion.hpp"

#if defined(BENCH_LIBTORCH)

#include <torch/torch.h>

namespace bench {
namespace {

using torch::nn::BatchNorm1d;
using torch::nn::Linear;
using torch::nn::ReLU;

torch::Tensor pixels_of(const Pictures& pictures) {
  return torch::from_blob(const_cast<float*>(pictures.pixels),
                          {static_cast<std::int64_t>(pictures.labels.size()), 784});
}

torch::Tensor labels_of(const Pictures& pictures) {
  const torch::Tensor labels =
      torch::empty({static_cast<std::int64_t>(pictures.labels.size())}, torch::kLong);
  std::copy(pictures.labels.begin(), pictures.labels.end(), labels.data_ptr<std::int64_t>());
  return labels;
}

class LibtorchFashion final : public FashionPeer {
 public:
  LibtorchFashion(const Pictures& train, const Pictures& test)
      : x_(pixels_of(train)),
        y_(labels_of(train)),
        test_x_(pixels_of(test)),
        test_y_(labels_of(test)) {
    torch::manual_seed(2016);
    const auto relu = torch::nn::ReLUOptions().inplace(true);
    model_ = torch::nn::Sequential(Linear(784, 256), BatchNorm1d(256), ReLU(relu), Linear(256, 128),
                                   BatchNorm1d(128), ReLU(relu), Linear(128, 10));
    const torch::NoGradGuard guard;
    for (const std::size_t i : {0u, 3u, 6u}) {  // as in Cornu's
      Linear layer(model_->ptr<torch::nn::LinearImpl>(i));
      torch::nn::init::kaiming_normal_(layer->weight);
      torch::nn::init::zeros_(layer->bias);
    }
    optimizer_ = std::make_unique<torch::optim::Adam>(model_->parameters(),
                                                      torch::optim::AdamOptions(0.001));
  }

  void train() override {
    model_->train();
    const torch::Tensor order = torch::randperm(x_.size(0));
    torch::Tensor loss_sum = torch::zeros({}), right = torch::zeros({}, torch::kLong);
    constexpr auto batch = static_cast<std::int64_t>(fashion_batch);
    for (std::int64_t first = 0; first < x_.size(0); first += batch) {
      const torch::Tensor rows = order.slice(0, first, std::min(first + batch, x_.size(0)));
      const torch::Tensor x = x_.index_select(0, rows), y = y_.index_select(0, rows);
      optimizer_->zero_grad();
      const torch::Tensor scores = model_->forward(x);
      const torch::Tensor loss = torch::nn::functional::cross_entropy(scores, y);
      loss.backward();
      optimizer_->step();
      loss_sum += loss.detach() * static_cast<double>(rows.size(0));
      right += scores.detach().argmax(1).eq(y).sum();
    }
    loss_ = loss_sum.item<double>() / static_cast<double>(x_.size(0));
    accuracy_ = right.item<double>() / static_cast<double>(x_.size(0));
  }

  double accuracy() override {
    const torch::InferenceMode guard;
    model_->eval();
    const torch::Tensor right = model_->forward(test_x_).argmax(1).eq(test_y_).sum();
    return right.item<double>() / static_cast<double>(test_x_.size(0));
  }

 private:
  torch::nn::Sequential model_;
  torch::Tensor x_, y_, test_x_, test_y_;
  std::unique_ptr<torch::optim::Adam> optimizer_;
  double loss_ = 0, accuracy_ = 0;
};

}  // namespace

FashionPeerPtr make_libtorch_fashion(const Pictures& train, const Pictures& test) {
  return std::make_unique<LibtorchFashion>(train, test);
}

}  // namespace bench

#else

namespace bench {

FashionPeerPtr make_libtorch_fashion(const Pictures&, const Pictures&) { return nullptr; }

}  // namespace bench

#endif
