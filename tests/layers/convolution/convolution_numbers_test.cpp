// What the layers for pictures and signals compute, by hand; what they refuse; what files say.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "cornu/cornu.hpp"

using namespace cornu;
using Numbers = std::vector<double>;

namespace {

const double digits = sizeof(Scalar) == 8 ? 1e-12 : 2e-6;

Numbers counting(std::size_t count, double first = 0) {
  Numbers numbers(count);
  for (std::size_t i = 0; i < count; ++i) numbers[i] = first + static_cast<double>(i);
  return numbers;
}

/// y of a layer with these parameters.
Numbers output_of(const Layer& layer, const Shape& input, const Numbers& x,
                  const std::vector<Numbers>& parameters = {}) {
  LayerProbe probe(layer, {input});
  LayerProbe::Run run = probe.start(x.size() / input.size());
  for (std::size_t i = 0; i < x.size(); ++i) run.x[0].array()[i] = static_cast<Scalar>(x[i]);
  for (std::size_t p = 0; p < parameters.size(); ++p) {
    REQUIRE(parameters[p].size() == probe.parameters[p].size());
    for (std::size_t i = 0; i < parameters[p].size(); ++i)
      probe.parameters[p].data()[i] = static_cast<Scalar>(parameters[p][i]);
  }
  probe.forward(run, false);
  return {run.y.array().begin(), run.y.array().end()};
}

void expect(const Layer& layer, const Shape& input, const Numbers& x,
            const std::vector<Numbers>& parameters, const Numbers& y) {
  INFO(layer.place());
  const Numbers got = output_of(layer, input, x, parameters);
  REQUIRE(got.size() == y.size());
  for (std::size_t i = 0; i < y.size(); ++i) CHECK(got[i] == Approx(y[i]).margin(digits));
}

template <class Made>
void refused(const Made& make, const Shape& input, const std::string& words) {
  const auto layer = make();
  CHECK_THROWS_WITH(LayerProbe(*layer, {input}), Catch::Contains(words));
}

const Numbers x2 = counting(9), x4 = counting(16);

}  // namespace

TEST_CASE("Convolution2D: TensorFlow's padding, no filter turned") {
  const auto make = [](std::size_t k, const char* border, int stride, const char* ordering = "th",
                       std::size_t filters = 1) {
    return Convolution2D({.nb_filter = filters,
                          .nb_row = k,
                          .nb_col = k,
                          .border_mode = border,
                          .subsample = {stride, stride},
                          .dim_ordering = ordering});
  };
  expect(make(2, "valid", 1), {1, 3, 3}, x2, {{1, 2, 3, 4}, {0.5}}, {27.5, 37.5, 57.5, 67.5});
  expect(make(2, "same", 1), {1, 3, 3}, x2, {{1, 2, 3, 4}, {0.5}},
         {27.5, 37.5, 17.5, 57.5, 67.5, 29.5, 20.5, 23.5, 8.5});
  expect(make(3, "same", 2), {1, 4, 4}, x4, {counting(9, 1), {0}}, {303, 225, 253, 163});
  expect(make(3, "same", 2), {1, 3, 3}, x2, {counting(9, 1), {0}}, {66, 82, 90, 82});
  expect(make(2, "valid", 1, "tf", 2), {3, 3, 1}, x2, {counting(8, 1), {0, 1}},
         {46, 55, 62, 75, 94, 115, 110, 135});
}

TEST_CASE("Convolution1D: along the steps, padded at both ends or before only") {
  expect(Convolution1D({.nb_filter = 1, .filter_length = 2}), {4, 2}, counting(8),
         {{1, 2, 3, 4}, {0}}, {19, 39, 59});
  expect(Convolution1D(
             {.nb_filter = 1, .filter_length = 3, .border_mode = "same", .subsample_length = 2}),
         {5, 1}, counting(5, 1), {{1, 10, 100}, {0}}, {210, 432, 54});
  expect(Convolution1D({.nb_filter = 1, .filter_length = 4, .border_mode = "same"}), {5, 1},
         counting(5, 1), {{1, 10, 100, 1000}, {0}}, {3210, 4321, 5432, 543, 54});
  expect(Convolution1D({.nb_filter = 1, .filter_length = 2, .border_mode = "causal"}), {4, 1},
         counting(4, 1), {{10, 1}, {0}}, {1, 12, 23, 34});
  expect(AtrousConvolution1D({.nb_filter = 1, .filter_length = 2, .atrous_rate = 2}), {5, 1},
         counting(5, 1), {{10, 1}, {0}}, {13, 24, 35});
}

TEST_CASE("Convolution3D: the same with one more axis") {
  expect(Convolution3D({.nb_filter = 1, .kernel_dim1 = 2, .kernel_dim2 = 1, .kernel_dim3 = 2}),
         {1, 2, 2, 2}, counting(8), {counting(4, 1), {0}}, {34, 54});
}

