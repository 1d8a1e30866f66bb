// A detector that listens: is there a tone in the noise, now? The network is trained on whole
// recordings and then hears one sample after the other through a Stream, as an audio callback would
// hand them over: no lock, no allocation, two microphones at once.
#include <cornu/cornu.hpp>

#include <cmath>
#include <cstdio>

using namespace cornu;

namespace {

/// Recordings of noise with a tone somewhere in them, and for each moment whether it sounds.
void record(std::size_t count, std::size_t length, std::uint64_t id, Tensor& sound, Tensor& tone) {
  RandomStream random(11, Purpose::user, id);
  sound = Tensor(Shape{count, length, 1});
  tone = Tensor(Shape{count, length, 1});
  for (std::size_t n = 0; n < count; ++n) {
    const std::size_t begin = random.below(length / 2), end = begin + length / 3;
    const double phase = 6.28 * random.uniform();
    for (std::size_t t = 0; t < length; ++t) {
      const bool sounds = t >= begin && t < end;
      sound(n, t, 0) = static_cast<Scalar>(
          0.4 * random.normal() + (sounds ? std::sin(phase + 0.9 * static_cast<double>(t)) : 0.0));
      tone(n, t, 0) = sounds ? 1 : 0;
    }
  }
}

}  // namespace

int main() {
  set_seed(4);
  Tensor sound, tone;
  record(300, 90, 0, sound, tone);
  Sequential model;
  model.add<GRU>({.output_dim = 16, .return_sequences = true, .input_shape = {Shape::any, 1}});
  model.add<TimeDistributedDense>({.output_dim = 1, .activation = "sigmoid"});
  model.compile({.optimizer = adam({.lr = 0.01}), .loss = "binary_crossentropy"});
  model.fit(sound, tone, {.batch_size = 20, .nb_epoch = 25, .verbose = 0});

  // Two microphones, one stream: a step takes one number of each.
  const Sequential& trained = model;
  Stream stream(trained, 2);
  record(2, 240, 1, sound, tone);
  std::size_t right = 0;
  Scalar heard[2], chance[2];
  for (std::size_t t = 0; t < 240; ++t) {
    for (std::size_t n = 0; n < 2; ++n) heard[n] = sound(n, t, 0);
    stream.step(heard, chance);
    for (std::size_t n = 0; n < 2; ++n) right += (chance[n] > 0.5) == (tone(n, t, 0) > 0.5);
    if (t % 20 == 19)
      std::printf("%3zu  %s  %s\n", t + 1, chance[0] > 0.5 ? "tone" : "  - ",
                  chance[1] > 0.5 ? "tone" : "  - ");
  }
  std::printf("right in %.0f of 100 moments\n", 100.0 * static_cast<double>(right) / 480);
}
