#include "report.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>

#include <fmt/format.h>

namespace drift::bench {

double percentile(std::vector<double>& samples, double share) {
  std::ranges::sort(samples);
  return samples[static_cast<std::size_t>(share * static_cast<double>(samples.size() - 1))];
}

void printHeading(std::string_view heading) { fmt::print("\n{}\n", heading); }

void printFigure(std::string_view what, double ours, std::string_view unit) {
  fmt::print("  {:<58} {:>12.3f} {}\n", what, ours, unit);
  std::fflush(stdout);
}

void printAgainst(std::string_view what, double ours, double rival, std::string_view unit, std::string_view rivalName) {
  const bool lessIsBetter = unit == "ms" || unit == "s" || unit == "us";
  fmt::print("  {:<58} {:>12.3f} {:<7} {}: {:>12.3f}   ratio {:.2f} x\n", what, ours, unit, rivalName, rival,
             lessIsBetter ? rival / ours : ours / rival);
  std::fflush(stdout);
}

void fail(const std::string& sentence) {
  fmt::print(stderr, "drift_bench: error: {}\n", sentence);
  std::exit(1);
}

ScratchFolder::ScratchFolder() {
  // Beside the program rather than in /tmp, which may be memory: a sync must reach a disk.
  m_path = (std::filesystem::current_path() / fmt::format("drift_bench_{:08x}", std::random_device()())).string();
  std::filesystem::create_directory(m_path);
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;  // A leftover folder is all that can go wrong here.
  std::filesystem::remove_all(m_path, ignored);
}

}  // namespace drift::bench
