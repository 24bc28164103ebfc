#include "storage/salvage.h"

#include <algorithm>
#include <utility>

#include "storage/commit_frame.h"
#include "storage/live_store.h"

namespace drift::storage {

namespace {

class Salvager final {
 public:
  Salvager(const platform::File& damaged, std::uint64_t seed, const KeptCommits& kept, Store& target,
           runtime::CancelToken cancel, SalvageReplay replay)
      : m_damaged(damaged),
        m_seed(seed),
        m_kept(kept),
        m_target(target),
        m_cancel(std::move(cancel)),
        m_replay(std::move(replay)) {}

  Result<SalvageReport> run() {
    DRIFT_ASSIGN(const auto fileBytes, m_damaged.size());
    Bytes payload;
    for (std::uint64_t offset = kFirstFrameOffset; offset < fileBytes;) {
      DRIFT_TRY(m_cancel.check());
      const auto frame = scanFrame(m_damaged, offset, fileBytes, m_seed, payload);
      if (frame.ok()) {
        DRIFT_TRY(take(frame->header.kind, payload));
        offset = frame->ref.end();
        continue;
      }
      if (frame.error().kind() != ErrorKind::DataCorrupted) return frame.error();
      // Any sound frame will do: what lies before it is lost.
      DRIFT_ASSIGN(const auto later, findLaterFrame(m_damaged, offset, fileBytes, m_seed, 0));
      const auto next = later != 0 ? later : fileBytes;
      m_report.bytesUnread += next - offset;
      m_parts.clear();
      m_partsBroken = true;
      offset = next;
    }
    return std::move(m_report);
  }

 private:
  /// Takes a frame in. Tree pages hold nothing that the log does not.
  Status take(FrameKind kind, ByteSpan payload) {
    if (kind != FrameKind::Commit && kind != FrameKind::CommitPart) return {};
    m_parts.insert(m_parts.end(), payload.begin(), payload.end());
    if (kind == FrameKind::CommitPart) return {};
    const auto bytes = std::exchange(m_parts, {});
    const bool mayLackParts = std::exchange(m_partsBroken, false);
    auto commit = decodeCommit(bytes);
    if (!commit.ok()) {
      // Behind damage it may be the end of a large commit whose parts are lost; elsewhere it is damage of its own.
      if (!mayLackParts) m_report.bytesUnread += bytes.size();
      return {};
    }
    return replay(std::move(*commit));
  }

  Status replay(DecodedCommit commit) {
    const auto number = commit.head.number;
    if (number <= m_last) return {};
    // Numbers that were left out on purpose are not lost.
    if (m_kept.countUpTo(number) > m_kept.countUpTo(m_last) + 1)
      m_report.lost.push_back({m_kept.nextFrom(m_last + 1), m_kept.lastUpTo(number - 1)});
    m_last = number;
    CommitRequest request;
    request.author = std::move(commit.head.author);
    request.message = std::move(commit.head.message);
    request.indexTrees = std::move(commit.head.indexTrees);
    request.time = commit.head.time;
    request.changes = std::move(commit.changes);
    if (m_report.lost.empty()) {
      DRIFT_TRY(m_target.commit(std::move(request), {}));
    } else {
      DRIFT_ASSIGN(request.changes, adapted(std::move(request.changes), request.indexTrees));
      if (m_replay) DRIFT_TRY(m_replay(m_target, std::move(request)));
      else DRIFT_TRY(m_target.commit(std::move(request), {}));
    }
    ++m_report.commits;
    return {};
  }

  /// Changes that fit the rows which are there, though commits before are lost.
  Result<std::vector<RowChange>> adapted(std::vector<RowChange> changes, const std::vector<TreeId>& indexTrees) {
    const auto latest = m_target.latest();
    std::vector<RowChange> result;
    for (auto& change : changes) {
      DRIFT_ASSIGN(const auto row, latest.get(change.tree, change.key, {}));
      const bool fits = (change.op == RowOp::Insert) == !row;
      change.previous = row ? row->seq : 0;
      if (!fits) {
        m_report.changesAdapted += std::ranges::find(indexTrees, change.tree) == indexTrees.end();
        if (change.op == RowOp::Delete) continue;
        change.op = row ? RowOp::Update : RowOp::Insert;
      }
      // What the lost versions were is not known, so each column counts as changed.
      change.changed.clear();
      if (change.op == RowOp::Update)
        for (const auto& column : change.layout->columns) change.changed.push_back(column.id);
      result.push_back(std::move(change));
    }
    return result;
  }

  const platform::File& m_damaged;
  const std::uint64_t m_seed;
  const KeptCommits& m_kept;
  Store& m_target;
  runtime::CancelToken m_cancel;
  const SalvageReplay m_replay;  ///< may be none
  SalvageReport m_report;
  CommitNumber m_last = 0;       ///< number in the damaged file of the last commit that was met
  Bytes m_parts;                 ///< of a large commit
  bool m_partsBroken = false;    ///< damage was met since the last whole commit
};

/// What a file of an even format version says that it has; all, where that is damaged.
Result<KeptHistory> keptHistoryOf(const platform::File& file, const Superblock& superblock) {
  if (!superblock.thinned) return KeptHistory();
  DRIFT_ASSIGN(const auto fileBytes, file.size());
  Bytes payload;
  const auto frame = scanFrame(file, kFirstFrameOffset, fileBytes, superblock.frameSeed(), payload);
  if (!frame.ok() && frame.error().kind() != ErrorKind::DataCorrupted) return frame.error();
  if (!frame.ok() || frame->header.kind != FrameKind::KeptHistory) return KeptHistory();
  auto kept = decodeKeptHistory(payload);
  return kept.ok() ? std::move(kept) : Result<KeptHistory>(KeptHistory());
}

}  // namespace

Result<SalvageReport> salvage(platform::FileSystem& files, const std::string& damaged, const std::string& target,
                              const Clock& clock, runtime::CancelToken cancel, SalvageReplay replay) {
  DRIFT_ASSIGN(const auto file, files.open(damaged, platform::OpenMode::ReadOnly));
  DRIFT_ASSIGN(const auto read, readSuperblocks(*file, damaged.substr(damaged.find_last_of("/\\") + 1)));
  StoreOptions options;
  options.durability = Durability::Off;
  DRIFT_ASSIGN(const auto kept, keptHistoryOf(*file, read.newest));
  const auto name = target.substr(target.find_last_of("/\\") + 1);
  DRIFT_ASSIGN(auto made, createStore(files, target, name, clock, options, kept));
  LiveStore store(files, target, clock, std::move(made));
  Salvager salvager(*file, read.newest.frameSeed(), kept.commits, store, std::move(cancel), std::move(replay));
  auto report = salvager.run();
  DRIFT_TRY(store.close());
  return report;
}

}  // namespace drift::storage
