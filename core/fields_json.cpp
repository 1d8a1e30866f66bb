// Option structs to JSON and back, by their one description.

#include <algorithm>
#include <cmath>
#include <limits>

#include "cornu/core/error.hpp"
#include "cornu/core/registry.hpp"
#include "cornu/core/text/json.hpp"

namespace cornu::detail {
namespace {

class FieldWriter final : public Fields {
 public:
  nlohmann::json object = nlohmann::json::object();

  void field(const char* name, bool& value, const char*) override { object[name] = value; }
  void field(const char* name, int& value, Range, const char*) override { object[name] = value; }
  void field(const char* name, std::size_t& value, Range, const char*) override {
    object[name] = value;
  }
  void field(const char* name, double& value, Range, const char*) override { object[name] = value; }
  void field(const char* name, std::string& value, const char*) override { object[name] = value; }
  void field(const char* name, Choice& value, const char*) override {
    object[name] = value.to_json();
  }
  void field(const char* name, std::vector<int>& value, Range, const char*) override {
    object[name] = value;
  }
  void field(const char* name, std::string& value, std::vector<std::string>, const char*) override {
    object[name] = value;
  }
  void field(const char* name, std::vector<std::array<int, 2>>& value, Range,
             const char*) override {
    object[name] = value;
  }
  void field(const char* name, Shape& value, const char*) override {
    nlohmann::json sizes = nlohmann::json::array();
    for (const std::size_t size : value)
      sizes.push_back(size == 0 ? nlohmann::json() : nlohmann::json(size));
    object[name] = std::move(sizes);
  }
  void optional(const char* name, std::size_t& value, const char*) override {
    object[name] = value == 0 ? nlohmann::json() : nlohmann::json(value);
  }
  void optional(const char* name, double& value, const char*) override {
    object[name] = value == 0 ? nlohmann::json() : nlohmann::json(value);
  }
  void argument(const char*, std::vector<Tensor>&, const char*) override {}
  bool visits_defaults() const override { return false; }
  void input_shape(Shape& sample_shape, std::size_t& samples, bool indices) override {
    if (sample_shape.empty()) return;
    nlohmann::json shape = nlohmann::json::array();
    shape.push_back(samples == 0 ? nlohmann::json() : nlohmann::json(samples));
    for (const std::size_t size : sample_shape)
      shape.push_back(size == Shape::any ? nlohmann::json() : nlohmann::json(size));
    object["batch_input_shape"] = std::move(shape);
    const char* const numbers = sizeof(Scalar) == sizeof(float) ? "float32" : "float64";
    object["input_dtype"] = indices ? "int32" : numbers;
  }
};

class FieldReader final : public Fields {
 public:
  FieldReader(const nlohmann::json& object, const std::string& path,
              const std::vector<std::string>& ignored)
      : object_(object, path), path_(path) {
    for (const std::string& key : ignored) object_.find(key.c_str());
  }

  void field(const char* name, bool& value, const char*) override {
    if (find(name, std::string_view(name) == "trainable")) value = object_.boolean(name);
  }
  void field(const char* name, int& value, Range range, const char*) override {
    if (const nlohmann::json* json = find(name))
      value = integer(*json, object_.path_of(name), range);
  }
  void field(const char* name, std::size_t& value, Range range, const char*) override {
    if (const nlohmann::json* json = find(name)) value = size(*json, object_.path_of(name), range);
  }
  void field(const char* name, double& value, Range range, const char*) override {
    if (!find(name)) return;
    const double number = object_.number(name);
    if (!range.holds(number)) refuse(object_.path_of(name), range_text(range), object_.at(name));
    value = number;
  }
  void field(const char* name, std::string& value, const char*) override {
    if (find(name, std::string_view(name) == "name")) value = object_.string(name);
  }
  void field(const char* name, Choice& value, const char*) override {
    const nlohmann::json* json = find(name);
    if (json == nullptr) return;
    try {
      value.assign(*json);
    } catch (const Error& error) {
      throw FormatError(object_.path_of(name), text_without_place(error));
    }
  }
  void field(const char* name, std::vector<int>& value, Range range, const char*) override {
    const nlohmann::json* json = find(name);
    if (json == nullptr) return;
    const std::string path = object_.path_of(name);
    if (!json->is_array()) refuse(path, "an array of whole numbers", *json);
    std::vector<int> values;
    for (const nlohmann::json& element : *json)
      values.push_back(integer(element, path + "[" + std::to_string(values.size()) + "]", range));
    value = std::move(values);
  }
  void field(const char* name, std::string& value, std::vector<std::string> words,
             const char*) override {
    if (!find(name)) return;
    std::string word = object_.string(name);
    if (std::find(words.begin(), words.end(), word) == words.end()) {
      const std::string nearest = nearest_name(word, words);
      throw FormatError(object_.path_of(name),
                        "expected " + words_text(words) + ", got '" + printable(word) + "'",
                        nearest.empty() ? "" : "did you mean '" + nearest + "'?");
    }
    value = std::move(word);
  }
  void field(const char* name, std::vector<std::array<int, 2>>& value, Range range,
             const char*) override {
    const nlohmann::json* json = find(name);
    if (json == nullptr) return;
    const std::string path = object_.path_of(name);
    if (!json->is_array()) refuse(path, "an array of pairs of whole numbers", *json);
    std::vector<std::array<int, 2>> pairs;
    for (const nlohmann::json& pair : *json) {
      const std::string place = path + "[" + std::to_string(pairs.size()) + "]";
      if (!pair.is_array() || pair.size() != 2) refuse(place, "two whole numbers", pair);
      pairs.push_back(
          {integer(pair[0], place + "[0]", range), integer(pair[1], place + "[1]", range)});
    }
    value = std::move(pairs);
  }
  void field(const char* name, Shape& value, const char*) override {
    const nlohmann::json* json = find(name);
    if (json == nullptr) return;
    const std::string path = object_.path_of(name);
    if (!json->is_array() || json->empty() || json->size() > Shape::max_rank)
      refuse(path, "an array of 1 to 8 sizes", *json);
    std::vector<std::size_t> sizes;
    for (const nlohmann::json& element : *json) {
      const std::string place = path + "[" + std::to_string(sizes.size()) + "]";
      sizes.push_back(element.is_null() ? 0 : size(element, place, Range::positive()));
    }
    try {
      value = Shape(sizes);
    } catch (const Error& error) {
      throw FormatError(path, text_without_place(error));
    }
  }
  void optional(const char* name, std::size_t& value, const char*) override {
    const nlohmann::json* json = find(name, true);
    if (json != nullptr)
      value = json->is_null() ? 0 : size(*json, object_.path_of(name), Range::at_least(0));
  }
  void optional(const char* name, double& value, const char*) override {
    const nlohmann::json* json = find(name, true);
    if (json != nullptr) value = json->is_null() ? 0 : object_.number(name);
  }
  void argument(const char*, std::vector<Tensor>&, const char*) override {}
  void input_shape(Shape& sample_shape, std::size_t& samples, bool) override {
    read_dtype();
    const nlohmann::json* json = find("batch_input_shape", true);
    if (json == nullptr || json->is_null()) return;
    const std::string path = object_.path_of("batch_input_shape");
    if (!json->is_array() || json->empty() || json->size() > Shape::max_rank)
      refuse(path, "an array of 1 to 8 sizes", *json);
    std::vector<std::size_t> sizes;
    for (std::size_t axis = 0; axis < json->size(); ++axis) {
      const nlohmann::json& element = (*json)[axis];
      const std::string place = path + "[" + std::to_string(axis) + "]";
      if (element.is_null()) {
        if (axis == 0)
          samples = 0;
        else
          sizes.push_back(Shape::any);
      } else if (axis == 0) {
        samples = size(element, place, Range::positive());
      } else {
        sizes.push_back(size(element, place, Range::positive()));
      }
    }
    try {
      sample_shape = Shape(sizes);
    } catch (const Error& error) {
      throw FormatError(path, text_without_place(error));
    }
  }
  void begin_additions() override { ++additions_; }
  void end_additions() override { --additions_; }

