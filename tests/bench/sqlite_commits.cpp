#include "sqlite_commits.h"

namespace drift::bench {

SqliteCommits::SqliteCommits(const std::string& path) : m_file(path, SqliteRival::Kind::Plain) {
  m_file.run("CREATE TABLE commits (time INTEGER PRIMARY KEY, inserted INTEGER, updated INTEGER)");
  m_file.begin();
}

void SqliteCommits::add(std::int64_t time, std::int64_t inserted, std::int64_t updated) {
  m_file.query("INSERT INTO commits VALUES (?1, ?2, ?3)", {time, inserted, updated});
}

void SqliteCommits::finish() { m_file.commit(); }

std::size_t SqliteCommits::summary(std::int64_t from, std::int64_t to, std::size_t bucketCount) {
  const auto width = (to - from + static_cast<std::int64_t>(bucketCount) - 1) / static_cast<std::int64_t>(bucketCount);
  return m_file.query(
      "SELECT (time - ?1) / ?3, count(*), sum(inserted), sum(updated), min(time), max(time) FROM commits "
      "WHERE time >= ?1 AND time < ?2 GROUP BY 1",
      {from, to, width});
}

}  // namespace drift::bench
