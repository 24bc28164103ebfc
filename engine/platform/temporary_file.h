// Temporary files: made in a folder, and gone when they are closed, whatever ends the program. Thread-safe, stateless.
#pragma once

#include <memory>
#include <string>

#include "platform/file_system.h"

namespace drift::platform {

/// Makes an empty file in a folder and takes its name away at once, so that the system frees it when it is closed.
/// FileNotFound for no such folder, PermissionDenied, DiskFull, IoError.
Result<std::unique_ptr<File>> openTemporary(FileSystem& files, const std::string& folder);

/// Gives the system's folder for temporary files; empty if it names none.
std::string temporaryFolder();

}  // namespace drift::platform
