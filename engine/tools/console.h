// What commands say on standard output and standard error.
//
// Thread rule: main thread only.
#pragma once

#include <string_view>

#include "base/result.h"

namespace drift::tools {

/// Writes to standard output. IoError once the other end is gone or the disk is full.
Status print(std::string_view text);
/// Hands everything on to the operating system, which may tell of an error only now.
Status flushOutput();

/// Writes "drift: error: line 1, column 8: sentence" and the hint and detail, if any, on lines of their own.
void printError(const Error& error);
/// Writes "drift: sentence" to standard error.
void printNotice(std::string_view sentence);

/// Gives the operating system's name of the user, or "drift".
std::string userName();

}  // namespace drift::tools
