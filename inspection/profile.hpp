#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cornu/models/model.hpp"

namespace cornu {

/// Where the time of a training step goes, as `profile` measures it.
struct CORNU_API Profile {
  struct Row {
    std::string name, class_name;  ///< of the layer; one that is called twice has two rows
    double forward, backward;      ///< microseconds of one step
    double share;                  ///< of the total, 0 to 1
    /// Floating-point operations of the matrix products a second; 0 for layers without any.
    double flops;
  };
  std::size_t samples = 0;  ///< of the batch
  double total = 0;         ///< microseconds, all rows
  std::vector<Row> rows;

  /// As a table.
  std::string to_string() const;
};

/// How the time of a training step on this batch is spent, layer by layer, as the mean of so many
/// repetitions: `std::cout << profile(model, x, y).to_string()`. Nothing is trained; the metrics
/// start anew. Loss and update are not part of it. Throws ConfigError unless compiled, or for no
/// repetitions; ShapeError for data that does not fit.
CORNU_API Profile profile(Model& model, const Data& x, const Data& y,
                          std::size_t repetitions = 100);

}  // namespace cornu
