// What a net learned of the digits 0 to 4 helps with 5 to 9, of which there are few: a model is cut
// out of another one's graph, shares its weights, is frozen, and carries a new output.
#include <cornu/cornu.hpp>

#include <cstdio>

#include "data.hpp"

using namespace cornu;

namespace {

struct Task {
  Tensor x, y;
};

/// The first `most` images of five digits from `first` on, and targets (N, 5).
Task digits_from(const examples::Images& images, std::size_t first, std::size_t most) {
  std::vector<std::size_t> which;
  for (std::size_t n = 0; n < images.labels.size() && which.size() < most; ++n)
    if (images.labels[n] >= first && images.labels[n] < first + 5) which.push_back(n);
  Task task{Tensor({which.size(), 64}), Tensor({which.size(), 5})};
  for (std::size_t row = 0; row < which.size(); ++row) {
    for (std::size_t p = 0; p < 64; ++p) task.x(row, p) = images.pixels(which[row], p);
    task.y(row, images.labels[which[row]] - first) = 1;
  }
  return task;
}

}  // namespace

int main() {
  set_seed(5);
  const examples::Images digits = examples::read_digits(5);
  const examples::Images train = examples::slice(digits, 0, 1400);
  const examples::Images test = examples::slice(digits, 1400, digits.labels.size());
  const Task low = digits_from(train, 0, 1400), high = digits_from(train, 5, 100);
  const Task low_test = digits_from(test, 0, 400), high_test = digits_from(test, 5, 400);

  const Node pixels = input({64}, "pixels");
  const Node features = layer(Dense({.output_dim = 128, .activation = "relu"}))(pixels);
  const Node h = layer(Dense({.output_dim = 32, .activation = "relu"}))(features);
  const Node low_digit = layer(Dense({.output_dim = 5, .activation = "softmax"}))(h);
  Model teacher({pixels}, {low_digit});
  teacher.compile(
      {.optimizer = "adam", .loss = "categorical_crossentropy", .metrics = {"accuracy"}});
  teacher.fit(low.x, low.y, {.nb_epoch = 20, .verbose = 0});
  std::printf("0 to 4, from %zu images: %.3f\n", low.x.shape().front(),
              teacher.evaluate(low_test.x, low_test.y)["acc"]);

  // The same layers up to the features: nothing is copied.
  Model extractor({pixels}, {features}, "extractor");
  freeze(extractor);
  const Node image = input({64}, "image");
  const Node high_digit =
      layer(Dense({.output_dim = 5, .activation = "softmax"}))(extractor(image));
  Model student({image}, {high_digit});
  student.compile(
      {.optimizer = "adam", .loss = "categorical_crossentropy", .metrics = {"accuracy"}});
  student.fit(high.x, high.y, {.batch_size = 10, .nb_epoch = 60, .verbose = 0});
  std::printf("5 to 9, from %zu images: %.3f\n", high.x.shape().front(),
              student.evaluate(high_test.x, high_test.y)["acc"]);
  std::printf("0 to 4, as before: %.3f\n", teacher.evaluate(low_test.x, low_test.y)["acc"]);
}
