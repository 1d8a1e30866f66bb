#include "cornu/core/random.hpp"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <utility>

#include "cornu/core/random/numbers.hpp"

// Everything here is IEEE operations (this file is compiled without contraction to fused
// multiply-add): the same seed is to make the same numbers everywhere.

namespace cornu {
namespace {

constexpr std::uint32_t low_word(std::uint64_t value) {
  return static_cast<std::uint32_t>(value & 0xffffffffu);
}
constexpr std::uint32_t high_word(std::uint64_t value) {
  return static_cast<std::uint32_t>(value >> 32);
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

double RandomStream::normal() noexcept {
  if (has_spare_) {
    has_spare_ = false;
    return spare_normal_;
  }
  std::array<std::uint32_t, 4> words;
  for (std::uint32_t& word : words) word = bits();
  std::array<double, 2> pair;
  detail::normal_pairs(words.data(), 1, pair.data());
  spare_normal_ = pair[1];
  has_spare_ = true;
  return pair[0];
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
  const auto scaled = [=](double normal) {
    return static_cast<Scalar>(static_cast<double>(mean) +
                               static_cast<double>(standard_deviation) * normal);
  };
  std::size_t i = 0;
  if (has_spare_ && !out.empty()) out[i++] = scaled(normal());
  std::array<std::uint32_t, 256> words;
  std::array<double, words.size() / 2> normals;
  while (out.size() - i >= 2) {
    const std::size_t pairs = std::min(out.size() - i, normals.size()) / 2;
    fill_bits(std::span(words).first(4 * pairs));
    detail::normal_pairs(words.data(), pairs, normals.data());
    for (std::size_t k = 0; k < 2 * pairs; ++k) out[i++] = scaled(normals[k]);
  }
  if (i < out.size()) out[i] = scaled(normal());
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
