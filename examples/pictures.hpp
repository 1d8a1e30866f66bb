#pragma once

// Pictures of numbers, as SVG.

#include <cornu/cornu.hpp>

#include <string>
#include <vector>

namespace examples {

/// One small picture: rows * columns numbers, row by row.
struct Tile {
  std::vector<double> numbers;
  std::size_t rows, columns;
  bool both_signs;  ///< red below 0 and blue above, instead of grey from 0 to the largest
};

/// Writes the tiles side by side, `across` of them in a row, each scaled to the same size; `titles`
/// stand above the rows.
void write_tiles(const std::string& path, const std::vector<Tile>& tiles, std::size_t across,
                 const std::vector<std::string>& titles);

}  // namespace examples
