#include "storage/store.h"

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

Result<std::unique_ptr<Store>> start(std::unique_ptr<platform::File> file, const std::string& path,
                                     const Superblock& superblock, const Clock& clock, StoreOptions options) {
  auto frames = std::make_unique<FrameFile>(std::move(file), fileName(path), superblock.frameSeed());
  auto store = std::make_unique<StoreImpl>(std::move(frames), superblock, clock, options);
  DRIFT_TRY(store->recover());
  return std::unique_ptr<Store>(std::move(store));
}

}  // namespace

Result<std::unique_ptr<Store>> Store::create(platform::FileSystem& files, const std::string& path, const Clock& clock,
                                             StoreOptions options) {
  DRIFT_ASSIGN(auto file, files.open(path, platform::OpenMode::CreateNew));
  Superblock superblock;
  superblock.created = clock.now();
  auto status = file->lockExclusive();
  if (status.ok()) status = writeEmpty(files, *file, path, superblock);
  if (!status.ok()) {
    file.reset();
    (void)files.remove(path).ok();  // the first error is the one to tell
    return std::move(status).error();
  }
  return start(std::move(file), path, superblock, clock, options);
}

Result<std::unique_ptr<Store>> Store::open(platform::FileSystem& files, const std::string& path, const Clock& clock,
                                           StoreOptions options) {
  const auto mode = options.readOnly ? platform::OpenMode::ReadOnly : platform::OpenMode::ReadWrite;
  DRIFT_ASSIGN(auto file, files.open(path, mode));
  if (!options.readOnly) DRIFT_TRY(file->lockExclusive());
  DRIFT_ASSIGN(const auto read, readSuperblocks(*file, fileName(path)));
  return start(std::move(file), path, read.newest, clock, options);
}

}  // namespace drift::storage
