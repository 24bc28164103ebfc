#include "storage/store_impl.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "storage/history_reader.h"
#include "storage/verify.h"

namespace drift::storage {

namespace {

constexpr std::size_t kKeyBytesMax = 64 * 1024;
/// A page holds a key's last version before its epoch and all made in it: with memtables of at most 32 MiB,
/// or one row, these fit into a frame.
constexpr std::size_t kRowBytesMax = 24u << 20;
constexpr std::chrono::milliseconds kRelaxedSyncEvery(1000);

std::string fileName(const std::string& path) { return path.substr(path.find_last_of("/\\") + 1); }

std::size_t bytesOf(const std::vector<RowChange>& changes) {
  std::size_t bytes = 0;
  for (const auto& change : changes) bytes += change.key.size() + change.row.size();
  return bytes;
}

Status checkSizes(const std::vector<RowChange>& changes) {
  for (const auto& change : changes) {
    if (change.key.size() > kKeyBytesMax)
      return makeError(ErrorKind::LimitExceeded, "a key of {} bytes is longer than {} KB", change.key.size(), kKeyBytesMax >> 10);
    if (change.row.size() > kRowBytesMax)
      return makeError(ErrorKind::LimitExceeded, "a row of {} MB is larger than {} MB", change.row.size() >> 20, kRowBytesMax >> 20);
  }
  return {};
}

}  // namespace

StoreImpl::StoreImpl(std::unique_ptr<FrameFile> file, std::string path, const Superblock& superblock, const Clock& clock,
                     StoreOptions options)
    : m_path(std::move(path)),
      m_clock(clock),
      m_options(options),
      m_core(std::move(file), options.cacheBytesMax),
      m_superblock(superblock),
      m_recovery(std::make_unique<Recovery>(m_core, superblock)) {}

StoreImpl::~StoreImpl() {
  // Whoever wants to know of a failure calls close(); what was acknowledged is on disk either way.
  (void)close().ok();
}

Status StoreImpl::recover() {
  DRIFT_ASSIGN(const auto fileBytes, m_core.file->file().size());
  DRIFT_ASSIGN(const auto end, m_recovery->run(fileBytes));
  adopt(end);
  if (end.damaged) {
    m_openReport.corrupted = true;
    m_openReport.corruption =
        fmt::format("\"{}\" is damaged at byte {}: opened read-only with the {} commits before it", fileName(m_path),
                    end.damagedAt, m_published.load());
    return {};
  }
  if (m_options.readOnly) return {};
  // What a killed process left may be in the system's cache alone. Readers see it from now on, so it is synced.
  const bool unsynced = end.lastOrdinal > m_superblock.durableOrdinal;
  if (fileBytes > end.offset) {
    m_openReport.tornBytes = fileBytes - end.offset;
    DRIFT_TRY(m_core.file->file().truncate(end.offset));
  }
  if (unsynced || m_openReport.tornBytes > 0) DRIFT_TRY(m_core.file->sync());
  m_recovery.reset();
  m_closed = false;
  m_tender = std::thread([this] { tend(); });
  return {};
}

void StoreImpl::adopt(const RecoveryEnd& end) {
  m_core.file->setEnd(end.offset, end.lastOrdinal, std::min(m_superblock.durableOrdinal, end.lastOrdinal));
  m_memtable = m_recovery->memtable();
  m_appended = m_recovery->lastCommit();
  m_lastTime = m_recovery->lastTime();
  m_chain = m_recovery->chain();
  m_dirtySince = std::chrono::steady_clock::now();
  m_appendedSeen = m_appended;
  m_published = m_appended;
}

Error StoreImpl::readOnlyError() const {
  const auto name = fileName(m_path);
  if (m_openReport.corrupted)
    return makeError(ErrorKind::ReadOnlyDatabase, "\"{}\" is damaged and open read-only", name)
        .withHint("restore it from a backup");
  const std::scoped_lock lock(m_syncMutex);
  if (m_failure)
    return makeError(ErrorKind::ReadOnlyDatabase, "\"{}\" is read-only since a write failed: {}", name, m_failure->message())
        .withHint("see to the disk, then close and open the database again")
        .causedBy(*m_failure);
  return makeError(ErrorKind::ReadOnlyDatabase, "\"{}\" is open read-only", name);
}

Status StoreImpl::fail(Error error) {
  m_failed = true;
  const std::scoped_lock lock(m_syncMutex);
  if (!m_failure) m_failure = error;
  m_syncDone.notify_all();
  return error;
}

Result<CommitReceipt> StoreImpl::commit(CommitRequest request, const Validator& validate) {
  CommitReceipt receipt;
  {
    const std::scoped_lock lock(m_sequencer);
    if (m_closed || readOnly()) return readOnlyError();
    DRIFT_TRY(checkSizes(request.changes));
    if (validate) DRIFT_TRY(validate(stateAt(m_appended)));
    const bool fits = m_memtable->sizeBytes() + bytesOf(request.changes) <= m_options.memtableBytesMax;
    if (!fits && m_memtable->rowCount() > 0) DRIFT_TRY(writeEpoch());
    DRIFT_ASSIGN(receipt, append(request));
    if (m_options.durability != Durability::Full) m_published = receipt.number;
    if (m_memtable->rowCount() >= m_options.memtableRowsMax || m_memtable->sizeBytes() >= m_options.memtableBytesMax)
      (void)writeEpoch().ok();  // a failure is kept: waitDurable() tells it, or else the next commit
  }
  if (m_options.durability == Durability::Full) DRIFT_TRY(waitDurable(receipt.number));
  return receipt;
}

Result<CommitReceipt> StoreImpl::append(CommitRequest& request) {
  if (request.time && m_appended > 0 && *request.time <= m_lastTime)
    return makeError(ErrorKind::MomentOutOfRange, "the commit would not be later than commit {}", m_appended)
        .withHint("history is only ever added at its end");
  CommitHead head;
  head.number = m_appended + 1;
  head.time = request.time ? *request.time : m_clock.now();
  if (m_appended > 0) head.time = std::max(head.time, m_lastTime + 1);
  head.previousHash = m_chain;
  head.author = std::move(request.author);
  head.message = std::move(request.message);
  head.indexTrees = std::move(request.indexTrees);
  head.counts = countChanges(request.changes);
  const auto bytes = encodeCommit(head, request.changes);
  DRIFT_ASSIGN(const auto hash, crypto::sha256({bytes}));
  auto frame = appendCommit(*m_core.file, bytes);
  // Part of the frame may be on disk: nothing may follow it.
  if (!frame.ok()) return fail(std::move(frame).error()).error();
  if (m_memtable->rowCount() == 0) m_dirtySince = std::chrono::steady_clock::now();
  for (const auto& change : request.changes) m_memtable->insert(change, head.number);
  m_core.index.append({head.time, *frame, std::move(head.counts), std::move(head.indexTrees)});
  m_chain = hash;
  m_lastTime = head.time;
  m_appended = head.number;
  m_appendedSeen = head.number;
  return CommitReceipt{head.number, head.time};
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
    const CommitNumber covered = m_appendedSeen;
    auto status = m_core.file->sync();
    if (!status.ok()) (void)fail(status.error()).ok();  // m_failure tells it to all who wait
    lock.lock();
    m_syncing = false;
    if (status.ok() && covered > m_published) m_published = covered;
    m_syncDone.notify_all();
  }
  return {};
}

