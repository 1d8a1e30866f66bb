// What a run prints, on a terminal and elsewhere.

#include "cornu/training/progress.hpp"

#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>
#include <thread>

using namespace cornu;

namespace {

Scores scores(double loss, double acc) {
  static const auto names =
      std::make_shared<const std::vector<std::string>>(std::vector<std::string>{"loss", "acc"});
  Scores result(names);
  result.set(0, loss);
  result.set(1, acc);
  return result;
}

/// One epoch of 4 samples in batches of 2.
void run(Progress& progress) {
  progress.begin_training(4, 2);
  progress.begin_epoch(0, 1, 4);
  progress.update(2, scores(1, 0));
  std::this_thread::sleep_for(std::chrono::milliseconds(60));
  progress.update(4, scores(0.75, 0.0005));
  progress.end_epoch(scores(0.75, 0.0005));
}

template <class Body>
std::string into_file(int verbose, const Body& body) {
  std::FILE* file = std::tmpfile();
  REQUIRE(file);
  Progress progress(verbose, file);
  body(progress);
  std::rewind(file);
  std::string text;
  for (int c; (c = std::fgetc(file)) != EOF;) text.push_back(static_cast<char>(c));
  std::fclose(file);
  return text;
}

/// What a terminal of that many columns receives.
template <class Body>
std::string into_terminal(int verbose, unsigned short columns, const Body& body) {
  int master = -1, slave = -1;
  winsize size{};
  size.ws_row = 24;
  size.ws_col = columns;
  REQUIRE(openpty(&master, &slave, nullptr, nullptr, &size) == 0);
  std::FILE* out = fdopen(slave, "w");
  REQUIRE(out);
  {
    Progress progress(verbose, out);
    body(progress);
  }
  std::fflush(out);
  std::string text;
  char piece[4096];
  pollfd waiting{master, POLLIN, 0};
  while (poll(&waiting, 1, 50) > 0) {
    const ssize_t length = read(master, piece, sizeof piece);
    if (length <= 0) break;
    text.append(piece, static_cast<std::size_t>(length));
  }
  std::fclose(out);
  close(master);
  return text;
}

}  // namespace

TEST_CASE("on a terminal a bar is drawn over itself") {
  setenv("TERM", "xterm", 1);
  CHECK(into_terminal(1, 100, run) ==
        "Train on 4 samples, validate on 2 samples\r\n"
        "Epoch 1/1\r\n"
        "\r2/4 [==============>...............] - ETA: 0s - loss: 1.0000 - acc: 0.0000e+00"
        "\r4/4 [==============================] - ETA: 0s - loss: 0.7500 - acc: 5.0000e-04"
        "\r4/4 [==============================] - 0s - loss: 0.7500 - acc: 5.0000e-04     \r\n");
}

TEST_CASE("a bar is not redrawn more often than an eye can see") {
  setenv("TERM", "xterm", 1);
  const std::string text = into_terminal(1, 100, [](Progress& progress) {
    progress.begin_epoch(0, 1, 100000);
    for (std::size_t done = 1; done <= 100000; ++done) progress.update(done, scores(1, 1));
    progress.end_epoch(scores(1, 1));
  });
  CHECK(text.size() < 4000);
  CHECK(text.find("100000/100000 [===") != std::string::npos);
}

TEST_CASE("a bar fits the terminal's width until it is finished") {
  setenv("TERM", "xterm", 1);
  const std::string text = into_terminal(1, 50, run);
  std::size_t begin = text.find('\r', text.find("Epoch 1/1") + 11);
  const std::string first = text.substr(begin + 1, text.find('\r', begin + 1) - begin - 1);
  CHECK(first == "2/4 [========>.........] - ETA: 0s - loss: 1.0000");
  CHECK(text.find("- acc: 5.0000e-04\r\n") != std::string::npos);
}

TEST_CASE("however narrow the terminal, the loss is not cut off") {
  setenv("TERM", "xterm", 1);
  for (const unsigned short columns : {80, 60, 44, 40, 30, 24, 16}) {
    const std::string text = into_terminal(1, columns, run);
    const std::size_t begin = text.find('\r', text.find("Epoch 1/1") + 11);
    const std::string first = text.substr(begin + 1, text.find('\r', begin + 1) - begin - 1);
    INFO(columns << ": " << first);
    CHECK(first.size() < columns);
    CHECK(first.find("loss: 1.0000") != std::string::npos);
    CHECK((first.find("acc: ") != std::string::npos) == (columns >= 60));
  }
}

TEST_CASE("an unknown total, predictions, and a run that is broken off") {
  setenv("TERM", "xterm", 1);
  CHECK(into_terminal(1, 100, [](Progress& progress) {
          progress.begin_epoch(0, 1, 0);
          progress.update(32, scores(1, 1));
          progress.abandon();
          progress.abandon();
        }) == "Epoch 1/1\r\n\r32 - 0s - loss: 1.0000 - acc: 1.0000\r\n");
  CHECK(into_terminal(1, 100,
                      [](Progress& progress) {
                        progress.begin_epoch(0, 0, 10);
                        progress.update(10, Scores());
                        progress.end_epoch(Scores());
                      }) ==
        "\r10/10 [==============================] - ETA: 0s"
        "\r10/10 [==============================] - 0s     \r\n");
}

TEST_CASE("elsewhere there is one line an epoch, and silence at level 0") {
  const std::string lines =
      "Train on 4 samples, validate on 2 samples\n"
      "Epoch 1/1\n"
      "0s - loss: 0.7500 - acc: 5.0000e-04\n";
  CHECK(into_file(1, run) == lines);
  CHECK(into_file(2, run) == lines);
  CHECK(into_file(0, run).empty());
  CHECK(into_file(2, [](Progress& progress) {
          progress.begin_epoch(0, 0, 10);
          progress.update(10, Scores());
          progress.end_epoch(Scores());
        }).empty());
  setenv("TERM", "xterm", 1);
  CHECK(into_terminal(0, 100, run).empty());
  CHECK(into_terminal(2, 100, run).find('[') == std::string::npos);
  setenv("TERM", "dumb", 1);
  CHECK(into_terminal(1, 100, run).find('[') == std::string::npos);
}
