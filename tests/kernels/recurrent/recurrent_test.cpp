#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "cornu/kernels/recurrent/recurrent.hpp"
#include "cornu/kernels/recurrent/reference.hpp"
#include "kernels/kernel_numbers.hpp"

using namespace cornu;
using kernels::GateFunction;
using kernels::GateFunctions;
using kernels::GateSums;
namespace reference = cornu::kernels::reference;

namespace {

using Numbers = std::vector<Scalar>;

void near_to(const Numbers& got, const Numbers& expected) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    CAPTURE(i);
    REQUIRE(std::abs(static_cast<double>(got[i]) - expected[i]) <=
            64 * epsilon * (1 + std::abs(expected[i])));
  }
}

/// A matrix (terms, G H) and the pointers to its gates' columns.
struct Gates {
  std::size_t H, G;
  Numbers matrix;
  std::vector<const Scalar*> pointers;
  Gates(std::size_t terms, std::size_t gates, std::size_t units, std::uint64_t id)
      : H(units), G(gates), matrix(random_values(terms * gates * units, Scalar(0.5), id)) {
    for (std::size_t g = 0; g < G; ++g) pointers.push_back(matrix.data() + g * H);
  }
  std::size_t row() const { return G * H; }
  Numbers packed(std::size_t terms, std::size_t first, std::size_t count) const {
    Numbers out(kernels::packed_gates_size(terms, count, H), not_a_number);
    kernels::pack_gates(pointers.data() + first, row(), terms, count, H, out.data());
    return out;
  }
};

struct Sizes {
  std::size_t N, H;
};
// Around the widths of vectors, of tiles and of blocks of columns.
const Sizes all_sizes[] = {{1, 1},  {1, 7}, {2, 8},   {3, 16},  {5, 17},  {6, 32},
                           {7, 33}, {8, 3}, {13, 64}, {16, 15}, {25, 40}, {3, 128}};
const GateFunctions all_functions[] = {{GateFunction::hard_sigmoid, GateFunction::tanh},
                                       {GateFunction::sigmoid, GateFunction::softsign},
                                       {GateFunction::softplus, GateFunction::relu},
                                       {GateFunction::linear, GateFunction::sigmoid}};

}  // namespace

TEST_CASE("a SimpleRNN's step is what its reference computes") {
  for (const auto [N, H] : all_sizes)
    for (int f = 0; f < 7; ++f) {
      CAPTURE(N, H, f);
      const Gates U(H, 1, H, 1);
      const Numbers z = random_values(N * H, 2, 2), h = random_values(N * H, 1, 3),
                    packed = U.packed(H, 0, 1);
      Numbers got(N * H, not_a_number), expected(N * H);
      kernels::simple_rnn_step({N, H, z.data(), H, h.data(), H, H, packed.data()},
                               static_cast<GateFunction>(f), got.data());
      reference::simple_rnn_step(N, H, z.data(), h.data(), U.matrix.data(),
                                 static_cast<GateFunction>(f), expected.data());
      near_to(got, expected);
    }
}

TEST_CASE("an LSTM's step and its way back are what their references compute") {
  for (const auto [N, H] : all_sizes)
    for (const GateFunctions& f : all_functions) {
      CAPTURE(N, H);
      const Gates U(H, 4, H, 1);
      const Numbers z = random_values(N * 4 * H, 2, 2), h = random_values(N * H, 1, 3),
                    c = random_values(N * H, 1, 4), packed = U.packed(H, 0, 4);
      Numbers gates = z, c_new(N * H), h_new(N * H), gates_e(N * 4 * H), c_e(N * H), h_e(N * H);
      kernels::lstm_step({N, H, gates.data(), 4 * H, h.data(), H, H, packed.data()}, f, c.data(),
                         gates.data(), c_new.data(), h_new.data());
      reference::lstm_step(N, H, z.data(), h.data(), U.matrix.data(), f, c.data(), gates_e.data(),
                           c_e.data(), h_e.data());
      near_to(gates, gates_e);
      near_to(c_new, c_e);
      near_to(h_new, h_e);

      const Numbers dh = random_values(N * H, 1, 5), dc = random_values(N * H, 1, 6);
      Numbers dz(N * 4 * H), dc_before(N * H), dz_e(N * 4 * H), dc_before_e(N * H);
      kernels::lstm_step_backward(N, H, f, gates_e.data(), c.data(), c_e.data(), dh.data(),
                                  dc.data(), dz.data(), dc_before.data());
      reference::lstm_step_backward(N, H, f, gates_e.data(), c.data(), c_e.data(), dh.data(),
                                    dc.data(), dz_e.data(), dc_before_e.data());
      near_to(dz, dz_e);
      near_to(dc_before, dc_before_e);
    }
}

