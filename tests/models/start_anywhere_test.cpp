// A model may start and end anywhere in a graph.
#include <catch2/catch.hpp>

#include <algorithm>

#include "cornu/cornu.hpp"

using namespace cornu;

namespace {

Tensor random_tensor(const Shape& shape, std::uint64_t seed) {
  Tensor tensor(shape);
  RandomStream(seed, Purpose::user).fill_normal(tensor.array(), 0, 1);
  return tensor;
}

bool same(const Tensor& a, const Tensor& b) { return std::equal(a.begin(), a.end(), b.begin()); }

}  // namespace

TEST_CASE("the decoder of an autoencoder, from its inner node, shares its weights") {
  const Node x = input({6}, "x");
  const Node code = layer<Dense>({.output_dim = 3, .activation = "tanh", .name = "code"})(x);
  const Node decoded = layer<Dense>({.output_dim = 6, .name = "decoded"})(code);
  Model whole({x}, {decoded}), encoder({x}, {code}), decoder({code}, {decoded});
  CHECK(decoder.input_shape() == Shape{3});
  CHECK(decoder.layers().size() == 1);
  const Tensor data = random_tensor({4, 6}, 1);
  CHECK(same(decoder.predict(encoder.predict(data)), whole.predict(data)));
  decoder.compile({.optimizer = "sgd", .loss = "mse"});
  decoder.train_on_batch(random_tensor({4, 3}, 2), data);
  CHECK(same(decoder.predict(encoder.predict(data)), whole.predict(data)));
  const auto twin = model_from_json(decoder.to_json());
  CHECK(twin->input_shape() == Shape{3});
}

TEST_CASE("inner starts beside inputs, models within, several ways from a start") {
  const Node a = input({2}, "a"), b = input({2}, "b");
  Sequential branch("branch");
  branch.add<Dense>({.output_dim = 2, .activation = "tanh", .input_shape = {2}});
  const Node left = layer<Dense>({.output_dim = 2, .name = "left"})(a);
  const Node again = branch(left);
  const Node sum = merge({again, left, b}, {.mode = "sum"});
  Model whole({a, b}, {sum}), front({a}, {left}), back({left, b}, {sum});
  const Tensor xa = random_tensor({3, 2}, 1), xb = random_tensor({3, 2}, 2);
  const Tensor middle = front.predict(xa);
  CHECK(same(back.predict({middle, xb}), whole.predict({xa, xb})));
  CHECK_THROWS_WITH(Model({left}, {sum}), Catch::Contains("'b'"));
  CHECK_THROWS_WITH(Model({left, left, b}, {sum}), Catch::Contains("twice"));
}
