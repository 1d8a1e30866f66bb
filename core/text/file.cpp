#include "cornu/core/text/file.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "cornu/core/error.hpp"
#include "cornu/core/registry.hpp"
#include "cornu/core/text/file_operations.hpp"

namespace cornu {
namespace detail {

int FileOperations::open(const char* path, int flags, mode_t mode) {
  return ::open(path, flags, mode);
}
ssize_t FileOperations::write(int file, const char* bytes, std::size_t count) {
  return ::write(file, bytes, count);
}
int FileOperations::fsync(int file) { return ::fsync(file); }
int FileOperations::close(int file) { return ::close(file); }
int FileOperations::rename(const char* from, const char* to) { return std::rename(from, to); }

namespace {
// Never destroyed: objects that are destroyed after main save too.
FileOperations* system_operations() noexcept {
  static auto* const system = new FileOperations;
  return system;
}
thread_local FileOperations* operations = system_operations();
}  // namespace

FileOperations* set_file_operations(FileOperations* wanted) noexcept {
  FileOperations* const former = operations;
  operations = wanted == nullptr ? system_operations() : wanted;
  return former;
}

}  // namespace detail

namespace {

namespace fs = std::filesystem;
using detail::operations;

constexpr std::string_view temporary_prefix = ".cornu-", temporary_suffix = ".tmp";

[[noreturn]] void fail(const std::string& path, const char* action) {
  const int error = errno;
  const char* help = "";
  if (error == ENOSPC || error == EDQUOT) help = "free some space; the old file is untouched";
  if (error == EACCES || error == EPERM || error == EROFS)
    help = "choose a place that you may write";
  if (error == ENOENT) help = "make the directory first";
  if (error == ENXIO) help = "nobody reads from this pipe: start its reader first";
  throw IoError(detail::printable(path, 400),
                std::string("cannot ") + action + ": " + std::system_category().message(error),
                help);
}

/// Calls until the answer is not "interrupted by a signal".
template <class Call>
auto uninterrupted(Call call) {
  for (;;) {
    const auto result = call();
    if (result != -1 || errno != EINTR) return result;
  }
}

/// An open file, closed at the end of its life, and the buffer before it.
class OpenFile final : public Sink {
 public:
  OpenFile(const std::string& path, int file) : path_(path), file_(file) {
    buffer_.reserve(buffer_size);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() override {
    if (file_ != -1) operations->close(file_);
  }

  int file() const noexcept { return file_; }

  void write(std::string_view text) override {
    if (buffer_.size() + text.size() > buffer_size) flush();
    if (text.size() > buffer_size)
      write_through(text);
    else
      buffer_.append(text);
  }

  void flush() {
    write_through(buffer_);
    buffer_.clear();
  }

  /// To the disk itself.
  void sync() {
    flush();
    if (uninterrupted([&] { return operations->fsync(file_); }) != 0) fail(path_, "write");
  }

  /// An error that the system kept for last is not lost. After EINTR a file on Linux is closed.
  void close() {
    const int file = std::exchange(file_, -1);
    if (operations->close(file) != 0 && errno != EINTR) fail(path_, "write");
  }

 private:
  static constexpr std::size_t buffer_size = 256 * 1024;

  void write_through(std::string_view text) {
    while (!text.empty()) {
      const ssize_t written =
          uninterrupted([&] { return operations->write(file_, text.data(), text.size()); });
      if (written == 0) errno = ENOSPC;
      if (written <= 0) fail(path_, "write");
      text.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  const std::string& path_;
  int file_;
  std::string buffer_;
};

/// A link that somebody else laid in a directory where everybody may write, as in /tmp, could lead
/// a write of ours to any file. So does the system judge (protected_symlinks), which does not see
/// that links are followed here.
void refuse_foreign_link(const fs::path& link, const std::string& path) {
  const fs::path directory = link.has_parent_path() ? link.parent_path() : ".";
  struct stat around {
  }, own{};
  if (::stat(directory.c_str(), &around) != 0 || ::lstat(link.c_str(), &own) != 0) return;
  const bool everybodys = (around.st_mode & S_ISVTX) != 0 && (around.st_mode & S_IWOTH) != 0;
  if (!everybodys || own.st_uid == ::geteuid() || own.st_uid == around.st_uid) return;
  throw IoError(detail::printable(path, 400),
                "expected a file, got a link of another user's in a directory that all may write",
                "give the path that it leads to, if that is what you mean");
}

/// Where a write to `path` ends up: the file behind symbolic links, which stay as they are.
fs::path behind_links(const std::string& path) {
  fs::path result = path;
  std::error_code error;
  for (int links = 0; fs::is_symlink(fs::symlink_status(result, error)); ++links) {
    if (links == 40) {
      errno = ELOOP;
      fail(path, "write");
    }
    refuse_foreign_link(result, path);
    const fs::path target = fs::read_symlink(result, error);
    if (error) break;
    result = target.is_absolute() ? target : result.parent_path() / target;
  }
  return result;
}

/// ".cornu-<process>-<number>.tmp"
bool is_temporary_name(std::string_view name) {
  if (!name.starts_with(temporary_prefix) || !name.ends_with(temporary_suffix)) return false;
  name.remove_prefix(temporary_prefix.size());
  name.remove_suffix(temporary_suffix.size());
  const std::size_t dash = name.find('-');
  const auto number = [](std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
  };
  return dash != std::string_view::npos && number(name.substr(0, dash)) &&
         number(name.substr(dash + 1));
}

/// A temporary is locked as long as its writer lives; one that can be locked is left over from a
/// process that was killed.
void remove_dead_temporaries(const std::string& directory) {
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(::opendir(directory.c_str()), ::closedir);
  if (!listing) return;
  while (const dirent* entry = ::readdir(listing.get())) {
    const std::string_view name = entry->d_name;
    if (!is_temporary_name(name)) continue;
    const int file = ::openat(::dirfd(listing.get()), entry->d_name,
                              O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file == -1) continue;
    struct stat status {};
    if (::fstat(file, &status) == 0 && S_ISREG(status.st_mode) &&
        ::flock(file, LOCK_EX | LOCK_NB) == 0)
      ::unlinkat(::dirfd(listing.get()), entry->d_name, 0);
    ::close(file);
  }
}

/// The temporary's name, removed at the end of its life unless it became the file, and a second
/// handle that keeps it locked until then.
struct Temporary {
  std::string name;
  int lock = -1;
  bool kept = false;
  ~Temporary() {
    if (!name.empty() && !kept) ::unlink(name.c_str());
    if (lock != -1) ::close(lock);
  }
};

/// Makes and locks a new file in the directory.
int open_temporary(const std::string& directory, mode_t mode, const std::string& path,
                   Temporary& temporary) {
  static std::atomic<unsigned long> count{0};
  for (;;) {
    const std::string name = directory + "/" + std::string(temporary_prefix) +
                             std::to_string(::getpid()) + "-" + std::to_string(++count) +
                             std::string(temporary_suffix);
    const int file = uninterrupted([&] {
      return operations->open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                              mode);
    });
    if (file == -1) {
      if (errno == EEXIST) continue;  // of a former process with our number
      fail(path, "write");
    }
    temporary.name = name;
    // Waits for somebody who is just removing it, in the belief that its process is dead. Where
    // there are no locks this fails, and then nobody removes anything.
    uninterrupted([&] { return ::flock(file, LOCK_EX); });
    struct stat status {};
    if (::fstat(file, &status) == 0 && status.st_nlink > 0) {
      temporary.lock = ::fcntl(file, F_DUPFD_CLOEXEC, 0);
      return file;
    }
    ::close(file);  // it was removed before it was locked
    temporary.name.clear();
  }
}

/// The new file has its predecessor's owner and permissions.
void inherit(int file, const struct stat& old, const std::string& path) {
  if ((old.st_uid != ::geteuid() || old.st_gid != ::getegid()) &&
      ::fchown(file, old.st_uid, old.st_gid) != 0) {
    // Only a privileged process may give files away; the permissions still hold for ourselves.
  }
  if (::fchmod(file, old.st_mode & 07777) != 0) fail(path, "write");
}

void sync_directory(const std::string& directory, const std::string& path) {
  const int file = uninterrupted(
      [&] { return operations->open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0); });
  if (file == -1) {
    if (errno == EACCES) return;  // may be written but not read
    fail(path, "write");
  }
  OpenFile opened(path, file);
  // Some file systems cannot do this, and say so with EINVAL.
  if (uninterrupted([&] { return operations->fsync(file); }) != 0 && errno != EINVAL)
    fail(path, "write");
  opened.close();
}

/// While one lives, a pipe whose reader has gone gives this thread an error instead of a signal
/// that ends the process.
class NoPipeSignal {
 public:
  NoPipeSignal() {
    ::sigemptyset(&pipe_);
    ::sigaddset(&pipe_, SIGPIPE);
    sigset_t pending;
    ::sigemptyset(&pending);
    ::sigpending(&pending);
    was_pending_ = ::sigismember(&pending, SIGPIPE) == 1;
    ::pthread_sigmask(SIG_BLOCK, &pipe_, &former_);
  }
  NoPipeSignal(const NoPipeSignal&) = delete;
  NoPipeSignal& operator=(const NoPipeSignal&) = delete;
  ~NoPipeSignal() {
    const timespec at_once{};
    if (!was_pending_)
      while (::sigtimedwait(&pipe_, nullptr, &at_once) == SIGPIPE) {
      }
    ::pthread_sigmask(SIG_SETMASK, &former_, nullptr);
  }