TEST_CASE("Pooling: padding neither wins nor counts") {
  const auto max = [](std::vector<int> size, std::vector<int> strides, const char* border) {
    return MaxPooling2D({.pool_size = size, .strides = strides, .border_mode = border});
  };
  const auto average = [](std::vector<int> size, std::vector<int> strides, const char* border) {
    return AveragePooling2D({.pool_size = size, .strides = strides, .border_mode = border});
  };
  expect(max({2, 2}, {}, "same"), {1, 3, 3}, x2, {}, {4, 5, 7, 8});
  expect(average({2, 2}, {}, "same"), {1, 3, 3}, x2, {}, {2, 3.5, 6.5, 8});
  expect(max({3, 3}, {2, 2}, "same"), {1, 4, 4}, x4, {}, {10, 11, 14, 15});
  expect(average({3, 3}, {2, 2}, "same"), {1, 4, 4}, x4, {}, {5, 6.5, 11, 12.5});
  expect(max({3, 2}, {1, 1}, "valid"), {1, 4, 4}, x4, {}, {9, 10, 11, 13, 14, 15});
  expect(average({3, 2}, {1, 1}, "valid"), {1, 4, 4}, x4, {}, {4.5, 5.5, 6.5, 8.5, 9.5, 10.5});
  expect(average({5, 5}, {1, 1}, "same"), {1, 3, 3}, x2, {}, Numbers(9, 4));
  expect(AveragePooling1D({.pool_length = 3, .stride = 2, .border_mode = "same"}), {4, 1},
         {1, 2, 4, 8}, {}, {7.0 / 3, 6});
  expect(AveragePooling3D({.border_mode = "same"}), {1, 3, 1, 2}, counting(6), {}, {1.5, 4.5});
  expect(GlobalMaxPooling1D(), {3, 2}, {1, 6, 5, 2, 3, 4}, {}, {5, 6});
  expect(GlobalAveragePooling2D(), {2, 1, 2}, {1, 2, 3, 5}, {}, {1.5, 4});
}

TEST_CASE("Of equal numbers the first has the gradient") {
  const MaxPooling1D layer({.pool_length = 3});
  LayerProbe probe(layer, {Shape{3, 1}});
  LayerProbe::Run run = probe.start(1);
  for (Scalar& number : run.x[0].array()) number = 2;
  probe.forward(run, true);
  for (Scalar& number : run.dy.array()) number = 5;
  probe.backward(run);
  CHECK(Numbers(run.dx[0].array().begin(), run.dx[0].array().end()) == Numbers{5, 0, 0});
}

TEST_CASE("Padding, cropping, repeating") {
  expect(ZeroPadding2D({.padding = {1, 0}}), {1, 1, 2}, {1, 2}, {}, {0, 0, 1, 2, 0, 0});
  expect(ZeroPadding1D(), {1, 2}, {1, 2}, {}, {0, 0, 1, 2, 0, 0});
  expect(Cropping2D({.cropping = {{1, 0}, {0, 2}}}), {1, 2, 4}, counting(8), {}, {4, 5});
  expect(UpSampling1D({.length = 2}), {2, 2}, {1, 2, 3, 4}, {}, {1, 2, 1, 2, 3, 4, 3, 4});
  expect(UpSampling2D({.size = {2, 3}}), {1, 1, 2}, {1, 2}, {},
         {1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2});
}

TEST_CASE("Deconvolution2D puts filters side by side and adds where they meet") {
  expect(Deconvolution2D({.nb_filter = 1,
                          .nb_row = 1,
                          .nb_col = 3,
                          .output_shape = {0, 1, 1, 5},
                          .subsample = {1, 2}}),
         {1, 1, 2}, {1, 10}, {{1, 2, 3}, {0.5}}, {1.5, 2.5, 13.5, 20.5, 30.5});
}

