#pragma once

// Not a public header: it pulls in all of nlohmann/json.

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cornu/core/described_class.hpp"
#include "cornu/core/export.hpp"
#include "cornu/core/fields.hpp"

namespace cornu::detail {

/// Parses `text` strictly: duplicate keys, nesting beyond 64, trailing text are refused.
/// Throws FormatError with line and column.
CORNU_API nlohmann::json parse_json(std::string_view text, std::string_view place);

/// A JSON value for an error text: "'relu'", "3", "an array of 4".
CORNU_API std::string describe_value(const nlohmann::json& value);
/// "a number in [0, 1)"
CORNU_API std::string range_text(const Range& range);
/// "one of 'same', 'valid'"
CORNU_API std::string words_text(const std::vector<std::string>& words);
/// Shortest decimal text; "NaN", "Infinity", "-Infinity" for what JSON has no number for.
CORNU_API std::string number_text(double value);

/// The keys of one JSON object, each read once; what is left over at `finish` is refused.
/// `path` is the object's place in the file: "config[2].config".
class CORNU_API ObjectReader {
 public:
  /// Throws FormatError when `object` is not an object.
  ObjectReader(const nlohmann::json& object, std::string path);

  bool has(const char* key) const;
  /// The value at the key; throws FormatError naming path and key when it is missing.
  const nlohmann::json& at(const char* key);
  /// The value at the key, or null when it is missing.
  const nlohmann::json* find(const char* key);
  std::string string(const char* key);
  bool boolean(const char* key);
  double number(const char* key);
  std::uint64_t integer(const char* key, std::uint64_t least, std::uint64_t most);
  /// Refuses keys that nobody read, with the nearest known key.
  void finish();
  /// "config[2].config.axis"
  std::string path_of(std::string_view key) const;

 private:
  const nlohmann::json& object_;
  std::string path_;
  std::set<std::string, std::less<>> read_;
};

/// An option struct's fields as a JSON object. `Described` has `void describe(Fields&)`.
CORNU_API nlohmann::json write_fields(const std::function<void(Fields&)>& describe);
/// Reads fields strictly from a JSON object: unknown keys, missing keys, wrong types and values out
/// of range are refused with their path. Keys listed in `ignored` may stand beside them.
CORNU_API void read_fields(const std::function<void(Fields&)>& describe,
                           const nlohmann::json& object, const std::string& path,
                           const std::vector<std::string>& ignored = {});

/// An object from {"name": "Adam", "lr": 0.001, ...}, or {"class_name": "Adam", "config": {...}}.
/// Options left out keep their defaults. `find(name, place)` gives the class of a name.
template <class Base>
std::shared_ptr<Base> read_by_name(
    const std::function<DescribedClass<Base>(std::string_view, std::string_view)>& find,
    const nlohmann::json& config, const std::string& path) {
  ObjectReader reader(config, path);
  const bool nested = reader.has("class_name");
  const std::string name = reader.string(nested ? "class_name" : "name");
  const nlohmann::json& options = nested ? reader.at("config") : config;
  if (nested) reader.finish();

  const DescribedClass<Base> found = find(name, path);
  std::shared_ptr<Base> result;
  read_fields(
      [&](Fields& fields) {
        fields.begin_additions();  // every option may be left out
        result = found.make(fields);
        fields.end_additions();
      },
      options, nested ? reader.path_of("config") : path, {"name"});
  return result;
}

}  // namespace cornu::detail
