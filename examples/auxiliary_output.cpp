// Two inputs and two outputs: the auxiliary one, early in the net, gives the lower layers a loss of
// their own (after the guide to Keras's functional API).
#include <cornu/cornu.hpp>

#include <cmath>
#include <cstdio>

using namespace cornu;

int main() {
  set_seed(3);
  // How well something sells depends on its description and on the hour it is offered at.
  constexpr std::size_t count = 2000;
  Tensor description({count, 20}), hour({count, 2}), sold({count, 1});
  RandomStream random(3, Purpose::user);
  random.fill_normal(description.array(), 0, 1);
  for (std::size_t n = 0; n < count; ++n) {
    const double angle = 6.2831853 * random.uniform();
    hour(n, 0) = static_cast<Scalar>(std::cos(angle));
    hour(n, 1) = static_cast<Scalar>(std::sin(angle));
    const double appeal = description(n, 0) + description(n, 1) * description(n, 2);
    sold(n, 0) = appeal + 2 * std::cos(angle) > 0 ? 1 : 0;
  }

  const Node words = input({20}, "words");
  const Node time = input({2}, "time");
  const Node read = layer(Dense({.output_dim = 32, .activation = "relu"}))(words);
  const Node guess =
      layer(Dense({.output_dim = 1, .activation = "sigmoid", .name = "guess"}))(read);
  Node h = merge({read, time}, {.mode = "concat"});
  h = layer(Dense({.output_dim = 32, .activation = "relu"}))(h);
  h = layer(Dense({.output_dim = 32, .activation = "relu"}))(h);
  const Node sells = layer(Dense({.output_dim = 1, .activation = "sigmoid", .name = "sells"}))(h);
  Model model({words, time}, {sells, guess});

  model.compile({.optimizer = "adam",
                 .loss = "binary_crossentropy",
                 .metrics = {"accuracy"},
                 .loss_weights = named<double>({{"sells", 1.0}, {"guess", 0.2}})});
  model.fit({{"words", description}, {"time", hour}}, {{"sells", sold}, {"guess", sold}},
            {.nb_epoch = 30, .verbose = 2, .validation_split = 0.2});

  const Scores scores = model.evaluate({description, hour}, {sold, sold});
  std::printf("with the hour %.3f, without it %.3f\n", scores["sells_acc"], scores["guess_acc"]);
}
