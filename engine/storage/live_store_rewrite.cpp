// The part of LiveStore that writes files from files: rewrite, preview, export.
#include <algorithm>
#include <limits>
#include <ranges>
#include <set>
#include <utility>

#include "base/out_of_memory.h"
#include "storage/live_store.h"

namespace drift::storage {

namespace {

/// Rounds of catching up before commits are held back; each takes in what came while the one before ran.
constexpr int kRoundsMax = 8;
/// With so few commits left, holding the others back takes no time worth another round.
constexpr std::uint64_t kFewCommits = 64;

std::string nameOf(const std::string& path) { return path.substr(path.find_last_of("/\\") + 1); }

/// A file being made, which goes away with this unless it is released.
class NewFile final {
 public:
  NewFile(platform::FileSystem& files, std::string path) : m_files(files), m_path(std::move(path)) {}
  ~NewFile() {
    if (m_store) m_store->retire();
    m_store.reset();
    // The error that led here is the one to tell; a leftover is removed by the next who opens the database.
    if (m_ours) (void)catchBadAlloc([&] { return m_files.remove(m_path); }).ok();
  }
  Status create(const std::string& name, const Clock& clock, StoreOptions options, const KeptHistory& kept) {
    options.readOnly = false;
    options.durability = Durability::Off;  // until it is whole
    auto created = createStore(m_files, m_path, name, clock, options, kept);
    m_ours = created.ok() || created.error().kind() != ErrorKind::FileExists;
    if (!created.ok()) return std::move(created).error();
    m_store = std::move(*created);
    return {};
  }
  const std::string& path() const { return m_path; }
  const std::shared_ptr<StoreImpl>& store() const { return m_store; }
  std::shared_ptr<StoreImpl> release() {
    m_ours = false;
    return std::exchange(m_store, nullptr);
  }

 private:
  platform::FileSystem& m_files;
  const std::string m_path;
  std::shared_ptr<StoreImpl> m_store;
  bool m_ours = false;
};

/// Commits into a new file, in pieces with a sync each: see PacedWriter.
class StoreSink final : public CommitSink {
 public:
  explicit StoreSink(StoreImpl& target) : m_target(target) {}
  Status take(CommitNumber number, CommitRequest request) override {
    DRIFT_ASSIGN(const auto receipt, m_target.commit(std::move(request), {}));
    if (receipt.number != number)
      return makeError(ErrorKind::InternalError, "commit {} became {} when it was copied", number, receipt.number);
    const auto fileBytes = m_target.fileBytes();
    if (fileBytes - m_syncedBytes < kPieceBytes) return {};
    m_syncedBytes = fileBytes;
    return m_target.sync();
  }

 private:
  static constexpr std::uint64_t kPieceBytes = 1u << 20;

  StoreImpl& m_target;
  std::uint64_t m_syncedBytes = 0;
};

/// Counts what would be written; the log is made for that, and dropped.
class CountingSink final : public CommitSink {
 public:
  explicit CountingSink(std::map<TreeId, TreePreview>& trees) : m_trees(trees) {}
  Status take(CommitNumber number, CommitRequest request) override {
    ++m_commits;
    const CommitHead head{.number = number, .time = *request.time, .previousHash = {}, .author = request.author,
                          .message = request.message, .indexTrees = request.indexTrees,
                          .counts = countChanges(request.changes)};
    m_logBytes += kFrameHeaderBytes + encodeCommit(head, request.changes, m_packer).size();
    for (const auto& change : request.changes) {
      auto& tree = m_trees[change.tree];
      ++tree.versionsKept;
      tree.bytesKept += change.key.size() + change.row.size();
    }
    return {};
  }
  std::uint64_t commits() const { return m_commits; }
  std::uint64_t logBytes() const { return m_logBytes; }

