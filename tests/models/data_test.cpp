// What Data borrows and what it keeps.
#include <catch2/catch.hpp>

#include "cornu/cornu.hpp"

using namespace cornu;

namespace {

Tensor counting(std::size_t samples, Scalar first) {
  Tensor tensor(Shape{samples, 1});
  for (std::size_t i = 0; i < samples; ++i) tensor.data()[i] = first + static_cast<Scalar>(i);
  return tensor;
}
const Tensor constant(std::size_t samples, Scalar first) { return counting(samples, first); }

Model sum_of_two() {
  const Node a = input({1}, "a"), b = input({1}, "b");
  return Model({a, b}, {merge({a, b}), merge({a, b}, {.mode = "subtract"})});
}

}  // namespace

TEST_CASE("a tensor with a name is borrowed") {
  const Tensor x = counting(3, 0);
  CHECK(Data(x)[0].data() == x.data());
  const Data two = {x, x};
  CHECK((two.size() == 2 && two[1].data() == x.data()));
  const Data named = {{"left", x}, {"right", x}};
  CHECK((named.named() && named[1].data() == x.data()));
}

TEST_CASE("a tensor made on the spot is kept, by copies of the Data too") {
  Data one, moved, several, by_name, list, of_const;
  {
    Tensor x = counting(3, 40);
    const Scalar* const at = x.data();
    one = Data(counting(3, 10));
    moved = Data(std::move(x));
    CHECK(moved[0].data() == at);
    several = {counting(3, 20), counting(3, 30)};
    by_name = Data{{"left", counting(3, 50)}, {"right", counting(3, 60)}};
    std::vector<Tensor> tensors;
    tensors.push_back(counting(3, 70));
    list = Data(std::move(tensors));
    of_const = Data(constant(3, 80));
  }
  const Data copy = several;
  several = {};
  CHECK(one[0](2, 0) == 12);
  CHECK(moved[0](2, 0) == 42);
  CHECK((copy[0](2, 0) == 22 && copy[1](2, 0) == 32));
  CHECK((by_name[0](2, 0) == 52 && by_name[1](2, 0) == 62));
  CHECK(list[0](2, 0) == 72);
  CHECK(of_const[0](2, 0) == 82);
}

TEST_CASE("options of fit that are filled in before the call keep their data") {
  Sequential model;
  model.add<Dense>({.output_dim = 1, .input_shape = {1}});
  model.compile({.optimizer = sgd({.lr = 1e-9}), .loss = "mse"});
  const Tensor x = counting(50, 1), y = counting(50, 2);
  FitOptions options{.nb_epoch = 1, .verbose = 0};
  options.validation_data = {counting(50, 1), counting(50, 2)};
  options.sample_weight = Tensor(Shape{50}, std::vector<Scalar>(50, 1));
  const EvaluateOptions weighted{.sample_weight = Tensor(Shape{50}, std::vector<Scalar>(50, 1))};
  // What is given back to the system is written over.
  for (int i = 0; i < 20; ++i) counting(50, -1000);
  const History history = model.fit(x, y, options);
  CHECK(history["val_loss"][0] == model.evaluate(x, y, weighted)["loss"]);
}

TEST_CASE("functions' results stand where arrays stand") {
  Model model = sum_of_two();
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const Tensor sum = model.predict_all({counting(4, 1), counting(4, 2)})[0];
  CHECK(sum(3, 0) == 4 + 5);
  model.fit({counting(4, 1), counting(4, 2)}, {counting(4, 3), counting(4, 3)},
            {.nb_epoch = 1, .verbose = 0});
  CHECK(model.predict_all({{"b", counting(4, 2)}, {"a", counting(4, 1)}})[1](0, 0) == -1);
}

TEST_CASE("a single row is named as it was given, with what to do") {
  Sequential model;
  model.add(Dense({.output_dim = 1, .input_shape = {4}}));
  CHECK_THROWS_WITH(model.predict(Tensor(Shape{4})),
                    Catch::Contains("(None, 4)") && Catch::Contains("got (4,)") &&
                        Catch::Contains("for one sample, add the samples' axis: shape (1, 4)"));
  CHECK_THROWS_WITH(model.predict(Tensor(Shape{5})), Catch::Contains("got (5,)"));
}
