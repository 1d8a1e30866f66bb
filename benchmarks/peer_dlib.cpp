#include "peers.hpp"

#if defined(BENCH_DLIB)

#include <dlib/dnn.h>
#include <dlib/revision.h>

namespace bench {
namespace {

// Depth is part of a dlib network's type, widths are not: the nets of one and of two hidden layers.
using Input = dlib::input<dlib::matrix<float, 0, 1>>;
template <class Below>
using Hidden = dlib::relu<dlib::bn_fc<dlib::fc<1, Below>>>;
using OneHidden = dlib::loss_multiclass_log<dlib::fc<1, Hidden<Input>>>;
using TwoHidden = dlib::loss_multiclass_log<dlib::fc<1, Hidden<Hidden<Input>>>>;

template <class Network, class Solver>
class DlibPeer final : public Peer {
 public:
  DlibPeer(const Net& net, const Data& data, const Solver& solver)
      : solvers_(network_.num_computational_layers, solver), rate_(net.adam ? 0.001 : 0.01) {
    dlib::layer<1>(network_).layer_details().set_num_outputs(static_cast<long>(net.widths.back()));
    dlib::layer<4>(network_).layer_details().set_num_outputs(
        static_cast<long>(net.widths[net.widths.size() - 2]));
    if constexpr (Network::num_layers > 6)
      dlib::layer<7>(network_).layer_details().set_num_outputs(static_cast<long>(net.widths[1]));
    const std::size_t width = net.widths.front();
    for (std::size_t r = 0; r < net.batch; ++r) {
      dlib::matrix<float, 0, 1> sample(static_cast<long>(width));
      std::copy_n(data.features.begin() + static_cast<std::ptrdiff_t>(r * width), width,
                  sample.begin());
      samples_.push_back(sample);
      labels_.push_back(data.classes[r]);
    }
    network_.to_tensor(samples_.begin(), samples_.end(), x_);
  }

  void train() override {
    network_.compute_parameter_gradients(x_, labels_.begin());
    network_.update_parameters(solvers_, rate_);
  }
  void predict() override { network_(samples_.front()); }

 private:
  Network network_;
  std::vector<Solver> solvers_;
  double rate_;
  std::vector<dlib::matrix<float, 0, 1>> samples_;
  std::vector<unsigned long> labels_;
  dlib::resizable_tensor x_;
};

template <class Solver>
PeerPtr make(const Net& net, const Data& data, const Solver& solver) {
  if (net.widths.size() == 3)
    return std::make_unique<DlibPeer<OneHidden, Solver>>(net, data, solver);
  return std::make_unique<DlibPeer<TwoHidden, Solver>>(net, data, solver);
}

}  // namespace

PeerPtr make_dlib(const Net& net, const Data& data) {
  if (net.widths.size() > 4) return nullptr;
  if (net.adam) return make(net, data, dlib::adam(0, 0.9f, 0.999f));
  return make(net, data, dlib::sgd(0, 0.9f));
}
std::string version_of_dlib() {
  return "dlib " + std::to_string(DLIB_MAJOR_VERSION) + "." + std::to_string(DLIB_MINOR_VERSION);
}

}  // namespace bench

#else

namespace bench {

PeerPtr make_dlib(const Net&, const Data&) { return nullptr; }
std::string version_of_dlib() { return "dlib: not found"; }

}  // namespace bench

#endif
