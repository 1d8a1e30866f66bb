#include "cornu/models/predictor.hpp"

#include <algorithm>
#include <string>

#include "cornu/core/error.hpp"
#include "cornu/models/model.hpp"

namespace cornu {

struct Predictor::Impl {
  Impl(const Model& model, std::size_t batch_size)
      : execution(model.graph(), Phase::predict, batch_size) {
    for (const Node& node : model.inputs())
      inputs.push_back({node.name(), node.shape(), node.call().layer->input_samples()});
    for (const Node& node : model.outputs()) outputs.push_back({node.name(), node.shape(), 0});
    reading.resize(inputs.size());
    read.resize(inputs.size());
    written.resize(outputs.size());
  }

  std::vector<DataSlot> inputs, outputs;
  Execution execution;
  std::vector<const Scalar*> reading;  ///< of the piece that is worked on
  std::vector<const Scalar*> read;     ///< of views
  std::vector<Scalar*> written;
};

namespace {

void check_count(std::size_t got, std::size_t expected, const char* what) {
  if (got != expected)
    throw ConfigError("predictor", "expected " + std::to_string(expected) + " " + what +
                                       (expected == 1 ? "" : "s") + ", got " + std::to_string(got));
}

template <class AnyView>
void check_view(const AnyView& view, const DataSlot& slot, std::size_t samples, const char* what) {
  if (view.data != nullptr && !view.shape.empty() && view.shape.front() == samples &&
      view.shape.without_samples() == slot.shape)
    return;
  throw ShapeError("predictor", std::string("expected the ") + what + " '" + slot.name +
                                    "' of shape " + slot.shape.with_samples(samples).to_string() +
                                    ", got " +
                                    (view.data ? view.shape.to_string() : std::string("no data")));
}

}  // namespace

Predictor::Predictor(const Model& model, std::size_t batch_size) {
  if (batch_size == 0) throw ConfigError("predictor", "expected a batch_size of at least 1, got 0");
  impl_ = std::make_unique<Impl>(model, batch_size);
  // The first run of an execution lays out what the later ones use.
  std::vector<std::vector<Scalar>> zeros;
  for (const DataSlot& slot : impl_->inputs) zeros.emplace_back(slot.shape.size() * batch_size);
  for (std::size_t i = 0; i < zeros.size(); ++i) impl_->reading[i] = zeros[i].data();
  impl_->execution.forward(impl_->reading, batch_size);
}
Predictor::~Predictor() = default;
Predictor::Predictor(Predictor&&) noexcept = default;
Predictor& Predictor::operator=(Predictor&&) noexcept = default;

Predictor::Impl& Predictor::impl() const {
  if (!impl_)
    throw ConfigError("predictor", "it was moved from and holds nothing",
                      "use the one that it was moved to");
  return *impl_;
}

std::size_t Predictor::batch_size() const { return impl().execution.capacity(); }
const std::vector<DataSlot>& Predictor::inputs() const { return impl().inputs; }
const std::vector<DataSlot>& Predictor::outputs() const { return impl().outputs; }

void Predictor::predict(std::span<const Scalar* const> inputs, std::span<Scalar* const> outputs,
                        std::size_t samples) {
  Impl& self = impl();
  check_count(inputs.size(), self.inputs.size(), "input");
  check_count(outputs.size(), self.outputs.size(), "output");
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (inputs[i] == nullptr)
      throw ConfigError("predictor", "no data for the input '" + self.inputs[i].name + "'");
  const std::size_t piece = self.execution.capacity();
  for (std::size_t first = 0; first < samples; first += piece) {
    const std::size_t count = std::min(piece, samples - first);
    for (std::size_t i = 0; i < inputs.size(); ++i)
      self.reading[i] = inputs[i] + first * self.inputs[i].shape.size();
    self.execution.forward(self.reading, count);
    for (std::size_t o = 0; o < outputs.size(); ++o) {
      if (outputs[o] == nullptr) continue;
      const ConstView value = self.execution.output(o);
      std::copy_n(value.data, value.size(), outputs[o] + first * self.outputs[o].shape.size());
    }
  }
}

void Predictor::predict(const Scalar* input, Scalar* output, std::size_t samples) {
  predict(std::span(&input, 1), std::span(&output, 1), samples);
}

void Predictor::predict(std::span<const ConstView> inputs, std::span<const View> outputs) {
  Impl& self = impl();
  check_count(inputs.size(), self.inputs.size(), "input");
  check_count(outputs.size(), self.outputs.size(), "output");
  const std::size_t samples = inputs[0].shape.empty() ? 0 : inputs[0].shape.front();
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    check_view(inputs[i], self.inputs[i], samples, "input");
    self.read[i] = inputs[i].data;
  }
  for (std::size_t o = 0; o < outputs.size(); ++o) {
    check_view(outputs[o], self.outputs[o], samples, "output");
    self.written[o] = outputs[o].data;
  }
  predict(self.read, self.written, samples);
}

void Predictor::predict(ConstView input, View output) {
  predict(std::span<const ConstView>(&input, 1), std::span<const View>(&output, 1));
}

}  // namespace cornu
