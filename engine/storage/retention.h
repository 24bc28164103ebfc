// Retention: which commits a rewrite keeps. Plain values; the functions are for one thread.
//
// A kept commit is kept as it was: number, time, author, message, and the state of all rows as of it. The changes of
// those before it that are left out become part of it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/query_context.h"
#include "storage/kept_history.h"

namespace drift::storage {

class Store;

/// Says which commits to keep; without anything in it, all. The last commit is always kept.
struct RetentionRule {
  /// The state as of this moment and all that came later.
  std::optional<TimeMicros> since{};
  /// So many of the newest commits, at least 1.
  std::optional<std::uint64_t> last{};

  enum class Period : std::uint8_t { Hour, Day, Week, Month, Year };
  /// Of each period (UTC, weeks begin on Monday), as far as commits lie before a moment: only the last commit.
  struct Thinning {
    Period period = Period::Day;
    TimeMicros before = 0;
  };
  std::optional<Thinning> thinning{};
};

/// The commits of a store that a rule keeps, and all to come. Reads the time of each commit. InvalidParameterValue
/// for `last` = 0; what Store::timeOf() fails with.
Result<KeptCommits> planRetention(const Store& store, const RetentionRule& rule);

/// Told now and then how many of how many commits are done.
using RewriteProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

struct RewriteRequest {
  /// As planRetention() gave it, of this store; nothing = all that the file has.
  std::optional<KeptCommits> commits{};
  /// Of these trees the versions before a commit are left out; what lived then counts as inserted by it.
  std::map<TreeId, CommitNumber> horizons{};
  /// Trees to leave out as a whole.
  std::vector<TreeId> leftOut{};
  runtime::CancelToken cancel{};
  RewriteProgress progress{};
};

struct RewriteReport {
  std::uint64_t bytesBefore = 0;
  std::uint64_t bytesAfter = 0;
  std::uint64_t commitsBefore = 0;
  std::uint64_t commitsAfter = 0;
};

struct ExportRequest {
  CommitNumber through = 0;  ///< the last commit to write; a kept one
  bool withHistory = true;   ///< otherwise this one alone, with the rows that live then
  std::vector<TreeId> leftOut{};
  runtime::CancelToken cancel{};
  RewriteProgress progress{};
};

/// What a rewrite would leave of one tree: counted in the log, so bytes are those of keys and rows, uncompressed.
struct TreePreview {
  TreeId tree = 0;
  std::uint64_t versions = 0;
  std::uint64_t versionsKept = 0;
  std::uint64_t bytes = 0;
  std::uint64_t bytesKept = 0;
};

struct RewritePreview {
  std::uint64_t commits = 0;
  std::uint64_t commitsKept = 0;
  std::uint64_t fileBytes = 0;
  /// An estimate: the log as it would be, and each kept version once in a page, packed as the newest pages are.
  std::uint64_t fileBytesKept = 0;
  std::vector<TreePreview> trees;  ///< by id
};

}  // namespace drift::storage
