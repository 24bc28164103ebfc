#include "tools/console.h"

#include <cstdio>
#include <cstdlib>

namespace drift::tools {

namespace {

void printErrorLine(std::string_view text) {
  // Standard error is the last resort: where it cannot be written either, the exit code still tells.
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fputc('\n', stderr);
}

Error outputFailed() { return Error(ErrorKind::IoError, "the output could not be written"); }

}  // namespace

Status print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) return outputFailed();
  return {};
}

Status flushOutput() {
  if (std::fflush(stdout) != 0 || std::ferror(stdout)) return outputFailed();
  return {};
}

void printError(const Error& error) {
  const auto place =
      error.span() ? fmt::format("line {}, column {}: ", error.span()->line, error.span()->column) : std::string();
  printErrorLine(fmt::format("drift: error: {}{}", place, error.message()));
  if (!error.detail().empty()) printErrorLine("  detail: " + error.detail());
  if (!error.hint().empty()) printErrorLine("  hint: " + error.hint());
}

void printNotice(std::string_view sentence) { printErrorLine(fmt::format("drift: {}", sentence)); }

std::string userName() {
  for (const auto* variable : {"USER", "USERNAME"})
    if (const char* name = std::getenv(variable); name && *name) return name;
  return "drift";
}

}  // namespace drift::tools
