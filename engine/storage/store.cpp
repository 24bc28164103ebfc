#include "storage/store.h"

#include "base/out_of_memory.h"
#include "crypto/digest.h"
#include "storage/live_store.h"

namespace drift::storage {

namespace {

/// A file that was replaced between opening and locking is opened again, at most so often.
constexpr int kOpeningsMax = 5;

std::string fileName(const std::string& path) { return path.substr(path.find_last_of("/\\") + 1); }

/// Writes what an empty database consists of.
Status writeEmpty(platform::FileSystem& files, platform::File& file, const std::string& path, Superblock& superblock,
                  const KeptHistory& kept) {
  DRIFT_TRY(crypto::randomBytes(superblock.fileId));
  superblock.thinned = !kept.isEverything();
  superblock.revision = kFormatRevision;
  if (superblock.thinned) superblock.durableOrdinal = 1;  // that of the frame below: nobody opens the file before
  for (superblock.generation = 1; superblock.generation < 3; ++superblock.generation)
    DRIFT_TRY(writeSuperblock(file, superblock));
  --superblock.generation;
  DRIFT_TRY(file.sync());
  if (superblock.thinned) {
    const auto payload = encodeKeptHistory(kept);
    if (payload.size() > kPayloadBytesMax)
      return Error(ErrorKind::LimitExceeded, "there would be too many gaps between the commits")
          .withHint("keep whole stretches of history, or fewer commits");
    Bytes frame;
    encodeFrame({FrameKind::KeptHistory, static_cast<std::uint32_t>(payload.size()), 1, 0}, payload,
                superblock.frameSeed(), kFirstFrameOffset, frame);
    DRIFT_TRY(file.writeAt(kFirstFrameOffset, frame));
    DRIFT_TRY(file.sync());
  }
  return files.syncFolderOf(path);
}

Result<std::shared_ptr<StoreImpl>> start(std::unique_ptr<platform::File> file, const std::string& name,
                                         const Superblock& superblock, const Clock& clock,
                                         const StoreOptions& options) {
  auto frames = std::make_unique<FrameFile>(std::move(file), name, superblock.frameSeed());
  auto store = std::make_shared<StoreImpl>(std::move(frames), superblock, clock, options);
  DRIFT_TRY(store->recover());
  return store;
}

}  // namespace

Result<std::shared_ptr<StoreImpl>> createStore(platform::FileSystem& files, const std::string& path,
                                               const std::string& name, const Clock& clock,
                                               const StoreOptions& options, const KeptHistory& kept) {
  DRIFT_ASSIGN(auto file, files.open(path, platform::OpenMode::CreateNew));
  auto store = catchBadAlloc([&]() -> Result<std::shared_ptr<StoreImpl>> {
    Superblock superblock;
    superblock.created = clock.now();
    DRIFT_TRY(file->lockExclusive());
    DRIFT_TRY(writeEmpty(files, *file, path, superblock, kept));
    return start(std::move(file), name, superblock, clock, options);
  });
  if (store.ok()) return store;
  file.reset();
  // The first error is the one to tell.
  (void)catchBadAlloc([&] { return files.remove(path); }).ok();
  return store;
}

Result<std::shared_ptr<StoreImpl>> openStore(platform::FileSystem& files, const std::string& path, const Clock& clock,
                                             const StoreOptions& options) {
  const auto mode = options.readOnly ? platform::OpenMode::ReadOnly : platform::OpenMode::ReadWrite;
  for (int opening = 1;; ++opening) {
    DRIFT_ASSIGN(auto file, files.open(path, mode));
    if (!options.readOnly) DRIFT_TRY(file->lockExclusive());
    DRIFT_ASSIGN(const auto read, readSuperblocks(*file, fileName(path)));
    if (!options.readOnly) {
      // Between open and lock a rewrite may have put another file here; this one is nobody's then.
      DRIFT_ASSIGN(const auto id, fileIdAt(files, path));
      if (id != read.newest.fileId && opening < kOpeningsMax) continue;
      if (id != read.newest.fileId)
        return makeError(ErrorKind::DatabaseLocked, "\"{}\" is replaced again and again by another program",
                         fileName(path));
    }
    return start(std::move(file), fileName(path), read.newest, clock, options);
  }
}

Result<FileId> fileIdAt(platform::FileSystem& files, const std::string& path) {
  DRIFT_ASSIGN(const auto file, files.open(path, platform::OpenMode::ReadOnly));
  DRIFT_ASSIGN(const auto read, readSuperblocks(*file, fileName(path)));
  return read.newest.fileId;
}

std::string rewritePathOf(const std::string& path) { return path + ".rewrite"; }

Status removeLeftover(platform::FileSystem& files, const std::string& path) {
  const auto leftover = rewritePathOf(path);
  DRIFT_ASSIGN(const bool exists, files.exists(leftover));
  if (!exists) return {};
  {
    // Whoever makes such a file syncs its start before anything else is in it.
    DRIFT_ASSIGN(const auto file, files.open(leftover, platform::OpenMode::ReadOnly));
    DRIFT_ASSIGN(const auto size, file->size());
    const auto read = readSuperblocks(*file, fileName(leftover));
    if (size > kFirstFrameOffset && !read.ok() && read.error().kind() == ErrorKind::NotADatabase)
      return makeError(ErrorKind::FileExists, "\"{}\" is in the way: a rewrite needs that name", leftover)
          .withHint("move or remove that file");
  }
  return files.remove(leftover);
}

Result<std::unique_ptr<Store>> Store::create(platform::FileSystem& files, const std::string& path, const Clock& clock,
                                             StoreOptions options) {
  return catchBadAlloc([&]() -> Result<std::unique_ptr<Store>> {
    DRIFT_ASSIGN(auto store, createStore(files, path, fileName(path), clock, options, {}));
    auto live = catchBadAlloc([&]() -> Result<std::unique_ptr<Store>> {
      return std::unique_ptr<Store>(std::make_unique<LiveStore>(files, path, clock, std::move(store)));
    });
    if (live.ok()) return live;
    store.reset();
    // The first error is the one to tell.
    (void)catchBadAlloc([&] { return files.remove(path); }).ok();
    return live;
  });
}

Result<std::unique_ptr<Store>> Store::open(platform::FileSystem& files, const std::string& path, const Clock& clock,
                                           StoreOptions options) {
  return catchBadAlloc([&]() -> Result<std::unique_ptr<Store>> {
    DRIFT_ASSIGN(auto store, openStore(files, path, clock, options));
    // A leftover only takes room: it is no reason not to open, and a rewrite that it would stop says so itself.
    if (!options.readOnly && !store->openReport().corrupted)
      (void)catchBadAlloc([&] { return removeLeftover(files, path); }).ok();
    return std::unique_ptr<Store>(std::make_unique<LiveStore>(files, path, clock, std::move(store)));
  });
}

}  // namespace drift::storage
