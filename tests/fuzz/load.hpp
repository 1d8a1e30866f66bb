#pragma once

#include <memory>
#include <string_view>

#include "cornu/core/error.hpp"
#include "cornu/core/log.hpp"
#include "cornu/models/model.hpp"
#include "cornu/models/sequential.hpp"
#include "fuzzer.hpp"

namespace fuzz {

/// Loads a model file's text. It is refused by a cornu::Error, or a whole model comes out: one that
/// describes itself in a text from which the same description comes back.
inline void load(std::string_view text) {
  cornu::log::set_level(cornu::log::Level::off);
  cornu::LoadOptions options;
  options.limits.layers = 50;
  options.limits.elements = std::size_t{1} << 16;
  options.limits.memory = std::uint64_t{1} << 24;
  options.limits.values = 10'000;
  std::unique_ptr<cornu::Model> model;
  try {
    model = cornu::model_from_text(text, options);
  } catch (const cornu::Error& error) {
    promise(error.what()[0] == '[', "an error text starts with its place");
    return;
  }
  promise(model != nullptr, "loading answers a model");
  const std::string description = model->to_json();
  promise(cornu::model_from_json(description)->to_json() == description,
          "a loaded model's description comes back");
  model->summary();
}

}  // namespace fuzz
