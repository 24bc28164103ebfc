#include "measure.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <thread>

#include <fmt/format.h>

namespace drift::bench {

namespace {

/// The folder to remove when fail() leaves without destructors; empty for none.
std::string& folderToRemove() {
  static std::string path;
  return path;
}

void removeFolder() {
  std::error_code ignored;  // a leftover folder is all that can go wrong here
  if (!folderToRemove().empty()) std::filesystem::remove_all(folderToRemove(), ignored);
}

/// Removes the folder also when the user ends the program. A thread of its own may do what a signal's handler may not.
void removeFolderOnSignals() {
#ifdef __unix__
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::thread([signals] {
    int number = 0;
    sigwait(&signals, &number);
    removeFolder();
    std::_Exit(128 + number);
  }).detach();
#endif
}

}  // namespace

double percentile(std::vector<double> samples, double share) {
  std::ranges::sort(samples);
  return samples[static_cast<std::size_t>(share * static_cast<double>(samples.size() - 1) + 0.5)];
}

void fail(const std::string& sentence) {
  std::fflush(stdout);
  fmt::print(stderr, "error: {}\n", sentence);
  removeFolder();
  std::_Exit(1);
}

ScratchFolder::ScratchFolder(const std::string& parent) {
  m_path = (std::filesystem::path(parent) / fmt::format("scratch_{:08x}", std::random_device()())).string();
  std::error_code error;
  std::filesystem::create_directories(m_path, error);
  if (error) fail(fmt::format("the folder \"{}\" could not be made: {}", m_path, error.message()));
  folderToRemove() = m_path;
  removeFolderOnSignals();
}

ScratchFolder::~ScratchFolder() { removeFolder(); }

}  // namespace drift::bench
