#include "storage/verify.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <map>
#include <optional>
#include <set>

#include "base/checksum.h"
#include "storage/fresh_pages.h"
#include "storage/replay_check.h"

namespace drift::storage {

namespace {

constexpr std::size_t kFindingsMax = 100;
/// Older epochs at whose end the log is compared with the trees.
constexpr std::size_t kOlderEpochs = 2;
/// What is kept of the list of epochs while it is checked.
constexpr std::size_t kListBytesMax = 1u << 20;

/// A sum over versions that does not depend on their order: log and trees must come to the same one.
struct VersionSum {
  std::uint64_t count = 0;
  std::uint64_t hash = 0;

  void add(TreeId tree, std::string_view key, CommitNumber seq, RowOp op) {
    Bytes bytes;
    ByteWriter writer(bytes);
    writer.varint(tree);
    writer.varint(seq);
    writer.fixed(static_cast<std::uint8_t>(op));
    writer.string(key);
    hash += xxh3(bytes);
    ++count;
  }
  friend bool operator==(const VersionSum&, const VersionSum&) = default;
};

/// What the log has of one tree.
struct TreeSums {
  std::uint64_t commits = 0;
  std::uint64_t inserted = 0;
  std::uint64_t updated = 0;
  std::uint64_t deleted = 0;
  TimeMicros first = std::numeric_limits<TimeMicros>::max();
  TimeMicros last = 0;
};

class Verifier final {
 public:
  Verifier(const StoreCore& core, VerifiedState state, runtime::CancelToken cancel)
      : m_core(core), m_state(std::move(state)), m_cancel(std::move(cancel)) {}

  Result<VerifyReport> run() {
    m_report.bytes = m_state.fileBytes;
    if (m_state.superblocks.damagedSlot) note(0, "one of the two superblocks is damaged; the other is in use");
    DRIFT_TRY(readEpochs());
    for (const auto& epoch : m_epochs) {
      m_epochsByCommit.emplace(epoch->lastCommit, epoch.get());
      m_logStarts.emplace(epoch->logStart.offset, epoch.get());
      m_epochFrames.emplace(epoch->frame.offset, epoch.get());
    }
    DRIFT_TRY(checkFrames());
    if (m_framesSound) DRIFT_TRY(checkSums());
    for (const auto& epoch : m_epochs) DRIFT_TRY(checkEpoch(*epoch));
    if (m_report.findings.empty() && m_logInEpochs != m_inTrees)
      note(0, fmt::format("the log holds {} versions up to the last epoch, the trees hold {} or others",
                          m_logInEpochs.count, m_inTrees.count));
    if (m_framesSound && m_chainSound && !m_epochs.empty()) DRIFT_TRY(replay());
    return std::move(m_report);
  }

 private:
  void note(std::uint64_t offset, std::string sentence) {
    if (m_report.findings.size() < kFindingsMax) m_report.findings.push_back({offset, std::move(sentence)});
  }

  /// All epochs by their chain, and the newest one's list of them held against that.
  Status readEpochs() {
    if (!m_state.newest) return {};
    const auto& newest = *m_state.newest;
    auto chain = readEpochChain(*m_core.file, m_state.newest);
    m_chainSound = chain.ok();
    if (!chain.ok() && chain.error().kind() != ErrorKind::DataCorrupted) return std::move(chain).error();
    if (!chain.ok()) note(newest.frame.offset, fmt::format("the epochs before epoch {} cannot be read: {}", newest.number,
                                                           chain.error().message()));
    m_epochs = chain.ok() ? std::move(chain).value() : std::vector{m_state.newest};
    if (newest.earlier.empty() || !m_chainSound) return {};
    EpochList list(*m_core.file, kListBytesMax);
    auto status = list.open(newest.earlier);
    for (std::size_t at = 0; status.ok() && at + 1 < m_epochs.size(); ++at) {
      const auto entry = list.entryAt(list.view(), at);
      if (!entry.ok()) status = entry.error();
      else if (*entry != EpochList::Entry{m_epochs[at]->lastCommit, m_epochs[at]->frame})
        status = makeError(ErrorKind::DataCorrupted, "it has another epoch {}", at + 1);
    }
    if (status.ok()) return {};
    if (status.error().kind() != ErrorKind::DataCorrupted) return status;
    note(newest.frame.offset, fmt::format("the list of epochs in epoch {} is wrong: {}", newest.number,
                                          status.error().message()));
    return {};
  }

