// The optimizers' steps, compiled once for each instruction set (core/loops.hpp).

#include "cornu/kernels/optimizers/optimizers.hpp"

#include "cornu/core/loops.hpp"
#include "cornu/kernels/vectors/maps.inc"

namespace cornu::kernels {

namespace optimizers {

/// The family's loops for one instruction set.
struct Table {
  decltype(&kernels::momentum_step) momentum_step;
  decltype(&kernels::nesterov_step) nesterov_step;
  decltype(&kernels::adagrad_step) adagrad_step;
  decltype(&kernels::rmsprop_step) rmsprop_step;
  decltype(&kernels::adadelta_step) adadelta_step;
  decltype(&kernels::adam_step) adam_step;
  decltype(&kernels::adamax_step) adamax_step;
  decltype(&kernels::nadam_step) nadam_step;
};
extern const Table CORNU_INSTRUCTION_SETS;

}  // namespace optimizers

namespace loops {
namespace {

// What an optimizer accumulates for a unit that gets no gradients any more shrinks to denormals,
// which never reach 0 (0.9 times the smallest rounds to itself) and which processors are slow at.
void momentum_step(Scalar* p, const Scalar* g, Scalar* m, Scalar momentum, Scalar lr, size_t n) {
  each(n, is_far(n), ahead(g, m, p), [=](size_t i) {
    m[i] = without_denormals(momentum * m[i] - lr * g[i]);
    p[i] += m[i];
  });
}
void nesterov_step(Scalar* p, const Scalar* g, Scalar* m, Scalar momentum, Scalar lr, size_t n) {
  each(n, is_far(n), ahead(g, m, p), [=](size_t i) {
    const Scalar step = lr * g[i];
    m[i] = without_denormals(momentum * m[i] - step);
    p[i] += momentum * m[i] - step;
  });
}
void adagrad_step(Scalar* p, const Scalar* g, Scalar* a, Scalar lr, Scalar epsilon, size_t n) {
  each(n, is_far(n), ahead(g, a, p), [=](size_t i) {
    a[i] += g[i] * g[i];
    p[i] -= lr * g[i] / (square_root(a[i]) + epsilon);
  });
}
void rmsprop_step(Scalar* p, const Scalar* g, Scalar* a, double rho, Scalar lr, Scalar epsilon,
                  size_t n) {
  const Scalar keep = static_cast<Scalar>(rho), take = static_cast<Scalar>(1 - rho);
  each(n, is_far(n), ahead(g, a, p), [=](size_t i) {
    a[i] = without_denormals(keep * a[i] + take * g[i] * g[i]);
    p[i] -= lr * g[i] / (square_root(a[i]) + epsilon);
  });
}
void adadelta_step(Scalar* p, const Scalar* g, Scalar* a, Scalar* d, double rho, Scalar lr,
                   Scalar epsilon, size_t n) {
  const Scalar keep = static_cast<Scalar>(rho), take = static_cast<Scalar>(1 - rho);
  each(n, is_far(n), ahead(g, a, d, p), [=](size_t i) {
    a[i] = without_denormals(keep * a[i] + take * g[i] * g[i]);
    const Scalar u = g[i] * square_root(d[i] + epsilon) / square_root(a[i] + epsilon);
    p[i] -= lr * u;
    d[i] = without_denormals(keep * d[i] + take * u * u);
  });
}
void adam_step(Scalar* p, const Scalar* g, Scalar* m, Scalar* v, double beta_1, double beta_2,
               Scalar kept, Scalar lr, Scalar epsilon, size_t n) {
  const Scalar keep_1 = static_cast<Scalar>(beta_1), take_1 = static_cast<Scalar>(1 - beta_1);
  const Scalar keep_2 = static_cast<Scalar>(beta_2), take_2 = static_cast<Scalar>(1 - beta_2);
  each(n, is_far(n), ahead(g, m, v, p), [=](size_t i) {
    m[i] = without_denormals(keep_1 * m[i] + take_1 * g[i]);
    v[i] = without_denormals(keep_2 * v[i] + take_2 * g[i] * g[i]);
    p[i] = kept * p[i] - lr * m[i] / (square_root(v[i]) + epsilon);
  });
}
void adamax_step(Scalar* p, const Scalar* g, Scalar* m, Scalar* u, double beta_1, double beta_2,
                 Scalar lr, Scalar epsilon, size_t n) {
  const Scalar keep_1 = static_cast<Scalar>(beta_1), take_1 = static_cast<Scalar>(1 - beta_1);
  const Scalar keep_2 = static_cast<Scalar>(beta_2);
  each(n, is_far(n), ahead(g, m, u, p), [=](size_t i) {
    m[i] = without_denormals(keep_1 * m[i] + take_1 * g[i]);
    const Scalar before = without_denormals(keep_2 * u[i]), now = absolute(g[i]);
    u[i] = select(before < now, now, before);
    p[i] -= lr * m[i] / (u[i] + epsilon);
  });
}
void nadam_step(Scalar* p, const Scalar* g, Scalar* m, Scalar* v, const NadamFactors& factors,
                Scalar lr, Scalar epsilon, size_t n) {
  const Scalar keep_1 = static_cast<Scalar>(factors.beta_1),
               take_1 = static_cast<Scalar>(1 - factors.beta_1);
  const Scalar keep_2 = static_cast<Scalar>(factors.beta_2),
               take_2 = static_cast<Scalar>(1 - factors.beta_2);
  const Scalar of_g = factors.of_g, of_m = factors.of_m, of_v = factors.of_v;
  each(n, is_far(n), ahead(g, m, v, p), [=](size_t i) {
    m[i] = without_denormals(keep_1 * m[i] + take_1 * g[i]);
    v[i] = without_denormals(keep_2 * v[i] + take_2 * g[i] * g[i]);
    p[i] -= lr * (of_g * g[i] + of_m * m[i]) / (square_root(of_v * v[i]) + epsilon);
  });
}

}  // namespace
}  // namespace loops

const optimizers::Table optimizers::CORNU_LOOPS = {
    .momentum_step = loops::momentum_step,
    .nesterov_step = loops::nesterov_step,
    .adagrad_step = loops::adagrad_step,
    .rmsprop_step = loops::rmsprop_step,
    .adadelta_step = loops::adadelta_step,
    .adam_step = loops::adam_step,
    .adamax_step = loops::adamax_step,
    .nadam_step = loops::nadam_step,
};

}  // namespace cornu::kernels

