// LogCopier: the commits of one file, in order, as another is to have them: all, or with some left out.
//
//   log of a StoreImpl --> LogCopier: merges what is left out into what is kept --> CommitSink: a new file, or a count
//
// The changes of a commit that is left out wait, merged by key, for the next one that is kept; so do those of a tree
// until its horizon. Memory: what waits, which is at most one row for each key that they touched.
// Thread rule: one thread; the source may take commits meanwhile.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "storage/commit_frame.h"
#include "storage/retention.h"
#include "storage/store_impl.h"

namespace drift::storage {

/// What a copy is to have of its source.
struct CopyPlan {
  KeptHistory kept;         ///< commits: some of the source's
  std::set<TreeId> leftOut;
};

/// Takes the copied commits in.
class CommitSink {
 public:
  virtual ~CommitSink() = default;
  /// The next kept commit. Its time is set.
  virtual Status take(CommitNumber number, CommitRequest request) = 0;
};

class LogCopier final {
 public:
  /// All of these outlive this. `seen`, if any, is told of each change of the source before it is merged.
  LogCopier(const StoreImpl& source, const CopyPlan& plan, CommitSink& sink,
            std::function<void(const RowChange&)> seen = {})
      : m_source(source), m_plan(plan), m_sink(sink), m_seen(std::move(seen)) {}

  /// Copies the source's commits that were not copied yet, up to `last`. What the source's log and the sink fail with,
  /// QueryCanceled.
  Status copyUpTo(CommitNumber last, const runtime::CancelToken& cancel, const RewriteProgress& progress);
  /// The last commit of the source that was copied, kept or not.
  CommitNumber done() const { return m_done; }

 private:
  using Waiting = std::map<std::string, RowChange>;  // by key

  Status copy(DecodedCommit commit);
  CommitNumber mapped(TreeId tree, CommitNumber number) const;
  static void merge(Waiting& waiting, RowChange change);

  const StoreImpl& m_source;
  const CopyPlan& m_plan;
  CommitSink& m_sink;
  const std::function<void(const RowChange&)> m_seen;
  CommitNumber m_done = 0;
  std::map<TreeId, Waiting> m_waiting;
  std::set<TreeId> m_indexTrees;  ///< all that any commit named so far
};

}  // namespace drift::storage
