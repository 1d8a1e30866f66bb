#pragma once

// Not a public header.

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "cornu/inspection/drawing/drawing.hpp"
#include "cornu/models/model.hpp"

/// What there is to draw of a model, without saying how.
namespace cornu::detail {

struct Picture;

/// One call of a layer or a model.
struct Box {
  enum class Kind { input, weights, states, join, plain, model };

  Kind kind = Kind::plain;
  std::string name = {}, class_name = {};
  std::string how = {};    ///< what the layer does, in a word: a merge's mode, an activation
  std::string shape = {};  ///< of the output: "(None, 10)"; several joined by ", "
  std::size_t parameters = 0;
  bool is_output = false, frozen = false;
  /// For a layer that is called several times: its number among such layers, from 1, which call
  /// this is, and of how many. All over the model.
  std::size_t shared = 0, call = 1, calls = 1;
  /// Said already by the frame that it is in: that is called as often, or frozen.
  bool shared_around = false, frozen_around = false;
  /// What a call of an opened model has in it.
  std::unique_ptr<Picture> inside = {};

  /// "Merge, concat", "Dense, relu", "Flatten"
  std::string kind_text() const { return how.empty() ? class_name : class_name + ", " + how; }
};

/// The boxes of one container, each after those it reads.
struct Picture {
  struct Edge {
    std::size_t from, to;       ///< boxes
    std::size_t output, input;  ///< which one of `from`, and of `to`
  };
  struct Output {
    std::size_t box, output;
  };
  std::string name, class_name;
  std::size_t parameters = 0;
  std::vector<Box> boxes = {};
  std::vector<Edge> edges = {};
  std::vector<std::size_t> inputs = {};
  std::vector<Output> outputs = {};
};

Picture picture_of(const Model& model, const DrawingOptions& options);

}  // namespace cornu::detail
