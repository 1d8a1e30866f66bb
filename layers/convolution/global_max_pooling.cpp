#include "cornu/layers/convolution/global_max_pooling.hpp"

namespace cornu {

std::vector<LayerExample> GlobalMaxPooling1D::examples() {
  return {{std::make_shared<GlobalMaxPooling1D>(), {Shape{5, 3}}},
          {std::make_shared<GlobalMaxPooling1D>(), {Shape{1, 1}}}};
}
std::vector<LayerExample> GlobalMaxPooling2D::examples() {
  return {{std::make_shared<GlobalMaxPooling2D>(), {Shape{2, 3, 4}}},
          {std::make_shared<GlobalMaxPooling2D>(GlobalPooling2DOptions{.dim_ordering = "tf"}),
           {Shape{3, 2, 3}}}};
}
std::vector<LayerExample> GlobalMaxPooling3D::examples() {
  return {{std::make_shared<GlobalMaxPooling3D>(), {Shape{2, 3, 1, 4}}},
          {std::make_shared<GlobalMaxPooling3D>(GlobalPooling3DOptions{.dim_ordering = "tf"}),
           {Shape{2, 3, 2, 1}}}};
}

}  // namespace cornu
