// Do two images show the same digit? Both go through one branch: two calls, one set of weights.
#include <cornu/cornu.hpp>

#include <cstdio>
#include <fstream>

#include "data.hpp"

using namespace cornu;

namespace {

/// Pairs of images, every other one of the same digit.
struct Pairs {
  Tensor left, right, same;
};

Pairs make_pairs(const examples::Images& images, std::size_t count, std::uint64_t seed) {
  Pairs pairs{Tensor({count, 64}), Tensor({count, 64}), Tensor({count, 1})};
  RandomStream random(seed, Purpose::user);
  for (std::size_t n = 0; n < count; ++n) {
    const std::size_t a = random.below(images.labels.size());
    std::size_t b = a;
    while (b == a || (images.labels[a] == images.labels[b]) != (n % 2 == 0))
      b = random.below(images.labels.size());
    for (std::size_t p = 0; p < 64; ++p) {
      pairs.left(n, p) = images.pixels(a, p);
      pairs.right(n, p) = images.pixels(b, p);
    }
    pairs.same(n, 0) = n % 2 == 0 ? 1 : 0;
  }
  return pairs;
}

}  // namespace

int main() {
  set_seed(7);
  const examples::Images digits = examples::read_digits(7);
  const Pairs train = make_pairs(examples::slice(digits, 0, 1400), 8000, 1);
  const Pairs test = make_pairs(examples::slice(digits, 1400, digits.labels.size()), 1000, 2);

  Sequential branch("branch");
  branch.add(Dense({.output_dim = 64, .activation = "relu", .input_shape = {64}}));
  branch.add(Dense({.output_dim = 16}));

  const Node left = input({64}, "left");
  const Node right = input({64}, "right");
  const Node alike = merge({branch(left), branch(right)}, {.mode = "mul"});
  const Node same = layer(Dense({.output_dim = 1, .activation = "sigmoid"}))(alike);
  Model model({left, right}, {same});

  std::puts(model.summary().c_str());
  std::ofstream("siamese.svg") << to_svg(model);
  model.compile({.optimizer = "adam", .loss = "binary_crossentropy", .metrics = {"accuracy"}});
  model.fit({train.left, train.right}, train.same, {.nb_epoch = 15, .verbose = 2});

  const Scores scores = model.evaluate({test.left, test.right}, test.same);
  std::printf("same digit or not, on images never seen: right for %.1f%%\n", 100 * scores["acc"]);
}