  Status checkFrames() {
    auto chain = chainStart(m_state.superblocks.newest.fileId);
    if (!chain.ok()) return std::move(chain).error();
    m_chain = *chain;
    Bytes payload;
    std::uint64_t offset = kFirstFrameOffset;
    const auto end = m_state.end;
    for (std::uint64_t ordinal = 1; offset < end; ++ordinal) {
      DRIFT_TRY(m_cancel.check());
      const auto frame = scanFrame(m_core.file->file(), offset, end, m_core.file->seed(), payload);
      if (!frame.ok() || frame->header.ordinal != ordinal) {
        if (!frame.ok() && frame.error().kind() != ErrorKind::DataCorrupted) return frame.error();
        note(offset, fmt::format("the frame at byte {} is damaged; what follows it was not checked", offset));
        return {};
      }
      ++m_report.frames;
      if (const auto start = m_logStarts.find(offset); start != m_logStarts.end()) {
        if (start->second->logStart.ordinal == ordinal) m_logStarts.erase(start);
      }
      checkFrame(*frame, payload);
      offset = frame->ref.end();
    }
    m_framesSound = true;
    for (const auto& [place, epoch] : m_logStarts)
      if (place < end) note(epoch->frame.offset, fmt::format("epoch {} names a wrong place of the log", epoch->number));
    for (const auto& [place, epoch] : m_epochFrames)
      note(place, fmt::format("epoch {} is not where it was when the database was opened", epoch->number));
    // A sound frame behind the end is another process's newest commit, which refresh() would show.
    if (m_report.bytes > end && scanFrame(m_core.file->file(), end, m_report.bytes, m_core.file->seed(), payload).ok())
      return {};
    const auto durable = m_state.superblocks.newest.durableOrdinal;
    if (durable > m_report.frames)
      note(offset, fmt::format("the file ends after {} frames, but had {}", m_report.frames, durable));
    if (m_report.bytes > end)
      note(end, fmt::format("{} bytes after byte {} are not part of the database", m_report.bytes - end, end));
    return {};
  }

  void checkFrame(const ScannedFrame& frame, ByteSpan payload) {
    switch (frame.header.kind) {
      case FrameKind::CommitPart:
      case FrameKind::Commit:
        if (m_parts.empty()) m_firstPart = frame.ref;
        m_parts.insert(m_parts.end(), payload.begin(), payload.end());
        if (frame.header.kind == FrameKind::CommitPart) break;
        checkCommit(frame.ref.offset);
        m_parts.clear();
        break;
      case FrameKind::Epoch:
        ++m_report.epochs;
        checkEpochFrame(frame.ref, payload);
        break;
      case FrameKind::WholeBase:
      case FrameKind::WholeRun:
      case FrameKind::Base:
      case FrameKind::Run:
      case FrameKind::Inner:
      case FrameKind::CommitIndex:
      case FrameKind::EpochIndex: break;
      case FrameKind::KeptHistory: checkKept(frame.ref.offset, payload); break;
    }
  }

  void checkKept(std::uint64_t offset, ByteSpan payload) {
    const auto kept = decodeKeptHistory(payload);
    const bool same = kept.ok() && kept->commits == m_core.index.kept() && kept->horizons == m_core.horizons;
    if (offset != kFirstFrameOffset || !same)
      note(offset, fmt::format("what byte {} says of kept commits is not what was read at open", offset));
  }

