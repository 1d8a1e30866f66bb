#include "cornu/core/fields.hpp"

#include <algorithm>
#include <cmath>

#include "cornu/core/error.hpp"
#include "cornu/core/registry.hpp"
#include "cornu/core/text/json.hpp"
#include "cornu/core/text/number_text.hpp"

namespace cornu {
namespace detail {

std::string number_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  char text[longest_shortest_text];
  return {text, write_number(text, value)};
}

std::string range_text(const Range& range) {
  constexpr double endless = std::numeric_limits<double>::max();
  const bool low = range.least > -endless, high = range.most < endless;
  const std::string least = number_text(range.least), most = number_text(range.most);
  if (low && high)
    return "a number in " + std::string(range.least_excluded ? "(" : "[") + least + ", " + most +
           (range.most_excluded ? ")" : "]");
  if (low)
    return "a number " + std::string(range.least_excluded ? "above " : "of at least ") + least;
  if (high) return "a number " + std::string(range.most_excluded ? "below " : "of at most ") + most;
  return "a finite number";
}

std::string words_text(const std::vector<std::string>& words) {
  std::string text = "one of";
  for (const std::string& word : words) text += (&word == &words[0] ? " '" : ", '") + word + "'";
  return text;
}

namespace {

// Compares options with what their descriptions allow.
class FieldChecker final : public Fields {
 public:
  explicit FieldChecker(const std::string& place) : place_(place) {}

  void field(const char*, bool&, const char*) override {}
  void field(const char* name, int& value, Range range, const char*) override {
    check(name, value, range);
  }
  void field(const char* name, std::size_t& value, Range range, const char*) override {
    check(name, static_cast<double>(value), range);
  }
  void field(const char* name, double& value, Range range, const char*) override {
    check(name, value, range);
  }
  void field(const char*, std::string&, const char*) override {}
  void field(const char*, Choice&, const char*) override {}
  void field(const char* name, std::vector<int>& value, Range range, const char*) override {
    for (std::size_t i = 0; i < value.size(); ++i)
      check((std::string(name) + "[" + std::to_string(i) + "]").c_str(), value[i], range);
  }
  void field(const char* name, std::vector<std::array<int, 2>>& value, Range range,
             const char*) override {
    for (std::size_t i = 0; i < value.size(); ++i)
      for (const int number : value[i])
        check((std::string(name) + "[" + std::to_string(i) + "]").c_str(), number, range);
  }
  void field(const char*, Shape&, const char*) override {}
  void field(const char* name, std::string& value, std::vector<std::string> words,
             const char*) override {
    if (std::find(words.begin(), words.end(), value) != words.end()) return;
    const std::string nearest = nearest_name(value, words);
    throw ConfigError(
        place_,
        std::string(name) + " expects " + words_text(words) + ", got '" + printable(value) + "'",
        nearest.empty() ? "" : "did you mean '" + nearest + "'?");
  }
  void optional(const char*, std::size_t&, const char*) override {}
  void optional(const char* name, double& value, const char*) override {
    check(name, value, Range::any());
  }
  void argument(const char*, std::vector<Tensor>&, const char*) override {}
  void input_shape(Shape&, std::size_t&, bool) override {}

 private:
  void check(const char* name, double value, const Range& range) const {
    if (!range.holds(value))
      throw ConfigError(place_, std::string(name) + " expects " + range_text(range) + ", got " +
                                    number_text(value));
  }

  const std::string& place_;
};

// Collects one line a field, from an option struct with its defaults.
class FieldNotes final : public Fields {
 public:
  std::vector<FieldNote> notes;

  void field(const char* name, bool& value, const char* help) override {
    notes.push_back({name, "bool", value ? "true" : "false", "", help});
  }
  void field(const char* name, int& value, Range range, const char* help) override {
    notes.push_back({name, "int", std::to_string(value), limits(range), help});
  }
  void field(const char* name, std::size_t& value, Range range, const char* help) override {
    notes.push_back({name, "size_t", std::to_string(value), limits(range), help});
  }
  void field(const char* name, double& value, Range range, const char* help) override {
    notes.push_back({name, "double", number_text(value), limits(range), help});
  }
  void field(const char* name, std::string& value, const char* help) override {
    notes.push_back({name, "string", quoted(value), "", help});
  }
  void field(const char* name, Choice& value, const char* help) override {
    const nlohmann::json standard = value.to_json();
    notes.push_back({name, std::string(value.kind()),
                     standard.is_null()     ? "none"
                     : standard.is_string() ? quoted(standard.get<std::string>())
                                            : standard.dump(),
                     "", help});
  }
  void field(const char* name, std::vector<int>& value, Range range, const char* help) override {
    notes.push_back({name, "ints", nlohmann::json(value).dump(), limits(range), help});
  }
  void field(const char* name, std::vector<std::array<int, 2>>& value, Range range,
             const char* help) override {
    notes.push_back({name, "pairs", nlohmann::json(value).dump(), limits(range), help});
  }
  void field(const char* name, Shape& value, const char* help) override {
    notes.push_back({name, "Shape", value.empty() ? "none" : value.to_string(), "", help});
  }
  void field(const char* name, std::string& value, std::vector<std::string> words,
             const char* help) override {
    notes.push_back({name, "string", quoted(value), words_text(words), help});
  }
  void optional(const char* name, std::size_t& value, const char* help) override {
    notes.push_back({name, "size_t", value == 0 ? "not given" : std::to_string(value), "", help});
  }
  void optional(const char* name, double& value, const char* help) override {
    notes.push_back({name, "double", value == 0 ? "not given" : number_text(value), "", help});
  }
  void argument(const char* name, std::vector<Tensor>&, const char* help) override {
    notes.push_back({name, "tensors", "not given", "", help});
  }
  void input_shape(Shape&, std::size_t&, bool) override {
    notes.push_back(
        {"input_shape", "shape", "not given", "", "of a sample; for the first layer of a model"});
    notes.push_back({"batch_input_shape", "shape", "not given", "",
                     "with a fixed number of samples in front, 0 for any"});
  }

 private:
  static std::string quoted(const std::string& text) { return "\"" + text + "\""; }
  static std::string limits(const Range& range) {
    return range.holds(-1e300) && range.holds(1e300) ? "" : range_text(range);
  }
};

}  // namespace
}  // namespace detail

void check_fields(const std::function<void(Fields&)>& describe, const std::string& place) {
  detail::FieldChecker checker(place);
  describe(checker);
}

std::vector<FieldNote> document_fields(const std::function<void(Fields&)>& describe) {
  detail::FieldNotes notes;
  describe(notes);
  return std::move(notes.notes);
}

}  // namespace cornu
