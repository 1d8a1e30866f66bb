// What the activations compute, by their formulas.
#include <catch2/catch.hpp>
#include <cmath>

#include "cornu/core/error.hpp"
#include "cornu/core/tensor.hpp"
#include "cornu/layers/parts/activation_function.hpp"

using namespace cornu;

namespace {

double value(const char* name, double x) {
  const Tensor in(Shape{1, 1}, {static_cast<Scalar>(x)});
  Tensor out(Shape{1, 1});
  ActivationName(name).function().forward(in.view(), out.view());
  return out(0, 0);
}

double slope(const char* name, double x) {
  const Tensor in(Shape{1, 1}, {static_cast<Scalar>(x)}), dy{{1}};
  Tensor y(Shape{1, 1}), dx(Shape{1, 1});
  const ActivationFunction& function = ActivationName(name).function();
  function.forward(in.view(), y.view());
  function.backward(in.view(), y.view(), dy.view(), dx.view());
  return dx(0, 0);
}

}  // namespace

TEST_CASE("the activations of later Keras, by Keras 3's numbers") {
  struct Golden {
    const char* name;
    double at_minus_1, at_2;
  };
  for (const auto& [name, at_minus_1, at_2] :
       {Golden{"elu", -0.6321205588, 2}, Golden{"selu", -1.1113307378, 2.1014019747},
        Golden{"gelu", -0.1586552539, 1.9544997361}, Golden{"swish", -0.2689414214, 1.7615941560},
        Golden{"mish", -0.3034014613, 1.9439589595},
        Golden{"exponential", 0.3678794412, 7.3890560989}, Golden{"leaky_relu", -0.2, 2},
        Golden{"relu6", 0, 2}, Golden{"hard_sigmoid_3", 1.0 / 3, 5.0 / 6}}) {
    INFO(name);
    CHECK(value(name, -1) == Approx(at_minus_1).margin(1e-7));
    CHECK(value(name, 2) == Approx(at_2));
  }
  CHECK(value("relu6", 7) == 6);
  CHECK((value("hard_sigmoid_3", 4) == 1 && value("hard_sigmoid_3", -4) == 0));
  CHECK(value("hard_sigmoid", -1) == Approx(0.3));  // Keras 1's, as ever
}

TEST_CASE("every activation's slope is that of its curve") {
  const double h = sizeof(Scalar) == 8 ? 1e-6 : 1e-2;
  for (const std::string& name : activation_names()) {
    if (name == "softmax") continue;  // of one number it is 1
    for (const double x : {-4.3, -2.2, -1.1, -0.3, 0.4, 1.3, 2.1, 4.2, 7.5}) {
      INFO(name << " at " << x);
      const double difference = (value(name.c_str(), x + h) - value(name.c_str(), x - h)) / (2 * h);
      CHECK(slope(name.c_str(), x) == Approx(difference).epsilon(2e-3).margin(2e-3));
    }
  }
}

TEST_CASE("far from 0 the activations stay finite") {
  for (const char* name : {"elu", "selu", "gelu", "swish", "mish"}) {
    INFO(name);
    CHECK(value(name, 1e4) == Approx(1e4).epsilon(0.06));
    CHECK(std::isfinite(value(name, -1e4)));
    CHECK(std::isfinite(slope(name, -1e4)));
    CHECK(std::isfinite(slope(name, 1e4)));
  }
}
