// A plug-in with the library inside: `work` trains with threads that outlive its unloading.
#include <cornu/cornu.hpp>

extern "C" __attribute__((visibility("default"))) double work() {
  using namespace cornu;
  set_num_threads(2);
  Sequential model;
  model.add<Dense>({.output_dim = 512, .activation = "relu", .input_shape = {256}});
  model.add<Dense>({.output_dim = 1});
  model.compile({.optimizer = "adam", .loss = "mse"});
  const Tensor x(Shape{256, 256}), y(Shape{256, 1});
  return model.train_on_batch(x, y)["loss"];
}
