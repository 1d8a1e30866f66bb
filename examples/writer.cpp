// Characters that write text: an LSTM reads a nursery rhyme letter by letter, learns which letter
// comes next, and then writes by itself, each letter it chooses being the next it reads.
#include <cornu/cornu.hpp>

#include <cstdio>
#include <string>

using namespace cornu;

namespace {

const std::string rhyme =
    "solomon grundy, born on a monday, christened on tuesday, married on wednesday, took ill on "
    "thursday, grew worse on friday, died on saturday, buried on sunday. that was the end of "
    "solomon grundy. ";

/// The letters that occur, once each.
std::string alphabet_of(const std::string& text) {
  std::string letters;
  for (const char letter : text)
    if (letters.find(letter) == std::string::npos) letters += letter;
  return letters;
}

}  // namespace

int main() {
  set_seed(2);
  const std::string letters = alphabet_of(rhyme);
  const auto number = [&](char letter) { return static_cast<Scalar>(letters.find(letter)); };

  // The rhyme over and over, cut into runs of 40 letters that begin anywhere.
  constexpr std::size_t length = 40;
  Tensor read(Shape{rhyme.size(), length}), next(Shape{rhyme.size(), length, letters.size()});
  for (std::size_t n = 0; n < rhyme.size(); ++n)
    for (std::size_t t = 0; t < length; ++t) {
      read(n, t) = number(rhyme[(n + t) % rhyme.size()]);
      next(n, t, letters.find(rhyme[(n + t + 1) % rhyme.size()])) = 1;
    }

  Sequential model;
  model.add<Embedding>({.input_dim = letters.size(), .output_dim = 12});
  model.add<LSTM>({.output_dim = 64, .return_sequences = true});
  model.add<TimeDistributedDense>({.output_dim = letters.size(), .activation = "softmax"});
  model.compile({.optimizer = adam({.lr = 0.01}), .loss = "categorical_crossentropy"});
  model.fit(read, next, {.batch_size = 16, .nb_epoch = 25, .verbose = 2});

  // One letter in, the likeliest next letter out.
  Stream stream(model);
  Tensor letter(Shape{1}), chances(Shape{1, letters.size()});
  std::string text = "solomon";
  for (std::size_t t = 0; t < 160; ++t) {
    letter.data()[0] = number(text[t]);
    stream.step(letter, chances);
    if (t + 1 < text.size()) continue;  // still reading the beginning
    std::size_t best = 0;
    for (std::size_t k = 1; k < letters.size(); ++k)
      if (chances(0, k) > chances(0, best)) best = k;
    text += letters[best];
  }
  std::printf("%s\n", text.c_str());
}
