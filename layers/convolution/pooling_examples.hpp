#pragma once

// Not a public header: settings of the pooling layers that break wrong code.

#include "cornu/layers/convolution/pooling_layer.hpp"

namespace cornu::detail {

template <class Pooling>
LayerExample pooling_example(typename Pooling::Options options, const Shape& input) {
  return {std::make_shared<Pooling>(std::move(options)), {input}};
}

template <class Pooling>
std::vector<LayerExample> pooling1d_examples() {
  return {pooling_example<Pooling>({}, {5, 3}),
          pooling_example<Pooling>({.pool_length = 3, .stride = 1}, {4, 1}),
          pooling_example<Pooling>({.pool_length = 2, .stride = 3, .border_mode = "same"}, {7, 9}),
          pooling_example<Pooling>({.pool_length = 5, .stride = 2, .border_mode = "same"}, {3, 2})};
}

template <class Pooling>
std::vector<LayerExample> pooling2d_examples() {
  return {pooling_example<Pooling>({}, {2, 5, 4}),
          pooling_example<Pooling>({.pool_size = {3, 2}, .strides = {1, 1}}, {1, 4, 19}),
          pooling_example<Pooling>({.pool_size = {2, 3}, .strides = {3, 2}, .border_mode = "same"},
                                   {3, 4, 5}),
          pooling_example<Pooling>({.pool_size = {1, 2}, .strides = {2, 3}, .dim_ordering = "tf"},
                                   {5, 6, 2}),
          pooling_example<Pooling>(
              {.pool_size = {4, 5}, .strides = {1, 2}, .border_mode = "same", .dim_ordering = "tf"},
              {2, 3, 1})};
}

template <class Pooling>
std::vector<LayerExample> pooling3d_examples() {
  return {pooling_example<Pooling>({}, {1, 2, 5, 4}),
          pooling_example<Pooling>(
              {.pool_size = {2, 1, 3}, .strides = {1, 2, 2}, .border_mode = "same"}, {2, 3, 3, 4}),
          pooling_example<Pooling>({.pool_size = {1, 2, 2},
                                    .strides = {2, 1, 1},
                                    .border_mode = "same",
                                    .dim_ordering = "tf"},
                                   {3, 2, 3, 2})};
}

}  // namespace cornu::detail