  void checkCommit(std::uint64_t offset) {
    const auto commit = decodeCommit(m_parts);
    if (!commit.ok()) return note(offset, fmt::format("the commit at byte {} is malformed", offset));
    const auto number = m_core.index.kept().numberAt(m_report.commits++);
    if (commit->head.number != number)
      note(offset, fmt::format("commit {} stands where commit {} should be", commit->head.number, number));
    if (commit->head.previousHash != m_chain)
      note(offset, fmt::format("the hash chain breaks at commit {}: an earlier commit was changed", number));
    if (commit->head.time <= m_lastTime && m_report.commits > 1)
      note(offset, fmt::format("commit {} is not later than the one before", number));
    m_lastTime = commit->head.time;
    if (const auto hash = crypto::sha256({m_parts}); hash.ok()) m_chain = *hash;
    checkIndexed(*commit, number);
    if (const auto epoch = m_epochsByCommit.find(number); epoch != m_epochsByCommit.end())
      if (epoch->second->hash != m_chain)
        note(epoch->second->frame.offset,
             fmt::format("epoch {} was written over another commit {} than the log has", epoch->second->number, number));
    if (m_epochs.empty() || number > m_epochs.back()->lastCommit) return;
    for (const auto& change : commit->changes) m_logInEpochs.add(change.tree, change.key, number, change.op);
  }

  /// Compares what the index of commits says of one with the commit itself.
  void checkIndexed(const DecodedCommit& commit, CommitNumber number) {
    const auto& head = commit.head;
    const auto counts = countChanges(commit.changes);
    const auto same = [](const TreeCounts& a, const TreeCounts& b) {
      return a.tree == b.tree && a.inserted == b.inserted && a.updated == b.updated && a.deleted == b.deleted;
    };
    if (!std::ranges::equal(counts, head.counts, same))
      note(m_firstPart.offset, fmt::format("commit {} counts its changes wrongly", number));
    for (const auto& tree : counts) {
      auto& sums = m_sums[tree.tree];
      ++sums.commits;
      sums.inserted += tree.inserted;
      sums.updated += tree.updated;
      sums.deleted += tree.deleted;
      sums.first = std::min(sums.first, head.time);
      sums.last = head.time;
    }
    if (number > m_core.index.last()) return;  // a damaged file was opened up to a commit before
    const auto frame = m_core.index.frameOf(number);
    const auto time = m_core.index.timeOf(number);
    for (const auto* error : {frame.ok() ? nullptr : &frame.error(), time.ok() ? nullptr : &time.error()})
      if (error)
        return noteIndex(fmt::format("the index of commits has no commit {}: {}", number, error->message()));
    if (*frame != m_firstPart || *time != head.time)
      noteIndex(fmt::format("the index of commits has another time or place of commit {}", number));
    for (const auto& tree : counts) {
      const auto last = m_core.index.lastChange(tree.tree, number);
      if (last.ok() && *last == number) continue;
      return noteIndex(
          fmt::format("the index of commits does not know that commit {} changed tree {}", number, tree.tree));
    }
  }

  /// One finding stands for all: a block that is wrong is wrong for each of its commits.
  void noteIndex(std::string sentence) {
    if (!std::exchange(m_indexNoted, true)) note(m_firstPart.offset, std::move(sentence));
  }

  /// Compares the sums of the index of commits with those of the log.
  Status checkSums() {
    for (const auto& [tree, sums] : m_sums) {
      if (m_indexNoted || m_report.commits > m_core.index.size() || sums.last == std::numeric_limits<TimeMicros>::max())
        continue;
      const auto last = m_core.index.kept().numberAt(m_report.commits - 1);
      const auto summary = m_core.index.summary(sums.first, sums.last + 1, 1, tree, last);
      if (!summary.ok() && summary.error().kind() != ErrorKind::DataCorrupted) return summary.error();
      if (!summary.ok()) {
        noteIndex(fmt::format("the index of commits has no sums of tree {}: {}", tree, summary.error().message()));
        continue;
      }
      const auto& bucket = summary->front();
      if (bucket.commits != sums.commits || bucket.inserted != sums.inserted || bucket.updated != sums.updated ||
          bucket.deleted != sums.deleted)
        noteIndex(fmt::format("the index of commits sums up other changes of tree {} than the log has", tree));
    }
    return {};
  }

