#include "storage/verify.h"

#include <optional>
#include <set>

#include "base/checksum.h"
#include "storage/scan_cursor.h"

namespace drift::storage {

namespace {

constexpr std::size_t kFindingsMax = 100;

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

class Verifier final {
 public:
  Verifier(const StoreCore& core, VerifiedState state, runtime::CancelToken cancel)
      : m_core(core), m_state(std::move(state)), m_cancel(std::move(cancel)) {}

  Result<VerifyReport> run() {
    m_report.bytes = m_state.fileBytes;
    if (m_state.superblocks.damagedSlot) note(0, "one of the two superblocks is damaged; the other is in use");
    DRIFT_TRY(checkFrames());
    for (const auto& epoch : *m_state.epochs) DRIFT_TRY(checkEpoch(*epoch));
    if (m_report.findings.empty() && m_logInEpochs != m_inTrees)
      note(0, fmt::format("the log holds {} versions up to the last epoch, the trees hold {} or others",
                          m_logInEpochs.count, m_inTrees.count));
    return std::move(m_report);
  }

 private:
  void note(std::uint64_t offset, std::string sentence) {
    if (m_report.findings.size() < kFindingsMax) m_report.findings.push_back({offset, std::move(sentence)});
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
      checkFrame(*frame, payload);
      offset = frame->ref.end();
    }
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
        m_parts.insert(m_parts.end(), payload.begin(), payload.end());
        break;
      case FrameKind::Commit:
        m_parts.insert(m_parts.end(), payload.begin(), payload.end());
        checkCommit(frame.ref.offset);
        m_parts.clear();
        break;
      case FrameKind::Epoch: ++m_report.epochs; break;
      case FrameKind::Base:
      case FrameKind::Run:
      case FrameKind::Inner:
      case FrameKind::CommitIndex: break;
    }
  }

  void checkCommit(std::uint64_t offset) {
    const auto commit = decodeCommit(m_parts);
    if (!commit.ok()) return note(offset, fmt::format("the commit at byte {} is malformed", offset));
    const auto number = ++m_report.commits;
    if (commit->head.number != number)
      note(offset, fmt::format("commit {} stands where commit {} should be", commit->head.number, number));
    if (commit->head.previousHash != m_chain)
      note(offset, fmt::format("the hash chain breaks at commit {}: an earlier commit was changed", number));
    if (commit->head.time <= m_lastTime && number > 1)
      note(offset, fmt::format("commit {} is not later than the one before", number));
    m_lastTime = commit->head.time;
    if (const auto hash = crypto::sha256({m_parts}); hash.ok()) m_chain = *hash;
    if (m_state.epochs->empty() || number > m_state.epochs->back()->lastCommit) return;
    for (const auto& change : commit->changes) m_logInEpochs.add(change.tree, change.key, number, change.op);
  }

  Status checkEpoch(const EpochRoots& epoch) {
    for (const auto& [tree, root] : epoch.trees) {
      DRIFT_TRY(checkNode(tree, root.root, epoch, std::nullopt));
    }
    return {};
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
    DRIFT_ASSIGN(const auto payload, m_core.file->read(entry.page, FrameKind::Inner));
    DRIFT_ASSIGN(const auto node, decodeInner(payload));
    std::uint64_t rows = 0;
    for (std::size_t i = 0; i < node.size(); ++i) {
      rows += node[i].liveRows;
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
      DRIFT_ASSIGN(const auto leaf, readLeaf(slice.state));
      for (const auto& column : leaf->columns()) DRIFT_TRY(leaf->column(column.id));
      for (std::size_t row = 0; row < leaf->rowCount(); ++row) {
        const auto seq = leaf->seq(row);
        if (leaf->key(row) < entry.lowKey || (end && leaf->key(row) >= *end))
          return Error(ErrorKind::DataCorrupted, "a key lies outside the page's range");
        if (seq > entry.newestSeq) return Error(ErrorKind::DataCorrupted, "it is newer than its reference says");
        // Each version belongs to the epoch and the slice that made it.
        if (seq > from && seq <= slice.through) m_inTrees.add(tree, leaf->key(row), seq, leaf->op(row));
      }
      from = slice.through;
      if (slice.through == kNoCommit && leaf->countVisible(kNoCommit) != entry.liveRows)
        return Error(ErrorKind::DataCorrupted, "its row count is wrong");
    }
    return {};
  }

  /// Reads a leaf around the cache: what counts is what the file holds now.
  Result<std::shared_ptr<const Leaf>> readLeaf(const LeafState& state) {
    DRIFT_ASSIGN(auto base, m_pages.base(state.base, PageSource::Keys::Anywhere));
    if (base->rowCount() != state.baseRows) return Error(ErrorKind::DataCorrupted, "its base has another row count");
    std::size_t rows = 0;
    std::vector<VersionPageRef> runs;
    for (const auto ref : state.runs) {
      DRIFT_ASSIGN(auto payload, m_core.file->read(ref, FrameKind::Run));
      DRIFT_ASSIGN(auto run, VersionPage::decode(std::move(payload), ref, m_pages));
      rows += run->rowCount();
      runs.push_back(std::move(run));
    }
    if (rows != state.runRows) return Error(ErrorKind::DataCorrupted, "its runs have another row count");
    return Leaf::merge(std::move(base), std::move(runs));
  }

  /// Bases, fresh from the file.
  class FilePages final : public PageSource {
   public:
    explicit FilePages(const FrameFile& file) : m_file(file) {}
    Result<VersionPageRef> base(FrameRef ref, Keys keys) const override {
      DRIFT_ASSIGN(auto payload, m_file.read(ref, FrameKind::Base));
      return VersionPage::decode(std::move(payload), ref, *this, keys);
    }

   private:
    const FrameFile& m_file;
  };

  const StoreCore& m_core;
  const FilePages m_pages{*m_core.file};
  const VerifiedState m_state;
  runtime::CancelToken m_cancel;
  VerifyReport m_report;
  crypto::Sha256Digest m_chain{};
  TimeMicros m_lastTime = 0;
  Bytes m_parts;
  std::set<std::uint64_t> m_seen;
  VersionSum m_logInEpochs;
  VersionSum m_inTrees;
};

}  // namespace

Result<VerifyReport> verifyFile(const StoreCore& core, VerifiedState state, runtime::CancelToken cancel) {
  return Verifier(core, std::move(state), std::move(cancel)).run();
}

}  // namespace drift::storage
