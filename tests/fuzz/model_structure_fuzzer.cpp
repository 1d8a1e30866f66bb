// Model files that are JSON but wrong: the input says how to change a good one, node by node.

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "load.hpp"
#include "seeds.hpp"

namespace {

using nlohmann::json;

/// The input, a byte at a time; zeros beyond its end.
class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  bool empty() const { return at_ >= size_; }
  std::size_t next() { return empty() ? 0 : data_[at_++]; }
  std::size_t below(std::size_t bound) {
    return (next() << 8 | next()) % std::max<std::size_t>(bound, 1);
  }

 private:
  const std::uint8_t* data_;
  std::size_t size_, at_ = 0;
};

void collect(json& node, std::vector<json*>& nodes) {
  nodes.push_back(&node);
  if (node.is_structured())
    for (json& part : node) collect(part, nodes);
}

json interesting(Bytes& bytes) {
  static const std::vector<json> values = {nullptr,
                                           true,
                                           false,
                                           0,
                                           1,
                                           2,
                                           3,
                                           -1,
                                           -2,
                                           0.5,
                                           -0.5,
                                           1e-7,
                                           1e300,
                                           -1e300,
                                           65536,
                                           4294967296,
                                           9223372036854775807,
                                           18446744073709551615U,
                                           -9223372036854775807,
                                           "",
                                           "relu",
                                           "softmax",
                                           "linear",
                                           "zero",
                                           "glorot_uniform",
                                           "dense_1",
                                           "dense_1_W",
                                           "../x",
                                           "\xc3\xa9",
                                           "same",
                                           "valid",
                                           json::array(),
                                           json::object(),
                                           json::array({nullptr, 3}),
                                           json::array({nullptr, 4294967296}),
                                           json::array({1, 1, 1, 1, 1, 1, 1, 1, 1}),
                                           json::object({{"name", "l2"}, {"l2", 0.1}}),
                                           json::object({{"base64", "AACAPwAAAEA="}}),
                                           json::object({{"class_name", "Dense"}})};
  return values[bytes.below(values.size())];
}

void change(json& root, Bytes& bytes) {
  std::vector<json*> nodes;
  collect(root, nodes);
  json& node = *nodes[bytes.below(nodes.size())];
  json& other = *nodes[bytes.below(nodes.size())];
  switch (bytes.next() % 8) {
    case 0:
      node = interesting(bytes);
      break;
    case 1: {
      const json copy = other;
      node = copy;
      break;
    }
    case 2:
      if (node.is_object() && !node.empty()) {
        auto at = node.begin();
        std::advance(at, static_cast<std::ptrdiff_t>(bytes.below(node.size())));
        node.erase(at);
      } else if (node.is_array() && !node.empty()) {
        node.erase(bytes.below(node.size()));
      }
      break;
    case 3:
      if (node.is_array() && node.size() < 64) {
        const json copy = other;
        node.push_back(copy);
      }
      break;
    case 4:
      if (node.is_object()) node["key" + std::to_string(bytes.next())] = interesting(bytes);
      break;
    case 5:
      if (node.is_number()) node = node.get<double>() * static_cast<double>(bytes.next()) / 16;
      break;
    case 6:
      if (node.is_number_integer()) node = static_cast<int>(bytes.next()) - 128;
      break;
    default:
      if (node.is_array() && node.size() > 1)
        std::swap(node[bytes.below(node.size())], node[bytes.below(node.size())]);
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<json> seeds = fuzz::seeds();
  Bytes bytes(data, std::min<std::size_t>(size, 256));
  json tree = seeds[bytes.next() % seeds.size()];
  while (!bytes.empty()) change(tree, bytes);
  std::string text;
  try {
    text = tree.dump(-1, ' ', false, json::error_handler_t::replace);
  } catch (const json::exception&) {
    return 0;
  }
  if (text.size() < 1'000'000) fuzz::load(text);
  return 0;
}
