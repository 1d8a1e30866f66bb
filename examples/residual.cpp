// Two spirals told apart by a residual net: each block adds to what went in, so that ten layers
// train as easily as two.
#include <cornu/cornu.hpp>

#include <cmath>
#include <cstdio>

using namespace cornu;

namespace {

constexpr std::size_t count = 1000;

/// Points (x, y) on two arms, and which arm each is on.
void spirals(Tensor& points, Tensor& arms) {
  RandomStream random(1, Purpose::user);
  for (std::size_t n = 0; n < count; ++n) {
    const double arm = n % 2 == 0 ? 1 : -1;
    const double turn = 0.5 + 2.5 * random.uniform();
    points(n, 0) = static_cast<Scalar>(arm * turn / 3 * std::cos(3 * turn) + random.normal() / 50);
    points(n, 1) = static_cast<Scalar>(arm * turn / 3 * std::sin(3 * turn) + random.normal() / 50);
    arms(n, 0) = arm > 0 ? 1 : 0;
  }
}

Node block(const Node& x) {
  Node h = layer(Dense({.output_dim = 32, .init = "he_normal"}))(x);
  h = layer(BatchNormalization())(h);
  h = layer(Activation({.activation = "relu"}))(h);
  h = layer(Dense({.output_dim = 32, .init = "he_normal"}))(h);
  return merge({x, h}, {.mode = "sum"});
}

}  // namespace

int main() {
  set_seed(1);
  Tensor points({count, 2}), arms({count, 1});
  spirals(points, arms);

  const Node x = input({2});
  Node h = layer(Dense({.output_dim = 32}))(x);
  for (int i = 0; i < 5; ++i) h = block(h);
  const Node y = layer(Dense({.output_dim = 1, .activation = "sigmoid"}))(h);
  Model model({x}, {y});

  model.compile({.optimizer = "adam", .loss = "binary_crossentropy", .metrics = {"accuracy"}});
  model.fit(points, arms,
            {.batch_size = 50, .nb_epoch = 40, .verbose = 2, .validation_split = 0.2});
  std::printf("%zu layers, accuracy %.3f\n", model.layers().size(),
              model.evaluate(points, arms)["acc"]);
}
