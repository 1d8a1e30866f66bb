#include "data.hpp"

#include <zlib.h>

#include <array>
#include <cstdint>
#include <sstream>
#include <stdexcept>

namespace examples {

using cornu::Scalar;
using cornu::Shape;
using cornu::Tensor;

namespace {

/// The content of a file, compressed by gzip or not.
std::string read_file(const std::string& path) {
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) throw std::runtime_error("cannot open " + path);
  std::string content;
  std::vector<char> piece(1 << 16);
  int count;
  while ((count = gzread(file, piece.data(), static_cast<unsigned>(piece.size()))) > 0)
    content.append(piece.data(), static_cast<std::size_t>(count));
  const bool whole = gzclose(file) == Z_OK && count == 0;
  if (!whole) throw std::runtime_error(path + " is damaged");
  return content;
}

/// The bytes behind an idx header of the given number of axes, and the length of the first axis.
/// Header: 0, 0, type (8: bytes), axes; then the length of each axis, four bytes, highest first.
std::pair<std::string, std::size_t> read_idx_bytes(const std::string& path, std::size_t axes) {
  std::string content = read_file(path);
  if (content.size() < 4 + 4 * axes) throw std::runtime_error(path + " is cut short");
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(content[at]); };
  if (byte(2) != 8 || byte(3) != axes) throw std::runtime_error(path + " is no idx file of bytes");
  std::size_t first = 0;
  for (std::size_t i = 0; i < 4; ++i) first = first << 8 | byte(4 + i);
  content.erase(0, 4 + 4 * axes);
  if (first == 0 || content.size() % first != 0) throw std::runtime_error(path + " is cut short");
  return {std::move(content), first};
}

}  // namespace

Images slice(const Images& images, std::size_t begin, std::size_t end) {
  return {images.pixels.rows(begin, end),
          {images.labels.begin() + static_cast<std::ptrdiff_t>(begin),
           images.labels.begin() + static_cast<std::ptrdiff_t>(end)}};
}

Images read_digits(std::uint64_t seed) {
  std::istringstream lines(read_file(DIGITS_FILE));
  std::vector<std::array<Scalar, 64>> rows;
  std::vector<std::size_t> labels;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream numbers(line);
    char comma;
    for (Scalar& pixel : rows.emplace_back()) {
      numbers >> pixel >> comma;
      pixel /= 16;
    }
    numbers >> labels.emplace_back();
    if (!numbers || labels.back() > 9) throw std::runtime_error("damaged: " DIGITS_FILE);
  }

  const std::vector<std::size_t> order = cornu::shuffled_order(rows.size(), seed);
  Images images{Tensor(Shape{rows.size(), 64}), {}};
  for (std::size_t n = 0; n < order.size(); ++n) {
    std::copy(rows[order[n]].begin(), rows[order[n]].end(), &images.pixels(n, 0));
    images.labels.push_back(labels[order[n]]);
  }
  return images;
}

Images read_idx(const std::string& images_path, const std::string& labels_path) {
  const auto [pixels, count] = read_idx_bytes(images_path, 3);
  const auto [labels, label_count] = read_idx_bytes(labels_path, 1);
  if (count != label_count)
    throw std::runtime_error(images_path + " and its labels differ in number");
  Images images{Tensor(Shape{count, pixels.size() / count}), {}};
  for (std::size_t i = 0; i < pixels.size(); ++i)
    images.pixels.data()[i] = static_cast<Scalar>(static_cast<unsigned char>(pixels[i])) / 255;
  for (const char label : labels) {
    images.labels.push_back(static_cast<unsigned char>(label));
    if (images.labels.back() > 9) throw std::runtime_error(labels_path + " has a label above 9");
  }
  return images;
}

}  // namespace examples
