#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cornu/core/export.hpp"

namespace cornu {

/// Where the time of a training step goes (Model::profile).
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

}  // namespace cornu
