#include "cornu/layers/convolution/max_pooling.hpp"

#include "cornu/layers/convolution/pooling_examples.hpp"

namespace cornu {

std::vector<LayerExample> MaxPooling1D::examples() {
  return detail::pooling1d_examples<MaxPooling1D>();
}
std::vector<LayerExample> MaxPooling2D::examples() {
  return detail::pooling2d_examples<MaxPooling2D>();
}
std::vector<LayerExample> MaxPooling3D::examples() {
  return detail::pooling3d_examples<MaxPooling3D>();
}

}  // namespace cornu
