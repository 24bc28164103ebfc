#include "tools/script_file.h"

#include <algorithm>
#include <cctype>

namespace drift::tools {

namespace {

std::vector<std::string> linesOf(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    auto line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.emplace_back(line);
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

// Takes the next word off a line.
std::string takeWord(std::string_view& line) {
  const std::size_t start = line.find_first_not_of(" \t");
  if (start == std::string_view::npos) {
    line = {};
    return {};
  }
  const std::size_t end = std::min(line.find_first_of(" \t", start), line.size());
  const std::string word(line.substr(start, end - start));
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

Error badLine(int line, std::string_view text) {
  return makeError(ErrorKind::SyntaxError, "line {}: this is no record: {}", line, text);
}

bool isSqlState(std::string_view word) {
  return word.size() == 5 &&
         std::ranges::all_of(word, [](unsigned char letter) { return std::isdigit(letter) || std::isupper(letter); });
}

class RecordReader final {
 public:
  RecordReader(std::string_view text, std::string_view dialect) : m_lines(linesOf(text)), m_dialect(dialect) {}

  Result<std::vector<Record>> read() {
    std::vector<Record> records;
    bool wanted = true;
    for (; m_at < m_lines.size(); ++m_at) {
      const std::string& line = m_lines[m_at];
      if (line.empty() || line.front() == '#') continue;
      std::string_view rest = line;
      const auto word = takeWord(rest);
      if (word == "halt" && wanted) break;
      if (word == "halt" || word == "hash-threshold") {
        wanted = true;
        continue;
      }
      if (word == "skipif" || word == "onlyif") {
        wanted = wanted && (takeWord(rest) == m_dialect) == (word == "onlyif");
        continue;
      }
      DRIFT_ASSIGN(Record record, readRecord(line));
      if (wanted) records.push_back(std::move(record));
      wanted = true;
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
      DRIFT_TRY(readQueryLine(record, rest, line));
    } else if (word == "statement") {
      DRIFT_TRY(readStatementLine(record, rest, line));
    } else {
      record.kind = RecordKind::Unsupported;
      record.argument = line;
      // What stands under it, up to a blank line, belongs to it.
      while (m_at + 1 < m_lines.size() && !m_lines[m_at + 1].empty()) ++m_at;
      return record;
    }
    readSql(record);
    if (record.sql.empty()) return badLine(record.line, line);
    return record;
  }

  Status readQueryLine(Record& record, std::string_view rest, std::string_view line) {
    record.kind = RecordKind::Query;
    record.argument = takeWord(rest);
    if (record.argument.empty()) return badLine(record.line, line);
    if (record.argument == "error") {
      readError(record, rest);
      return {};
    }
    const auto mode = takeWord(rest);
    if (mode == "rowsort") record.sort = SortMode::Rows;
    else if (mode == "valuesort") record.sort = SortMode::Values;
    else if (mode != "nosort") record.connection = mode;
    record.label = takeWord(rest);
    return takeWord(rest).empty() ? Status() : badLine(record.line, line);
  }

  Status readStatementLine(Record& record, std::string_view rest, std::string_view line) {
    const std::string outcome = takeWord(rest);
    if (outcome == "ok") {
      record.connection = takeWord(rest);
    } else if (outcome == "count") {
      record.kind = RecordKind::StatementCount;
      record.argument = takeWord(rest);
      if (record.argument.empty()) return badLine(record.line, line);
    } else if (outcome == "error") {
      readError(record, rest);
    } else {
      return badLine(record.line, line);
    }
    return {};
  }

  static void readError(Record& record, std::string_view rest) {
    record.kind = RecordKind::StatementError;
    record.argument.clear();
    auto after = rest;
    if (const auto word = takeWord(after); isSqlState(word)) {
      record.argument = word;
      rest = after;
    }
    record.pattern = rest;
  }

  // The statement up to a blank line or ----, then the rows up to a blank line.
  void readSql(Record& record) {
    while (++m_at < m_lines.size() && !m_lines[m_at].empty() && m_lines[m_at] != "----")
      record.sql += (record.sql.empty() ? "" : "\n") + m_lines[m_at];
    if (m_at >= m_lines.size() || m_lines[m_at].empty()) return;
    while (++m_at < m_lines.size() && !m_lines[m_at].empty()) record.expected.push_back(m_lines[m_at]);
  }

  const std::vector<std::string> m_lines;
  const std::string m_dialect;
  std::size_t m_at = 0;
};

}  // namespace

Result<std::vector<Record>> readRecords(std::string_view text, std::string_view dialect) {
  return RecordReader(text, dialect).read();
}

}  // namespace drift::tools
