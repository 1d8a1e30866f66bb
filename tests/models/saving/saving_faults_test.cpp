// Saving to places that fail by themselves: a disk that is full, one that is read-only, a directory
// that may not be written. A child process makes them for itself, in a mount namespace of its own.

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>

#include "cornu/core/error.hpp"
#include "cornu/core/text/file.hpp"
#include "cornu/layers/dense.hpp"
#include "cornu/models/sequential.hpp"
#include "temporary_directory.hpp"

using namespace cornu;
namespace fs = std::filesystem;

namespace {

void put(const std::string& path, std::size_t size, char c) {
  write_file_atomically(path, [&](Sink& sink) { sink.write(std::string(size, c)); });
}

/// In a child Catch2 is not at hand: what is wrong is said and ends the child.
void expect(bool right, const char* what) {
  if (right) return;
  std::fprintf(stderr, "expected %s\n", what);
  std::fflush(stderr);
  ::_exit(1);
}

/// Expects that the action is refused with an IoError that holds both words.
void expect_refused(const std::function<void()>& action, const char* reason,
                    const std::string& path) {
  try {
    action();
  } catch (const IoError& error) {
    const std::string text = error.what();
    if (text.find(reason) != std::string::npos && text.find(path) != std::string::npos) return;
    std::fprintf(stderr, "%s\n", error.what());
  }
  expect(false, reason);
}

constexpr int impossible = 77;

/// The work's exit status in a child: 0 when all went well, `impossible` when the system does not
/// allow what the work needs.
int in_child(const std::function<void()>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    try {
      work();
      ::_exit(0);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s\n", error.what());
    }
    ::_exit(1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// Mounts of this process that nobody else sees: as root, or as root of a user namespace.
void enter_namespace() {
  const uid_t user = ::getuid();
  const gid_t group = ::getgid();
  if (::unshare(CLONE_NEWNS) != 0) {
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) ::_exit(impossible);
    const auto tell = [](const char* file, const std::string& text) {
      return bool((std::ofstream(file) << text).flush());
    };
    tell("/proc/self/setgroups", "deny");
    if (!tell("/proc/self/uid_map", "0 " + std::to_string(user) + " 1") ||
        !tell("/proc/self/gid_map", "0 " + std::to_string(group) + " 1"))
      ::_exit(impossible);
  }
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) ::_exit(impossible);
}

void mount_tmpfs(const fs::path& at, unsigned long flags, const char* options) {
  if (::mount("tmpfs", at.c_str(), "tmpfs", flags, options) != 0) ::_exit(impossible);
}

/// Whether the part that the system must allow went well, and a loud word where it does not.
void check_status(int status, const char* part) {
  if (status == impossible)
    WARN("NOT TESTED: " << part << " (this needs root, or user namespaces, and mount)");
  else
    CHECK(status == 0);
}

}  // namespace

TEST_CASE("a full disk leaves the old file, nothing beside it, and is named") {
  const TemporaryDirectory place;
  check_status(in_child([&] {
                 enter_namespace();
                 mount_tmpfs(place.path, 0, "size=1m,nr_inodes=16");
                 const std::string path = place / "model.json", filler = place / "filler";
                 const std::string old(300'000, 'o');
                 put(path, old.size(), 'o');
                 for (const std::size_t size : {800'000u, 1'000'000u, 5'000'000u}) {
                   expect_refused([&] { put(path, size, 'n'); }, "No space left on device", path);
                   expect(bytes_of(path) == old, "the old file");
                   expect(files_in(place.path) == 1, "no temporary");
                 }
                 put(path, 600'000, 'n');
                 expect(bytes_of(path) == std::string(600'000, 'n'), "the new file where it fits");

                 // Not one page is left: even a short file is refused, a new one leaves none.
                 std::ofstream(filler) << std::string(2'000'000, 'f');
                 expect_refused([&] { put(path, 10, 's'); }, "No space left on device", path);
                 expect_refused([&] { put(place / "new.json", 10, 's'); }, "No space left", "new");
                 expect(bytes_of(path) == std::string(600'000, 'n'), "the file as it was");
                 expect(files_in(place.path) == 2, "no temporary and no new file");
                 fs::remove(filler);

                 // No inode is left.
                 int made = 0;
                 while (made < 20 && std::ofstream(filler + std::to_string(made))) ++made;
                 expect(made < 16, "the inodes to be used up");
                 expect_refused([&] { put(path, 10, 's'); }, "No space left on device", path);
                 for (int i = 0; i < made; ++i) fs::remove(filler + std::to_string(i));
                 put(path, 10, 's');
                 expect(bytes_of(path) == "ssssssssss", "the new file once there is room");
               }),
               "a full disk");
}

TEST_CASE("a model does not fit on the disk: the one before still loads to the same bits") {
  const TemporaryDirectory place;
  check_status(in_child([&] {
                 enter_namespace();
                 mount_tmpfs(place.path, 0, "size=256k");
                 const std::string path = place / "model.json";
                 Sequential small, large;
                 small.add<Dense>({.output_dim = 3, .input_shape = {4}});
                 large.add<Dense>({.output_dim = 200, .input_shape = {400}});
                 small.save(path);
                 const std::string before = bytes_of(path);
                 expect_refused([&] { large.save(path); }, "No space left on device", path);
                 expect_refused([&] { large.save_weights(path); }, "No space left on device", path);
                 expect(bytes_of(path) == before, "the old file");
                 expect(files_in(place.path) == 1, "no temporary");
                 expect(load_model(path)->get_weights()[0](0, 0) == small.get_weights()[0](0, 0),
                        "the old weights");
               }),
               "a model on a full disk");
}

TEST_CASE("a read-only disk is named, with what to do, and stays as it was") {
  const TemporaryDirectory place;
  check_status(in_child([&] {
                 enter_namespace();
                 mount_tmpfs(place.path, 0, "size=1m");
                 const std::string path = place / "model.json";
                 put(path, 1000, 'o');
                 mount_tmpfs(place.path, MS_REMOUNT | MS_RDONLY, "size=1m");
                 expect_refused([&] { put(path, 10, 'n'); }, "Read-only file system", path);
                 expect_refused([&] { put(path, 10, 'n'); }, "choose a place that you may", path);
                 expect_refused([&] { put(place / "new.json", 10, 'n'); }, "Read-only", "new.json");
                 expect(bytes_of(path) == std::string(1000, 'o'), "the old file");
                 expect(files_in(place.path) == 1, "no temporary");
               }),
               "a read-only disk");
}

TEST_CASE("a directory that may not be written is named and stays as it was") {
  const TemporaryDirectory place;
  const std::string path = place / "model.json";
  put(path, 1000, 'o');
  fs::permissions(path, fs::perms(0666));
  fs::permissions(place.path, fs::perms(0555));
  check_status(in_child([&] {
                 constexpr uid_t nobody = 65534;  // root may write everywhere
                 if (::geteuid() == 0 && ::setuid(nobody) != 0) ::_exit(impossible);
                 expect_refused([&] { put(path, 10, 'n'); }, "Permission denied", path);
                 expect_refused([&] { put(place / "new.json", 10, 'n'); }, "Permission denied",
                                "new.json");
               }),
               "a directory that may not be written");
  CHECK(bytes_of(path) == std::string(1000, 'o'));
  CHECK(files_in(place.path) == 1);
  fs::permissions(place.path, fs::perms(0755));
}
