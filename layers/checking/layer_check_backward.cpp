#include "cornu/layers/checking/layer_check_parts.hpp"

namespace cornu::detail {
namespace {

bool near(Scalar a, Scalar b) {
  const Scalar digits = sizeof(Scalar) == 8 ? Scalar(1e-9) : Scalar(1e-3);
  return std::abs(a - b) <= digits * std::max({Scalar{1}, std::abs(a), std::abs(b)});
}

}  // namespace

void LayerCheck::check_backward() {
  Run before = start(samples_);
  probe_.forward(before, true);
  for (GuardedArray& workspace : before.workspaces) workspace.poison();

  Run run = before;
  probe_.backward(run);
  expect(intact(run), "backward writes outside of an array");
  expect(same_bits(run.dy.array(), before.dy.array()), "backward changes dy");
  for (std::size_t i = 0; i < run.x.size(); ++i) {
    expect(same_bits(run.x[i].array(), before.x[i].array()), "backward changes its input");
    expect(!run.want_dx || finite(run.dx[i].array()),
           "backward leaves an element of dx unwritten, adds to it instead of assigning it, or "
           "reads what was never written");
  }
  for (const GuardedArray& gradient : run.gradients)
    expect(finite(gradient.array()), "a parameter gradient is not finite");
  if (!passed()) return;

  check_accumulation(before, run);
  check_assignment(before, run);
  check_honesty_of_backward(before, run);
  check_unwanted(before, run);
}

void LayerCheck::check_accumulation(const Run& before, const Run& run) {
  constexpr Scalar there = 3;
  Run added = before;
  for (GuardedArray& gradient : added.gradients)
    for (Scalar& element : gradient.array()) element = there;
  probe_.backward(added);
  for (std::size_t p = 0; p < run.gradients.size(); ++p) {
    const ConstArray from_zero = run.gradients[p].array(), from_three = added.gradients[p].array();
    bool adds = true;
    for (std::size_t i = 0; i < from_zero.size(); ++i)
      adds = adds && near(from_three[i], from_zero[i] + there);
    expect(adds, "backward assigns the gradient of " + probe_.declarations.parameters[p].name +
                     " instead of adding to it");
  }
}

void LayerCheck::check_assignment(const Run& before, const Run& run) {
  if (!traits_.assigns) return;
  Run assigned = before;
  assigned.assign = true;
  for (GuardedArray& gradient : assigned.gradients) gradient.poison();
  probe_.backward(assigned);
  for (std::size_t p = 0; p < run.gradients.size(); ++p) {
    const ConstArray added = run.gradients[p].array(), got = assigned.gradients[p].array();
    expect(std::equal(got.begin(), got.end(), added.begin()),
           "backward does not assign the gradient of " + probe_.declarations.parameters[p].name +
               " where traits say it can");
  }
}

void LayerCheck::check_honesty_of_backward(const Run& before, const Run& run) {
  // What traits say is not read is poisoned first, so that reading it shows and does not crash.
  Run blind = before;
  if (!traits_.reads_input)
    for (GuardedArray& x : blind.x) x.poison();
  if (!traits_.reads_output) blind.y.poison();
  probe_.backward(blind);
  const bool honest = same_gradients(blind, run);
  expect(honest, "backward reads x or y, but traits do not say so");
  if (!honest) return;

  blind = before;
  blind.keep_x = traits_.reads_input;
  blind.keep_y = traits_.reads_output;
  probe_.backward(blind);
  expect(same_gradients(blind, run), "backward gives other gradients where x or y is not kept");
}

void LayerCheck::check_unwanted(const Run& before, const Run& run) {
  Run frozen = before;
  frozen.want_gradients = false;
  probe_.backward(frozen);
  expect(intact(frozen), "with all parameters frozen, backward writes outside of an array");
  for (std::size_t i = 0; i < run.dx.size(); ++i)
    expect(same_bits(frozen.dx[i].array(), run.dx[i].array()),
           "with all parameters frozen, dx is another");

  Run first = before;
  first.want_dx = false;
  probe_.backward(first);
  for (std::size_t p = 0; p < run.gradients.size(); ++p)
    expect(same_bits(first.gradients[p].array(), run.gradients[p].array()),
           "where dx is not wanted, parameter gradients are others");
}

bool LayerCheck::same_gradients(const Run& a, const Run& b) {
  const auto same = [](const GuardedArray& p, const GuardedArray& q) {
    return same_bits(p.array(), q.array());
  };
  return std::equal(a.dx.begin(), a.dx.end(), b.dx.begin(), same) &&
         std::equal(a.gradients.begin(), a.gradients.end(), b.gradients.begin(), same);
}

void LayerCheck::check_in_place() {
  if (!traits_.in_place) return;
  for (const bool training : {false, true}) {
    Run apart = start(samples_), together = start(samples_);
    together.in_place = true;
    probe_.forward(apart, training);
    probe_.forward(together, training);
    expect(same_bits(together.x[0].array(), apart.y.array()),
           "forward in place gives another output");
    if (!training) continue;
    apart.keep_x = together.keep_x = false;
    apart.keep_y = together.keep_y = traits_.reads_output;
    probe_.backward(apart);
    probe_.backward(together);
    expect(same_bits(together.dy.array(), apart.dx[0].array()),
           "backward in place gives another input gradient");
    expect(intact(together), "working in place writes outside of an array");
  }
}

}  // namespace cornu::detail
