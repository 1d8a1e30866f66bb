#include "pictures.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <stdexcept>

namespace examples {
namespace {

std::string colour(double value, bool both_signs) {
  // Towards white where nothing is.
  const auto toward = [&](int full) {
    return static_cast<int>(std::lround(255 - std::min(std::abs(value), 1.0) * (255 - full)));
  };
  char text[8];
  if (!both_signs)
    std::snprintf(text, sizeof text, "#%02x%02x%02x", toward(20), toward(20), toward(30));
  else if (value < 0)
    std::snprintf(text, sizeof text, "#%02x%02x%02x", toward(190), toward(30), toward(45));
  else
    std::snprintf(text, sizeof text, "#%02x%02x%02x", toward(30), toward(80), toward(180));
  return text;
}

}  // namespace

void write_tiles(const std::string& path, const std::vector<Tile>& tiles, std::size_t across,
                 const std::vector<std::string>& titles) {
  constexpr double size = 84, gap = 10, title = 22;
  const std::size_t down = (tiles.size() + across - 1) / across;
  std::ofstream out(path);
  const double width = gap + static_cast<double>(across) * (size + gap);
  const double height = gap + static_cast<double>(down) * (size + gap + title);
  out << "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" << width << "\" height=\"" << height
      << "\" font-family=\"sans-serif\" font-size=\"13\" shape-rendering=\"crispEdges\">\n"
      << "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n";
  for (std::size_t t = 0; t < tiles.size(); ++t) {
    const Tile& tile = tiles[t];
    const double left = gap + static_cast<double>(t % across) * (size + gap);
    const double top = gap + title + static_cast<double>(t / across) * (size + gap + title);
    if (t % across == 0 && t / across < titles.size())
      out << "<text x=\"" << left << "\" y=\"" << top - 7 << "\">" << titles[t / across]
          << "</text>\n";
    double largest = 1e-12;
    for (const double number : tile.numbers) largest = std::max(largest, std::abs(number));
    const double w = size / static_cast<double>(tile.columns);
    const double h = size / static_cast<double>(tile.rows);
    for (std::size_t i = 0; i < tile.numbers.size(); ++i)
      out << "<rect x=\"" << left + static_cast<double>(i % tile.columns) * w << "\" y=\""
          << top + static_cast<double>(i / tile.columns) * h << "\" width=\"" << w << "\" height=\""
          << h << "\" fill=\"" << colour(tile.numbers[i] / largest, tile.both_signs) << "\"/>\n";
    out << "<rect x=\"" << left << "\" y=\"" << top << "\" width=\"" << size << "\" height=\""
        << size << "\" fill=\"none\" stroke=\"#888888\"/>\n";
  }
  out << "</svg>\n";
  if (!out.flush()) throw std::runtime_error("could not write " + path);
}

}  // namespace examples
