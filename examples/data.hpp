#pragma once

// Reading the data sets of the examples.

#include <cornu/cornu.hpp>

#include <string>
#include <vector>

namespace examples {

/// Images (N, pixels) with values in [0, 1], and what each shows, 0 to 9.
struct Images {
  cornu::Tensor pixels;
  std::vector<std::size_t> labels;
};

/// The 1,797 handwritten digits (8 x 8 pixels) of examples/data, in an order drawn from `seed`.
Images read_digits(std::uint64_t seed);

/// The images [begin, end).
Images slice(const Images& images, std::size_t begin, std::size_t end);

/// Images and labels in the format of MNIST (idx), compressed or not.
Images read_idx(const std::string& images_path, const std::string& labels_path);

}  // namespace examples