 private:
  std::map<TreeId, TreePreview>& m_trees;
  DensePacker m_packer;
  std::uint64_t m_commits = 0;
  std::uint64_t m_logBytes = 0;
};

Status collectLeaves(const PageCache& cache, const NodeEntry& entry, std::vector<LeafState>& leaves) {
  if (entry.isLeaf) {
    leaves.push_back(entry.slices.back().state);
    return {};
  }
  DRIFT_ASSIGN(const auto node, cache.inner(entry.page));
  for (const auto& child : *node) DRIFT_TRY(collectLeaves(cache, child, leaves));
  return {};
}

/// How small a tree's newest pages are for what they hold, after some of them.
Result<double> packingOf(const StoreCore& core, TreeId tree) {
  constexpr double kUnknown = 0.5;
  constexpr std::size_t kLeavesMax = 32;
  const auto newest = core.epochs()->newest();
  if (!newest || !newest->trees.contains(tree)) return kUnknown;
  std::vector<LeafState> leaves;
  DRIFT_TRY(collectLeaves(core.cache, newest->trees.at(tree).root, leaves));
  std::uint64_t raw = 0, stored = 0;
  const auto step = (leaves.size() + kLeavesMax - 1) / kLeavesMax;
  for (std::size_t at = 0; at < leaves.size(); at += step) {
    const auto& state = leaves[at];
    DRIFT_ASSIGN(const auto base, core.cache.base(state.base));
    // What lies in other pages counts too: a new file has it once.
    std::set<std::uint64_t> places;
    const auto add = [&](FrameRef page) {
      if (places.insert(page.offset).second) stored += kFrameHeaderBytes + page.payloadBytes;
    };
    add(state.base);
    for (const auto& column : base->columns()) add(base->columnAt(column.id));
    for (const auto run : state.runs) add(run);
    raw += state.bytes;
  }
  return raw == 0 ? kUnknown : double(stored) / double(raw);
}

/// What the new file is to have: never more than the source has.
CopyPlan planOf(const StoreImpl& source, const RewriteRequest& request) {
  CopyPlan plan;
  plan.kept.commits = request.commits.value_or(source.keptCommits());
  plan.leftOut.insert(request.leftOut.begin(), request.leftOut.end());
  auto horizons = source.horizons();
  for (const auto& [tree, from] : request.horizons) horizons[tree] = std::max(horizons[tree], from);
  const auto first = plan.kept.commits.nextFrom(1);
  for (const auto& [tree, from] : horizons) {
    const auto kept = plan.kept.commits.nextFrom(from);
    if (kept > first && !plan.leftOut.contains(tree)) plan.kept.horizons.emplace(tree, kept);
  }
  return plan;
}

std::uint64_t commitCount(const StoreImpl& store) { return store.keptCommits().countUpTo(store.lastCommit()); }

/// Holds commits back while it lives.
class ClosedGate final {
 public:
  explicit ClosedGate(CommitGate& gate) : m_gate(gate) { m_gate.close(); }
  ~ClosedGate() { m_gate.open(); }
  ClosedGate(const ClosedGate&) = delete;

