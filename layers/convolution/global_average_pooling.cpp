#include "cornu/layers/convolution/global_average_pooling.hpp"

namespace cornu {

std::vector<LayerExample> GlobalAveragePooling1D::examples() {
  return {{std::make_shared<GlobalAveragePooling1D>(), {Shape{5, 3}}},
          {std::make_shared<GlobalAveragePooling1D>(), {Shape{1, 1}}}};
}
std::vector<LayerExample> GlobalAveragePooling2D::examples() {
  return {{std::make_shared<GlobalAveragePooling2D>(), {Shape{2, 3, 4}}},
          {std::make_shared<GlobalAveragePooling2D>(GlobalPooling2DOptions{.dim_ordering = "tf"}),
           {Shape{3, 2, 3}}}};
}
std::vector<LayerExample> GlobalAveragePooling3D::examples() {
  return {{std::make_shared<GlobalAveragePooling3D>(), {Shape{2, 3, 1, 4}}},
          {std::make_shared<GlobalAveragePooling3D>(GlobalPooling3DOptions{.dim_ordering = "tf"}),
           {Shape{2, 3, 2, 1}}}};
}

}  // namespace cornu
