// Superblocks of any bytes.
#include "platform/memory_file_system.h"
#include "seeds.h"
#include "storage/superblock.h"
#include "target.h"

using namespace drift;
using namespace drift::storage;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = fuzz::inputOf(data, size);
  for (const bool fixed : {false, true}) {
    Bytes bytes(input.begin(), input.end());
    if (fixed) fuzz::fixChecksums(bytes);
    platform::MemoryFileSystem files;
    files.setContents("x", bytes);
    const auto file = files.open("x", platform::OpenMode::ReadWrite).value();
    const auto read = readSuperblocks(*file, "x");
    if (!read.ok()) {
      const auto kind = read.error().kind();
      fuzz::require(
          kind == ErrorKind::NotADatabase || kind == ErrorKind::NewerFormat || kind == ErrorKind::DataCorrupted,
          "a refused superblock has one of three reasons");
      continue;
    }
    // The next one is written over the older slot and counts from then on.
    auto next = read->newest;
    if (next.generation == UINT64_MAX) continue;
    ++next.generation;
    fuzz::require(writeSuperblock(*file, next).ok(), "a superblock is written");
    const auto again = readSuperblocks(*file, "x");
    fuzz::require(again.ok() && again->newest.generation == next.generation && again->newest.fileId == next.fileId,
                  "the newest superblock counts");
  }
  return 0;
}
