// Every option of every class that is found by name has a range, and refuses at construction what
// lies outside it: one option after the other is set to what it cannot be, all others stay.

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "cornu/core/error.hpp"
#include "cornu/core/fields.hpp"
#include "cornu/layers/layer_class.hpp"
#include "cornu/optimizers/optimizer.hpp"
#include "cornu/training/callbacks/callback.hpp"

using namespace cornu;

namespace {

/// Visits options and spoils one of them: the `spoiled`-th way that there is.
class Spoiler final : public Fields {
 public:
  explicit Spoiler(std::size_t spoiled) : left_(spoiled) {}

  /// What was spoiled; "" when there are fewer ways.
  const std::string& what() const { return what_; }

  void field(const char*, bool&, const char*) override {}
  void field(const char* name, int& value, Range range, const char*) override {
    if (range.least > std::numeric_limits<int>::min())
      spoil(name, value, static_cast<int>(std::floor(range.least)) - 1);
    if (range.most < std::numeric_limits<int>::max())
      spoil(name, value, static_cast<int>(std::ceil(range.most)) + 1);
  }
  void field(const char* name, std::size_t& value, Range range, const char*) override {
    if (value == 0) value = static_cast<std::size_t>(range.least);  // where there is no default
    // A pooling stride of 0 stands for the pool's length; files are checked as they are read.
    if (range.least > 0 && name != std::string("stride")) spoil(name, value, std::size_t{0});
    if (range.most < 1e15) spoil(name, value, static_cast<std::size_t>(range.most) + 1);
  }
  void field(const char* name, double& value, Range range, const char*) override {
    spoil(name, value, std::numeric_limits<double>::quiet_NaN());
    spoil(name, value, std::numeric_limits<double>::infinity());
    if (range.least > std::numeric_limits<double>::lowest())
      spoil(name, value, range.least_excluded ? range.least : range.least - 0.5);
    if (range.most < std::numeric_limits<double>::max())
      spoil(name, value, range.most_excluded ? range.most : range.most + 0.5);
  }
  void field(const char* name, std::string& value, const char*) override {
    if (std::string(name).find("file") == 0) value = "a.json";
  }
  void field(const char*, Choice&, const char*) override {}
  void field(const char* name, std::vector<int>& value, Range range, const char*) override {
    if (range.least > std::numeric_limits<int>::min())
      spoil(name, value, std::vector<int>{static_cast<int>(range.least) - 1});
  }
  void field(const char* name, std::vector<std::array<int, 2>>& value, Range range,
             const char*) override {
    spoil(name, value,
          std::vector<std::array<int, 2>>{{0, static_cast<int>(range.least) - 1}, {0, 0}});
  }
  void field(const char*, Shape&, const char*) override {}
  void field(const char* name, std::string& value, std::vector<std::string>, const char*) override {
    // These two stand in files only, which are checked as they are read.
    if (name == std::string("mode_type") || name == std::string("output_shape_type")) return;
    spoil(name, value, std::string("nonsense"));
  }
  void optional(const char*, std::size_t&, const char*) override {}
  void optional(const char* name, double& value, const char*) override {
    spoil(name, value, -1.0);
    spoil(name, value, std::numeric_limits<double>::quiet_NaN());
  }
  void argument(const char*, std::vector<Tensor>&, const char*) override {}
  void input_shape(Shape&, std::size_t&, bool) override {}

 private:
  template <class T>
  void spoil(const char* name, T& value, T bad) {
    if (!what_.empty() || left_-- > 0) return;
    value = std::move(bad);
    what_ = name;
  }

  std::size_t left_;
  std::string what_;
};

/// Tries every way to spoil one option of each of these classes, of which there are at least so
/// many. `find(name, place)` gives a class.
template <class Find>
void expect_refusals(const std::vector<std::string>& names, Find find, std::size_t least_ways) {
  std::size_t ways = 0;
  for (const std::string& name : names) {
    const auto entry = find(name, "test");
    for (std::size_t way = 0;; ++way) {
      Spoiler spoiler(way);
      std::string error;
      try {
        entry.make(spoiler);
      } catch (const ConfigError& refused) {
        error = refused.what();
      }
      if (spoiler.what().empty()) break;
      INFO(name << ", " << spoiler.what() << " spoiled in way " << way << ": " << error);
      CHECK(error.find(spoiler.what()) != std::string::npos);
      ++ways;
    }
  }
  CHECK(ways > least_ways);
}

}  // namespace

TEST_CASE("every class found by name refuses options out of range at construction") {
  expect_refusals(layer_class_names(), find_layer_class, 50);
  expect_refusals(optimizer_names(), find_optimizer_class, 100);
  expect_refusals(callback_names(), find_callback_class, 10);
}