 private:
  sigset_t pipe_, former_;
  bool was_pending_;
};

/// Into a pipe or a device, for which there is no old content to keep. A pipe that nobody reads
/// from is refused, not waited for.
void write_straight(const std::string& path, const std::function<void(Sink&)>& produce) {
  const NoPipeSignal no_signal;
  const int file = uninterrupted([&] {
    return operations->open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0);
  });
  if (file == -1) fail(path, "write");
  if (const int flags = ::fcntl(file, F_GETFL); flags != -1)
    ::fcntl(file, F_SETFL, flags & ~O_NONBLOCK);  // only opening must not wait
  OpenFile opened(path, file);
  produce(opened);
  opened.flush();
  opened.close();
}

}  // namespace

void write_file_atomically(const std::string& path, const std::function<void(Sink&)>& produce) {
  if (path.empty() || path.find('\0') != std::string::npos)
    throw IoError("file",
                  "expected the path of a file, got '" + path.substr(0, path.find('\0')) + "'");
  const fs::path target = behind_links(path);
  struct stat old {};
  const bool exists = ::stat(target.c_str(), &old) == 0;
  if (exists && S_ISDIR(old.st_mode))
    throw IoError(detail::printable(path, 400), "expected a file, found a directory",
                  "add a file name");
  if (exists && !S_ISREG(old.st_mode)) return write_straight(path, produce);
  if (exists && ::access(target.c_str(), W_OK) != 0) fail(path, "write");

  const std::string directory = target.has_parent_path() ? target.parent_path().string() : ".";
  remove_dead_temporaries(directory);
  Temporary temporary;
  {
    OpenFile file(path, open_temporary(directory, exists ? 0600 : 0666, path, temporary));
    if (exists) inherit(file.file(), old, path);
    produce(file);
    file.sync();
    file.close();
  }
  if (operations->rename(temporary.name.c_str(), target.c_str()) != 0) fail(path, "write");
  temporary.kept = true;
  sync_directory(directory, path);
}

}  // namespace cornu
