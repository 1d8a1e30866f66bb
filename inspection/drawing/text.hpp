#pragma once

// Not a public header.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// Text in drawings.
namespace cornu::detail {

/// The characters of a text; what is not UTF-8, or has no place in XML, as U+FFFD.
std::vector<char32_t> characters(std::string_view text);

/// Those characters with everything that means something to XML written out.
std::string xml_escaped(std::string_view text);

/// At most so many characters: the middle of a longer text becomes an ellipsis.
std::string shortened(std::string_view text, std::size_t most);

/// The width of a line in Helvetica, Arial or Liberation Sans of this size, which agree.
double text_width(std::string_view text, double size, bool bold);

/// "1,234,567"
std::string with_commas(std::size_t number);

/// A coordinate: two decimals at most, whatever the locale.
std::string coordinate(double value);

}  // namespace cornu::detail
