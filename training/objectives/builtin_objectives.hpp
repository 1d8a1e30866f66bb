#pragma once

// Not a public header.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cornu/training/objectives/objective.hpp"

namespace cornu::detail {

/// Keras's fuzz factor, which keeps logarithms and divisions finite.
inline constexpr Scalar keras_epsilon = static_cast<Scalar>(1e-7);

/// The tables of built-in objectives: the means over a formula of one element, the cross-entropies
/// and Kullback-Leibler's divergence, and the cosine.
void add_mean_objectives(std::vector<ObjectivePtr>& table);
void add_cross_entropies(std::vector<ObjectivePtr>& table);
void add_cosine_proximity(std::vector<ObjectivePtr>& table);
std::vector<ObjectivePtr> builtin_objectives();

/// Short names and what they stand for.
const std::vector<std::pair<std::string, std::string>>& objective_aliases();

/// Throws ConfigError for element `at` of the targets: `[fit] poisson expected targets from 0 up,
/// got -2 in sample 17; help: ...`.
[[noreturn]] void throw_bad_target(std::string_view place, std::string_view objective, ConstView t,
                                   std::size_t at, std::string_view expected,
                                   std::string_view help = {});

/// Refuses targets that are not finite, and those outside [least, most], with what was `expected`.
void check_range(std::string_view place, std::string_view objective, ConstView t, Scalar least,
                 Scalar most, std::string_view expected, std::string_view help);

/// The sum of term(0) ... term(n - 1), in a fixed order that lets the compiler work on eight terms
/// at a time.
template <class Term>
double sum_of(std::size_t n, const Term& term) {
  constexpr std::size_t lanes = 8;
  double partial[lanes] = {};
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes)
    for (std::size_t lane = 0; lane < lanes; ++lane)
      partial[lane] += static_cast<double>(term(i + lane));
  for (; i < n; ++i) partial[0] += static_cast<double>(term(i));
  return ((partial[0] + partial[4]) + (partial[1] + partial[5])) +
         ((partial[2] + partial[6]) + (partial[3] + partial[7]));
}

}  // namespace cornu::detail
