// Makes so many training steps and predictions of a small network and prints nothing: for counting
// instructions.   step STEPS PREDICTIONS

#include <cornu/cornu.hpp>
#include <cstdlib>

int main(int argc, char** argv) {
  using namespace cornu;
  const int steps = argc > 1 ? std::atoi(argv[1]) : 0,
            predictions = argc > 2 ? std::atoi(argv[2]) : 0;
  set_num_threads(1);
  set_seed(1);
  Sequential model;
  model.add<Dense>({.output_dim = 16, .input_shape = {8}});
  model.add<BatchNormalization>();
  model.add<Activation>({.activation = "relu"});
  model.add<Dense>({.output_dim = 16, .activation = "tanh"});
  model.add<Dense>({.output_dim = 3, .activation = "softmax"});
  model.compile(
      {.optimizer = sgd({.lr = 0.01, .momentum = 0.9}), .loss = "categorical_crossentropy"});
  Tensor x(Shape{4, 8}), y(Shape{4, 3}), one(Shape{1, 8}), out(Shape{1, 3});
  RandomStream(1, Purpose::user).fill_uniform(x.array(), -1, 1);
  for (std::size_t r = 0; r < 4; ++r) y(r, r % 3) = 1;
  for (int i = 0; i < 5; ++i) {
    model.train_on_batch(x, y);
    model.predict_on_batch(one, out);
  }
  for (int i = 0; i < steps; ++i) model.train_on_batch(x, y);
  for (int i = 0; i < predictions; ++i) model.predict_on_batch(one, out);
}
