#include <cornu/cornu.hpp>

#include "cornu/core/instruction_set.hpp"
#include "cornu_net.hpp"

namespace bench {
namespace {

class CornuPeer final : public Peer {
 public:
  CornuPeer(const Net& net, const Data& data)
      : model_(cornu_net(net)),
        x_(cornu::Shape{net.batch, net.widths.front()}, data.features),
        y_(cornu::Shape{net.batch, net.widths.back()}),
        one_(cornu::Shape{1, net.widths.front()},
             cornu::ConstArray(data.features).first(net.widths.front())),
        out_(cornu::Shape{1, net.widths.back()}) {
    for (std::size_t r = 0; r < net.batch; ++r) y_(r, data.classes[r]) = 1;
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
  return std::string("Cornu, kernels for ") + cornu::instruction_set();
}

}  // namespace bench
