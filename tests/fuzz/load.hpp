#pragma once

#include <memory>
#include <string_view>

#include "cornu/core/error.hpp"
#include "cornu/core/log.hpp"
#include "cornu/inspection/drawing/drawing.hpp"
#include "cornu/inspection/summary.hpp"
#include "cornu/models/model.hpp"
#include "cornu/models/sequential.hpp"
#include "fuzzer.hpp"

namespace fuzz {

/// Does what a program does next with a model that it has loaded. Each may refuse with a
/// cornu::Error; libFuzzer's bounds on time and memory hold for all of it.
template <class Next>
void next(Next step) {
  try {
    step();
  } catch (const cornu::Error& error) {
    promise(error.what()[0] == '[', "an error text starts with its place");
  }
}

/// Loads a model file's text with the default limits. It is refused by a cornu::Error, or a whole
/// model comes out: one that describes itself in a text from which the same description comes back,
/// and that can be saved, used, shown and trained on.
inline void load(std::string_view text) {
  cornu::log::set_level(cornu::log::Level::off);
  std::unique_ptr<cornu::Model> model;
  try {
    model = cornu::model_from_text(text);
  } catch (const cornu::Error& error) {
    promise(error.what()[0] == '[', "an error text starts with its place");
    return;
  }
  promise(model != nullptr, "loading answers a model");
  next([&] {
    const std::string description = model->to_json();
    promise(cornu::model_from_json(description)->to_json() == description,
            "a loaded model's description comes back");
  });
  next([&] {
    const std::string saved = model->to_text({.base64 = true});
    cornu::LoadOptions options;
    options.check = false;
    promise(cornu::model_from_text(saved, options)->to_text({.base64 = true}) == saved,
            "a loaded model saves, and loads, and saves the same");
  });
  next([&] { model->summary(); });
  next([&] { cornu::to_svg(*model); });
  std::vector<cornu::Tensor> x, y;
  next([&] {
    for (const cornu::Node& node : model->inputs()) {
      const cornu::Shape shape = node.shape().with_samples(2);
      if (shape.size() > 100'000) return;
      x.emplace_back(shape);
    }
    y = model->predict_all(x);
  });
  // Resumed: one step from where the file says that training stood.
  if (model->compiled() && !y.empty() && y[0].size() < 100'000)
    next([&] { model->train_on_batch(x, y); });
}

}  // namespace fuzz
