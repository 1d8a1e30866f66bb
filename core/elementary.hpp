#pragma once

// Not a public header: exp, tanh, log1p, ... without branches, so that loops over them become
// vector code. Included by core/kernels_loops.hpp only, once for each instruction set; everything
// is in an unnamed namespace, because inline functions that several objects share would let the
// linker pick AVX-512 code for a machine without it.

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "cornu/core/tensor.hpp"

namespace cornu::kernels {
namespace {

constexpr bool is_float = std::is_same_v<Scalar, float>;
using Bits = std::conditional_t<is_float, std::int32_t, std::int64_t>;

constexpr int mantissa_bits = is_float ? 23 : 52;
constexpr Bits exponent_bias = is_float ? 127 : 1023;
/// 1.5 * 2^mantissa_bits: adding it rounds to the nearest integer, which its low bits then hold.
constexpr Scalar rounder = is_float ? Scalar(0x1.8p23) : Scalar(0x1.8p52);

constexpr Scalar log2_e = Scalar(1.442695040888963407);
// ln 2 in two parts; the first has enough trailing zeros that its product with an exponent is
// exact.
constexpr Scalar ln2_high = is_float ? Scalar(0x1.62e4p-1) : Scalar(0x1.62e42fefa0000p-1);
constexpr Scalar ln2_low = is_float ? Scalar(0x1.7f7d1cf79abcap-20) : Scalar(0x1.cf79abc9e3b3ap-40);

inline Scalar select(bool condition, Scalar yes, Scalar no) { return condition ? yes : no; }
inline Scalar absolute(Scalar x) {
  if constexpr (is_float)
    return __builtin_fabsf(x);
  else
    return __builtin_fabs(x);
}
inline Scalar with_sign_of(Scalar magnitude, Scalar sign) {
  if constexpr (is_float)
    return __builtin_copysignf(magnitude, sign);
  else
    return __builtin_copysign(magnitude, sign);
}
inline Bits bits_of(Scalar x) { return __builtin_bit_cast(Bits, x); }
/// 2^n for exponents of normal numbers.
inline Scalar power_of_two(Bits n) {
  return __builtin_bit_cast(Scalar, static_cast<Bits>((n + exponent_bias) << mantissa_bits));
}

/// The polynomial c[0] + c[1] x + ...
template <std::size_t n>
inline Scalar polynomial(Scalar x, const double (&c)[n]) {
  Scalar sum = static_cast<Scalar>(c[n - 1]);
  for (std::size_t i = n - 1; i > 0; --i) sum = sum * x + static_cast<Scalar>(c[i - 1]);
  return sum;
}

// The coefficients interpolate at the Chebyshev nodes of the stated range.

/// (e^r - 1 - r) / r^2 for |r| <= ln(2) / 2.
inline Scalar exp_series(Scalar r) {
  if constexpr (is_float)
    return polynomial(r, {0.5, 0.1666657684599397631, 0.0416665544376859389,
                          0.008363202971575854947, 0.001392621346633244304});
  else
    return polynomial(r,
                      {0.5, 0.1666666666666667101, 0.04166666666666666977, 0.008333333333326112053,
                       0.001388888888888373183, 0.0001984126987490125923, 0.00002480158732560532278,
                       2.755725529796964439e-6, 2.755727357010213967e-7, 2.510525953844849342e-8,
                       2.091471734171637595e-9});
}

/// (tanh x - x) / x^3 as a function of x^2, for |x| <= 0.625.
inline Scalar tanh_series(Scalar square) {
  if constexpr (is_float)
    return polynomial(square,
                      {-0.3333333317214036164, 0.1333330355691574177, -0.05395925957720454274,
                       0.02176891865102821015, -0.008343945515839152048, 0.002292744816178142343});
  else
    return polynomial(
        square, {-0.3333333333333333294, 0.133333333333330416, -0.05396825396789699169,
                 0.02186948851900830576, -0.008863235103240877925, 0.003592121751154962269,
                 -0.00145577541204780551, 0.0005896606577757043347, -0.0002375906496055561955,
                 0.00009257116129556768271, -0.00003120110142579740003, 6.48516348279311315e-6});
}

/// (2 atanh f - 2 f) / f^3 as a function of f^2, for |f| <= 1/3.
inline Scalar atanh_series(Scalar square) {
  if constexpr (is_float)
    return polynomial(square, {0.6666666732087150329, 0.3999970620682496618, 0.2859236479519761649,
                               0.217064609971956923, 0.2322492177121458171});
  else
    return polynomial(square, {0.6666666666666665855, 0.4000000000001459661, 0.2857142856710506093,
                               0.2222222271780178169, 0.1818178941732644789, 0.153855705929122436,
                               0.1331413555088116286, 0.1200115518285777869, 0.08800317650868773469,
                               0.1616493816947133862});
}

/// x = k ln 2 + r with |r| <= ln(2) / 2.
struct Reduced {
  Scalar r;
  Bits k;
};
inline Reduced reduce(Scalar x) {
  const Scalar shifted = x * log2_e + rounder;
  const Scalar k = shifted - rounder;
  return {(x - k * ln2_high) - k * ln2_low, bits_of(shifted) - bits_of(rounder)};
}

/// e^x = 2^k e^r. The factor 2^k comes in two halves, so that neither over- nor underflows
/// before the result does; below and above the bounds the result is 0 and infinity.
inline Scalar exp_of(Scalar x) {
  constexpr Scalar most = is_float ? Scalar(89) : Scalar(710);
  constexpr Scalar least = is_float ? Scalar(-105) : Scalar(-747);
  x = select(x > most, most, x);
  x = select(x < least, least, x);
  const Reduced reduced = reduce(x);
  const Scalar r = reduced.r;
  const Scalar power = (r * r * exp_series(r) + r) + 1;
  const Bits half = reduced.k >> 1;
  return power * power_of_two(half) * power_of_two(reduced.k - half);
}

/// e^x - 1 for x <= 0: 2^k (e^r - 1) + (2^k - 1), where k = 0 for small x.
inline Scalar expm1_of_negative(Scalar x) {
  constexpr Scalar least = is_float ? Scalar(-80) : Scalar(-700);
  const Reduced reduced = reduce(select(x < least, least, x));
  const Scalar r = reduced.r;
  const Scalar power = power_of_two(reduced.k);
  return power * (r * r * exp_series(r) + r) + (power - 1);
}

/// log(1 + z) for z in [0, 1]: 2 atanh(f) with f = z / (2 + z).
inline Scalar log1p_of_fraction(Scalar z) {
  const Scalar f = z / (2 + z), square = f * f;
  return f * square * atanh_series(square) + 2 * f;
}

/// x + x^3 P(x^2) near zero, 1 - 2 / (e^2|x| + 1) beyond.
inline Scalar tanh_of(Scalar x) {
  const Scalar magnitude = absolute(x), square = x * x;
  const Scalar near = magnitude * square * tanh_series(square) + magnitude;
  const Scalar far = 1 - 2 / (exp_of(2 * magnitude) + 1);
  return with_sign_of(select(magnitude < Scalar(0.625), near, far), x);
}

/// 1 / (1 + e^-x), with the exponential of -|x| so that nothing overflows and no digits are lost.
inline Scalar sigmoid_of(Scalar x) {
  const Scalar z = exp_of(-absolute(x));
  return select(x >= 0, Scalar(1), z) / (1 + z);
}

/// log(1 + e^x) = max(x, 0) + log(1 + e^-|x|)
inline Scalar softplus_of(Scalar x) {
  return select(x > 0, x, Scalar(0)) + log1p_of_fraction(exp_of(-absolute(x)));
}

}  // namespace
}  // namespace cornu::kernels