TEST_CASE("What the layers refuse") {
  const auto convolution = [](Convolution2DOptions options) {
    return [options] { return std::make_shared<Convolution2D>(options); };
  };
  refused(convolution({.nb_filter = 1, .nb_row = 9, .nb_col = 9}), {1, 8, 8}, "window of 9");
  refused(convolution({.nb_filter = 1, .nb_row = 2, .nb_col = 2}), {8, 8},
          "(N, channels, rows, columns)");
  refused(convolution({.nb_filter = 1, .nb_row = 2, .nb_col = 2, .activation = "softmax"}),
          {1, 8, 8}, "softmax");
  CHECK_THROWS_WITH(Convolution2D({.nb_filter = 1, .nb_row = 2, .nb_col = 2, .subsample = {0, 1}}),
                    Catch::Contains("subsample[0] expects"));
  CHECK_THROWS_WITH(Convolution2D({.nb_filter = 1, .nb_row = 2, .nb_col = 2, .subsample = {1}}),
                    Catch::Contains("subsample expects 2 numbers, got 1"));
  CHECK_THROWS_AS(Convolution2D({.nb_filter = 0, .nb_row = 2, .nb_col = 2}), ConfigError);
  CHECK_THROWS_AS(Convolution2D({.nb_filter = 1, .nb_row = 2, .nb_col = 2, .border_mode = "full"}),
                  ConfigError);
  CHECK_THROWS_AS(MaxPooling2D({.pool_size = {2, 2}, .strides = {1, 0}}), ConfigError);
  CHECK_THROWS_AS(MaxPooling3D({.pool_size = {2, 2}}), ConfigError);
  CHECK_THROWS_AS(
      Deconvolution2D({.nb_filter = 2, .nb_row = 2, .nb_col = 2, .output_shape = {0, 3, 4, 4}}),
      ConfigError);
  refused([] { return std::make_shared<Cropping1D>(); }, {2, 3}, "larger than the 2 places");
  refused(
      [] {
        return std::make_shared<UpSampling2D>(
            UpSampling2DOptions{.size = {0x7fffffff, 0x7fffffff}});
      },
      {64, 64, 64}, "overflows");
  refused(
      [] {
        return std::make_shared<AtrousConvolution2D>(
            AtrousConvolution2DOptions{.nb_filter = 1,
                                       .nb_row = 2,
                                       .nb_col = 2,
                                       .border_mode = "same",
                                       .atrous_rate = {1 << 30, 1 << 30}});
      },
      {1, 8, 8}, "nothing but padding");
  refused(
      [] {
        return std::make_shared<ZeroPadding3D>(
            ZeroPadding3DOptions{.padding = {1 << 29, 1 << 29, 1 << 29}});
      },
      {1, 1, 1, 1}, "overflows");
}

TEST_CASE("Channels first and last learn the same from the same filters") {
  // Initial filters mean the same in both orders, drawn from the same seed.
  set_seed(3);
  Sequential first;
  first.add<Convolution2D>(
      {.nb_filter = 4, .nb_row = 2, .nb_col = 3, .init = "orthogonal", .input_shape = {3, 5, 6}});
  set_seed(3);
  Sequential last;
  last.add<Convolution2D>({.nb_filter = 4,
                           .nb_row = 2,
                           .nb_col = 3,
                           .init = "orthogonal",
                           .dim_ordering = "tf",
                           .input_shape = {5, 6, 3}});
  const Tensor a = first.get_weights()[0], b = last.get_weights()[0];
  for (std::size_t f = 0; f < 4; ++f)
    for (std::size_t c = 0; c < 3; ++c)
      for (std::size_t i = 0; i < 2; ++i)
        for (std::size_t j = 0; j < 3; ++j) CHECK(a(f, c, i, j) == b(i, j, c, f));
}

TEST_CASE("Filters of Theano are turned around") {
  const Tensor th(Shape{2, 1, 2, 2}, std::vector<Scalar>{1, 2, 3, 4, 5, 6, 7, 8});
  CHECK(from_theano(th).array()[0] == 4);
  CHECK(from_theano(th).array()[4] == 8);
  const Tensor tf(Shape{2, 1, 1, 2}, std::vector<Scalar>{1, 2, 3, 4});
  CHECK(from_theano(tf, "tf").array()[0] == 3);
  CHECK(from_theano(tf, "tf").array()[1] == 4);
  CHECK_THROWS_AS(from_theano(Tensor(Shape{2, 2})), ShapeError);
  CHECK_THROWS_AS(from_theano(th, "up"), ConfigError);
}

TEST_CASE("Configs have Keras's keys") {
  const auto keys = [](const Layer& layer) {
    std::vector<std::string> keys;
    const nlohmann::json config = layer.config();
    for (const auto& [key, value] : config.items()) keys.push_back(key);
    return keys;
  };
  CHECK(keys(MaxPooling1D()) ==
        std::vector<std::string>{"border_mode", "name", "pool_length", "stride", "trainable"});
  CHECK(MaxPooling1D({.pool_length = 3}).config()["stride"] == 3);
  CHECK(MaxPooling2D({.pool_size = {2, 3}}).config()["strides"] == nlohmann::json{2, 3});
  // Written where Keras's default would be wrong, which 1.0.3 forgets.
  CHECK_FALSE(ZeroPadding2D().config().contains("dim_ordering"));
  CHECK(ZeroPadding2D({.dim_ordering = "tf"}).config()["dim_ordering"] == "tf");
  CHECK(Cropping2D({.cropping = {{1, 0}, {0, 2}}}).config()["cropping"] ==
        nlohmann::json({{1, 0}, {0, 2}}));
  CHECK(Deconvolution2D({.nb_filter = 1, .nb_row = 1, .nb_col = 3, .output_shape = {0, 1, 1, 5}})
            .config()["output_shape"] == nlohmann::json({nullptr, 1, 1, 5}));
}
