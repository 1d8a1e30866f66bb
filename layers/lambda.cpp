#include "cornu/layers/lambda.hpp"

#include "cornu/core/registry.hpp"
#include "cornu/core/text/json.hpp"

namespace cornu {
namespace {

Registry<LambdaFunction>& lambda_registry() {
  static auto& functions = *new Registry<LambdaFunction>("lambda function");
  return functions;
}

/// A key that Keras writes and that has one meaningful value here.
class Fixed final : public Choice {
 public:
  explicit Fixed(nlohmann::json value) : value_(std::move(value)) {}
  std::string_view kind() const override { return "fixed value"; }
  nlohmann::json to_json() const override { return value_; }
  void assign(const nlohmann::json& config) override {
    if (config != value_)
      throw ConfigError("Lambda", "expected " + value_.dump() + ", got " + config.dump(),
                        "register a C++ function under a name, and give that name");
  }

 private:
  nlohmann::json value_;
};

}  // namespace

void register_lambda(const std::string& name, LambdaFunction function) {
  if (!function.forward || !function.backward)
    throw ConfigError("register_lambda",
                      "expected a forward and a backward function for '" + name + "'");
  lambda_registry().add(name, std::move(function));
}

std::vector<std::string> lambda_names() { return lambda_registry().names(); }

void LambdaOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("function", function, "the name given to register_lambda");
  Fixed type("function"), shape(nullptr), shape_type("raw"), arguments(nlohmann::json::object());
  fields.begin_additions();
  fields.field("function_type", type, "as Keras writes it; always \"function\"");
  fields.field("output_shape", shape, "as Keras writes it; the registered function knows it");
  fields.field("output_shape_type", shape_type, "as Keras writes it; always \"raw\"");
  fields.field("arguments", arguments, "as Keras writes it; always empty");
  fields.end_additions();
}

Lambda::Lambda(LambdaOptions options)
    : ConfiguredLayer("Lambda", std::move(options)),
      function_(lambda_registry().find(options_.function, place())) {}

Traits Lambda::traits() const { return {.reads_input = true, .reads_output = true}; }

Shape Lambda::build(const Shape& input, Builder&) const {
  return function_.output_shape ? function_.output_shape(input) : input;
}

void Lambda::forward(const Forward& run) const { function_.forward(run.x(), run.y); }

void Lambda::backward(const Backward& run) const {
  if (run.dx()) function_.backward(run.x(), run.y, run.dy, run.dx());
}

std::vector<LayerExample> Lambda::examples() {
  constexpr const char* name = "example: square";
  if (!lambda_registry().contains(name))
    register_lambda(name, {.forward =
                               [](ConstView x, View y) {
                                 for (std::size_t i = 0; i < y.size(); ++i)
                                   y.data[i] = x.data[i] * x.data[i];
                               },
                           .backward =
                               [](ConstView x, ConstView, ConstView dy, View dx) {
                                 for (std::size_t i = 0; i < dx.size(); ++i)
                                   dx.data[i] = 2 * x.data[i] * dy.data[i];
                               }});
  return {{std::make_shared<Lambda>(LambdaOptions{.function = name}), {Shape{2, 3}}}};
}

}  // namespace cornu
