// A small convolutional network on Fashion-MNIST: 60,000 pictures of clothes, 28 x 28 pixels.
// Writes a picture of what its first layer learned and sees.
//   fashion_convolution [FOLDER] [EPOCHS] [PICTURE.svg]
// FOLDER is where the four files of the data set are; Debian's package dataset-fashion-mnist puts
// them where the default says.
#include <cornu/cornu.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include "data.hpp"
#include "pictures.hpp"

using namespace cornu;

namespace {

/// Images as (N, 1, rows, columns): channels first.
Tensor pictures_of(const examples::Images& images) {
  const auto side = static_cast<std::size_t>(std::lround(std::sqrt(images.pixels.shape().back())));
  return images.pixels.reshaped(Shape{images.pixels.shape().front(), 1, side, side});
}

/// The filters of the first layer, and below them what each makes of one picture.
void draw(Sequential& model, const Tensor& picture, const std::string& path) {
  const Tensor filters = model.get_weights()[0];  // (F, 1, rows, columns)
  const std::size_t F = filters.shape()[0], rows = filters.shape()[2], columns = filters.shape()[3];
  std::vector<examples::Tile> tiles;
  for (std::size_t f = 0; f < F; ++f) {
    examples::Tile tile{{}, rows, columns, true};
    for (std::size_t i = 0; i < rows * columns; ++i)
      tile.numbers.push_back(filters.array()[f * rows * columns + i]);
    tiles.push_back(std::move(tile));
  }
  Sequential first;  // the first layer by itself, with its weights
  first.add<Convolution2D>({.nb_filter = F,
                            .nb_row = rows,
                            .nb_col = columns,
                            .border_mode = "same",
                            .input_shape = picture.shape().without_samples()});
  first.set_weights({model.get_weights()[0], model.get_weights()[1]});
  const Tensor seen = first.predict(picture);  // (1, F, 28, 28)
  const std::size_t height = seen.shape()[2], width = seen.shape()[3];
  for (std::size_t f = 0; f < F; ++f) {
    examples::Tile tile{{}, height, width, true};
    for (std::size_t i = 0; i < height * width; ++i)
      tile.numbers.push_back(seen.array()[f * height * width + i]);
    tiles.push_back(std::move(tile));
  }
  examples::write_tiles(path, tiles, F,
                        {"the filters of the first layer: blue adds, red takes away",
                         "what they make of one picture"});
  std::printf("wrote %s\n", path.c_str());
}

}  // namespace

int main(int argc, char** argv) try {
  const std::string folder = argc > 1 ? argv[1] : "/usr/share/datasets/fashion-mnist";
  const std::size_t epochs = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 8;
  const examples::Images train = examples::read_idx(folder + "/train-images-idx3-ubyte.gz",
                                                    folder + "/train-labels-idx1-ubyte.gz");
  const examples::Images test = examples::read_idx(folder + "/t10k-images-idx3-ubyte.gz",
                                                   folder + "/t10k-labels-idx1-ubyte.gz");
  const Tensor x = pictures_of(train), x_test = pictures_of(test);

  set_seed(2016);
  Sequential model;
  model.add<Convolution2D>({.nb_filter = 16,
                            .nb_row = 5,
                            .nb_col = 5,
                            .init = "he_normal",
                            .border_mode = "same",
                            .input_shape = x.shape().without_samples()});
  model.add<BatchNormalization>({.axis = 1});
  model.add<Activation>({.activation = "relu"});
  model.add<MaxPooling2D>();
  model.add<Convolution2D>(
      {.nb_filter = 32, .nb_row = 3, .nb_col = 3, .init = "he_normal", .border_mode = "same"});
  model.add<BatchNormalization>({.axis = 1});
  model.add<Activation>({.activation = "relu"});
  model.add<MaxPooling2D>();
  model.add<Flatten>();
  model.add<Dropout>({.p = 0.3});
  model.add<Dense>({.output_dim = 96, .init = "he_normal", .activation = "relu"});
  model.add<Dropout>({.p = 0.3});
  model.add<Dense>({.output_dim = 10, .activation = "softmax"});
  model.compile({.optimizer = "adam", .loss = "categorical_crossentropy", .metrics = {"accuracy"}});
  std::puts(summary(model).c_str());

  const auto begin = std::chrono::steady_clock::now();
  model.fit(x, to_categorical(train.labels, 10), {.batch_size = 64, .nb_epoch = epochs});
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
  const Scores scores = model.evaluate(x_test, to_categorical(test.labels, 10));
  std::printf("\n%.1f seconds an epoch with %zu threads\ntest accuracy %.4f\n",
              taken.count() / static_cast<double>(epochs), num_threads(), scores["acc"]);
  if (argc > 3) {
    Tensor one(x_test.shape().without_samples().with_samples(1));
    std::copy_n(x_test.data(), one.size(), one.data());
    draw(model, one, argv[3]);
  }
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "fashion_convolution: %s\n", error.what());
  return 1;
}
