// DriftTable: a store with one table of the workload's rows, written through the Store API.
//
// Thread rule: one thread; quantityChange() and wasCommitted() from several, each for ids of its own.
// Ends the program on errors.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "platform/file_system.h"
#include "storage/store.h"
#include "workload.h"

namespace drift::bench {

/// The table's columns, by increasing id; the key is the first.
const storage::RowLayoutRef& tableLayout();
inline constexpr TreeId kTable = kFirstUserTree;
std::string keyOf(std::int64_t id);
/// Sums the column `quantity` of all rows of a moment.
std::int64_t sumQuantities(const storage::Snapshot& snapshot);
/// Reads `rows` rows from the `offset`-th on; gives how many there were.
std::size_t readPage(const storage::Snapshot& snapshot, std::int64_t offset, std::size_t rows);
/// Drops the file's pages from the system's cache as far as the system allows. They must be synced.
void dropFromSystemCache(const std::string& path);

class DriftTable final {
 public:
  /// Makes the file.
  DriftTable(std::string path, std::uint64_t seed, storage::StoreOptions options);

  void insert(std::int64_t id) { insertRow(makeRow(m_seed, id, 0)); }
  void insertRow(Row row);
  /// Gives a row's quantity a new value: an update of one small column.
  void setQuantity(std::int64_t id, std::int32_t quantity);
  /// Gives every column but the key a new value.
  void rewrite(std::int64_t id);
  /// Dates the next commit; without, the clock does.
  void setNextTime(TimeMicros time) { m_nextTime = time; }
  /// Encodes and commits what was changed since the last commit.
  CommitNumber commit();
  /// Seconds that all commits took, without the making of contents.
  double commitSeconds() const { return m_commitSeconds; }
  /// Bytes of keys and after-images that were committed.
  std::uint64_t rawBytes() const { return m_rawBytes; }

  storage::RowChange quantityChange(std::int64_t id, std::int32_t quantity) const;
  void wasCommitted(std::int64_t id, CommitNumber number) { m_rows[static_cast<std::size_t>(id)].version = number; }

  /// Inserts the rows of these ids, in commits of 10,000, and writes an epoch. Gives the seconds that both took.
  double load(std::span<const std::int64_t> ids);
  void close();
  void open(storage::StoreOptions options);
  storage::Store& store() { return *m_store; }
  const std::string& path() const { return m_path; }
  std::int64_t rowCount() const { return static_cast<std::int64_t>(m_rows.size()); }

 private:
  /// What is known of a row without reading it: an update names the version that it replaces.
  struct RowState {
    CommitNumber version = 0;
    std::uint32_t generation = 0;
  };

  /// A row that the next commit writes.
  struct Pending {
    Row row;
    std::vector<ColumnId> changed;  ///< empty: inserted
  };

  storage::RowChange makeChange(const Pending& pending, std::string_view encoded) const;

  std::string m_path;
  std::uint64_t m_seed;
  SystemClock m_clock;
  std::unique_ptr<platform::FileSystem> m_files = platform::makeNativeFileSystem();
  std::unique_ptr<storage::Store> m_store;
  std::vector<RowState> m_rows;
  std::vector<Pending> m_pending;
  std::optional<TimeMicros> m_nextTime;
  double m_commitSeconds = 0;
  std::uint64_t m_rawBytes = 0;
};

}  // namespace drift::bench
