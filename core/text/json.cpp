#include "cornu/core/text/json.hpp"

#include <utility>

#include "cornu/core/error.hpp"
#include "cornu/core/registry.hpp"
#include "cornu/core/text/json_reader.hpp"

namespace cornu::detail {

nlohmann::json parse_json(std::string_view text, std::string_view place) {
  JsonReader reader(text, std::string(place));
  nlohmann::json result = reader.value();
  reader.finish();
  return result;
}

std::string describe_value(const nlohmann::json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return "an array of " + std::to_string(value.size());
  if (value.is_string()) return "'" + printable(value.get_ref<const std::string&>()) + "'";
  if (value.is_number_float()) return number_text(value.get<double>());  // NaN too
  return value.dump();  // null, a boolean or a whole number
}

ObjectReader::ObjectReader(const nlohmann::json& object, std::string path)
    : object_(object), path_(std::move(path)) {
  if (!object.is_object())
    throw FormatError(path_, "expected an object, got " + describe_value(object));
}

std::string ObjectReader::path_of(std::string_view key) const {
  std::string result = path_;
  if (!result.empty()) result += '.';
  return result.append(printable(key));
}

bool ObjectReader::has(const char* key) const { return object_.contains(key); }

const nlohmann::json* ObjectReader::find(const char* key) {
  read_.emplace(key);
  const auto found = object_.find(key);
  return found == object_.end() ? nullptr : &*found;
}

const nlohmann::json& ObjectReader::at(const char* key) {
  if (const nlohmann::json* value = find(key)) return *value;
  throw FormatError(path_, "the key '" + std::string(key) + "' is missing");
}

std::string ObjectReader::string(const char* key) {
  const nlohmann::json& value = at(key);
  if (!value.is_string())
    throw FormatError(path_of(key), "expected a string, got " + describe_value(value));
  return value.get<std::string>();
}

bool ObjectReader::boolean(const char* key) {
  const nlohmann::json& value = at(key);
  if (!value.is_boolean())
    throw FormatError(path_of(key), "expected true or false, got " + describe_value(value));
  return value.get<bool>();
}

double ObjectReader::number(const char* key) {
  const nlohmann::json& value = at(key);
  if (!value.is_number())
    throw FormatError(path_of(key), "expected a number, got " + describe_value(value));
  return value.get<double>();
}

std::uint64_t ObjectReader::integer(const char* key, std::uint64_t least, std::uint64_t most) {
  const nlohmann::json& value = at(key);
  const bool fits = value.is_number_unsigned() && value.get<std::uint64_t>() >= least &&
                    value.get<std::uint64_t>() <= most;
  // A tree that was made in memory may hold a small number as a signed one.
  const bool fits_signed = value.is_number_integer() && !value.is_number_unsigned() &&
                           value.get<std::int64_t>() >= 0 &&
                           static_cast<std::uint64_t>(value.get<std::int64_t>()) >= least &&
                           static_cast<std::uint64_t>(value.get<std::int64_t>()) <= most;
  if (!fits && !fits_signed)
    throw FormatError(path_of(key), "expected a whole number from " + std::to_string(least) +
                                        " to " + std::to_string(most) + ", got " +
                                        describe_value(value));
  return value.get<std::uint64_t>();
}

void ObjectReader::finish() {
  for (const auto& [key, value] : object_.items()) {
    if (read_.contains(key)) continue;
    const std::vector<std::string> known(read_.begin(), read_.end());
    const std::string nearest = nearest_name(key, known);
    std::string help = nearest.empty() ? "" : "did you mean '" + nearest + "'? ";
    help += "known:";
    for (const std::string& name : known) help += (name == known[0] ? " " : ", ") + name;
    throw FormatError(path_.empty() ? "JSON" : path_, "unknown key '" + printable(key) + "'", help);
  }
}

}  // namespace cornu::detail
