#include <cornu/cornu.hpp>

#include "fashion.hpp"

namespace bench {
namespace {

cornu::Tensor pixels_of(const Pictures& pictures) {
  return {cornu::Shape{pictures.labels.size(), 784},
          cornu::ConstArray(pictures.pixels, pictures.labels.size() * 784)};
}

cornu::Tensor one_hot(const std::vector<std::size_t>& labels) {
  cornu::Tensor targets(cornu::Shape{labels.size(), 10});
  for (std::size_t n = 0; n < labels.size(); ++n) targets(n, labels[n]) = 1;
  return targets;
}

class CornuFashion final : public FashionPeer {
 public:
  CornuFashion(const Pictures& train, const Pictures& test)
      : x_(pixels_of(train)),
        y_(one_hot(train.labels)),
        test_x_(pixels_of(test)),
        test_y_(one_hot(test.labels)) {
    using namespace cornu;
    set_seed(2016);
    model_.add<Dense>({.output_dim = 256, .init = "he_normal", .input_shape = {784}});
    model_.add<BatchNormalization>();
    model_.add<Activation>({.activation = "relu"});
    model_.add<Dense>({.output_dim = 128, .init = "he_normal"});
    model_.add<BatchNormalization>();
    model_.add<Activation>({.activation = "relu"});
    model_.add<Dense>({.output_dim = 10, .init = "he_normal", .activation = "softmax"});
    model_.compile(
        {.optimizer = "adam", .loss = "categorical_crossentropy", .metrics = {"accuracy"}});
  }

  void train() override {
    model_.fit(x_, y_, {.batch_size = fashion_batch, .nb_epoch = 1, .verbose = 0});
  }
  double accuracy() override { return model_.evaluate(test_x_, test_y_)["acc"]; }

 private:
  cornu::Sequential model_;
  cornu::Tensor x_, y_, test_x_, test_y_;
};

}  // namespace

FashionPeerPtr make_cornu_fashion(const Pictures& train, const Pictures& test) {
  return std::make_unique<CornuFashion>(train, test);
}

}  // namespace bench
