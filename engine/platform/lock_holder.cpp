#include "platform/lock_holder.h"

#include <fstream>
#include <sstream>

#include <sys/stat.h>
#ifdef __linux__
#include <sys/sysmacros.h>
#endif
#include <unistd.h>

#include <fmt/format.h>

namespace drift::platform {

namespace {

/// Finds the process of a lock in Linux's list, proc(5) /proc/locks: "1: FLOCK ADVISORY WRITE 4711 fe:01:1234 0 EOF".
/// Some file systems show another device there than stat() does; then the inode alone must do.
long holderProcess(const struct stat& info) {
  const auto inode = fmt::format(":{}", info.st_ino);
  const auto place = fmt::format("{:02x}:{:02x}{}", major(info.st_dev), minor(info.st_dev), inode);
  std::ifstream locks("/proc/locks");
  std::string line;
  long likely = 0;
  while (std::getline(locks, line)) {
    std::istringstream fields(line);
    std::string number, kind, advice, access, device;
    long process = 0;
    fields >> number >> kind >> advice >> access >> process >> device;
    if (kind != "FLOCK") continue;
    if (device == place) return process;
    if (device.ends_with(inode)) likely = process;
  }
  return likely;
}

}  // namespace

std::string lockHolder(int descriptor) {
  struct stat info {};
  if (::fstat(descriptor, &info) != 0) return "another program";
  const long process = holderProcess(info);
  if (process <= 0) return "another program";
  if (process == ::getpid()) return "this program";
  std::ifstream name(fmt::format("/proc/{}/comm", process));
  std::string program;
  if (!std::getline(name, program)) return fmt::format("process {}", process);
  return fmt::format("{} (process {})", program, process);
}

}  // namespace drift::platform
