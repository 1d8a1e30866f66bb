#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include "cornu/core/error.hpp"
#include "cornu/core/text/file.hpp"
#include "cornu/core/text/file_operations.hpp"
#include "cornu/core/text/file_source.hpp"
#include "temporary_directory.hpp"

using namespace cornu;
namespace fs = std::filesystem;

namespace {

void put(const std::string& path, const std::string& text) {
  write_file_atomically(path, [&](Sink& sink) { sink.write(text); });
}

/// Fails at its n-th call, whichever it is, with an error of the test's choice.
class Failing final : public detail::FileOperations {
 public:
  Failing(int at, int error) : left_(at), error_(error) {
    former_ = detail::set_file_operations(this);
  }
  ~Failing() override { detail::set_file_operations(former_); }
  bool failed() const { return left_ < 0; }

  int open(const char* path, int flags, mode_t mode) override {
    return fails() ? -1 : FileOperations::open(path, flags, mode);
  }
  ssize_t write(int file, const char* bytes, std::size_t count) override {
    return fails() ? -1 : FileOperations::write(file, bytes, std::min<std::size_t>(count, 100'000));
  }
  int fsync(int file) override { return fails() ? -1 : FileOperations::fsync(file); }
  int close(int file) override {
    const int result = FileOperations::close(file);
    return fails() ? -1 : result;
  }
  int rename(const char* from, const char* to) override {
    return fails() ? -1 : FileOperations::rename(from, to);
  }

 private:
  bool fails() {
    if (left_-- != 0) return false;
    errno = error_;
    return true;
  }
  int left_, error_;
  detail::FileOperations* former_;
};

const std::string old_text(300'000, 'o'), new_text(700'000, 'n');

}  // namespace

TEST_CASE("a file is written whole and nothing is left beside it") {
  const TemporaryDirectory place;
  const std::string path = place / "model.json";
  put(path, old_text);
  CHECK(bytes_of(path) == old_text);
  write_file_atomically(path, [](Sink& sink) {
    for (int i = 0; i < 100'000; ++i) sink.write("0123456789");
  });
  CHECK(bytes_of(path).size() == 1'000'000);
  CHECK(bytes_of(path).substr(999'990) == "0123456789");
  put(path, "");
  CHECK(bytes_of(path).empty());
  CHECK(files_in(place.path) == 1);
}

TEST_CASE("when any system call fails there is one good file") {
  const TemporaryDirectory place;
  const std::string path = place / "model.json";
  for (const int error : {ENOSPC, EIO, EACCES}) {
    int failures = 0;
    for (int n = 0;; ++n) {
      put(path, old_text);
      bool threw = false, failed = false;
      {
        Failing failing(n, error);
        try {
          put(path, new_text);
        } catch (const IoError& e) {
          threw = true;
          CHECK(std::string(e.what()).find(path) != std::string::npos);
        }
        failed = failing.failed();
      }
      if (!failed) break;
      ++failures;
      const std::string now = bytes_of(path);
      CHECK((now == new_text || (threw && now == old_text)));
      CHECK(files_in(place.path) == 1);
    }
    CHECK(failures ==
          14);  // open, 7 writes, fsync, close, rename; open, fsync, close of the directory
  }
}

TEST_CASE("an interrupted call is made again") {
  const TemporaryDirectory place;
  const std::string path = place / "model.json";
  for (int n = 0; n < 14; ++n) {
    Failing failing(n, EINTR);
    if (n == 10) continue;  // rename does not say EINTR
    CHECK_NOTHROW(put(path, new_text));
    CHECK(bytes_of(path) == new_text);
  }
}

TEST_CASE("an exception while the text is made leaves the old file") {
  const TemporaryDirectory place;
  const std::string path = place / "model.json";
  put(path, old_text);
  CHECK_THROWS_AS(write_file_atomically(path,
                                        [](Sink& sink) {
                                          sink.write(new_text);
                                          throw NumericError("w", "NaN");
                                        }),
                  NumericError);
  CHECK(bytes_of(path) == old_text);
  CHECK(files_in(place.path) == 1);
}

TEST_CASE("permissions and symbolic links are kept") {
  const TemporaryDirectory place;
  const std::string path = place / "model.json", link = place / "link";
  put(path, "a");
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
  fs::create_symlink("model.json", link);
  put(link, "b");
  CHECK(fs::is_symlink(link));
  CHECK(bytes_of(path) == "b");
  CHECK(fs::status(path).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
  fs::create_symlink("loop", place / "loop");
  CHECK_THROWS_AS(put(place / "loop", "x"), IoError);
}

TEST_CASE("impossible places are refused in words") {
  const TemporaryDirectory place;
  CHECK_THROWS_WITH(
      put(place / "none/model.json", "x"),
      Catch::Contains("No such file or directory") && Catch::Contains("none/model.json"));
  CHECK_THROWS_AS(put(place.path.string(), "x"), IoError);
  CHECK_THROWS_AS(put("", "x"), IoError);
  CHECK_THROWS_WITH(put("/dev/full", "x"), Catch::Contains("No space left on device"));
  CHECK_THROWS_AS(put("/proc/model.json", "x"), IoError);
  CHECK_THROWS_AS(detail::FileSource(place / "none"), IoError);
  CHECK_THROWS_AS(detail::FileSource(place.path.string()), IoError);
  CHECK_THROWS_AS(detail::FileSource("/dev/zero"), IoError);
  REQUIRE(::mkfifo((place / "pipe").c_str(), 0600) == 0);
  CHECK_THROWS_AS(detail::FileSource(place / "pipe"), IoError);
}

TEST_CASE("a pipe without a reader is refused, and one whose reader goes away is an error") {
  const TemporaryDirectory place;
  const std::string pipe = place / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const auto write_much = [&] {
    write_file_atomically(pipe, [](Sink& sink) {
      for (int i = 0; i < 100; ++i) sink.write(std::string(100'000, 'x'));
    });
  };
  CHECK_THROWS_WITH(write_much(), Catch::Contains("nobody reads"));
  int told[2];
  REQUIRE(::pipe(told) == 0);
  const pid_t reader = ::fork();
  if (reader == 0) {
    const int file = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK);
    char byte = 'r';
    bool good = ::write(told[1], &byte, 1) == 1;  // it is open now
    while (::read(file, &byte, 1) != 1) ::usleep(100);
    ::_exit(good ? 0 : 1);
  }
  char byte;
  REQUIRE(::read(told[0], &byte, 1) == 1);
  CHECK_THROWS_AS(write_much(), IoError);  // and not the end of this process
  int status = 0;
  ::waitpid(reader, &status, 0);
  CHECK(status == 0);
  ::close(told[0]);
  ::close(told[1]);
}

TEST_CASE("only what was named by saving is removed as left over") {
  const TemporaryDirectory place;
  for (const char* name : {".cornu-notes.tmp", ".cornu-1-x.tmp", ".cornu--1.tmp", ".cornu-12.tmp"})
    std::ofstream(place / name) << "mine";
  std::ofstream(place / ".cornu-99999-1.tmp") << "left over";
  write_file_atomically(place / "file", [](Sink& sink) { sink.write("new"); });
  CHECK(bytes_of(place / ".cornu-notes.tmp") == "mine");
  CHECK(files_in(place.path) == 5);
}

TEST_CASE("a path that is not safe to print is told in letters that are") {
  try {
    detail::FileSource source("no\nsuch\x1b[31mfile");
    FAIL("it was read");
  } catch (const IoError& error) {
    CHECK(std::string(error.what()).find('\x1b') == std::string::npos);
    CHECK(std::string(error.what()).find('\n') == std::string::npos);
  }
}

TEST_CASE("a limit on the size of files leaves the old file") {
  const TemporaryDirectory place;
  const std::string path = place / "model.json";
  put(path, old_text);
  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &limit) == 0);
  const rlimit former = limit;
  limit.rlim_cur = 400'000;
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
  CHECK_THROWS_WITH(put(path, new_text), Catch::Contains("File too large"));
  ::setrlimit(RLIMIT_FSIZE, &former);
  std::signal(SIGXFSZ, handler);
  CHECK(bytes_of(path) == old_text);
  CHECK(files_in(place.path) == 1);
}

TEST_CASE("a process killed at any moment leaves one whole file and temporaries do not pile up") {
  const TemporaryDirectory place;
  const std::string path = place / "model.json";
  put(path, std::string(300'000, 'a'));
  for (int kill = 0; kill < 200; ++kill) {
    const pid_t child = ::fork();
    if (child == 0) {
      for (char c = 'a';; c = c == 'z' ? 'a' : static_cast<char>(c + 1)) {
        try {
          put(path, std::string(300'000, c));
        } catch (...) {
          ::_exit(1);
        }
      }
    }
    REQUIRE(child > 0);
    ::usleep(static_cast<useconds_t>(300 + kill * 37 % 5000));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    const std::string now = bytes_of(path);
    CHECK(now.size() == 300'000);
    CHECK(now.find_first_not_of(now[0]) == std::string::npos);
    CHECK(files_in(place.path) <= 2);
  }
  put(path, "last");
  CHECK(files_in(place.path) == 1);
}

TEST_CASE("readers beside two writers never see a torn file") {
  const TemporaryDirectory place;
  const std::string path = place / "model.json";
  put(path, std::string(200'000, 'a'));
  std::atomic<bool> stop{false};
  const auto write = [&](char c) {
    while (!stop) put(path, std::string(200'000, c));
  };
  std::thread first(write, 'b'), second(write, 'c');
  int torn = 0;
  for (int i = 0; i < 300; ++i) {
    const std::string now = bytes_of(path);
    torn += now.size() != 200'000 || now.find_first_not_of(now[0]) != std::string::npos;
  }
  stop = true;
  first.join();
  second.join();
  CHECK(torn == 0);
  CHECK(files_in(place.path) == 1);
}
