#pragma once

// Not a public header: the formulas of GRU.

#include "cornu/layers/recurrent/gru.hpp"
#include "cornu/layers/recurrent/recurrence.hpp"

namespace cornu::detail {

class GRUCell final : public Cell {
 public:
  explicit GRUCell(const GRUOptions& options);

  std::span<const std::size_t> packs(bool transposed) const override;
  void forward(const CellForward& step) const override;
  bool whole_step(const kernels::GateCell& cell, const CellForward& step) const override;
  void backward(const CellBackward& step) const override;

 private:
  void gates(const CellForward& step) const;
  void candidate_backward(const CellBackward& step) const;

  const ActivationName &inner_, &outer_;
  std::optional<kernels::GateFunctions> functions_;
  bool reset_after_;
  bool one_product_;  ///< of all three gates
};

}  // namespace cornu::detail
