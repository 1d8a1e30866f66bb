// A run that is saved, ended and taken up again comes to the same bits as one that never stopped.
#include <cornu/cornu.hpp>

#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

using namespace cornu;

namespace {

/// Points of two rings, (N, 2), and which ring each belongs to, (N, 1).
void rings(Tensor& x, Tensor& y) {
  x = Tensor(Shape{400, 2});
  y = Tensor(Shape{400, 1});
  RandomStream random(5, Purpose::user);
  for (std::size_t n = 0; n < 400; ++n) {
    const double angle = 6.2832 * random.uniform();
    const double radius = 1.0 + n % 2 + 0.15 * random.normal();
    x(n, 0) = static_cast<Scalar>(radius * std::cos(angle));
    x(n, 1) = static_cast<Scalar>(radius * std::sin(angle));
    y(n, 0) = static_cast<Scalar>(n % 2);
  }
}

Sequential make_model() {
  set_seed(5);
  Sequential model;
  model.add(Dense({.output_dim = 32, .init = "he_normal", .input_shape = {2}}));
  model.add(BatchNormalization());
  model.add(Activation({.activation = "relu"}));
  model.add(Dense({.output_dim = 1, .activation = "sigmoid"}));
  model.compile({.optimizer = "adam", .loss = "binary_crossentropy", .metrics = {"accuracy"}});
  return model;
}

bool same_bits(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  bool same = a.size() == b.size();
  for (std::size_t i = 0; same && i < a.size(); ++i)
    same = a[i].size() == b[i].size() &&
           std::memcmp(a[i].data(), b[i].data(), a[i].size() * sizeof(Scalar)) == 0;
  return same;
}

}  // namespace

int main() {
  Tensor x, y;
  rings(x, y);
  const std::string path = (std::filesystem::temp_directory_path() / "cornu-resume.json").string();

  Sequential whole = make_model();
  whole.fit(x, y, {.batch_size = 10, .nb_epoch = 30, .verbose = 0});

  Sequential half = make_model();
  half.fit(x, y, {.batch_size = 10, .nb_epoch = 15, .verbose = 0});
  half.save(path);  // weights, Adam's accumulators and step count, epoch and seed

  const auto resumed = load_model(path);  // in another process, on another day
  resumed->fit(x, y, {.batch_size = 10, .nb_epoch = 15, .verbose = 0});

  const bool same = same_bits(whole.get_weights(), resumed->get_weights());
  std::printf("30 epochs:            accuracy %.4f\n", whole.evaluate(x, y)["acc"]);
  std::printf("15, saved, 15 more:   accuracy %.4f\n", resumed->evaluate(x, y)["acc"]);
  std::printf("The weights are %s\n", same ? "the same bits" : "NOT the same");
  return same ? 0 : 1;
}
