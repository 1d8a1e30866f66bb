// The worked numbers of Keras 1.0.3's recurrent layers, and what the layers promise beyond them.
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "cornu/cornu.hpp"

using namespace cornu;

namespace {

constexpr double tolerance = sizeof(Scalar) == 8 ? 1e-12 : 2e-6;

/// Three steps of two numbers.
const std::vector<Scalar> three_steps{1, -1, Scalar(0.5), 2, Scalar(-0.5), 1};

/// W, U and b of `gates` gates in the order of Keras's lists: gate k has W (1 + k/2), U (1 - k/4)
/// and b + k/10.
std::vector<Tensor> worked_weights(std::size_t gates) {
  const double W[] = {0.1, -0.2, 0.3, 0.4}, U[] = {0.5, -0.1, 0.2, 0.3}, b[] = {0.05, -0.05};
  std::vector<Tensor> weights;
  for (std::size_t k = 0; k < gates; ++k) {
    const double gate = static_cast<double>(k);
    Tensor w(Shape{2, 2}), u(Shape{2, 2}), c(Shape{2});
    for (std::size_t i = 0; i < 4; ++i) {
      w.data()[i] = static_cast<Scalar>(W[i] * (1 + gate / 2));
      u.data()[i] = static_cast<Scalar>(U[i] * (1 - gate / 4));
    }
    for (std::size_t i = 0; i < 2; ++i) c.data()[i] = static_cast<Scalar>(b[i] + gate / 10);
    weights.push_back(w);
    weights.push_back(u);
    weights.push_back(c);
  }
  return weights;
}

void near_to(const Tensor& got, const std::vector<double>& expected) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CAPTURE(i);
    CHECK(std::abs(static_cast<double>(got.data()[i]) - expected[i]) <= tolerance);
  }
}

template <class L>
std::unique_ptr<Sequential> net(typename L::Options options, const std::vector<Tensor>& weights) {
  auto model = std::make_unique<Sequential>();
  options.output_dim = 2;
  if (options.batch_input_shape.empty()) options.input_shape = {3, 2};
  model->template add<L>(std::move(options));
  model->set_weights(weights);
  return model;
}

const Tensor x(Shape{1, 3, 2}, three_steps);

}  // namespace

TEST_CASE("the worked numbers of SimpleRNN, GRU and LSTM") {
  near_to(net<SimpleRNN>({.return_sequences = true}, worked_weights(1))->predict(x),
          {-.148885033623318, -.571669966085117, .470897934718688, .456900918811714,
           .555864976666404, .492973192261902});
  near_to(net<SimpleRNN>({.return_sequences = true, .go_backwards = true}, worked_weights(1))
              ->predict(x),
          {.291312612451591, .421899005250008, .730610730039454, .633618275220094, .329287614531162,
           -.4876523603123});
  near_to(net<GRU>({.return_sequences = true}, worked_weights(3))->predict(x),
          {-.078909067820359, -.492538005293528, .302621350334522, .06378644851836,
           .450201468807596, .374148980279372});
  near_to(net<GRU>({.return_sequences = true, .go_backwards = true}, worked_weights(3))->predict(x),
          {.279465539050406, .335279171967818, .485376719480101, .542422368428578, .231116980726783,
           -.257881646440951});
  near_to(net<LSTM>({.return_sequences = true}, worked_weights(4))->predict(x),
          {-.032835127527678, -.062566298111428, .378427518101653, .255751999190788,
           .415524065146905, .442615264908079});
  near_to(
      net<LSTM>({.return_sequences = true, .go_backwards = true}, worked_weights(4))->predict(x),
      {.183004464813325, .298316155546732, .593663332642484, .623327606864344, .225096620593577,
       .001134001273378});
  near_to(net<LSTM>({.inner_activation = "sigmoid"}, worked_weights(4))->predict(x),
          {.45688192546171, .480762739391525});
}

TEST_CASE("a step of training moves the weights as Keras moved them") {
  const Tensor target(Shape{1, 2}, {1, 0});
  const auto trained = [&](std::unique_ptr<Sequential> model, double loss) {
    model->compile({.optimizer = sgd({.lr = 0.1}), .loss = "mse"});
    CHECK(std::abs(model->train_on_batch(x, target)["loss"] - loss) < 10 * tolerance);
    return model->get_weights();
  };
  const auto simple = trained(net<SimpleRNN>({}, worked_weights(1)), .22013924362021198);
  near_to(simple[0], {.099728208013344, -.182151343501034, .352733659813688, .353489561670292});
  near_to(simple[1], {.512241578198932, -.116976741669973, .205535054028157, .285237282662509});
  near_to(simple[2], {.103187082181907, -.090127441204501});
  const auto gru = trained(net<GRU>({}, worked_weights(3)), .22113294217270935);
  near_to(gru[0], {.099308515716376, -.201795913680262, .282831000827684, .4191171599344});
  near_to(gru[1], {.499294788664425, -.098752869220549, .202871985656425, .297501799895855});
  near_to(gru[8], {.273254003299822, .140429591582121});
  const auto lstm = trained(net<LSTM>({}, worked_weights(4)), .2687601955760239);
  near_to(lstm[0], {.099650673505797, -.197721142106458, .311690970440412, .388642020626451});
  near_to(lstm[1], {.501116780763378, -.101173163484435, .200598130986669, .299326664566144});
  near_to(lstm[11], {.357494829633812, .245087004532018});
}

