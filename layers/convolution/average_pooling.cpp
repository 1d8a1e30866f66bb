#include "cornu/layers/convolution/average_pooling.hpp"

#include "cornu/layers/convolution/pooling_examples.hpp"

namespace cornu {

std::vector<LayerExample> AveragePooling1D::examples() {
  return detail::pooling1d_examples<AveragePooling1D>();
}
std::vector<LayerExample> AveragePooling2D::examples() {
  return detail::pooling2d_examples<AveragePooling2D>();
}
std::vector<LayerExample> AveragePooling3D::examples() {
  return detail::pooling3d_examples<AveragePooling3D>();
}

}  // namespace cornu
