#pragma once

// Not a public header.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// Text in columns, for terminals.
namespace cornu::detail {

/// The characters of a text in UTF-8, which is what it takes of a line.
std::size_t text_columns(std::string_view text);

/// A table that fits into so many columns of a terminal: text that is too wide for its place goes
/// on in the next line.
class Table {
 public:
  explicit Table(std::vector<std::string> titles) : rows_{std::move(titles)} {}

  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  /// Keras's look: lines of '_' around rows, of '=' under the titles and at the end. A row whose
  /// first cell is empty goes on with the one above.
  std::string to_string(std::size_t columns) const;

 private:
  std::vector<std::size_t> widths(std::size_t columns) const;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace cornu::detail
