#include "cornu/models/saving/checkpoint_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "cornu/core/error.hpp"
#include "cornu/core/registry.hpp"

namespace cornu::detail {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t digits = 10;

std::string padded(std::size_t number) {
  std::string text = std::to_string(number);
  if (text.size() < digits) text.insert(0, digits - text.size(), '0');
  return text;
}

bool is_checkpoint_name(std::string_view name) {
  constexpr std::string_view pattern = "checkpoint-##########-##########.json";
  return std::equal(
      name.begin(), name.end(), pattern.begin(), pattern.end(),
      [](char c, char wanted) { return wanted == '#' ? c >= '0' && c <= '9' : c == wanted; });
}

}  // namespace

std::string checkpoint_name(std::size_t epoch, std::size_t batch) {
  return "checkpoint-" + padded(epoch) + "-" + padded(batch) + ".json";
}

CheckpointDirectory::CheckpointDirectory(std::string directory) : directory_(std::move(directory)) {
  std::error_code error;
  fs::create_directories(directory_, error);
  if (error)
    throw IoError(printable(directory_, 400), "cannot make the directory: " + error.message());
  // The directory itself is the lock: nothing is left behind when a run is killed.
  lock_ = ::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (lock_ == -1 || ::flock(lock_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
    return;  // or a file system without locks
  ::close(lock_);
  throw IoError(printable(directory_, 400), "another run keeps its checkpoints in this directory",
                "wait for its end, or give another directory");
}

CheckpointDirectory::~CheckpointDirectory() {
  if (lock_ != -1) ::close(lock_);
}

std::vector<std::string> CheckpointDirectory::checkpoints() const {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at(directory_, error), end; !error && at != end;
       at.increment(error)) {
    std::error_code unknown;
    const bool plain = fs::is_regular_file(at->symlink_status(unknown));
    if (std::string name = at->path().filename().string(); plain && is_checkpoint_name(name))
      names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

void CheckpointDirectory::remove_old(std::size_t keep) {
  for (; own_.size() > keep; own_.erase(own_.begin())) {
    std::error_code error;
    fs::remove(path(*own_.begin()), error);
  }
}

}  // namespace cornu::detail