TEST_CASE("consume_less and unroll change nothing but how weights are stored") {
  const Tensor whole = net<LSTM>({.return_sequences = true}, worked_weights(4))->predict(x);
  const std::vector<double> expected(whole.begin(), whole.end());
  near_to(net<LSTM>({.return_sequences = true, .unroll = true, .consume_less = "mem"},
                    worked_weights(4))
              ->predict(x),
          expected);
  // Side by side: i, f, c, o, where the list has i, c, f, o.
  const std::vector<Tensor> list = worked_weights(4);
  std::vector<Tensor> together{Tensor(Shape{2, 8}), Tensor(Shape{2, 8}), Tensor(Shape{8})};
  const std::size_t order[] = {0, 2, 1, 3};
  for (std::size_t gate = 0; gate < 4; ++gate)
    for (std::size_t kind = 0; kind < 3; ++kind)
      for (std::size_t row = 0; row < (kind == 2 ? 1 : 2); ++row)
        for (std::size_t j = 0; j < 2; ++j)
          together[kind].data()[row * 8 + gate * 2 + j] =
              list[3 * order[gate] + kind].data()[row * 2 + j];
  near_to(net<LSTM>({.return_sequences = true, .consume_less = "gpu"}, together)->predict(x),
          expected);
}

TEST_CASE("the weights start as Keras starts them") {
  set_seed(1);
  Sequential model;
  model.add<LSTM>({.output_dim = 6, .input_shape = {3, 4}});
  const std::vector<Tensor> weights = model.get_weights();
  REQUIRE(weights.size() == 12);
  for (const std::size_t gate : {0u, 1u, 2u, 3u}) {
    const double limit = std::sqrt(6.0 / (4 + 6));
    for (const Scalar w : weights[3 * gate]) CHECK(std::abs(w) <= limit);
    const Tensor& U = weights[3 * gate + 1];  // orthogonal, times 1.1
    for (std::size_t i = 0; i < 6; ++i)
      for (std::size_t k = 0; k < 6; ++k) {
        double product = 0;
        for (std::size_t j = 0; j < 6; ++j) product += static_cast<double>(U(i, j)) * U(k, j);
        CHECK(product == Approx(i == k ? 1.21 : 0).margin(1e-5));
      }
    for (const Scalar b : weights[3 * gate + 2]) CHECK(b == (gate == 2 ? 1 : 0));
  }
  Sequential together;
  together.add<LSTM>({.output_dim = 2, .consume_less = "gpu", .input_shape = {3, 4}});
  const Tensor b = together.get_weights()[2];
  CHECK(std::vector<Scalar>(b.begin(), b.end()) == std::vector<Scalar>{0, 0, 1, 1, 0, 0, 0, 0});
}

TEST_CASE("an activation that the kernels do not know goes the longer way to the same numbers") {
  // tanh under another name.
  struct Tanh final : ActivationFunction {
    bool reads_input() const override { return true; }
    void forward(ConstView in, View out) const override {
      for (std::size_t i = 0; i < out.size(); ++i) out.data[i] = std::tanh(in.data[i]);
    }
    void backward(ConstView in, ConstView, ConstView dy, View dx) const override {
      for (std::size_t i = 0; i < dx.size(); ++i) {
        const Scalar y = std::tanh(in.data[i]);
        dx.data[i] = dy.data[i] * (1 - y * y);
      }
    }
  };
  register_activation("tanh_that_reads_its_input", std::make_shared<Tanh>());
  const Tensor target(Shape{1, 2}, {1, 0});
  const auto compare = [&](std::unique_ptr<Sequential> known, std::unique_ptr<Sequential> other) {
    for (Sequential* model : {known.get(), other.get()}) {
      model->compile({.optimizer = sgd({.lr = 0.1}), .loss = "mse"});
      for (int step = 0; step < 3; ++step) model->train_on_batch(x, target);
    }
    const auto a = known->get_weights(), b = other->get_weights();
    for (std::size_t i = 0; i < a.size(); ++i)
      near_to(b[i], std::vector<double>(a[i].begin(), a[i].end()));
  };
  const ActivationName other = "tanh_that_reads_its_input";
  compare(net<SimpleRNN>({}, worked_weights(1)),
          net<SimpleRNN>({.activation = other}, worked_weights(1)));
  compare(net<GRU>({.inner_activation = "tanh"}, worked_weights(3)),
          net<GRU>({.activation = other, .inner_activation = other}, worked_weights(3)));
  compare(net<LSTM>({.inner_activation = "tanh"}, worked_weights(4)),
          net<LSTM>({.activation = other, .inner_activation = other}, worked_weights(4)));
}

TEST_CASE("Embedding looks words up, and its gradient adds up what repeats") {
  Sequential model;
  model.add<Embedding>({.input_dim = 4, .output_dim = 2, .input_length = 3});
  std::vector<Scalar> table(8);
  for (std::size_t i = 0; i < 8; ++i) table[i] = static_cast<Scalar>(i);
  model.set_weights({Tensor(Shape{4, 2}, table)});
  const Tensor words(Shape{1, 3}, {1, 3, 1});
  near_to(model.predict(words), {2, 3, 6, 7, 2, 3});
  model.compile({.optimizer = sgd({.lr = 0.1}), .loss = "mse"});
  CHECK(model.train_on_batch(words, Tensor(Shape{1, 3, 2}))["loss"] == Approx(18.5));
  near_to(model.get_weights()[0], {0, 1, 1.8666666666666667, 2.8, 4, 5, 5.8, 6.766666666666667});
}
