// make_corpus TARGET FOLDER: writes the seeds of a target as files for libFuzzer.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "seeds.h"

using namespace drift;

int main(int argc, char** argv) {
  const auto seeds = argc == 3 ? fuzz::seedsFor(argv[1]) : std::vector<Bytes>();
  if (seeds.empty()) {
    std::fprintf(stderr, "usage: make_corpus TARGET FOLDER; targets are");
    for (const auto target : fuzz::targets())
      std::fprintf(stderr, " %.*s", static_cast<int>(target.size()), target.data());
    std::fprintf(stderr, "\n");
    return 1;
  }
  std::filesystem::create_directories(argv[2]);
  for (std::size_t i = 0; i < seeds.size(); ++i) {
    std::ofstream out(std::filesystem::path(argv[2]) / ("seed-" + std::to_string(i)), std::ios::binary);
    out.write(reinterpret_cast<const char*>(seeds[i].data()), static_cast<std::streamsize>(seeds[i].size()));
    if (!out) return 1;
  }
  return 0;
}