Snapshot StoreImpl::stateAt(CommitNumber number) const {
  auto state = std::make_shared<Snapshot::State>();
  state->core = &m_core;
  state->number = number;
  auto contents = m_core.contents();
  const auto& epochs = *contents.epochs;
  const auto found = std::ranges::lower_bound(epochs, number, {}, [](const EpochRef& e) { return e->lastCommit; });
  if (found != epochs.end()) {
    state->epoch = *found;
  } else {
    if (!epochs.empty()) state->epoch = epochs.back();
    state->memtables = std::move(contents.memtables);
  }
  return Snapshot(std::move(state));
}

Snapshot StoreImpl::latest() const { return stateAt(m_published); }

Result<Snapshot> StoreImpl::at(CommitNumber number) const {
  const auto last = lastCommit();
  if (number > last)
    return makeError(ErrorKind::MomentOutOfRange, "there is no commit {}; the last one is {}", number, last);
  return stateAt(number);
}

Status StoreImpl::checkpoint() {
  const std::scoped_lock lock(m_sequencer);
  if (m_closed || readOnly()) return readOnlyError();
  return writeEpoch();
}

/// Writes what the memtable holds as an epoch, syncs, and hints at it in the superblock.
Status StoreImpl::writeEpoch() {
  const CommitNumber covered = m_core.epochs()->empty() ? 0 : m_core.epochs()->back()->lastCommit;
  if (covered == m_appended) return {};
  if (auto status = writeEpochFrames(); !status.ok()) return fail(std::move(status).error());
  const std::scoped_lock lock(m_syncMutex);
  m_published = m_appended;
  m_syncDone.notify_all();
  return {};
}

