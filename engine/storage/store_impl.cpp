#include "storage/store_impl.h"

#include <algorithm>
#include <limits>
#include <system_error>
#include <utility>

#include "base/out_of_memory.h"
#include "storage/history_reader.h"
#include "storage/verify.h"

namespace drift::storage {

namespace {

constexpr std::size_t kKeyBytesMax = 64 * 1024;
/// A page holds a key's last version before its epoch and all made in it, see kKeyRowBytesMax.
constexpr std::size_t kRowBytesMax = 24u << 20;
/// What a commit, and each tree that it changes, takes up in the commit index, about.
constexpr std::size_t kIndexBytesOfCommit = 24;
constexpr std::size_t kIndexBytesOfTree = 20;

/// Memory ended when a commit was in the file already, but not in memory.
Error outOfMemoryIn(CommitNumber number) noexcept {
  try {
    return makeError(ErrorKind::OutOfMemory, "memory has run out in commit {}, which is written but not acknowledged",
                     number)
        .withHint("close and open the database again, and see whether it has that commit");
  } catch (const std::bad_alloc&) {
    return Error::outOfMemory();
  }
}

Status checkSizes(const std::vector<RowChange>& changes) {
  for (const auto& change : changes) {
    if (change.key.size() > kKeyBytesMax)
      return makeError(ErrorKind::LimitExceeded, "a key of {} bytes is longer than {} KB", change.key.size(),
                       kKeyBytesMax >> 10);
    if (change.row.size() > kRowBytesMax)
      return makeError(ErrorKind::LimitExceeded, "a row of {} MB is larger than {} MB", change.row.size() >> 20,
                       kRowBytesMax >> 20);
  }
  return {};
}

}  // namespace

StoreImpl::StoreImpl(std::unique_ptr<FrameFile> file, const Superblock& superblock, const Clock& clock,
                     StoreOptions options)
    : m_clock(clock),
      m_options(options),
      m_durability(options.durability),
      m_core(std::make_shared<StoreCore>(std::move(file), options.cacheBytesMax)),
      m_superblock(superblock),
      m_recovery(std::make_unique<Recovery>(*m_core, superblock)) {}

StoreImpl::~StoreImpl() {
  // Whoever wants to know of a failure calls close(); what was acknowledged is on disk either way.
  (void)close().ok();
}

Status StoreImpl::recover() {
  DRIFT_ASSIGN(const auto fileBytes, m_core->file->file().size());
  DRIFT_ASSIGN(const auto end, m_recovery->run(fileBytes));
  adopt(end);
  if (end.damaged) {
    m_openReport.corrupted = true;
    m_openReport.corruption =
        fmt::format("\"{}\" is damaged at byte {}: opened read-only with the {} commits before it", m_core->file->path(),
                    end.damagedAt, m_published.load());
    return {};
  }
  if (m_options.readOnly) return {};
  // What a killed process left may be in the system's cache alone. Readers see it from now on, so it is synced.
  const bool unsynced = end.lastOrdinal > m_superblock.durableOrdinal;
  if (fileBytes > end.offset) {
    // Zeros are the space that a killed process had set aside: nothing was lost there.
    DRIFT_ASSIGN(const auto contentEnd, endOfContent(m_core->file->file(), end.offset, fileBytes));
    m_openReport.tornBytes = contentEnd - end.offset;
    DRIFT_TRY(m_core->file->file().truncate(end.offset));
  }
  if (unsynced || m_openReport.tornBytes > 0) DRIFT_TRY(m_core->file->sync());
  m_recovery.reset();
  const std::scoped_lock lock(m_sequencer);
  try {
    m_tender = std::thread([this] { tend(); });
  } catch (const std::system_error&) {
    return Error(ErrorKind::OutOfMemory, "the system gives no thread that would write epochs")
        .withHint("close what is not needed, or open the database read-only");
  }
  m_closed = false;
  return {};
}

void StoreImpl::adopt(const RecoveryEnd& end) {
  m_core->file->setEnd(end.offset, end.lastOrdinal, std::min(m_superblock.durableOrdinal, end.lastOrdinal));
  m_memtable = m_recovery->memtable();
  m_appended = m_recovery->lastCommit();
  const auto epochs = m_core->epochs();
  m_sealedUpTo = m_epochsUpTo = epochs->empty() ? 0 : epochs->newest()->lastCommit;
  m_indexBytes = (m_appended - m_sealedUpTo) * (kIndexBytesOfCommit + kIndexBytesOfTree);
  m_lastTime = m_recovery->lastTime();
  m_chain = m_recovery->chain();
  m_dirtySince = std::chrono::steady_clock::now();
  m_appendedSeen = m_appended;
  m_published = m_appended;
}

Error StoreImpl::readOnlyError() const {
  const auto& name = m_core->file->path();
  if (m_openReport.corrupted)
    return makeError(ErrorKind::ReadOnlyDatabase, "\"{}\" is damaged and open read-only", name)
        .withHint("drift salvage saves what is left into a new file");
  const std::scoped_lock lock(m_syncMutex);
  if (m_failure)
    return makeError(ErrorKind::ReadOnlyDatabase, "\"{}\" is read-only since a write failed: {}", name,
                     m_failure->message())
        .withHint("see to the disk, then close and open the database again")
        .causedBy(*m_failure);
  return makeError(ErrorKind::ReadOnlyDatabase, "\"{}\" is open read-only", name);
}

Error StoreImpl::fail(Error error) noexcept {
  const std::scoped_lock lock(m_syncMutex);
  if (!m_failure) m_failure = copyOrOutOfMemory(error);
  m_failed = true;
  m_syncDone.notify_all();
  m_epochEvent.notify_all();
  return error;
}

/// Why writing ended; success while it did not.
Status StoreImpl::failure() const {
  const std::scoped_lock lock(m_syncMutex);
  if (m_failure) return *m_failure;
  return {};
}

Result<CommitReceipt> StoreImpl::commit(CommitRequest request, const Validator& validate) {
  return catchBadAlloc([&] { return commitOrThrow(request, validate); });
}

Result<CommitReceipt> StoreImpl::commitOrThrow(CommitRequest& request, const Validator& validate) {
  DRIFT_TRY(checkSizes(request.changes));
  CommitReceipt receipt;
  {
    SequencerLock lock(m_sequencer);
    makeRoom(lock, request.changes);
    if (m_closed || readOnly()) return readOnlyError();
    if (validate) {
      auto contents = m_core->contents();
      auto newest = contents.epochs->newest();
      DRIFT_TRY(validate(stateOf(std::move(contents), std::move(newest), m_appended)));
    }
    DRIFT_ASSIGN(receipt, append(request));
    if (m_durability != Durability::Full) publish(receipt.number);
    if (!m_sealed && fill() >= 1) trySeal();
  }
  if (m_durability == Durability::Full) DRIFT_TRY(waitDurable(receipt.number));
  return receipt;
}

Result<TimeMicros> StoreImpl::timeOfNext(std::optional<TimeMicros> wanted) const {
  if (m_appended == 0) return wanted ? *wanted : m_clock.now();
  if (m_lastTime == std::numeric_limits<TimeMicros>::max())
    return makeError(ErrorKind::MomentOutOfRange, "no commit can follow commit {}, which has the last time that there is",
                     m_appended)
        .withHint("export the database as of an earlier commit");
  if (!wanted) return std::max(m_clock.now(), m_lastTime + 1);
  if (*wanted <= m_lastTime)
    return makeError(ErrorKind::MomentOutOfRange, "the commit would not be later than commit {}", m_appended)
        .withHint("history is only ever added at its end");
  return *wanted;
}

Result<CommitReceipt> StoreImpl::append(CommitRequest& request) {
  CommitHead head;
  head.number = m_core->index.next();
  DRIFT_ASSIGN(head.time, timeOfNext(request.time));
  head.previousHash = m_chain;
  head.author = std::move(request.author);
  head.message = std::move(request.message);
  head.indexTrees = std::move(request.indexTrees);
  head.counts = countChanges(request.changes);
  if (const auto& kept = m_core->index.kept(); kept.hasGaps() || !m_core->horizons.empty()) {
    // Who read a row before a rewrite knows it by the commit that made it, which may have become part of a later one.
    for (auto& change : request.changes)
      if (change.previous != 0) change.previous = kept.nextFrom(std::max(change.previous, horizon(change.tree)));
  }
  const auto bytes = encodeCommit(head, request.changes, m_packer);
  DRIFT_ASSIGN(const auto hash, crypto::sha256({bytes}));
  auto frame = catchBadAlloc([&] { return appendCommit(*m_core->file, bytes); });
  if (!frame.ok()) {
    auto error = std::move(frame).error();
    // Nothing was written, as where memory ended before: as if the commit had never been asked for.
    if (m_core->file->canWrite()) return error;
    // Part of the frame may be on disk: nothing may follow it.
    return fail(std::move(error));
  }
  // The commit is in the file: where there is no memory to take it in, it shows once the file is opened again.
  if (auto taken = catchBadAlloc([&] { return takeIn(head, *frame, request); }); !taken.ok())
    return fail(outOfMemoryIn(head.number));
  m_chain = hash;
  m_lastTime = head.time;
  m_appended = head.number;
  m_appendedSeen = head.number;
  return CommitReceipt{head.number, head.time};
}

/// Enters a commit that was appended where readers look.
Status StoreImpl::takeIn(CommitHead& head, FrameRef frame, const CommitRequest& request) {
  if (m_appended == m_sealedUpTo) m_dirtySince = std::chrono::steady_clock::now();
  m_memtable->insert(request.changes, head.number);
  m_indexBytes += kIndexBytesOfCommit + kIndexBytesOfTree * head.counts.size();
  m_core->index.append({head.time, frame, std::move(head.counts), std::move(head.indexTrees)});
  return {};
}

/// Waits until a commit is synced. Whoever finds no sync under way leads one for all that were appended so far.
Status StoreImpl::waitDurable(CommitNumber number) {
  std::unique_lock lock(m_syncMutex);
  while (m_published < number) {
    if (m_failure) return *m_failure;
    if (m_syncing) {
      m_syncDone.wait(lock);
      continue;
    }
    m_syncing = true;
    lock.unlock();
    syncOrFail();  // m_failure tells all
    lock.lock();
    m_syncing = false;
    m_syncDone.notify_all();
  }
  return {};
}

/// Syncs, and ends all writing where that fails.
void StoreImpl::syncOrFail() noexcept {
  if (auto status = catchBadAlloc([this] { return syncAll(); }); !status.ok()) (void)fail(std::move(status).error());
}

/// Makes durable and visible what was appended so far.
Status StoreImpl::syncAll() {
  const CommitNumber covered = m_appendedSeen;
  DRIFT_TRY(m_core->file->syncUpTo(m_core->file->lastOrdinal()));
  publish(covered);
  return {};
}

void StoreImpl::publish(CommitNumber number) {
  auto published = m_published.load();
  while (published < number && !m_published.compare_exchange_weak(published, number)) {
  }
}

/// A snapshot of `contents`, which reach `number`; `epoch` is the first that does, or else the newest.
Snapshot StoreImpl::stateOf(StoreContents contents, EpochRef epoch, CommitNumber number) const {
  auto state = std::make_shared<Snapshot::State>();
  state->core = m_core;
  state->number = number;
  if (!epoch || epoch->lastCommit < number) state->memtables = std::move(contents.memtables);
  state->epoch = std::move(epoch);
  return Snapshot(std::move(state));
}

Snapshot StoreImpl::latest() const {
  for (;;) {
    const CommitNumber number = m_published;
    auto contents = m_core->contents();
    auto newest = contents.epochs->newest();
    // Commits are published before they are in an epoch. Where two epochs came meanwhile, there are newer commits too.
    if (!newest || newest->previousCommit < number) return stateOf(std::move(contents), std::move(newest), number);
  }
}

Result<Snapshot> StoreImpl::at(CommitNumber number) const {
  const auto last = lastCommit();
  if (number > last)
    return makeError(ErrorKind::MomentOutOfRange, "there is no commit {}; the last one is {}", number, last);
  if (number == 0) return catchBadAlloc([&]() -> Result<Snapshot> { return stateOf({}, nullptr, 0); });
  if (!m_core->index.kept().contains(number)) return checkKept(number).error();
  return catchBadAlloc([&]() -> Result<Snapshot> {
    auto contents = m_core->contents();
    DRIFT_ASSIGN(auto epoch, contents.epochs->reaching(number));
    if (!epoch) epoch = contents.epochs->newest();
    return stateOf(std::move(contents), std::move(epoch), number);
  });
}

Result<bool> StoreImpl::refresh() {
  if (!m_options.readOnly) return false;
  const std::scoped_lock lock(m_sequencer);
  if (m_failed)
    return Error(ErrorKind::OutOfMemory, "memory ran out while newer commits were read")
        .withHint("close and open the database again to see them");
  auto found = catchBadAlloc([this] { return readNewer(); });
  // Half a commit may have been taken in, which stays hidden; there is no way to go on behind it.
  if (!found.ok() && found.error().kind() == ErrorKind::OutOfMemory) m_failed = true;
  return found;
}

Result<bool> StoreImpl::readNewer() {
  const auto before = m_appended;
  for (std::optional<std::uint64_t> damagedAt;;) {
    DRIFT_ASSIGN(const auto fileBytes, m_core->file->file().size());
    if (fileBytes < m_core->file->end())
      return makeError(ErrorKind::DataCorrupted, "\"{}\" ends before byte {}, where it went on before",
                       m_core->file->path(), m_core->file->end());
    if (fileBytes == m_core->file->end()) return m_appended != before;
    DRIFT_ASSIGN(const auto end, m_recovery->goOn(fileBytes));
    adopt(end);
    if (!end.damaged) return m_appended != before;
    // A frame that was being written may look like damage, but only at the first look: what is told of it here
    // was written once it was whole.
    if (damagedAt == end.damagedAt)
      return makeError(ErrorKind::DataCorrupted, "\"{}\" is damaged at byte {}", m_core->file->path(), end.damagedAt)
          .withHint("run drift verify; drift salvage saves what is left into a new file");
    damagedAt = end.damagedAt;
  }
}

StoreStatistics StoreImpl::statistics() const {
  return {.framesRead = m_core->file->framesRead(),
          .bytesRead = m_core->file->bytesRead(),
          .cacheHits = m_core->cache.hits(),
          .cacheMisses = m_core->cache.misses(),
          .leavesSkipped = m_core->leavesSkipped.load()};
}

Result<VerifyReport> StoreImpl::verify(runtime::CancelToken cancel) const {
  return catchBadAlloc([&]() -> Result<VerifyReport> {
    VerifiedState state;
    {
      // Commits and epochs go on beside the check; it looks at what is there now, and only at that.
      const std::scoped_lock lock(m_sequencer);
      state.newest = m_core->epochs()->newest();
      const auto held = m_core->file->holdWrites();
      DRIFT_ASSIGN(const auto fileBytes, m_core->file->file().size());
      DRIFT_ASSIGN(state.fileBytes, endOfContent(m_core->file->file(), m_core->file->end(), fileBytes));
      DRIFT_ASSIGN(state.superblocks, readSuperblocks(m_core->file->file(), m_core->file->path()));
      state.end = m_core->file->end();
    }
    return verifyFile(*m_core, std::move(state), std::move(cancel));
  });
}

}  // namespace drift::storage
