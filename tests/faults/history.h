// History: random commits from a seed, and what every read of them must give. The oracle of the fault tests.
//
// Thread rule: immutable while nobody calls grow(); then any thread may read it. It knows nothing of how a store
// works: it keeps all versions of all keys in maps.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "faults/random.h"
#include "storage/store.h"

namespace drift::faults {

using storage::LayoutColumn;
using storage::RowOp;

/// What a history is like.
struct HistoryShape {
  std::size_t keysMax = 60;     ///< different keys a tree
  std::size_t changesMax = 12;  ///< of an ordinary commit
  std::size_t runMax = 40;      ///< keys in a row that one commit inserts, changes or deletes
  std::size_t textBytesMax = 60;
  unsigned runPercent = 8;     ///< commits that work on a run of keys
  unsigned hotPercent = 25;    ///< changes that go to one of a few keys
  unsigned schemaPercent = 4;  ///< commits that add or drop a column
  unsigned largePercent = 0;   ///< texts of up to 100 KB
};

/// One version of one key.
struct Version {
  CommitNumber seq = 0;
  RowOp op = RowOp::Insert;
  storage::RowLayoutRef layout;     ///< null for a delete
  std::vector<std::string> fields;  ///< by position in the layout: value as fieldOf() gives it
};

/// The bytes that stand for a value in comparisons: type, and value bit by bit.
std::string fieldOf(const types::Value& value);

/// One commit as it was asked for, and as it must come out.
struct HistoryCommit {
  storage::CommitRequest request;
  TimeMicros clock = 0;  ///< what the clock shows when it is made
  TimeMicros time = 0;   ///< the time it gets
  std::map<TreeId, storage::TreeCounts> counts;
};

class History final {
 public:
  static constexpr TreeId kNumbers = kFirstUserTree;      ///< keys are integers
  static constexpr TreeId kTexts = kFirstUserTree + 1;    ///< keys are texts, some the beginning of others
  static constexpr TreeId kIndex = kFirstUserTree + 7;    ///< an index tree: counted nowhere
  static constexpr TreeId kUnused = kFirstUserTree + 30;  ///< never changed

  History(std::uint64_t seed, HistoryShape shape);

  /// Adds random commits.
  void grow(std::size_t commits);
  /// The first `last` commits, to be continued in another way.
  History forkedAt(CommitNumber last, std::uint64_t seed) const;

  CommitNumber size() const { return m_commits.size(); }
  const HistoryCommit& commit(CommitNumber number) const { return m_commits[number - 1]; }
  const std::vector<TreeId>& trees() const { return m_trees; }
  static bool isIndex(TreeId tree) { return tree == kIndex; }

  /// All columns that the tree ever had.
  std::vector<LayoutColumn> columns(TreeId tree) const;
  /// Versions by key; within a key from old to new, deletes included.
  const std::map<std::string, std::vector<Version>>& keys(TreeId tree) const;
  /// The version of a key that lives at a moment; null if none.
  const Version* liveAt(TreeId tree, const std::string& key, CommitNumber number) const;
  /// The version of a key that is the last up to a moment, a delete too; null if none.
  static const Version* lastUpTo(const std::vector<Version>& versions, CommitNumber number);
  /// The fields of a version for some of the user's columns, one behind the other.
  static std::string row(const Version& version, std::span<const LayoutColumn> columns);
  /// Live rows of a moment, by key.
  std::vector<std::string> rowsAt(TreeId tree, CommitNumber number, std::span<const LayoutColumn> columns) const;
  /// Time of a commit; the smallest time for 0.
  TimeMicros timeOf(CommitNumber number) const;

 private:
  struct Tree {
    storage::RowLayoutRef layout;  ///< what new rows are written with
    std::vector<LayoutColumn> everyColumn;
    std::map<std::string, std::vector<Version>> keys;
    std::vector<std::string> hot;
  };

  void changeSchema(Tree& tree, storage::CommitRequest& request);
  void changeRun(TreeId id, storage::CommitRequest& request);
  void changeSome(storage::CommitRequest& request);
  void change(TreeId id, std::string key, storage::CommitRequest& request, std::optional<bool> wanted = {});
  std::string keyOf(TreeId tree, std::uint64_t number) const;
  types::Value valueFor(const LayoutColumn& column);

  Random m_random;
  HistoryShape m_shape;
  std::vector<TreeId> m_trees;
  std::map<TreeId, Tree> m_state;
  std::vector<HistoryCommit> m_commits;
};

}  // namespace drift::faults
