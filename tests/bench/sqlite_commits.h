// SqliteCommits: a table of commits in SQLite, and what a GROUP BY makes of it. One thread. Ends the program on errors.
#pragma once

#include <cstdint>
#include <string>

#include "sqlite_rival.h"

namespace drift::bench {

class SqliteCommits final {
 public:
  /// Makes the file and begins a transaction.
  explicit SqliteCommits(const std::string& path);
  void add(std::int64_t time, std::int64_t inserted, std::int64_t updated);
  void finish();
  /// Commits and row counts of `bucketCount` equal slices of [from, to); gives the slices that have any.
  std::size_t summary(std::int64_t from, std::int64_t to, std::size_t bucketCount);

 private:
  SqliteRival m_file;
};

}  // namespace drift::bench
