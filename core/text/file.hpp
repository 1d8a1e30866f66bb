#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "cornu/core/export.hpp"

namespace cornu {

/// Takes pieces of a file's text one after the other.
class CORNU_API Sink {
 public:
  virtual ~Sink() = default;
  virtual void write(std::string_view text) = 0;
};

/// Writes a file so that at every moment its name holds either the old content or the whole new
/// one: into a temporary in the same directory, fsync, rename, fsync of the directory. When
/// anything fails, or `produce` throws, the old file is untouched and the temporary is gone.
/// Of several hard links to the old file the others keep the old content: the name has a new file
/// afterwards. Throws IoError with the path and the system's reason, also for a pipe without a
/// reader.
CORNU_API void write_file_atomically(const std::string& path,
                                     const std::function<void(Sink&)>& produce);

}  // namespace cornu