  /// To be called after the description: complains of all missing keys at once, then of unknown
  /// ones, which most often are the missing ones misspelt.
  void finish() {
    if (missing_.empty()) return object_.finish();
    std::string unknown;
    try {
      object_.finish();
    } catch (const FormatError& error) {
      unknown = text_without_place(error);
    }
    throw FormatError(path_, "missing: " + missing_, unknown);
  }

 private:
  [[noreturn]] static void refuse(const std::string& path, const std::string& expected,
                                  const nlohmann::json& got) {
    throw FormatError(path, "expected " + expected + ", got " + describe_value(got));
  }

  const nlohmann::json* find(const char* name, bool may_be_missing = false) {
    const nlohmann::json* value = object_.find(name);
    if (value == nullptr && !may_be_missing && additions_ == 0)
      missing_ += (missing_.empty() ? "'" : ", '") + std::string(name) + "'";
    return value;
  }

  static int integer(const nlohmann::json& json, const std::string& path, const Range& range) {
    constexpr int most = std::numeric_limits<int>::max();
    const bool whole = json.is_number_integer();
    const bool fits =
        whole && (json.is_number_unsigned()
                      ? json.get<std::uint64_t>() <= static_cast<std::uint64_t>(most)
                      : json.get<std::int64_t>() >= -most && json.get<std::int64_t>() <= most);
    if (!fits || !range.holds(json.get<int>())) refuse_integer(json, path, range);
    return json.get<int>();
  }

  static std::size_t size(const nlohmann::json& json, const std::string& path, const Range& range) {
    const bool fits =
        json.is_number_unsigned() || (json.is_number_integer() && json.get<std::int64_t>() >= 0);
    if (!fits || !range.holds(static_cast<double>(json.get<std::size_t>())))
      refuse_integer(json, path, range);
    return json.get<std::size_t>();
  }

  [[noreturn]] static void refuse_integer(const nlohmann::json& json, const std::string& path,
                                          const Range& range) {
    const bool fraction = json.is_number_float();
    throw FormatError(path, "expected " + range_text(range) + ", got " + describe_value(json),
                      fraction ? "write a whole number, without point or exponent" : "");
  }

  void read_dtype() {
    const nlohmann::json* json = find("input_dtype", true);
    if (json == nullptr || json->is_null()) return;
    const std::string dtype = object_.string("input_dtype");
    // int32: the words of an Embedding, which are whole numbers among the others.
    if (dtype != "float32" && dtype != "float64" && dtype != "int32")
      throw FormatError(object_.path_of("input_dtype"),
                        "expected 'float32', 'float64' or 'int32', got '" + printable(dtype) + "'",
                        "Cornu's inputs are floating-point numbers; write 'float32'");
  }

  ObjectReader object_;
  const std::string& path_;
  std::string missing_;
  int additions_ = 0;
};

}  // namespace

nlohmann::json write_fields(const std::function<void(Fields&)>& describe) {
  FieldWriter writer;
  describe(writer);
  return std::move(writer.object);
}

void read_fields(const std::function<void(Fields&)>& describe, const nlohmann::json& object,
                 const std::string& path, const std::vector<std::string>& ignored) {
  FieldReader reader(object, path, ignored);
  describe(reader);
  reader.finish();
}

}  // namespace cornu::detail