 private:
  CommitGate& m_gate;
};

}  // namespace

/// Renames the new file over the old one. Gives false where that may or may not last: the new file is in place, and
/// nothing may be written to it. An error means that the old file is in place, or, if `source` has failed, that it is
/// not known which.
Result<bool> LiveStore::putInPlace(const std::string& newPath, StoreImpl& source, const StoreImpl& target) {
  auto status = catchBadAlloc([&] { return m_files.rename(newPath, m_path); });
  if (status.ok()) status = catchBadAlloc([&] { return m_files.syncFolderOf(m_path); });
  if (status.ok()) return true;
  // An operation that failed may be done all the same.
  const auto there = catchBadAlloc([&] { return fileIdAt(m_files, m_path); });
  if (there.ok() && *there == target.fileId()) return false;
  if (!there.ok() || *there != source.fileId()) return source.fail(std::move(status).error());
  return std::move(status).error();
}

Result<RewriteReport> LiveStore::rewrite(const RewriteRequest& request) {
  return catchBadAlloc([&] { return rewriteOrThrow(request); });
}

Result<RewriteReport> LiveStore::rewriteOrThrow(const RewriteRequest& request) {
  const std::unique_lock only(m_rewriteMutex, std::try_to_lock);
  if (!only) return makeError(ErrorKind::DatabaseLocked, "\"{}\" is being rewritten already", nameOf(m_path));
  const auto source = current();
  DRIFT_TRY(source->checkWritable());
  RewriteReport report{.bytesBefore = source->fileBytes(), .commitsBefore = commitCount(*source)};
  const auto plan = planOf(*source, request);
  DRIFT_TRY(removeLeftover(m_files, m_path));
  NewFile file(m_files, rewritePathOf(m_path));
  DRIFT_TRY(file.create(nameOf(m_path), m_clock, source->options(), plan.kept));
  const auto target = file.store();
  StoreSink sink(*target);
  LogCopier copier(*source, plan, sink);
  for (int round = 0; round < kRoundsMax && source->lastCommit() > copier.done() + kFewCommits; ++round)
    DRIFT_TRY(copier.copyUpTo(source->lastCommit(), request.cancel, request.progress));
  // The epoch and the long sync now, so that the last part is short.
  DRIFT_TRY(target->checkpoint());
  DRIFT_TRY(copier.copyUpTo(source->lastCommit(), request.cancel, request.progress));
  DRIFT_TRY(target->sync());

  {
    const ClosedGate held(m_gate);
    // What is committed is in the source's file, but for relaxed modes not yet durable there: here it will be.
    DRIFT_TRY(source->checkWritable());
    DRIFT_TRY(copier.copyUpTo(source->lastCommit(), request.cancel, {}));
    DRIFT_TRY(target->sync());
    DRIFT_ASSIGN(const bool lasts, putInPlace(file.path(), *source, *target));
    // Not that of its options: a file that a rewrite made has those that it was made with.
    target->setDurability(source->durability());
    // Nothing may be written to a file of which nobody knows whether it will be there.
    if (!lasts)
      (void)target->fail(makeError(ErrorKind::IoError, "it is not known whether the rewritten file lasts"));
    replaceWith(file.release());
  }
  source->retire();
  DRIFT_TRY(target->checkWritable());
  report.bytesAfter = target->fileBytes();
  report.commitsAfter = commitCount(*target);
  return report;
}

Result<RewritePreview> LiveStore::previewRewrite(const RewriteRequest& request) const {
  return catchBadAlloc([&] { return previewOrThrow(request); });
}

Result<RewritePreview> LiveStore::previewOrThrow(const RewriteRequest& request) const {
  const auto source = current();
  const auto plan = planOf(*source, request);
  std::map<TreeId, TreePreview> trees;
  CountingSink sink(trees);
  LogCopier copier(*source, plan, sink, [&](const RowChange& change) {
    auto& tree = trees[change.tree];
    ++tree.versions;
    tree.bytes += change.key.size() + change.row.size();
  });
  DRIFT_TRY(copier.copyUpTo(source->lastCommit(), request.cancel, request.progress));
  RewritePreview preview{.commits = commitCount(*source), .commitsKept = sink.commits(),
                         .fileBytes = source->fileBytes(), .fileBytesKept = 0, .trees = {}};
  // Every kept version lies in the log, and once in a page; for each commit there are some bytes in the index of commits.
  constexpr double kIndexBytesOfCommit = 24;
  auto bytes = double(kFirstFrameOffset + sink.logBytes()) + kIndexBytesOfCommit * double(sink.commits());
  for (auto& [id, tree] : trees) {
    tree.tree = id;
    preview.trees.push_back(tree);
    DRIFT_ASSIGN(const auto packing, packingOf(source->core(), id));
    bytes += double(tree.bytesKept) * packing;
  }
  preview.fileBytesKept = std::min(static_cast<std::uint64_t>(bytes), preview.fileBytes);
  return preview;
}

Result<RewriteReport> LiveStore::exportTo(const std::string& path, const ExportRequest& request) const {
  return catchBadAlloc([&] { return exportOrThrow(path, request); });
}

Result<RewriteReport> LiveStore::exportOrThrow(const std::string& path, const ExportRequest& request) const {
  const auto source = current();
  if (request.through != 0) DRIFT_TRY(source->checkKept(request.through));
  DRIFT_ASSIGN(const bool exists, m_files.exists(path));
  if (exists) return makeError(ErrorKind::FileExists, "\"{}\" exists already", path);
  RewriteRequest rewrite{.leftOut = request.leftOut};
  if (!request.withHistory && request.through != 0) {
    KeptCommitsBuilder one;
    one.add(request.through, std::numeric_limits<TimeMicros>::min());
    DRIFT_ASSIGN(rewrite.commits, std::move(one).finish());
  }
  auto plan = planOf(*source, rewrite);
  plan.kept.commits = plan.kept.commits.upTo(request.through);
  for (const auto& [tree, from] : plan.kept.horizons)
    if (from > request.through)
      return makeError(ErrorKind::MomentOutOfRange, "not all tables have their rows as of commit {}: commit {} is the "
                       "first that has", request.through, std::ranges::max(plan.kept.horizons | std::views::values));
  DRIFT_TRY(removeLeftover(m_files, path));
  NewFile file(m_files, rewritePathOf(path));
  DRIFT_TRY(file.create(nameOf(path), m_clock, source->options(), plan.kept));
  const auto target = file.store();
  StoreSink sink(*target);
  LogCopier copier(*source, plan, sink);
  DRIFT_TRY(copier.copyUpTo(request.through, request.cancel, request.progress));
  DRIFT_TRY(target->close());
  RewriteReport report{.bytesBefore = source->fileBytes(), .bytesAfter = target->fileBytes(),
                       .commitsBefore = commitCount(*source), .commitsAfter = commitCount(*target)};
  DRIFT_TRY(m_files.rename(file.path(), path));
  (void)file.release();
  DRIFT_TRY(m_files.syncFolderOf(path));
  return report;
}

}  // namespace drift::storage
