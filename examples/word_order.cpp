// Sentences of different lengths, filled up with the word 0, which is masked: does "north" come
// before "south"? An LSTM reads the words one after the other and answers at the end.
#include <cornu/cornu.hpp>

#include <cstdio>
#include <string>
#include <vector>

using namespace cornu;

namespace {

const std::vector<std::string> words{"",    "the",  "wind", "blows", "from", "north",
                                     "and", "then", "soft", "south", "sea",  "again"};
constexpr Scalar north = 5, south = 9;

/// Sentences of 3 to 12 words that hold both, at random places.
std::vector<std::vector<Scalar>> sentences(std::size_t count, std::uint64_t id, Tensor& answers) {
  RandomStream random(7, Purpose::user, id);
  std::vector<std::vector<Scalar>> all(count);
  answers = Tensor(Shape{count, 1});
  for (std::size_t n = 0; n < count; ++n) {
    std::vector<Scalar>& sentence = all[n];
    sentence.resize(3 + random.below(10));
    for (Scalar& word : sentence) do {
        word = static_cast<Scalar>(1 + random.below(words.size() - 1));
      } while (word == north || word == south);
    const std::size_t first = random.below(sentence.size());
    std::size_t second = first;
    while (second == first) second = random.below(sentence.size());
    sentence[first] = north;
    sentence[second] = south;
    answers(n, 0) = first < second ? 1 : 0;
  }
  return all;
}

}  // namespace

int main() {
  set_seed(3);
  Tensor answers, test_answers;
  const Tensor read = pad_sequences(sentences(2000, 0, answers), {.padding = "post"});
  const Tensor test = pad_sequences(sentences(500, 1, test_answers), {.padding = "post"});

  Sequential model;
  model.add<Embedding>({.input_dim = words.size(), .output_dim = 8, .mask_zero = true});
  model.add<LSTM>({.output_dim = 16});
  model.add<Dense>({.output_dim = 1, .activation = "sigmoid"});
  model.compile(
      {.optimizer = adam({.lr = 0.01}), .loss = "binary_crossentropy", .metrics = {"accuracy"}});
  model.fit(read, answers, {.batch_size = 32, .nb_epoch = 8, .verbose = 2});
  std::printf("test accuracy %.3f\n", model.evaluate(test, test_answers)["acc"]);

  // The model takes sentences of any length, also longer ones than it was trained on.
  const Tensor one = pad_sequences({{1, 2, 3, 4, 9, 6, 7, 8, 6, 7, 11, 4, 1, 10, 6, 4, 5}});
  for (const Scalar word : one) std::printf("%s ", words[static_cast<std::size_t>(word)].c_str());
  std::printf("- north before south: %s\n", model.predict(one)(0, 0) > 0.5 ? "yes" : "no");
}