  /// An epoch's frame must be what the store works with.
  void checkEpochFrame(FrameRef frame, ByteSpan payload) {
    const auto epoch = m_epochFrames.find(frame.offset);
    if (epoch == m_epochFrames.end()) return;  // one that was not finished
    const auto& known = *epoch->second;
    const auto read = decodeEpoch(payload);
    if (!read.ok()) return;
    // What is known of older ones is without their lists.
    const auto without = known.earlier.empty() ? read->earlier.size() : 0;
    if (!std::ranges::equal(encodeEpoch(known), payload.first(payload.size() - without))) return;
    m_epochFrames.erase(epoch);
    if (!read->earlier.empty() && !endsWith(read->earlier, {known.previousCommit, known.previousEpoch}))
      note(frame.offset, fmt::format("the list of epochs in epoch {} is wrong", known.number));
  }

  /// Whether a list, as an epoch holds it, ends with an epoch, or has none where that is none.
  bool endsWith(ByteSpan root, EpochList::Entry last) const {
    EpochList list(*m_core.file, kListBytesMax);
    if (!list.open(root).ok()) return false;
    const auto view = list.view();
    if (view.size == 0) return last == EpochList::Entry();
    const auto entry = list.entryAt(view, view.size - 1);
    return entry.ok() && *entry == last;
  }

  Status checkEpoch(const EpochRoots& epoch) {
    for (const auto& [tree, root] : epoch.trees) {
      DRIFT_TRY(checkNode(tree, root.root, epoch, std::nullopt));
      if (m_greatestKeys[tree] <= root.highestKey) continue;
      note(epoch.frame.offset,
           fmt::format("epoch {} names a key as the greatest of tree {} that is not", epoch.number, tree));
    }
    return {};
  }

  /// The log against the trees at some moments: the last epoch, some before it, and one between two.
  Status replay() {
    const auto& epochs = m_epochs;
    std::set<CommitNumber> moments{epochs.back()->lastCommit};
    // Which ones, the file decides: a second look finds the same.
    std::uint64_t random = 0;
    std::memcpy(&random, m_chain.data(), sizeof random);
    for (std::size_t i = 0; i < kOlderEpochs; ++i, random = random * 6364136223846793005 + 1442695040888963407)
      moments.insert(epochs[(random >> 33) % epochs.size()]->lastCommit);
    moments.insert(m_core.index.kept().nextFrom(1 + (random >> 33) % epochs.back()->lastCommit));
    return checkReplay({.core = m_core,
                        .epochs = m_epochs,
                        .end = m_state.end,
                        .moments = {moments.begin(), moments.end()},
                        .cancel = m_cancel,
                        .note = [this](auto offset, std::string sentence) { note(offset, std::move(sentence)); }});
  }

  /// Checks a page and all below it, unless an earlier epoch shares it.
  Status checkNode(TreeId tree, const NodeEntry& entry, const EpochRoots& epoch,
                   const std::optional<std::string>& end) {
    DRIFT_TRY(m_cancel.check());
    const auto place = entry.isLeaf ? entry.slices.back().state.newest().offset : entry.page.offset;
    if (!m_seen.insert(place).second) return {};
    auto status = entry.isLeaf ? checkLeaf(tree, entry, epoch, end) : checkInner(tree, entry, epoch, end);
    if (status.ok()) return {};
    if (status.error().kind() != ErrorKind::DataCorrupted) return status;
    note(place, fmt::format("a page of tree {} at byte {} is damaged: {}", tree, place, status.error().message()));
    return {};
  }

