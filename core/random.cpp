#include "cornu/core/random.hpp"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <numbers>
#include <utility>

#include "cornu/core/random/philox.hpp"

// Everything here is written out in IEEE operations (this file is compiled without contraction to
// fused multiply-add), because the C library's log, sin and cos differ in last bits between
// machines: the same seed is to make the same numbers everywhere.

namespace cornu {
namespace {

constexpr std::uint32_t low_word(std::uint64_t value) {
  return static_cast<std::uint32_t>(value & 0xffffffffu);
}
constexpr std::uint32_t high_word(std::uint64_t value) {
  return static_cast<std::uint32_t>(value >> 32);
}

/// log x for a normal x in (0, 1]: x = m 2^e with m in [sqrt(1/2), sqrt(2)) and
/// log m = 2 atanh(f) = 2 (f + f^3/3 + f^5/5 + ...) for f = (m - 1) / (m + 1).
double log_of(double x) {
  int exponent;
  double m = std::frexp(x, &exponent);
  if (m < std::numbers::sqrt2 / 2) {
    m *= 2;
    --exponent;
  }
  const double f = (m - 1) / (m + 1);
  const double square = f * f;
  double series = 0;
  for (int odd = 21; odd >= 1; odd -= 2) series = series * square + 1.0 / odd;
  return exponent * std::numbers::ln2 + 2 * f * series;
}

/// cos and sin of 2 pi u for u in [0, 1): by quarter turns, and Taylor's series within an eighth.
struct CosSin {
  double cosine, sine;
};
CosSin cos_sin_of_turn(double u) {
  const int quarter = static_cast<int>(4 * u + 0.5);
  const double angle = (4 * u - quarter) * (std::numbers::pi / 2);
  const double square = angle * angle;
  double cosine = 1, sine = 1;
  for (int k = 18; k >= 2; k -= 2) cosine = 1 - cosine * square / (k * (k - 1));
  for (int k = 19; k >= 3; k -= 2) sine = 1 - sine * square / (k * (k - 1));
  sine *= angle;
  switch (quarter & 3) {
    case 0:
      return {cosine, sine};
    case 1:
      return {-sine, cosine};
    case 2:
      return {-cosine, -sine};
    default:
      return {sine, -cosine};
  }
}

/// In [0, 1), with the upper 27 and 26 bits.
double uniform_of(std::uint32_t high, std::uint32_t low) {
  return static_cast<double>(std::uint64_t{high >> 5} << 26 | low >> 6) * 0x1p-53;
}

/// Lemire, "Fast random integer generation in an interval" (2019): the upper word of bits * bound,
/// after refusing the few lower words that would make some results likelier.
template <class Bits>
std::uint32_t below_narrow(std::uint32_t bound, Bits bits) {
  std::uint64_t product = std::uint64_t{bits()} * bound;
  if (low_word(product) < bound) {
    const std::uint32_t threshold = (0u - bound) % bound;
    while (low_word(product) < threshold) product = std::uint64_t{bits()} * bound;
  }
  return high_word(product);
}

/// Words of a stream, drawn by the hundred when at least so many will be used.
class Words {
 public:
  explicit Words(RandomStream& stream) : stream_(stream) {}
  /// The next one, of `needed` or more.
  std::uint32_t next(std::size_t needed) {
    if (at_ == drawn_) {
      drawn_ = std::min(needed, words_.size());
      stream_.fill_bits(std::span(words_).first(drawn_));
      at_ = 0;
    }
    return words_[at_++];
  }

 private:
  RandomStream& stream_;
  std::array<std::uint32_t, 256> words_;
  std::size_t at_ = 0, drawn_ = 0;
};

/// The seed, and how many streams were drawn from it, for each purpose that counts draws.
struct Draws {
  std::mutex mutex;
  std::uint64_t seed = 0;
  std::uint64_t initializations = 0, models = 0;
};

Draws& draws() {
  static auto& instance = *new Draws;  // never destroyed: static objects draw too
  return instance;
}

}  // namespace

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                    std::array<std::uint32_t, 2> key) noexcept {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t even = std::uint64_t{0xD2511F53} * counter[0];
    const std::uint64_t odd = std::uint64_t{0xCD9E8D57} * counter[2];
    counter = {high_word(odd) ^ counter[1] ^ key[0], low_word(odd),
               high_word(even) ^ counter[3] ^ key[1], low_word(even)};
    key[0] += 0x9E3779B9;  // the golden ratio
    key[1] += 0xBB67AE85;  // sqrt(3) - 1
  }
  return counter;
}

