#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "cornu/core/export.hpp"
#include "cornu/core/tensor.hpp"

namespace cornu {

/// Sets the seed that everything random starts from: initial weights, the seeds of models made
/// afterwards (shuffling, dropout). The count of draws starts again, so the same program after the
/// same call makes the same numbers on every machine and with every number of threads.
CORNU_API void set_seed(std::uint64_t seed);

/// What a stream of random numbers is for; streams of different purpose never overlap.
enum class Purpose : std::uint32_t {
  initialization = 1,
  shuffle = 2,
  noise = 3,
  user = 4,
  model = 5
};

/// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): the
/// counter's four words through ten rounds under the key's two.
CORNU_API std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                              std::array<std::uint32_t, 2> key) noexcept;

/// A stream of random numbers that is a pure function of (seed, purpose, id, step, position).
/// Copying it forks it; making one costs nothing and never allocates.
class CORNU_API RandomStream {
 public:
  RandomStream(std::uint64_t seed, Purpose purpose, std::uint64_t id = 0,
               std::uint64_t step = 0) noexcept;

  /// 32 uniform bits.
  std::uint32_t bits() noexcept;
  /// The same for each of `out`, much faster for many.
  void fill_bits(std::span<std::uint32_t> out) noexcept;
  /// Uniform in [0, 1), with 53 random bits.
  double uniform() noexcept;
  /// Standard normal (Box and Muller).
  double normal() noexcept;
  /// Uniform in [0, bound), without bias; bound must not be 0.
  std::uint64_t below(std::uint64_t bound) noexcept;

  /// Uniform in [low, high).
  void fill_uniform(Array out, Scalar low, Scalar high) noexcept;
  void fill_normal(Array out, Scalar mean, Scalar standard_deviation) noexcept;
  /// Fisher and Yates.
  void shuffle(std::span<std::size_t> indices) noexcept;

 private:
  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> counter_;
  std::array<std::uint32_t, 4> block_{};
  unsigned used_ = 4;
  double spare_normal_ = 0;
  bool has_spare_ = false;
};

namespace detail {

/// The next draw's stream for initial weights, and the next model's seed, under `set_seed`.
CORNU_API RandomStream next_initialization_stream();
CORNU_API std::uint64_t next_model_seed();

}  // namespace detail

}  // namespace cornu
