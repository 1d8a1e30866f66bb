#include "cornu/core/cpu_quota.hpp"

#include <cmath>
#include <fstream>

namespace cornu::detail {
namespace {

/// microseconds of processor time in each period of so many; 0 when they make no sense.
std::size_t cores(double quota, double period) {
  const double ratio = std::ceil(quota / period);
  return quota > 0 && period > 0 && ratio < 1e6 ? static_cast<std::size_t>(ratio) : 0;
}

}  // namespace

std::size_t cores_of_quota(const std::string& root) {
  double quota = 0, period = 0;
  // Version 2: "200000 100000", or "max 100000" without a limit, which is no number.
  if (std::ifstream both(root + "/cpu.max"); both >> quota >> period) return cores(quota, period);
  // Version 1: -1 without a limit.
  std::ifstream quota_file(root + "/cpu/cpu.cfs_quota_us"),
      period_file(root + "/cpu/cpu.cfs_period_us");
  if (quota_file >> quota && period_file >> period) return cores(quota, period);
  return 0;
}

}  // namespace cornu::detail
