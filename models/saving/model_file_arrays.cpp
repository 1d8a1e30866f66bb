#include "cornu/models/saving/model_file_arrays.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "cornu/core/error.hpp"
#include "cornu/core/registry.hpp"
#include "cornu/core/text/names.hpp"
#include "cornu/models/saving/model_json.hpp"

namespace cornu::detail {
namespace {

using Kind = JsonReader::Kind;
using Position = JsonReader::Position;

// A few names for an error text, and how many more there are.
class NameList {
 public:
  void add(const std::string& name) {
    if (++count_ <= most_named) text_ += (count_ == 1 ? "" : ", ") + name;
  }
  bool empty() const noexcept { return count_ == 0; }
  std::string text(const char* heading) const {
    if (count_ == 0) return {};
    std::string result = std::string(heading) + " " + text_;
    if (count_ > most_named) result += " and " + std::to_string(count_ - most_named) + " more";
    return result;
  }

 private:
  static constexpr std::size_t most_named = 8;
  std::string text_;
  std::size_t count_ = 0;
};

}  // namespace

std::size_t read_size(JsonReader& json) {
  const std::string_view text = json.number();
  std::size_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end)
    json.fail("expected a whole number, got " + printable(text));
  return value;
}

JsonReader::Position pass_over(JsonReader& json) {
  json.peek();
  const Position position = json.position();
  json.skip();
  return position;
}

Shape ArrayReader::read_shape() {
  std::vector<std::size_t> sizes;
  json_.begin_array();
  for (bool first = true; json_.next_element(first); first = false) {
    sizes.push_back(read_size(json_));
    if (sizes.size() > Shape::max_rank) json_.fail("expected at most 8 axes");
  }
  try {
    return Shape(sizes);
  } catch (const ShapeError& error) {
    json_.fail(text_without_place(error));
  }
}

void ArrayReader::read_data(Array out) {
  if (json_.peek() != Kind::object) return json_.numbers(out, options_.allow_nonfinite);
  json_.begin_object();
  std::string key;
  if (!json_.next_key(key, true) || key != "base64") json_.fail("expected the key 'base64'");
  json_.base64_numbers(out, options_.allow_nonfinite);
  if (json_.next_key(key, false))
    json_.fail("expected 'base64' alone, got '" + printable(key) + "'");
}

void ArrayReader::read_array(bool with_name, const PlaceOf& place_of) {
  std::optional<std::string> name;
  std::optional<Shape> shape;
  std::optional<Position> data;
  bool read = false;
  if (++arrays_ % 64 == 0) check_in_time(options_, place_);
  const auto read_now = [&] {
    if (const std::optional<Array> out = place_of(name.value_or(""), *shape))
      read_data(*out);
    else
      json_.skip();
    read = true;
  };
  json_.begin_object();
  std::string key;
  for (bool first = true; json_.next_key(key, first); first = false) {
    if ((key == "name" && name) || (key == "shape" && shape) || (key == "data" && (data || read)))
      json_.fail_twice(key);
    if (key == "name" && with_name) {
      name = json_.string();
      if (name->size() > options_.limits.name_length ||
          !is_safe_name(*name, options_.limits.name_length))
        json_.fail("expected a name of at most " + std::to_string(options_.limits.name_length) +
                   " bytes of UTF-8 without control characters and '..', got '" + printable(*name) +
                   "'");
    } else if (key == "shape") {
      shape = read_shape();
    } else if (key == "data") {
      if (shape && (name || !with_name))
        read_now();
      else
        data = pass_over(json_);
    } else {
      json_.fail("unknown key '" + printable(key) + "'");
    }
  }
  if (with_name && !name) json_.fail("the key 'name' is missing");
  if (!shape) json_.fail("the key 'shape' is missing");
  if (!read && !data) json_.fail("the key 'data' is missing");
  if (read) return;
  const Position end = json_.position();
  json_.go_to(*data);
  read_now();
  json_.go_to(end);
}

void ArrayReader::read_named(const std::vector<NamedTarget>& targets, const char* what) {
  std::map<std::string_view, const NamedTarget*> left;
  for (const NamedTarget& target : targets) left.emplace(target.name, &target);
  std::set<std::string> seen;
  NameList missing, unexpected, misshapen;
  const auto place_of = [&](const std::string& name, const Shape& shape) -> std::optional<Array> {
    if (!seen.insert(name).second) json_.fail("the name '" + name + "' stands twice");
    if (seen.size() > options_.limits.values) json_.fail(std::string("too many ") + what);
    const auto found = left.find(name);
    if (found == left.end()) {
      unexpected.add(name);
      return std::nullopt;
    }
    const NamedTarget& target = *found->second;
    left.erase(found);
    if (target.shape == shape) return target.values;
    misshapen.add(name + " (expected " + target.shape.to_string() + ", got " + shape.to_string() +
                  ")");
    return std::nullopt;
  };
  json_.begin_array();
  for (bool first = true; json_.next_element(first); first = false) read_array(true, place_of);
  for (const auto& [name, target] : left) missing.add(std::string(name));
  if (missing.empty() && unexpected.empty() && misshapen.empty()) return;
  std::string text;
  for (const std::string& part :
       {missing.text("missing"), unexpected.text("unexpected"), misshapen.text("misshapen")})
    if (!part.empty()) text += (text.empty() ? "" : "; ") + part;
  throw FormatError(place_ + ": " + what, text, "do the file and the model belong together?");
}

void ArrayReader::read_chosen(
    const std::function<std::vector<Array>(const std::vector<ArrayHeading>&)>& choose) {
  json_.peek();
  const Position begin = json_.position();
  std::vector<ArrayHeading> headings;
  std::set<std::string> seen;
  const auto note = [&](const std::string& name, const Shape& shape) -> std::optional<Array> {
    if (!seen.insert(name).second) json_.fail("the name '" + name + "' stands twice");
    headings.push_back({name, shape});
    return std::nullopt;
  };
  json_.begin_array();
  for (bool first = true; json_.next_element(first); first = false) read_array(true, note);
  const std::vector<Array> places = choose(headings);
  json_.go_to(begin);
  std::size_t next = 0;
  const auto take = [&](const std::string&, const Shape&) -> std::optional<Array> {
    const Array place = places[next++];
    return place.empty() ? std::nullopt : std::optional<Array>(place);
  };
  json_.begin_array();
  for (bool first = true; json_.next_element(first); first = false) read_array(true, take);
}

std::vector<Tensor> ArrayReader::read_tensors() {
  std::vector<Tensor> tensors;
  json_.begin_array();
  for (bool first = true; json_.next_element(first); first = false) {
    read_array(false, [&](const std::string&, const Shape& shape) -> std::optional<Array> {
      // Memory only for what the file can hold.
      elements_ += shape.size();
      if (elements_ > size_ / 2)
        json_.fail("expected fewer than " + std::to_string(size_ / 2) + " numbers, got shape " +
                   shape.to_string());
      if (shape.empty()) json_.fail("expected a shape with the samples' axis");
      return tensors.emplace_back(shape).array();
    });
  }
  return tensors;
}

}  // namespace cornu::detail