TEST_CASE("a GRU's step and its way back are what their references compute") {
  for (const auto [N, H] : all_sizes)
    for (const GateFunctions& f : all_functions) {
      CAPTURE(N, H);
      const Gates U(H, 3, H, 1);
      const Numbers z = random_values(N * 3 * H, 2, 2), h = random_values(N * H, 1, 3),
                    U_zr = U.packed(H, 0, 2), U_h = U.packed(H, 2, 1);
      Numbers gates = z, rh(N * H), h_new(N * H), gates_e(N * 3 * H), rh_e(N * H), h_e(N * H);
      kernels::gru_gates({N, H, gates.data(), 3 * H, h.data(), H, H, U_zr.data()}, f, h.data(),
                         gates.data(), rh.data());
      kernels::gru_candidate({N, H, gates.data() + 2 * H, 3 * H, rh.data(), H, H, U_h.data()}, f,
                             h.data(), gates.data(), h_new.data());
      reference::gru_step(N, H, z.data(), h.data(), U.matrix.data(), f, gates_e.data(), rh_e.data(),
                          h_e.data());
      near_to(gates, gates_e);
      near_to(rh, rh_e);
      near_to(h_new, h_e);

      const Numbers dh = random_values(N * H, 1, 5), drh = random_values(N * H, 1, 6);
      Numbers dz(N * 3 * H), dz_e(N * 3 * H), before = random_values(N * H, 1, 7),
                                              before_e = before;
      kernels::gru_candidate_backward(N, H, f, gates_e.data(), h.data(), dh.data(), dz.data(),
                                      before.data());
      kernels::gru_gates_backward(N, H, f, gates_e.data(), h.data(), drh.data(), dz.data(),
                                  before.data());
      reference::gru_candidate_backward(N, H, f, gates_e.data(), h.data(), dh.data(), dz_e.data(),
                                        before_e.data());
      reference::gru_gates_backward(N, H, f, gates_e.data(), h.data(), drh.data(), dz_e.data(),
                                    before_e.data());
      near_to(dz, dz_e);
      near_to(before, before_e);
    }
}

TEST_CASE(
    "a GRU that resets after the product, and its way back, are what their references compute") {
  for (const auto [N, H] : all_sizes)
    for (const GateFunctions& f : all_functions) {
      CAPTURE(N, H);
      const Gates U(H, 3, H, 1);
      const Numbers x = random_values(N * 3 * H, 2, 2), h = random_values(N * H, 1, 3),
                    start = random_values(3 * H, 1, 4), packed = U.packed(H, 0, 3);
      Numbers gates = x, p(N * H), h_new(N * H), gates_e(N * 3 * H), p_e(N * H), h_e(N * H);
      kernels::gru_step_reset_after({N, H, start.data(), 0, h.data(), H, H, packed.data()}, f,
                                    gates.data(), h.data(), gates.data(), p.data(), h_new.data());
      reference::gru_step_reset_after(N, H, x.data(), start.data(), h.data(), U.matrix.data(), f,
                                      gates_e.data(), p_e.data(), h_e.data());
      near_to(gates, gates_e);
      near_to(p, p_e);
      near_to(h_new, h_e);

      const Numbers dh = random_values(N * H, 1, 5);
      Numbers dz(N * 3 * H), dz_e(N * 3 * H), dp(N * H), dp_e(N * H);
      Numbers before = random_values(N * H, 1, 7), before_e = before;
      kernels::gru_step_reset_after_backward(N, H, f, gates_e.data(), p_e.data(), h.data(),
                                             dh.data(), dz.data(), dp.data(), before.data());
      reference::gru_step_reset_after_backward(N, H, f, gates_e.data(), p_e.data(), h.data(),
                                               dh.data(), dz_e.data(), dp_e.data(),
                                               before_e.data());
      near_to(dz, dz_e);
      near_to(dp, dp_e);
      near_to(before, before_e);
    }
}

