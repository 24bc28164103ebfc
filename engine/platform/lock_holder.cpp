#include "platform/lock_holder.h"

#include <fstream>
#include <sstream>

#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

namespace drift::platform {

namespace {

/// Finds the process of a lock in Linux's list, proc(5) /proc/locks: "1: FLOCK ADVISORY WRITE 4711 fe:01:1234 0 EOF".
long holderProcess(unsigned long inode) {
  std::ifstream locks("/proc/locks");
  std::string line;
  while (std::getline(locks, line)) {
    std::istringstream fields(line);
    std::string number, kind, advice, access, device;
    long process = 0;
    fields >> number >> kind >> advice >> access >> process >> device;
    if (kind == "FLOCK" && device.ends_with(fmt::format(":{}", inode))) return process;
  }
  return 0;
}

}  // namespace

std::string lockHolder(int descriptor) {
  struct stat info {};
  if (::fstat(descriptor, &info) != 0) return "another program";
  const long process = holderProcess(static_cast<unsigned long>(info.st_ino));
  if (process <= 0) return "another program";
  if (process == ::getpid()) return "this program";
  std::ifstream name(fmt::format("/proc/{}/comm", process));
  std::string program;
  if (!std::getline(name, program)) return fmt::format("process {}", process);
  return fmt::format("{} (process {})", program, process);
}

}  // namespace drift::platform
