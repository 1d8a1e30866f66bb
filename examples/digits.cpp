// Learns to read handwritten digits, and shows what it has learned.
//   digits FILE           trains, saves the model to FILE and what it says of the test images
//   beside it digits --load FILE    loads the model and checks that it says the same
#include <cornu/cornu.hpp>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <exception>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "data.hpp"

using namespace cornu;

namespace {

constexpr std::size_t train_count = 1438;  // the other fifth of the 1,797 is held out

/// One image a column, a digit's grey as five shades; under each what the model says.
void draw(const examples::Images& images, const Tensor& predictions,
          const std::vector<std::size_t>& which) {
  static const char* blocks[] = {"  ", "░░", "▒▒", "▓▓", "██"};
  static const char* letters[] = {"  ", "..", "++", "%%", "##"};
  const char* const* shades = terminal::utf8() ? blocks : letters;
  for (std::size_t row = 0; row < 8; ++row) {
    for (const std::size_t n : which) {
      std::printf("   ");
      for (std::size_t column = 0; column < 8; ++column) {
        const auto grey = static_cast<double>(images.pixels(n, row * 8 + column));
        std::fputs(shades[static_cast<int>(grey * 4.99)], stdout);
      }
    }
    std::puts("");
  }
  for (const std::size_t n : which) {
    const Scalar* row = &predictions.data()[n * 10];
    const auto said = static_cast<std::size_t>(std::max_element(row, row + 10) - row);
    std::string verdict = "says " + std::to_string(said);
    if (said != images.labels[n]) verdict += ", is " + std::to_string(images.labels[n]);
    std::printf("   %-12s%3.0f%%", verdict.c_str(), 100.0 * static_cast<double>(row[said]));
  }
  std::puts("\n");
}

void show(const examples::Images& test, const Tensor& predictions) {
  std::size_t confusion[10][10] = {}, right = 0;
  std::vector<std::size_t> good, bad;
  for (std::size_t n = 0; n < test.labels.size(); ++n) {
    const Scalar* row = &predictions.data()[n * 10];
    const auto said = static_cast<std::size_t>(std::max_element(row, row + 10) - row);
    ++confusion[test.labels[n]][said];
    right += said == test.labels[n];
    (said == test.labels[n] ? good : bad).push_back(n);
  }

  std::printf("\ntest accuracy %.4f (%zu of %zu images that it never saw)\n\n",
              static_cast<double>(right) / static_cast<double>(test.labels.size()), right,
              test.labels.size());
  std::puts("Rows: what the image shows. Columns: what the model says.");
  std::puts("       0   1   2   3   4   5   6   7   8   9");
  for (std::size_t is = 0; is < 10; ++is) {
    std::printf("   %zu", is);
    for (const std::size_t count : confusion[is])
      count == 0 ? std::printf("   .") : std::printf("%4zu", count);
    std::puts("");
  }

  good.resize(std::min<std::size_t>(good.size(), 4));
  std::puts("\nSome that it reads:\n");
  draw(test, predictions, good);
  bad.resize(std::min<std::size_t>(bad.size(), 4));
  if (bad.empty()) return;
  std::puts("Some that it does not:\n");
  draw(test, predictions, bad);
}

void train(const std::string& path) {
  set_seed(2016);
  const examples::Images digits = examples::read_digits(2016);
  const examples::Images train = examples::slice(digits, 0, train_count);
  const examples::Images test = examples::slice(digits, train_count, digits.labels.size());

  Sequential model;
  model.add(Dense({.output_dim = 128, .init = "he_normal", .input_shape = {64}}));
  model.add(BatchNormalization());
  model.add(Activation({.activation = "relu"}));
  model.add(Dense({.output_dim = 64, .init = "he_normal"}));
  model.add(BatchNormalization());
  model.add(Activation({.activation = "relu"}));
  model.add(Dense({.output_dim = 10, .activation = "softmax"}));
  model.compile({.optimizer = "adam", .loss = "categorical_crossentropy", .metrics = {"accuracy"}});
  std::puts(model.summary().c_str());

  model.fit(train.pixels, to_categorical(train.labels, 10),
            {.batch_size = 32,
             .nb_epoch = 30,
             .validation_data = {test.pixels, to_categorical(test.labels, 10)}});
  const Tensor predictions = model.predict(test.pixels);
  show(test, predictions);

  model.save(path);
  std::ofstream(path + ".predictions", std::ios::binary)
      .write(reinterpret_cast<const char*>(predictions.data()),
             static_cast<std::streamsize>(predictions.size() * sizeof(Scalar)));
  std::printf("Saved to %s\n", path.c_str());
}

bool load_and_compare(const std::string& path) {
  const examples::Images digits = examples::read_digits(2016);
  const examples::Images test = examples::slice(digits, train_count, digits.labels.size());
  const auto model = load_model(path);
  const Tensor predictions = model->predict(test.pixels);

  std::ifstream file(path + ".predictions", std::ios::binary);
  const std::string before(std::istreambuf_iterator<char>(file), {});
  const bool same = before.size() == predictions.size() * sizeof(Scalar) &&
                    std::memcmp(before.data(), predictions.data(), before.size()) == 0;
  std::printf("Another process loaded it: its %zu probabilities for the test images are %s\n",
              predictions.size(), same ? "the same, bit for bit" : "NOT the same");
  return same;
}

}  // namespace

int main(int argc, char** argv) try {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() == 1 && arguments[0][0] != '-') {
    train(arguments[0]);
    return 0;
  }
  if (arguments.size() == 2 && arguments[0] == "--load")
    return load_and_compare(arguments[1]) ? 0 : 1;
  std::fputs("usage: digits FILE | digits --load FILE\n", stderr);
  return 2;
} catch (const std::exception& error) {
  std::fprintf(stderr, "digits: %s\n", error.what());
  return 1;
}