Status StoreImpl::writeEpochFrames() {
  const auto epochs = m_core.epochs();
  const auto previous = epochs->empty() ? nullptr : epochs->back();
  EpochRoots epoch;
  epoch.number = previous ? previous->number + 1 : 1;
  epoch.previousCommit = previous ? previous->lastCommit : 0;
  epoch.lastCommit = m_appended;
  epoch.hash = m_chain;
  epoch.logStart = m_core.file->next();
  if (previous) epoch.previousEpoch = previous->frame;
  PacedWriter pages(*m_core.file, [this] { return m_core.file->sync(); });
  DRIFT_ASSIGN(epoch.trees, writeTrees(pages, m_core.cache, previous.get(), *m_memtable));
  DRIFT_ASSIGN(const auto index, m_core.index.write(pages, epoch.lastCommit));
  epoch.commitIndex = index.root;
  DRIFT_ASSIGN(epoch.frame, m_core.file->append(FrameKind::Epoch, encodeEpoch(epoch)));
  DRIFT_TRY(m_core.file->sync());
  m_core.index.adopt(index);

  auto list = std::make_shared<Epochs>(*epochs);
  list->push_back(std::make_shared<const EpochRoots>(std::move(epoch)));
  const auto frame = list->back()->frame;
  m_memtable = std::make_shared<Memtable>();
  {
    const std::scoped_lock lock(m_core.mutex);
    m_core.current = {std::move(list), {nullptr, m_memtable}};
  }
  ++m_superblock.generation;
  m_superblock.epoch = frame;
  m_superblock.durableOrdinal = m_core.file->durableOrdinal();
  DRIFT_TRY(writeSuperblock(m_core.file->file(), m_superblock));
  return m_core.file->sync();
}

/// The background thread: syncs relaxed stores once a second, writes an epoch when changes grow old.
void StoreImpl::tend() {
  std::unique_lock wake(m_tenderMutex);
  while (!m_tenderWake.wait_for(wake, kRelaxedSyncEvery, [this] { return m_tenderStop; })) {
    if (m_failed) continue;
    if (m_options.durability == Durability::Relaxed)
      if (auto status = m_core.file->sync(); !status.ok()) (void)fail(std::move(status).error()).ok();
    const std::scoped_lock lock(m_sequencer);
    const bool old = std::chrono::steady_clock::now() - m_dirtySince >= m_options.dirtyMax;
    // A failure is kept in m_failure and told by the next commit.
    if (old && !m_closed && !m_failed && m_memtable->rowCount() > 0) (void)writeEpoch().ok();
  }
}

Status StoreImpl::close() {
  if (m_tender.joinable()) {
    {
      const std::scoped_lock lock(m_tenderMutex);
      m_tenderStop = true;
    }
    m_tenderWake.notify_all();
    m_tender.join();
  }
  const std::scoped_lock lock(m_sequencer);
  const bool alreadyClosed = std::exchange(m_closed, true);
  if (m_failed && !alreadyClosed) return readOnlyError();  // what was not synced before may be lost
  if (alreadyClosed || readOnly()) return {};
  auto status = writeEpoch();
  m_core.file->file().unlock();
  return status;
}

Result<bool> StoreImpl::refresh() {
  if (!m_options.readOnly) return false;
  const std::scoped_lock lock(m_sequencer);
  DRIFT_ASSIGN(const auto fileBytes, m_core.file->file().size());
  const auto before = m_appended;
  if (fileBytes <= m_core.file->end()) return false;
  DRIFT_ASSIGN(const auto end, m_recovery->goOn(fileBytes));
  adopt(end);
  return m_appended != before;
}

StoreStatistics StoreImpl::statistics() const {
  return {.framesRead = m_core.file->framesRead(),
          .bytesRead = m_core.file->bytesRead(),
          .cacheHits = m_core.cache.hits(),
          .cacheMisses = m_core.cache.misses()};
}

Result<VerifyReport> StoreImpl::verify(runtime::CancelToken cancel) const {
  VerifiedState state;
  {
    // Commits and epochs go on beside the check; it looks at what is there now, and only at that.
    const std::scoped_lock lock(m_sequencer);
    DRIFT_ASSIGN(state.fileBytes, m_core.file->file().size());
    DRIFT_ASSIGN(state.superblocks, readSuperblocks(m_core.file->file(), m_core.file->path()));
    state.end = m_core.file->end();
    state.epochs = m_core.epochs();
  }
  return verifyFile(m_core, std::move(state), std::move(cancel));
}

}  // namespace drift::storage
