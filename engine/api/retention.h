// Plain structs about rewriting a database: what to keep, what that frees. No thread rule.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "api/values.h"

namespace drift::api {

/// Which commits a rewrite keeps; without anything in it, all. The last commit is always kept. A commit that is kept
/// keeps its number, time, author, message, and the state of all rows; a moment of one that is not kept is an error
/// from then on, which names the nearest kept ones.
struct Retention {
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

struct CompactOptions {
  Retention keep{};
  /// Called now and then with commits done and in all, from the calling thread; gives false to stop.
  std::function<bool(std::uint64_t done, std::uint64_t total)> progress{};
};

struct CompactReport {
  std::uint64_t bytesBefore = 0;
  std::uint64_t bytesAfter = 0;
  std::uint64_t commitsBefore = 0;
  std::uint64_t commitsAfter = 0;
};

/// What a rewrite would leave of one table, its indexes included. Bytes are those of keys and rows in the log, before
/// compression: they compare tables, and are no sizes on disk.
struct TablePreview {
  TreeId table = 0;
  std::string name;  ///< its newest
  std::uint64_t versions = 0;
  std::uint64_t versionsKept = 0;
  std::uint64_t bytes = 0;
  std::uint64_t bytesKept = 0;
};

struct CompactPreview {
  std::uint64_t commits = 0;
  std::uint64_t commitsKept = 0;
  std::uint64_t fileBytes = 0;
  std::uint64_t fileBytesKept = 0;  ///< an estimate, from the log and the newest pages
  std::vector<TablePreview> tables; ///< by name
};

struct ExportOptions {
  CommitNumber at = 0;      ///< the moment; its commit is the last of the new file
  bool withHistory = true;  ///< otherwise only the rows that live at the moment
  std::function<bool(std::uint64_t done, std::uint64_t total)> progress{};
};

}  // namespace drift::api
