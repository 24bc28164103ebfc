#include "script_file.h"

#include <algorithm>

namespace drift::sqltest {

namespace {

std::vector<std::string> linesOf(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

// Takes the next word off a line.
std::string takeWord(std::string_view& line) {
  const std::size_t start = line.find_first_not_of(' ');
  if (start == std::string_view::npos) {
    line = {};
    return {};
  }
  const std::size_t end = std::min(line.find(' ', start), line.size());
  const std::string word(line.substr(start, end - start));
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

Error badLine(int line, std::string_view text) {
  return makeError(ErrorKind::SyntaxError, "line {}: this is no record: {}", line, text);
}

class RecordReader final {
 public:
  explicit RecordReader(std::string_view text) : m_lines(linesOf(text)) {}

  Result<std::vector<Record>> read() {
    std::vector<Record> records;
    for (; m_at < m_lines.size(); ++m_at) {
      const std::string& line = m_lines[m_at];
      if (line.empty() || line.front() == '#') continue;
      DRIFT_ASSIGN(Record record, readRecord(line));
      records.push_back(std::move(record));
    }
    return records;
  }

 private:
  Result<Record> readRecord(std::string_view line) {
    Record record;
    record.line = static_cast<int>(m_at) + 1;
    std::string_view rest = line;
    const std::string word = takeWord(rest);
    if (word == "restart" || word == "connection" || word == "columns") {
      record.kind = word == "restart"      ? RecordKind::Restart
                    : word == "connection" ? RecordKind::Connection
                                           : RecordKind::Columns;
      record.argument = rest;
      return record;
    }
    if (word == "query") {
      record.kind = RecordKind::Query;
      record.argument = takeWord(rest);
      const std::string mode = takeWord(rest);
      record.sortRows = mode == "rowsort";
      if (record.argument.empty() || (!mode.empty() && !record.sortRows)) return badLine(record.line, line);
    } else if (word == "statement") {
      const std::string outcome = takeWord(rest);
      if (outcome == "count" || outcome == "error") {
        record.kind = outcome == "count" ? RecordKind::StatementCount : RecordKind::StatementError;
        record.argument = takeWord(rest);
        record.pattern = rest;
        if (record.argument.empty()) return badLine(record.line, line);
      } else if (outcome != "ok") {
        return badLine(record.line, line);
      }
    } else {
      return badLine(record.line, line);
    }
    readSql(record);
    if (record.sql.empty()) return badLine(record.line, line);
    return record;
  }

  // The statement up to a blank line or ----, then the rows up to a blank line.
  void readSql(Record& record) {
    while (++m_at < m_lines.size() && !m_lines[m_at].empty() && m_lines[m_at] != "----")
      record.sql += (record.sql.empty() ? "" : "\n") + m_lines[m_at];
    if (m_at >= m_lines.size() || m_lines[m_at].empty()) return;
    while (++m_at < m_lines.size() && !m_lines[m_at].empty()) record.expected.push_back(m_lines[m_at]);
  }

  std::vector<std::string> m_lines;
  std::size_t m_at = 0;
};

}  // namespace

Result<std::vector<Record>> readRecords(std::string_view text) { return RecordReader(text).read(); }

}  // namespace drift::sqltest
