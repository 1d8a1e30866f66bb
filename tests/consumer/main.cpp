// Uses the library as an outside program does: trains a model, saves it, loads it, and catches an
// error thrown in the library.
#include <cornu/cornu.hpp>

#include <cstdio>
#include <filesystem>
#include <string>

int main() {
  using namespace cornu;
  set_seed(1);
  const Tensor x(Shape{4, 2}, std::vector<Scalar>{0, 0, 0, 1, 1, 0, 1, 1});
  const Tensor y(Shape{4, 1}, std::vector<Scalar>{0, 1, 1, 0});
  Sequential model;
  model.add<Dense>({.output_dim = 4, .activation = "tanh", .input_shape = {2}});
  model.add<Dense>({.output_dim = 1, .activation = "sigmoid"});
  model.compile({.optimizer = "adam", .loss = "binary_crossentropy"});
  model.fit(x, y, {.nb_epoch = 2, .verbose = 0});
  const std::string path =
      (std::filesystem::temp_directory_path() / "cornu-consumer.json").string();
  model.save(path);
  const bool same = load_model(path)->predict(x)(3, 0) == model.predict(x)(3, 0);
  std::filesystem::remove(path);
  std::printf("Cornu %s, %zu-byte numbers, %s\n", CORNU_VERSION, sizeof(Scalar),
              same ? "the loaded model is the same" : "the loaded model differs");
  try {
    model.predict(Tensor(Shape{4, 3}));
  } catch (const ShapeError& error) {
    std::printf("an error that helps: %s\n", error.what());
    return same ? 0 : 1;
  }
  return 1;
}
