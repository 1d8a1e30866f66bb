#include "cornu/core/text/file.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "cornu/core/error.hpp"
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
  throw IoError(
      path, std::string("cannot ") + action + ": " + std::system_category().message(error), help);
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

/// Where a write to `path` ends up: the file behind symbolic links, which stay as they are.
fs::path behind_links(const std::string& path) {
  fs::path result = path;
  std::error_code error;
  for (int links = 0; fs::is_symlink(fs::symlink_status(result, error)); ++links) {
    if (links == 40) {
      errno = ELOOP;
      fail(path, "write");
    }
    const fs::path target = fs::read_symlink(result, error);
    if (error) break;
    result = target.is_absolute() ? target : result.parent_path() / target;
  }
  return result;
}

/// A temporary is locked as long as its writer lives; one that can be locked is left over from a
/// process that was killed.
void remove_dead_temporaries(const std::string& directory) {
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(::opendir(directory.c_str()), ::closedir);
  if (!listing) return;
  while (const dirent* entry = ::readdir(listing.get())) {
    const std::string_view name = entry->d_name;
    if (!name.starts_with(temporary_prefix) || !name.ends_with(temporary_suffix)) continue;
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

/// Into a pipe or a device, for which there is no old content to keep.
void write_straight(const std::string& path, const std::function<void(Sink&)>& produce) {
  const int file =
      uninterrupted([&] { return operations->open(path.c_str(), O_WRONLY | O_CLOEXEC, 0); });
  if (file == -1) fail(path, "write");
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
    throw IoError(path, "expected a file, found a directory", "add a file name");
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
