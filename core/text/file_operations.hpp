#pragma once

#include <sys/types.h>

#include <cstddef>

#include "cornu/core/export.hpp"

namespace cornu::detail {

// Not a public header.

/// The system calls that saving consists of, each as in POSIX: -1 and errno on failure. Tests put
/// in one that fails when it is told to.
class CORNU_API FileOperations {
 public:
  virtual ~FileOperations() = default;
  virtual int open(const char* path, int flags, mode_t mode);
  virtual ssize_t write(int file, const char* bytes, std::size_t count);
  virtual int fsync(int file);
  virtual int close(int file);
  virtual int rename(const char* from, const char* to);
};

/// What `write_file_atomically` calls on this thread from now on; null: the system. Returns what
/// it called before.
CORNU_API FileOperations* set_file_operations(FileOperations* operations) noexcept;

}  // namespace cornu::detail
