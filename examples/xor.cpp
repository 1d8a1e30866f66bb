// The smallest problem that one layer cannot solve.
#include <cornu/cornu.hpp>

#include <cstdio>

int main() {
  using namespace cornu;
  set_seed(1);
  const Tensor x{{0, 0}, {0, 1}, {1, 0}, {1, 1}};
  const Tensor y{{0}, {1}, {1}, {0}};

  Sequential model;
  model.add(Dense({.output_dim = 8, .activation = "tanh", .input_shape = {2}}));
  model.add(Dense({.output_dim = 1, .activation = "sigmoid"}));
  model.compile({.optimizer = adam({.lr = 0.05}), .loss = "binary_crossentropy"});
  model.fit(x, y, {.batch_size = 4, .nb_epoch = 300, .verbose = 0});

  const Tensor p = model.predict(x);
  for (std::size_t n = 0; n < 4; ++n)
    std::printf("%g xor %g = %g   (%.3f)\n", double(x(n, 0)), double(x(n, 1)), double(y(n, 0)),
                double(p(n, 0)));
}