#if defined(CORNU_DOORS)

#include "cornu/kernels/sharing.hpp"

namespace cornu::kernels {
namespace optimizers {
namespace {

const Table& table() {
  static const Table& chosen = cornu::detail::of_instruction_set(CORNU_INSTRUCTION_SETS);
  return chosen;
}

}  // namespace
}  // namespace optimizers

namespace {

using detail::share_numbers;

}  // namespace

void momentum_step(Scalar* p, const Scalar* g, Scalar* m, Scalar momentum, Scalar lr,
                   std::size_t n) {
  share_numbers(n, [=](std::size_t i, std::size_t count) {
    optimizers::table().momentum_step(p + i, g + i, m + i, momentum, lr, count);
  });
}
void nesterov_step(Scalar* p, const Scalar* g, Scalar* m, Scalar momentum, Scalar lr,
                   std::size_t n) {
  share_numbers(n, [=](std::size_t i, std::size_t count) {
    optimizers::table().nesterov_step(p + i, g + i, m + i, momentum, lr, count);
  });
}
void adagrad_step(Scalar* p, const Scalar* g, Scalar* a, Scalar lr, Scalar epsilon, std::size_t n) {
  share_numbers(n, [=](std::size_t i, std::size_t count) {
    optimizers::table().adagrad_step(p + i, g + i, a + i, lr, epsilon, count);
  });
}
void rmsprop_step(Scalar* p, const Scalar* g, Scalar* a, double rho, Scalar lr, Scalar epsilon,
                  std::size_t n) {
  share_numbers(n, [=](std::size_t i, std::size_t count) {
    optimizers::table().rmsprop_step(p + i, g + i, a + i, rho, lr, epsilon, count);
  });
}
void adadelta_step(Scalar* p, const Scalar* g, Scalar* a, Scalar* d, double rho, Scalar lr,
                   Scalar epsilon, std::size_t n) {
  share_numbers(n, [=](std::size_t i, std::size_t count) {
    optimizers::table().adadelta_step(p + i, g + i, a + i, d + i, rho, lr, epsilon, count);
  });
}
void adam_step(Scalar* p, const Scalar* g, Scalar* m, Scalar* v, double beta_1, double beta_2,
               Scalar kept, Scalar lr, Scalar epsilon, std::size_t n) {
  share_numbers(n, [=](std::size_t i, std::size_t count) {
    optimizers::table().adam_step(p + i, g + i, m + i, v + i, beta_1, beta_2, kept, lr, epsilon,
                                  count);
  });
}
void adamax_step(Scalar* p, const Scalar* g, Scalar* m, Scalar* u, double beta_1, double beta_2,
                 Scalar lr, Scalar epsilon, std::size_t n) {
  share_numbers(n, [=](std::size_t i, std::size_t count) {
    optimizers::table().adamax_step(p + i, g + i, m + i, u + i, beta_1, beta_2, lr, epsilon, count);
  });
}
void nadam_step(Scalar* p, const Scalar* g, Scalar* m, Scalar* v, const NadamFactors& factors,
                Scalar lr, Scalar epsilon, std::size_t n) {
  share_numbers(n, [=](std::size_t i, std::size_t count) {
    optimizers::table().nadam_step(p + i, g + i, m + i, v + i, factors, lr, epsilon, count);
  });
}

}  // namespace cornu::kernels

#endif  // CORNU_DOORS
