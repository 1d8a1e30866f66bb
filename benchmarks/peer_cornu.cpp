#include <cornu/cornu.hpp>

#include "cornu/core/kernels.hpp"
#include "peers.hpp"

namespace bench {
namespace {

class CornuPeer final : public Peer {
 public:
  CornuPeer(const Net& net, const Data& data)
      : x_(cornu::Shape{net.batch, net.widths.front()}, data.features),
        y_(cornu::Shape{net.batch, net.widths.back()}),
        one_(cornu::Shape{1, net.widths.front()},
             cornu::ConstArray(data.features).first(net.widths.front())),
        out_(cornu::Shape{1, net.widths.back()}) {
    using namespace cornu;
    for (std::size_t r = 0; r < net.batch; ++r) y_(r, data.classes[r]) = 1;
    model_.add<Dense>({.output_dim = net.widths[1], .input_shape = {net.widths[0]}});
    for (std::size_t i = 2; i < net.widths.size(); ++i) {
      model_.add<BatchNormalization>();
      model_.add<Activation>({.activation = "relu"});
      model_.add<Dense>({.output_dim = net.widths[i]});
    }
    model_.add<Activation>({.activation = "softmax"});
    const OptimizerPtr optimizer =
        net.adam ? adam({.lr = 0.001}) : sgd({.lr = 0.01, .momentum = 0.9});
    model_.compile({.optimizer = optimizer, .loss = "categorical_crossentropy"});
  }

  void train() override { model_.train_on_batch(x_, y_); }
  void predict() override { model_.predict_on_batch(one_, out_); }

 private:
  cornu::Sequential model_;
  cornu::Tensor x_, y_, one_, out_;
};

}  // namespace

PeerPtr make_cornu(const Net& net, const Data& data) {
  return std::make_unique<CornuPeer>(net, data);
}
void set_threads_of_cornu(std::size_t threads) { cornu::set_num_threads(threads); }
std::string version_of_cornu() {
  return std::string("Cornu, kernels for ") + cornu::kernels::instruction_set();
}

}  // namespace bench
