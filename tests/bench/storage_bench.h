// The storage measurements by name, and what they share: options, the table of figures, the main tables. One thread.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "drift_table.h"
#include "figures.h"
#include "measure.h"
#include "sqlite_rival.h"
#include "versioned_tables.h"

namespace drift::bench {

struct StorageBenchOptions {
  std::int64_t rows = 1'000'000;
  bool large = false;  ///< 10 million rows and versions, files of 1 and 5 GB
  std::uint64_t seed = 1;
  std::set<std::string> only{};  ///< names of measurements; empty = all
  std::string folder = "out/bench";
  std::string plotFile{};  ///< SVG of as-of cost against versions a row; empty = none
  bool markdown = false;
};

/// One table of `rows` rows, three times.
struct MainTables {
  MainTables(const ScratchFolder& folder, std::int64_t rows, std::uint64_t seed);
  DriftTable ours;
  SqliteRival plain;  ///< holds the first version of each row only
  SqliteRival history;
  std::vector<SharedMoment> moments;  ///< from old to new; the first is after the load
};

/// Rows and the quantities that an update gives them.
struct UpdateGroup {
  std::vector<std::int64_t> ids;
  std::vector<std::int32_t> quantities;
};

inline constexpr std::size_t kGroupRows = 1000;

class StorageBench final {
 public:
  explicit StorageBench(StorageBenchOptions options)
      : m_options(std::move(options)),
        m_folder(m_options.folder),
        m_table(m_options.markdown),
        m_random(m_options.seed) {}

  /// Runs what the options ask for. Ends the program for an unknown name.
  void run();

  const StorageBenchOptions& options() const { return m_options; }
  std::int64_t rows() const { return m_options.rows; }
  std::string file(std::string_view name) const { return m_folder.file(name); }
  Random& random() { return m_random; }
  void add(const Figure& figure) { m_table.add(figure); }

  /// Loaded when first asked for.
  MainTables& main();
  /// The same with at least 200 groups of updates behind it.
  MainTables& mainWithHistory();
  /// 200,000 rows of 10 versions, with --large 1 million. Made when first asked for.
  VersionedTables& tenVersions();
  /// Another number of versions: made now, and the caller's.
  std::unique_ptr<VersionedTables> makeVersions(std::int64_t rows, int versions) {
    return makeVersionedTables(m_folder, m_options.seed, rows, versions);
  }
  UpdateGroup makeGroup(std::int64_t rows);
  /// Updates both tables that keep history; gives the seconds of each.
  struct Seconds {
    double ours = 0;
    double rival = 0;
  };
  Seconds update(MainTables& tables, std::span<const UpdateGroup> groups);

 private:
  StorageBenchOptions m_options;
  ScratchFolder m_folder;
  FigureTable m_table;
  Random m_random;
  std::unique_ptr<MainTables> m_main;
  std::unique_ptr<VersionedTables> m_tenVersions;
};

// In the order of the table that they print.
void measureLoad(StorageBench& bench);
void measureUpdates(StorageBench& bench);
void measureCommits(StorageBench& bench);
void measurePoints(StorageBench& bench);
void measureSums(StorageBench& bench);
void measureDiff(StorageBench& bench);
void measurePause(StorageBench& bench);
void measureRewrite(StorageBench& bench);
void measureVersions(StorageBench& bench);
void measurePages(StorageBench& bench);
void measureHistory(StorageBench& bench);
void measureSummary(StorageBench& bench);
void measureBytes(StorageBench& bench);
void measureKill(StorageBench& bench);
void measureEpochs(StorageBench& bench);
void measureWide(StorageBench& bench);

/// The other program of measureWide(): reads every column of every row of a file, then prints its peak memory in KB.
int scanAndPrintPeak(const std::string& path);

}  // namespace drift::bench
