#include "storage/recovery.h"

#include <algorithm>
#include <limits>

namespace drift::storage {

Status Recovery::startFromBeginning() {
  m_core.index.clear();
  m_core.epochList.clear();
  m_newest = nullptr;
  m_memtable = std::make_shared<Memtable>();
  m_lastCommit = 0;
  m_lastTime = std::numeric_limits<TimeMicros>::min();
  m_offset = kFirstFrameOffset;
  m_ordinal = 0;
  DRIFT_ASSIGN(m_chain, chainStart(m_superblock.fileId));
  return {};
}

/// Reads what the file has kept of its history; false where a file that has such a frame has lost it.
Result<bool> Recovery::readKept(std::uint64_t fileBytes) {
  if (!m_superblock.thinned) return true;
  Bytes payload;
  const auto frame = scanFrame(m_core.file->file(), kFirstFrameOffset, fileBytes, m_core.file->seed(), payload);
  if (!frame.ok() && frame.error().kind() != ErrorKind::DataCorrupted) return frame.error();
  if (!frame.ok() || frame->header.kind != FrameKind::KeptHistory) return false;
  auto kept = decodeKeptHistory(payload);
  if (!kept.ok()) return false;
  m_core.index.setKept(std::move(kept->commits));
  m_core.horizons = std::move(kept->horizons);
  return true;
}

/// Fills the list of epochs up to the newest: with what that one holds of those before it, or where the file is older
/// than such lists, with all that follow from it.
Status Recovery::listEpochs(const EpochRef& newest) {
  auto& list = m_core.epochList;
  if (newest->earlier.empty()) {
    DRIFT_ASSIGN(const auto epochs, readEpochChain(*m_core.file, newest));
    for (const auto& epoch : epochs) list.append(*epoch);
    return {};
  }
  DRIFT_TRY(list.open(newest->earlier));
  const auto view = list.view();
  EpochList::Entry before;
  if (view.size > 0) {
    DRIFT_ASSIGN(before, list.entryAt(view, view.size - 1));
  }
  if (view.size != newest->number - 1 || before != EpochList::Entry{newest->previousCommit, newest->previousEpoch} ||
      before.frame.offset >= newest->frame.offset)
    return Error(ErrorKind::DataCorrupted, "an epoch and its list of those before differ");
  list.append(*newest);
  return {};
}

/// Begins with the epoch that the superblock hints at. Any error means: start from the beginning.
Status Recovery::startFromEpoch() {
  DRIFT_TRY(startFromBeginning());
  if (!m_superblock.epoch) return {};
  DRIFT_ASSIGN(const auto payload, m_core.file->read(m_superblock.epoch, FrameKind::Epoch));
  DRIFT_ASSIGN(auto epoch, decodeEpoch(payload));
  epoch.frame = m_superblock.epoch;
  m_newest = std::make_shared<const EpochRoots>(std::move(epoch));
  DRIFT_TRY(listEpochs(m_newest));
  // Commits behind the last epoch may stand between its pages, before its own frame.
  const auto& last = *m_newest;
  DRIFT_TRY(m_core.index.open(last.commitIndex));
  if (last.lastCommit != m_core.index.last()) return Error(ErrorKind::DataCorrupted, "an epoch and its commits differ");
  if (last.logStart.offset < kFirstFrameOffset || last.logStart.offset > last.frame.offset || last.logStart.ordinal == 0)
    return Error(ErrorKind::DataCorrupted, "an epoch starts outside of the file");
  m_offset = last.logStart.offset;
  m_ordinal = last.logStart.ordinal - 1;
  m_chain = last.hash;
  m_lastCommit = last.lastCommit;
  DRIFT_ASSIGN(m_lastTime, m_core.index.timeOf(last.lastCommit));
  return {};
}

Result<RecoveryEnd> Recovery::run(std::uint64_t fileBytes) {
  m_core.file->setEnd(fileBytes, 0, 0);
  DRIFT_ASSIGN(const bool known, readKept(fileBytes));
  if (!known) {
    // Without it nobody knows which number a commit has.
    DRIFT_TRY(startFromBeginning());
    publish();
    return RecoveryEnd{kFirstFrameOffset, 0, true, kFirstFrameOffset};
  }
  if (auto status = startFromEpoch(); !status.ok()) {
    if (status.error().kind() != ErrorKind::DataCorrupted) return std::move(status).error();
    DRIFT_TRY(startFromBeginning());
  }
  return goOn(fileBytes);
}

Result<RecoveryEnd> Recovery::goOn(std::uint64_t fileBytes) {
  // Pages are not needed here. The checks of those that were synced before the superblock are left to readers;
  // later ones may be torn, and then the file ends before them.
  const auto wants = [&](const FrameHeader& header) {
    const bool isLog = header.kind == FrameKind::Commit || header.kind == FrameKind::CommitPart;
    return isLog || header.kind == FrameKind::Epoch || header.ordinal > m_superblock.durableOrdinal;
  };
  m_scanner.forget();
  bool sound = true;
  while (sound && m_offset < fileBytes) {
    auto frame = m_scanner.read(m_offset, fileBytes, wants);
    if (!frame.ok()) {
      if (frame.error().kind() != ErrorKind::DataCorrupted) return std::move(frame).error();
      break;
    }
    if (frame->header.ordinal != m_ordinal + 1) break;
    DRIFT_ASSIGN(sound, take(*frame, m_scanner.payload()));
    if (!sound) break;
    m_offset = frame->ref.end();
    m_ordinal = frame->header.ordinal;
  }

  RecoveryEnd end{m_offset, m_ordinal, false, m_offset};
  if (m_superblock.durableOrdinal > m_ordinal) {
    end.damaged = true;
  } else if (m_offset < fileBytes) {
    DRIFT_ASSIGN(const auto later, findLaterFrame(m_core.file->file(), m_offset, fileBytes, m_core.file->seed(), m_ordinal + 1));
    end.damaged = later != 0;
  }
  if (m_firstPart) {
    // A commit without its last part was never acknowledged.
    end.offset = m_firstPart.offset;
    end.lastOrdinal = m_ordinalBeforeParts;
    m_offset = end.offset;
    m_ordinal = end.lastOrdinal;
    m_parts.clear();
    m_firstPart = {};
  }
  // Last, since memory may end in all of the above. Whoever sees an epoch reads its pages, so these come first.
  m_core.file->setEnd(std::max(m_core.file->end(), m_offset), m_ordinal, std::min(m_superblock.durableOrdinal, m_ordinal));
  publish();
  return end;
}

/// Takes one frame in; gives false where its contents cannot follow what was read before.
Result<bool> Recovery::take(const ScannedFrame& frame, ByteSpan payload) {
  switch (frame.header.kind) {
    case FrameKind::WholeBase:
    case FrameKind::WholeRun:
    case FrameKind::Base:
    case FrameKind::Run:
    case FrameKind::Inner:
    case FrameKind::CommitIndex:
    case FrameKind::EpochIndex: return !m_firstPart;
    case FrameKind::KeptHistory: return m_superblock.thinned && frame.ref.offset == kFirstFrameOffset;
    case FrameKind::Epoch: return m_firstPart ? Result<bool>(false) : takeEpoch(frame, payload);
    case FrameKind::CommitPart:
    case FrameKind::Commit:
      if (!m_firstPart) {
        m_firstPart = frame.ref;
        m_ordinalBeforeParts = m_ordinal;
      }
      m_parts.insert(m_parts.end(), payload.begin(), payload.end());
      if (frame.header.kind == FrameKind::CommitPart) return true;
      return takeCommit();
  }
  return false;
}

Result<bool> Recovery::takeCommit() {
  auto commit = decodeCommit(m_parts);
  const bool follows = commit.ok() && commit->head.number == m_core.index.next() && commit->head.previousHash == m_chain &&
                       commit->head.time > m_lastTime;
  if (!follows) return false;
  DRIFT_ASSIGN(m_chain, crypto::sha256({m_parts}));
  m_lastCommit = commit->head.number;
  m_lastTime = commit->head.time;
  m_memtable->insert(commit->changes, m_lastCommit);
  m_core.index.append({commit->head.time, m_firstPart, commit->head.counts, commit->head.indexTrees});
  m_parts.clear();
  m_firstPart = {};
  return true;
}

Result<bool> Recovery::takeEpoch(const ScannedFrame& frame, ByteSpan payload) {
  auto epoch = decodeEpoch(payload);
  if (!epoch.ok()) return false;
  epoch->frame = frame.ref;
  // Where reading began behind the commits of an epoch, that epoch's frame is met on the way.
  if (m_newest && m_newest->frame == frame.ref) return true;
  DRIFT_ASSIGN(const bool sound, follows(*epoch));
  if (!sound) return false;
  auto newest = std::make_shared<const EpochRoots>(std::move(*epoch));
  if (!newest->earlier.empty()) {
    // Its list is of what is known already, and names the blocks that are in the file.
    const auto listed = m_core.epochList.open(newest->earlier);
    if (!listed.ok() && listed.error().kind() != ErrorKind::DataCorrupted) return listed.error();
    if (!listed.ok()) return false;
  }
  auto newer = std::make_shared<Memtable>();
  newer->insertNewer(*m_memtable, newest->lastCommit);
  m_core.epochList.append(*newest);
  m_newest = std::move(newest);
  m_memtable = std::move(newer);
  return true;
}

/// Whether an epoch goes on where the last one ended, and says truly where the log went on behind its commits.
Result<bool> Recovery::follows(const EpochRoots& epoch) const {
  const CommitNumber previous = m_newest ? m_newest->lastCommit : 0;
  const FrameRef before = m_newest ? m_newest->frame : FrameRef();
  if (epoch.number != (m_newest ? m_newest->number : 0) + 1 || epoch.previousCommit != previous || epoch.previousEpoch != before || epoch.lastCommit > m_lastCommit) return false;
  DRIFT_ASSIGN(const auto last, m_core.index.frameOf(epoch.lastCommit));
  FrameRef next = epoch.frame;
  if (epoch.lastCommit < m_lastCommit) {
    DRIFT_ASSIGN(next, m_core.index.frameOf(m_core.index.kept().nextFrom(epoch.lastCommit + 1)));
  }
  return last.offset < epoch.logStart.offset && epoch.logStart.offset <= next.offset;
}

void Recovery::publish() {
  const std::scoped_lock lock(m_core.mutex);
  m_core.current = {std::make_shared<const Epochs>(m_core.epochList, m_newest), {nullptr, m_memtable}};
}

}  // namespace drift::storage
