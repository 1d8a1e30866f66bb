#include <cornu/cornu.hpp>

#include "fashion.hpp"

namespace bench {
namespace {

cornu::Tensor pixels_of(const Pictures& pictures) {
  return {cornu::Shape{pictures.labels.size(), 784},
          cornu::ConstArray(pictures.pixels, pictures.labels.size() * 784)};
}

class CornuFashion final : public FashionPeer {
 public:
  CornuFashion(const Pictures& train, const Pictures& test)
      : x_(pixels_of(train)),
        y_(cornu::to_categorical(train.labels, 10)),
        test_x_(pixels_of(test)),
        test_y_(cornu::to_categorical(test.labels, 10)) {
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
