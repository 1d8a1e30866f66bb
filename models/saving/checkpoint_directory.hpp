#pragma once

// Not a public header: the directory that `fit` keeps its checkpoints in.

#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace cornu::detail {

/// "checkpoint-0000000003-0000000012.json": ten digits, so that the order of the names is the order
/// in time.
std::string checkpoint_name(std::size_t epoch, std::size_t batch);

/// A directory of checkpoints, locked against a second run as long as this lives. What has another
/// name than a checkpoint's, exactly, is not looked at; and none is removed but those that this run
/// has written or read.
class CheckpointDirectory {
 public:
  /// Makes the directory if need be. Throws IoError, also when another run holds the lock.
  explicit CheckpointDirectory(std::string directory);
  ~CheckpointDirectory();
  CheckpointDirectory(const CheckpointDirectory&) = delete;
  CheckpointDirectory& operator=(const CheckpointDirectory&) = delete;

  std::string path(const std::string& name) const { return directory_ + "/" + name; }
  /// The names of all checkpoints, oldest first.
  std::vector<std::string> checkpoints() const;
  /// This one is known to be whole and the run's.
  void add(const std::string& name) { own_.insert(name); }
  /// Removes the oldest of the run's own until so many are left.
  void remove_old(std::size_t keep);

 private:
  std::string directory_;
  int lock_ = -1;
  std::set<std::string> own_;
};

}  // namespace cornu::detail