  Status checkInner(TreeId tree, const NodeEntry& entry, const EpochRoots& epoch,
                    const std::optional<std::string>& end) {
    DRIFT_ASSIGN(const auto node, m_pages.inner(entry.page));
    std::uint64_t rows = 0;
    for (std::size_t i = 0; i < node.size(); ++i) {
      rows += node[i].liveRows;
      if (node[i].newestSeq > entry.newestSeq || node[i].newestCount > entry.newestCount)
        return Error(ErrorKind::DataCorrupted, "a page below it is newer than its reference says");
      const auto childEnd = i + 1 < node.size() ? std::optional(node[i + 1].lowKey) : end;
      DRIFT_TRY(checkNode(tree, node[i], epoch, childEnd));
    }
    if (rows != entry.liveRows) return Error(ErrorKind::DataCorrupted, "its row count is wrong");
    return {};
  }

  Status checkLeaf(TreeId tree, const NodeEntry& entry, const EpochRoots& epoch,
                   const std::optional<std::string>& end) {
    auto from = epoch.previousCommit;
    for (const auto& slice : entry.slices) {
      DRIFT_ASSIGN(const auto leaf, m_pages.leaf(slice.state));
      for (const auto& column : leaf->columns()) DRIFT_TRY(leaf->column(column.id));
      for (std::size_t row = 0; row < leaf->rowCount(); ++row) {
        const auto seq = leaf->seq(row);
        const auto key = leaf->key(row);
        if (key.view() < entry.lowKey || (end && key.view() >= *end))
          return Error(ErrorKind::DataCorrupted, "a key lies outside the page's range");
        if (seq > entry.newestSeq || (seq > entry.newestCount && leaf->op(row) != RowOp::Update))
          return Error(ErrorKind::DataCorrupted, "it is newer than its reference says");
        // Each version belongs to the epoch and the slice that made it.
        if (seq > from && seq <= slice.through) m_inTrees.add(tree, key.view(), seq, leaf->op(row));
      }
      if (leaf->rowCount() > 0) {
        const auto last = leaf->key(leaf->rowCount() - 1);
        if (auto& greatest = m_greatestKeys[tree]; greatest < last.view()) greatest = last.view();
      }
      from = slice.through;
      if (slice.through == kNoCommit && leaf->countVisible(kNoCommit) != entry.liveRows)
        return Error(ErrorKind::DataCorrupted, "its row count is wrong");
    }
    return {};
  }

  const StoreCore& m_core;
  const FreshPages m_pages{*m_core.file};
  const VerifiedState m_state;
  runtime::CancelToken m_cancel;
  VerifyReport m_report;
  crypto::Sha256Digest m_chain{};
  TimeMicros m_lastTime = 0;
  Bytes m_parts;                     ///< of the commit that is being read
  FrameRef m_firstPart;
  std::vector<EpochRef> m_epochs;    ///< from old to new; the newest alone, where the chain is not sound
  bool m_chainSound = true;
  bool m_framesSound = false;        ///< up to the end
  bool m_indexNoted = false;
  std::map<TreeId, std::string> m_greatestKeys;  ///< met so far
  std::map<CommitNumber, const EpochRoots*> m_epochsByCommit;
  std::multimap<std::uint64_t, const EpochRoots*> m_logStarts;     ///< by offset; those not met yet
  std::map<std::uint64_t, const EpochRoots*> m_epochFrames;        ///< by offset; those not met yet
  std::map<TreeId, TreeSums> m_sums;
  std::set<std::uint64_t> m_seen;
  VersionSum m_logInEpochs;
  VersionSum m_inTrees;
};

}  // namespace

Result<VerifyReport> verifyFile(const StoreCore& core, VerifiedState state, runtime::CancelToken cancel) {
  return Verifier(core, std::move(state), std::move(cancel)).run();
}

}  // namespace drift::storage
