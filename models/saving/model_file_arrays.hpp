#pragma once

// Not a public header.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cornu/core/text/json_reader.hpp"
#include "cornu/models/saving/model_file.hpp"

namespace cornu::detail {

/// A whole number from 0 up. Throws FormatError.
std::size_t read_size(JsonReader& json);
/// Passes over the next value and says where it begins, so that it can be read later.
JsonReader::Position pass_over(JsonReader& json);

/// Reads the arrays of a model file (docs/file-format.md) straight to where they belong. Every
/// error is a FormatError.
class ArrayReader {
 public:
  /// `size` is the file's, in bytes: it holds no more numbers than half of that. `options` must
  /// outlive the reader.
  ArrayReader(JsonReader& json, std::uint64_t size, std::string place, const LoadOptions& options)
      : json_(json), size_(size), place_(std::move(place)), options_(options) {}

  /// A list of named arrays; missing, unexpected and misshapen ones are reported together. `what`
  /// is the list's key, for the report.
  void read_named(const std::vector<NamedTarget>& targets, const char* what);
  /// A list of named arrays, of which the answer says where each goes; no two of one name.
  void read_chosen(
      const std::function<std::vector<Array>(const std::vector<ArrayHeading>&)>& choose);
  /// A list of arrays without names, to memory of their own.
  std::vector<Tensor> read_tensors();

 private:
  /// Where numbers of a name and shape go; nothing: nowhere.
  using PlaceOf = std::function<std::optional<Array>(const std::string& name, const Shape& shape)>;

  Shape read_shape();
  void read_data(Array out);
  /// An object of `shape` and `data`, and `name` where `with_name`.
  void read_array(bool with_name, const PlaceOf& place_of);

  JsonReader& json_;
  const std::uint64_t size_;
  const std::string place_;
  const LoadOptions& options_;
  std::uint64_t elements_ = 0;  ///< of arrays without names, so far
  std::size_t arrays_ = 0;      ///< read so far
};

}  // namespace cornu::detail
