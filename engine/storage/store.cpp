#include "storage/store.h"

#include "base/out_of_memory.h"
#include "crypto/digest.h"
#include "storage/store_impl.h"

namespace drift::storage {

namespace {

std::string fileName(const std::string& path) { return path.substr(path.find_last_of("/\\") + 1); }

/// Writes the two superblocks of an empty database.
Status writeEmpty(platform::FileSystem& files, platform::File& file, const std::string& path, Superblock& superblock) {
  DRIFT_TRY(crypto::randomBytes(superblock.fileId));
  for (superblock.generation = 1; superblock.generation < 3; ++superblock.generation)
    DRIFT_TRY(writeSuperblock(file, superblock));
  --superblock.generation;
  DRIFT_TRY(file.sync());
  return files.syncFolderOf(path);
}

Result<std::unique_ptr<Store>> startOrThrow(std::unique_ptr<platform::File> file, const std::string& path,
                                     const Superblock& superblock, const Clock& clock, StoreOptions options) {
  auto frames = std::make_unique<FrameFile>(std::move(file), fileName(path), superblock.frameSeed());
  auto store = std::make_unique<StoreImpl>(std::move(frames), superblock, clock, options);
  DRIFT_TRY(store->recover());
  return std::unique_ptr<Store>(std::move(store));
}

Result<std::unique_ptr<Store>> createOrThrow(platform::FileSystem& files, const std::string& path, const Clock& clock,
                                             StoreOptions options) {
  DRIFT_ASSIGN(auto file, files.open(path, platform::OpenMode::CreateNew));
  auto store = catchBadAlloc([&]() -> Result<std::unique_ptr<Store>> {
    Superblock superblock;
    superblock.created = clock.now();
    DRIFT_TRY(file->lockExclusive());
    DRIFT_TRY(writeEmpty(files, *file, path, superblock));
    return startOrThrow(std::move(file), path, superblock, clock, options);
  });
  if (store.ok()) return store;
  file.reset();
  // The first error is the one to tell.
  (void)catchBadAlloc([&] { return files.remove(path); }).ok();
  return store;
}

Result<std::unique_ptr<Store>> openOrThrow(platform::FileSystem& files, const std::string& path, const Clock& clock,
                                           StoreOptions options) {
  const auto mode = options.readOnly ? platform::OpenMode::ReadOnly : platform::OpenMode::ReadWrite;
  DRIFT_ASSIGN(auto file, files.open(path, mode));
  if (!options.readOnly) DRIFT_TRY(file->lockExclusive());
  DRIFT_ASSIGN(const auto read, readSuperblocks(*file, fileName(path)));
  return startOrThrow(std::move(file), path, read.newest, clock, options);
}

}  // namespace

Result<std::unique_ptr<Store>> Store::create(platform::FileSystem& files, const std::string& path, const Clock& clock,
                                             StoreOptions options) {
  return catchBadAlloc([&] { return createOrThrow(files, path, clock, options); });
}

Result<std::unique_ptr<Store>> Store::open(platform::FileSystem& files, const std::string& path, const Clock& clock,
                                           StoreOptions options) {
  return catchBadAlloc([&] { return openOrThrow(files, path, clock, options); });
}

}  // namespace drift::storage