// The counter's words: the block's number (with 24 more bits in the last word), id, step, and the
// purpose in the last word's upper byte. So streams of one seed share no block as long as ids and
// steps are below 2^32; what they have beyond goes into the key.
RandomStream::RandomStream(std::uint64_t seed, Purpose purpose, std::uint64_t id,
                           std::uint64_t step) noexcept
    : key_{low_word(seed) ^ (high_word(id) * 0x85EBCA6Bu),
           high_word(seed) ^ (high_word(step) * 0xC2B2AE35u)},
      counter_{0, low_word(id), low_word(step), static_cast<std::uint32_t>(purpose) << 24} {}

std::uint32_t RandomStream::bits() noexcept {
  if (used_ == 4) {
    block_ = philox(counter_, key_);
    if (++counter_[0] == 0) ++counter_[3];
    used_ = 0;
  }
  return block_[used_++];
}

void RandomStream::fill_bits(std::span<std::uint32_t> out) noexcept {
  while (!out.empty() && (used_ < 4 || out.size() < 4)) {
    out.front() = bits();
    out = out.subspan(1);
  }
  while (out.size() >= 4) {
    // Up to where the counter's first word begins again.
    const std::uint64_t left = 0x100000000u - std::uint64_t{counter_[0]};
    const std::size_t blocks = std::min<std::uint64_t>(out.size() / 4, left);
    detail::philox_blocks(counter_.data(), key_.data(), blocks, out.data());
    counter_[0] += static_cast<std::uint32_t>(blocks);
    if (counter_[0] == 0) ++counter_[3];
    out = out.subspan(4 * blocks);
  }
  for (std::uint32_t& word : out) word = bits();
}

double RandomStream::uniform() noexcept {
  const std::uint32_t high = bits();
  return uniform_of(high, bits());
}

// With u, v uniform, sqrt(-2 log u) (cos 2 pi v, sin 2 pi v) are two independent normal numbers.
double RandomStream::normal() noexcept {
  if (has_spare_) {
    has_spare_ = false;
    return spare_normal_;
  }
  const double radius = std::sqrt(-2 * log_of(1 - uniform()));  // 1 - u is in (0, 1]
  const auto [cosine, sine] = cos_sin_of_turn(uniform());
  spare_normal_ = radius * sine;
  has_spare_ = true;
  return radius * cosine;
}

std::uint64_t RandomStream::below(std::uint64_t bound) noexcept {
  if (high_word(bound) == 0) return below_narrow(low_word(bound), [this] { return bits(); });
  const std::uint64_t threshold = (0u - bound) % bound;  // 2^64 mod bound
  for (;;) {
    const std::uint64_t high = bits(), wide = high << 32 | bits();
    if (wide >= threshold) return wide % bound;
  }
}

void RandomStream::fill_uniform(Array out, Scalar low, Scalar high) noexcept {
  const double width = static_cast<double>(high) - static_cast<double>(low);
  Words words(*this);
  std::size_t needed = 2 * out.size();
  for (Scalar& value : out) {
    const std::uint32_t first = words.next(needed--), second = words.next(needed--);
    value = static_cast<Scalar>(static_cast<double>(low) + width * uniform_of(first, second));
    if (value >= high && low < high) value = std::nextafter(high, low);  // rounded up
  }
}

void RandomStream::fill_normal(Array out, Scalar mean, Scalar standard_deviation) noexcept {
  for (Scalar& value : out)
    value = static_cast<Scalar>(static_cast<double>(mean) +
                                static_cast<double>(standard_deviation) * normal());
}

void RandomStream::shuffle(std::span<std::size_t> indices) noexcept {
  std::size_t left = indices.size();
  for (; high_word(left) != 0; --left) std::swap(indices[left - 1], indices[below(left)]);
  Words words(*this);
  for (; left > 1; --left) {
    const auto word = [&] { return words.next(left - 1); };
    std::swap(indices[left - 1], indices[below_narrow(low_word(left), word)]);
  }
}

void set_seed(std::uint64_t seed) {
  Draws& state = draws();
  const std::scoped_lock lock(state.mutex);
  state.seed = seed;
  state.initializations = state.models = 0;
}

namespace detail {

RandomStream next_initialization_stream() {
  Draws& state = draws();
  const std::scoped_lock lock(state.mutex);
  return {state.seed, Purpose::initialization, state.initializations++};
}

std::uint64_t next_model_seed() {
  Draws& state = draws();
  const std::scoped_lock lock(state.mutex);
  RandomStream stream(state.seed, Purpose::model, state.models++);
  const std::uint64_t high = stream.bits();
  return high << 32 | stream.bits();
}

}  // namespace detail
}  // namespace cornu
