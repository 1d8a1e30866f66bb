#pragma once

// Not a public header: OpenBLAS, one of the ways in which kernels/products multiplies.

#include "cornu/kernels/products/product.hpp"

namespace cornu::kernels::products {

/// Throws ShapeError where a side is beyond an int.
void openblas_product(const Product& product);

}  // namespace cornu::kernels::products
