// The half of StoreImpl that turns memtables into epochs, beside the commits.
#include <algorithm>
#include <utility>

#include "base/out_of_memory.h"
#include "storage/store_impl.h"

namespace drift::storage {

namespace {

constexpr std::chrono::milliseconds kTendEvery(1000);
/// A page takes in all versions that an epoch made of a key, the last one before, and other keys up to its bound of
/// 4 MiB. With rows of at most 24 MiB it fits into a frame of 64 MiB while memtables hold no more than this of a
/// key. The sealed and the active one count together: after a crash they are one.
constexpr std::size_t kKeyRowBytesMax = 32u << 20;

/// While an epoch is being written, commits are held back from this fill of the active memtable on …
constexpr double kFillHeldBack = 0.75;
/// … and wait for the epoch from this one on.
constexpr double kFillMax = 2;
/// What a commit that brings 1/256 of a memtable waits at fill 1; it grows with the square.
constexpr double kDelayMsAtFull = 5;
constexpr double kDelayMsMax = 40;

}  // namespace

/// How full the active memtable is; 1 = an epoch is due.
double StoreImpl::fill() const {
  const auto share = [](std::size_t is, std::size_t max) { return double(is) / double(std::max<std::size_t>(max, 1)); };
  return std::max({share(m_memtable->rowCount(), m_options.memtableRowsMax),
                   share(m_memtable->sizeBytes(), m_options.memtableBytesMax),
                   share(m_indexBytes, m_options.commitIndexBytesMax)});
}

/// Whether a page can hold a row of that size with all versions of its key that are not in an epoch yet.
bool StoreImpl::hasPageRoom(std::size_t rowBytes) const {
  const auto held = m_memtable->keyRowBytesMax() + (m_sealed ? m_sealed->memtable->keyRowBytesMax() : 0);
  return held == 0 || held + rowBytes <= kKeyRowBytesMax;
}

/// Holds a commit back while changes come in faster than epochs are written: first a little, in the end until there
/// is room. Others may commit meanwhile.
void StoreImpl::makeRoom(SequencerLock& lock, const std::vector<RowChange>& changes) {
  std::size_t bytes = 0, rowBytes = 0;
  for (const auto& change : changes) {
    bytes += change.key.size() + change.row.size();
    rowBytes = std::max(rowBytes, change.row.size());
  }
  const auto ended = [this] { return m_closed || readOnly(); };
  if (m_sealed && fill() >= kFillHeldBack) {
    const double share = std::max(double(changes.size()) / double(std::max<std::size_t>(m_options.memtableRowsMax, 1)),
                                  double(bytes) / double(std::max<std::size_t>(m_options.memtableBytesMax, 1)));
    const double over = (fill() - kFillHeldBack) / (1 - kFillHeldBack);
    const auto delay = std::chrono::duration<double, std::milli>(
        std::min(kDelayMsAtFull * over * over * 256 * share, kDelayMsMax));
    m_epochEvent.wait_for(lock, delay, [&, sealed = m_sealed] { return m_sealed != sealed || ended(); });
  }
  while (!ended() && (!hasPageRoom(rowBytes) || (m_sealed && fill() >= kFillMax))) {
    if (!m_sealed) seal();
    m_epochEvent.wait(lock, [&, sealed = m_sealed] { return m_sealed != sealed || ended(); });
  }
}

/// Ends the active memtable, which the background thread then writes as an epoch. Does all of it, or throws bad_alloc.
void StoreImpl::seal() {
  auto sealed = std::make_shared<Sealed>(Sealed{m_memtable, m_appended, m_chain, m_core->file->next()});
  auto next = std::make_shared<Memtable>();
  m_memtable = std::move(next);
  m_sealedUpTo = m_appended;
  m_indexBytes = 0;
  {
    const std::scoped_lock lock(m_core->mutex);
    m_core->current.memtables = {sealed->memtable, m_memtable};
  }
  m_sealed = std::move(sealed);
  m_epochEvent.notify_all();
}

/// Seals if there is memory for it; else whoever comes next tries again.
void StoreImpl::trySeal() noexcept {
  try {
    seal();
  } catch (const std::bad_alloc&) {
    // A memtable that is too full is no reason to refuse what was asked for. Who needs it sealed is told.
  }
}

/// Waits until commits up to `wanted` are in epochs.
Status StoreImpl::writeEpochs(SequencerLock& lock, CommitNumber wanted) {
  while (m_epochsUpTo < wanted) {
    DRIFT_TRY(failure());
    if (!m_sealed) seal();
    m_epochEvent.wait(lock, [&, sealed = m_sealed] { return m_sealed != sealed || m_failed; });
  }
  return {};
}

/// Writes the next superblock, over the older one.
Status StoreImpl::writeSuperblock() {
  ++m_superblock.generation;
  DRIFT_TRY(m_core->file->writeAt(m_superblock.slotOffset(), encodeSuperblock(m_superblock)));
  return m_core->file->sync();
}

Status StoreImpl::writeEpoch(const Sealed& sealed) {
  // An older program must see from either superblock that it does not know this file, before there is anything in it
  // that it would take for damage.
  if (std::exchange(m_superblock.revision, kFormatRevision) < kFormatRevision)
    for (int slot = 0; slot < 2; ++slot) DRIFT_TRY(writeSuperblock());
  const auto previous = m_core->epochs()->newest();
  EpochRoots epoch;
  epoch.number = previous ? previous->number + 1 : 1;
  epoch.previousCommit = previous ? previous->lastCommit : 0;
  epoch.lastCommit = sealed.lastCommit;
  epoch.hash = sealed.hash;
  epoch.logStart = sealed.logStart;
  if (previous) epoch.previousEpoch = previous->frame;
  PacedWriter pages(*m_core->file, [this] { return syncAll(); });
  DRIFT_ASSIGN(epoch.trees, writeTrees(pages, m_core->cache, previous.get(), *sealed.memtable));
  DRIFT_ASSIGN(const auto index, m_core->index.write(pages, epoch.lastCommit));
  epoch.commitIndex = index.root;
  DRIFT_ASSIGN(const auto list, m_core->epochList.write(pages));
  epoch.earlier = list.root;
  DRIFT_ASSIGN(epoch.frame, m_core->file->append(FrameKind::Epoch, encodeEpoch(epoch)));
  DRIFT_TRY(syncAll());
  m_core->index.adopt(index);
  m_core->epochList.adopt(list);
  m_core->epochList.append(epoch);

  m_superblock.epoch = epoch.frame;
  auto epochs = std::make_shared<Epochs>(m_core->epochList, std::make_shared<const EpochRoots>(std::move(epoch)));
  m_superblock.durableOrdinal = m_core->file->durableOrdinal();
  {
    const std::scoped_lock lock(m_core->mutex);
    m_core->current.epochs = std::move(epochs);
    m_core->current.memtables.older = nullptr;
  }
  return writeSuperblock();
}

/// Writes the epoch of the sealed memtable, without the lock.
void StoreImpl::writeSealed(SequencerLock& lock) {
  auto sealed = m_sealed;
  lock.unlock();
  auto status = catchBadAlloc([&] { return writeEpoch(*sealed); });
  // Kept in m_failure: whoever waits is told, or else the next who commits.
  if (!status.ok()) (void)fail(std::move(status).error());
  lock.lock();
  if (!m_failed) {
    m_epochsUpTo = sealed->lastCommit;
    m_sealed = nullptr;
    if (fill() >= 1) trySeal();
  }
  m_epochEvent.notify_all();
  // It takes a while to give so much memory back.
  lock.unlock();
  sealed.reset();
  lock.lock();
}

/// The background thread: writes epochs when memtables are full or their changes grow old, syncs relaxed stores.
void StoreImpl::tend() {
  using Steady = std::chrono::steady_clock;
  SequencerLock lock(m_sequencer);
  auto next = Steady::now() + kTendEvery;
  while (!m_tenderStop) {
    m_epochEvent.wait_until(lock, next, [this] { return m_tenderStop || (m_sealed && !m_failed); });
    if (m_sealed && !m_failed) writeSealed(lock);
    if (Steady::now() < next) continue;
    next = Steady::now() + kTendEvery;
    if (m_failed) m_epochEvent.notify_all();  // for who began to wait when it was told
    if (m_closed) continue;
    const bool isOld = m_appended > m_sealedUpTo && Steady::now() - m_dirtySince >= m_options.dirtyMax;
    if (isOld && !m_sealed && !m_failed) trySeal();
    if (m_durability != Durability::Relaxed) continue;
    // Also where writing has ended, but not for the file's sake: what was acknowledged is still owed its sync.
    lock.unlock();
    syncOrFail();
    lock.lock();
  }
}

Status StoreImpl::checkpoint() {
  return catchBadAlloc([this]() -> Status {
    SequencerLock lock(m_sequencer);
    if (m_closed || readOnly()) return readOnlyError();
    return writeEpochs(lock, m_appended);
  });
}

void StoreImpl::retire() {
  {
    const std::scoped_lock lock(m_sequencer);
    if (std::exchange(m_closed, true)) return;
    m_tenderStop = true;
    m_epochEvent.notify_all();
  }
  m_tender.join();
}

Status StoreImpl::close() {
  SequencerLock lock(m_sequencer);
  if (std::exchange(m_closed, true)) {
    m_core->file->file().unlock();  // a damaged file was locked, though nothing is written to it
    return {};
  }
  // After a failure, what was not synced before may be lost.
  Status status = catchBadAlloc([&] { return m_failed ? Status(readOnlyError()) : writeEpochs(lock, m_appended); });
  m_tenderStop = true;
  m_epochEvent.notify_all();
  lock.unlock();
  m_tender.join();
  if (status.ok()) status = catchBadAlloc([this] { return m_core->file->giveSpaceBack(); });
  // Without an epoch it is the log that must be on disk. Where the file refuses, `status` has told.
  else syncOrFail();
  m_core->file->file().unlock();
  return status;
}

}  // namespace drift::storage
