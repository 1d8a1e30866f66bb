// docs/file-format.md describes what is written here.

#include <algorithm>
#include <bit>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cornu/core/error.hpp"
#include "cornu/core/text/file.hpp"
#include "cornu/core/text/number_text.hpp"
#include "cornu/models/saving/model_file.hpp"

namespace cornu::detail {
namespace {

bool finite(ConstArray values) {
  return std::all_of(values.begin(), values.end(), [](Scalar v) { return std::isfinite(v); });
}

bool finite(const std::vector<Tensor>& tensors) {
  return std::all_of(tensors.begin(), tensors.end(),
                     [](const Tensor& tensor) { return finite(tensor.array()); });
}

void refuse_nonfinite(const std::vector<NamedArray>& arrays, std::string& names, int& count) {
  constexpr int most_named = 8;
  for (const NamedArray& array : arrays) {
    if (finite(array.values)) continue;
    if (++count <= most_named) names.append(count == 1 ? "" : ", ").append(array.name);
    if (count == most_named + 1) names.append(", ...");
  }
}

std::string dumped(const nlohmann::json& json) {
  try {
    return json.dump();
  } catch (const nlohmann::json::exception&) {
    throw ConfigError("save", "a name or option that is not UTF-8 text", "use plain letters");
  }
}

class Writer {
 public:
  Writer(Sink& sink, const SaveOptions& options) : sink_(sink), options_(options) {}

  void write(const ModelContent& content) {
    sink_.write("{\n\"format\": \"cornu\",\n\"format_version\": 1");
    if (content.config != nullptr) {
      sink_.write(",\n\"class_name\": " + dumped(std::string(content.class_name)));
      sink_.write(",\n\"config\": " + dumped(*content.config));
    }
    if (!content.trainable) sink_.write(",\n\"trainable\": false");
    sink_.write(",\n\"weights\": ");
    write_arrays(content.weights);
    if (content.training != nullptr) write_training(*content.training, content.accumulators);
    if (!content.check.empty() && finite(content.check.inputs) && finite(content.check.outputs)) {
      sink_.write(",\n\"check\": {\"inputs\": ");
      write_tensors(content.check.inputs);
      sink_.write(",\n\"outputs\": ");
      write_tensors(content.check.outputs);
      sink_.write("}");
    }
    sink_.write("\n}\n");
  }

 private:
  void write_training(const nlohmann::json& training, const std::vector<NamedArray>& arrays) {
    sink_.write(",\n\"training\": {");
    for (const auto& [key, value] : training.items())
      sink_.write(dumped(key) + ": " + dumped(value) + ",\n");
    sink_.write("\"accumulators\": ");
    write_arrays(arrays);
    sink_.write("}");
  }

  void write_arrays(const std::vector<NamedArray>& arrays) {
    sink_.write("[");
    for (const NamedArray& array : arrays) {
      sink_.write(&array == &arrays[0] ? "\n{\"name\": " : ",\n{\"name\": ");
      sink_.write(dumped(array.name) + ", ");
      write_array(array.shape, array.values);
    }
    sink_.write("]");
  }

  void write_tensors(const std::vector<Tensor>& tensors) {
    sink_.write("[");
    for (const Tensor& tensor : tensors) {
      sink_.write(&tensor == &tensors[0] ? "\n{" : ",\n{");
      write_array(tensor.shape(), tensor.array());
    }
    sink_.write("]");
  }

  // The rest of an array's object.
  void write_array(const Shape& shape, ConstArray values) {
    sink_.write("\"shape\": [");
    for (const std::size_t& size : shape) {
      if (&size != shape.begin()) sink_.write(", ");
      sink_.write(std::to_string(size));
    }
    sink_.write("],\n\"data\": ");
    if (options_.base64)
      write_base64(values);
    else
      write_decimals(values);
    sink_.write("}");
  }

  // Lines of some hundred characters: long enough to be fast, short enough for editors.
  void write_decimals(ConstArray values) {
    constexpr std::size_t line = 100;
    char text[line + 2 * longest_shortest_text];
    std::size_t used = 0;
    text[used++] = '[';
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i != 0) text[used++] = ',';
      if (used >= line) {
        text[used++] = '\n';
        sink_.write({text, used});
        used = 0;
      }
      if (std::isfinite(values[i])) {
        used = static_cast<std::size_t>(write_number(text + used, values[i]) - text);
      } else {
        const std::string_view word = std::isnan(values[i]) ? "\"NaN\""
                                      : values[i] > 0       ? "\"Infinity\""
                                                            : "\"-Infinity\"";
        used += word.copy(text + used, word.size());
      }
    }
    text[used++] = ']';
    sink_.write({text, used});
  }

  void write_base64(ConstArray values) {
    using Bits = std::conditional_t<sizeof(Scalar) == 4, std::uint32_t, std::uint64_t>;
    constexpr std::size_t piece = 3 * 1024;  // numbers: their bytes are whole groups of three
    std::vector<unsigned char> bytes;
    std::string text;
    sink_.write("{\"base64\": \"");
    for (std::size_t begin = 0; begin < values.size(); begin += piece) {
      const ConstArray part = values.subspan(begin, std::min(piece, values.size() - begin));
      bytes.clear();
      text.clear();
      for (const Scalar value : part) {
        const Bits bits = std::bit_cast<Bits>(value);
        for (std::size_t b = 0; b < sizeof(Bits); ++b)
          bytes.push_back(static_cast<unsigned char>(bits >> (8 * b)));
      }
      append_base64(text, bytes);
      sink_.write(text);
    }
    sink_.write("\"}");
  }

  Sink& sink_;
  const SaveOptions& options_;
};

void check_content(const ModelContent& content, const SaveOptions& options) {
  if (options.allow_nonfinite) return;
  std::string names;
  int count = 0;
  refuse_nonfinite(content.weights, names, count);
  refuse_nonfinite(content.accumulators, names, count);
  if (count == 0) return;
  throw NumericError(
      "save", "not finite: " + names,
      "the model has diverged: lower the learning rate or clip gradients; to save it "
      "as it is, set allow_nonfinite");
}

class StringSink final : public Sink {
 public:
  std::string text;
  void write(std::string_view piece) override { text.append(piece); }
};

}  // namespace

void write_model_file(const std::string& path, const ModelContent& content,
                      const SaveOptions& options) {
  check_content(content, options);
  write_file_atomically(path, [&](Sink& sink) { Writer(sink, options).write(content); });
}

std::string model_text(const ModelContent& content, const SaveOptions& options) {
  check_content(content, options);
  StringSink sink;
  Writer(sink, options).write(content);
  return std::move(sink.text);
}

}  // namespace cornu::detail
