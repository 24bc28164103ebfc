// What every file system must do, as one table without Qt, so that the same cases run on the native, the
// in-memory and the faulty one, and on Windows. Each case gets a file system and a folder that is its own.
#pragma once

#include <span>
#include <string>

#include "platform/file_system.h"

namespace drift::platform::test {

struct FileSystemCase {
  const char* name;
  /// Gives what is wrong; empty = nothing.
  std::string (*run)(FileSystem& files, const std::string& folder);
};

/// Every case.
std::span<const FileSystemCase> fileSystemCases();

}  // namespace drift::platform::test