TEST_CASE("products with the gates' matrices and with their transposes") {
  for (const auto [N, H] : all_sizes)
    for (std::size_t G = 1; G <= 4; ++G) {
      CAPTURE(N, H, G);
      const Gates U(H, G, H, 1);
      const Numbers z = random_values(N * G * H, 2, 2), a = random_values(N * H, 1, 3),
                    packed = U.packed(H, 0, G);
      Numbers got(N * G * H, not_a_number);
      kernels::gates_product({N, H, z.data(), G * H, a.data(), H, H, packed.data()}, G, got.data(),
                             G * H);
      const auto sums = reference::sums(N, G * H, H, z.data(), a.data(), U.matrix.data());
      near_to(got, Numbers(sums.begin(), sums.end()));

      Numbers transposed(kernels::packed_gates_size(H, G, H), not_a_number);
      kernels::pack_gates_transposed(U.pointers.data(), U.row(), G, H, transposed.data());
      Numbers out = a, expected(N * H);
      kernels::transposed_gates_product(N, H, G, z.data(), G * H, transposed.data(), out.data());
      for (std::size_t n = 0; n < N; ++n)
        for (std::size_t j = 0; j < H; ++j) {
          double sum = a[n * H + j];
          for (std::size_t k = 0; k < G * H; ++k)
            sum += static_cast<double>(z[n * G * H + k]) * U.matrix[j * G * H + k];
          expected[n * H + j] = static_cast<Scalar>(sum);
        }
      near_to(out, expected);
    }
}

TEST_CASE("whole steps from weights as they are stored") {
  for (const auto [N, H] : all_sizes)
    for (const std::size_t D : {std::size_t{1}, std::size_t{5}, std::size_t{64}}) {
      CAPTURE(N, H, D);
      const GateFunctions f = all_functions[D % 4];
      const Numbers x = random_values(N * D, 1, 1), h = random_values(N * H, 1, 2),
                    c = random_values(N * H, 1, 3);
      for (const std::size_t G : {std::size_t{1}, std::size_t{3}, std::size_t{4}}) {
        const Gates W(D, G, H, 4), U(H, G, H, 5);
        const Numbers b = random_values(G * H, 1, 6);
        Numbers rows(N * G * H);
        for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = b[i % (G * H)];
        const auto sums = reference::sums(N, G * H, D, rows.data(), x.data(), W.matrix.data());
        const Numbers z(sums.begin(), sums.end());
        kernels::GateCell cell{N, D, H, x.data(), h.data(), {}, {}, {}, W.row(), U.row()};
        for (std::size_t g = 0; g < G; ++g) {
          cell.W[g] = W.pointers[g];
          cell.U[g] = U.pointers[g];
          cell.b[g] = b.data() + g * H;
        }
        Numbers h_new(N * H), h_e(N * H), c_new(N * H), c_e(N * H), gates(N * G * H),
            gates_e(N * G * H), rh(N * H), rh_e(N * H);
        if (G == 1) {
          kernels::simple_rnn_cell(cell, f.outer, h_new.data());
          reference::simple_rnn_step(N, H, z.data(), h.data(), U.matrix.data(), f.outer,
                                     h_e.data());
        } else if (G == 3) {
          kernels::gru_cell(cell, f, gates.data(), rh.data(), h_new.data());
          reference::gru_step(N, H, z.data(), h.data(), U.matrix.data(), f, gates_e.data(),
                              rh_e.data(), h_e.data());
        } else {
          kernels::lstm_cell(cell, f, c.data(), c_new.data(), h_new.data());
          reference::lstm_step(N, H, z.data(), h.data(), U.matrix.data(), f, c.data(),
                               gates_e.data(), c_e.data(), h_e.data());
        }
        near_to(h_new, h_e);
        near_to(c_new, c_e);
      }
    }
}
