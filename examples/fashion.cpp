// Trains 784-256-128-10 on Fashion-MNIST: 60,000 pictures of clothes, 28 x 28 pixels.
//   fashion [FOLDER] [EPOCHS]    where the four files of the data set are; Debian's package
//                                dataset-fashion-mnist puts them where the default says
#include <cornu/cornu.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>

#include "data.hpp"

using namespace cornu;

namespace {

/// Adds up how long the epochs take, validation left out.
class Stopwatch : public Callback {
 public:
  void on_epoch_begin(TrainingTarget&, std::size_t) override { begun_ = Clock::now(); }
  void on_epoch_end(TrainingTarget&, std::size_t, const Scores&) override {
    seconds_ += std::chrono::duration<double>(Clock::now() - begun_).count();
    ++epochs_;
  }
  double seconds_per_epoch() const { return seconds_ / static_cast<double>(epochs_); }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point begun_;
  double seconds_ = 0;
  std::size_t epochs_ = 0;
};

}  // namespace

int main(int argc, char** argv) try {
  const std::string folder = argc > 1 ? argv[1] : "/usr/share/datasets/fashion-mnist";
  const std::size_t epochs = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 10;
  const examples::Images train = examples::read_idx(folder + "/train-images-idx3-ubyte.gz",
                                                    folder + "/train-labels-idx1-ubyte.gz");
  const examples::Images test = examples::read_idx(folder + "/t10k-images-idx3-ubyte.gz",
                                                   folder + "/t10k-labels-idx1-ubyte.gz");

  set_seed(2016);
  Sequential model;
  model.add(Dense({.output_dim = 256, .init = "he_normal", .input_shape = {784}}));
  model.add(BatchNormalization());
  model.add(Activation({.activation = "relu"}));
  model.add(Dense({.output_dim = 128, .init = "he_normal"}));
  model.add(BatchNormalization());
  model.add(Activation({.activation = "relu"}));
  model.add(Dense({.output_dim = 10, .activation = "softmax"}));
  model.compile({.optimizer = "adam", .loss = "categorical_crossentropy", .metrics = {"accuracy"}});
  std::puts(model.summary().c_str());

  const auto stopwatch = std::make_shared<Stopwatch>();
  model.fit(train.pixels, to_categorical(train.labels, 10),
            {.batch_size = 128, .nb_epoch = epochs, .callbacks = {stopwatch}});
  const Scores scores = model.evaluate(test.pixels, to_categorical(test.labels, 10));
  std::printf("\n%.2f seconds an epoch with %zu threads\ntest accuracy %.4f\n",
              stopwatch->seconds_per_epoch(), num_threads(), scores["acc"]);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "fashion: %s\n", error.what());
  return 1;
}
