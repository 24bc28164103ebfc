#include "tools/script_test.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <openssl/evp.h>
#include <re2/re2.h>

namespace drift::tools {

namespace {

char letterOf(const api::Type& type) {
  if (type.isInteger()) return 'I';
  if (type.isNumber()) return 'R';
  if (type.isText() || type.id() == api::TypeId::Unknown) return 'T';
  if (type.isTemporal() || type.id() == api::TypeId::Interval) return 'D';
  return type.id() == api::TypeId::Boolean ? 'B' : '?';
}

/// A value as sqllogictest writes it in a column of a letter: what its hashes are made of.
std::string classicText(const api::Value& value, char letter) {
  if (value.isNull()) return "NULL";
  const auto text = types::toText(value);
  if (letter == 'R' || letter == 'I') {
    double number = 0;
    if (value.type().id() == api::TypeId::Boolean) number = value.asBool() ? 1 : 0;
    else if (std::from_chars(text.data(), text.data() + text.size(), number).ec != std::errc()) number = 0;
    if (letter == 'R') return fmt::format("{:.3f}", number);
    return value.type().isInteger() ? text
                                    : fmt::format("{:.0f}", number < 0 ? -std::floor(-number) : std::floor(number));
  }
  return text.empty() ? "(empty)" : text;
}

std::string ownText(const api::Value& value) {
  if (value.isNull()) return "NULL";
  auto text = types::toText(value);
  return text.empty() ? "\"\"" : text;
}

Result<std::string> md5Of(const std::vector<std::string>& values) {
  std::string text;
  for (const auto& value : values) text += value + "\n";
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (EVP_Digest(text.data(), text.size(), digest, &size, EVP_md5(), nullptr) != 1)
    return Error(ErrorKind::InternalError, "OpenSSL gives no MD5 digest");
  std::string hex;
  for (unsigned int at = 0; at < size; ++at) hex += fmt::format("{:02x}", digest[at]);
  return hex;
}

std::string linesText(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += "\n    " + line;
  return text.empty() ? "no rows" : text;
}

std::string joined(const std::vector<std::string>& fields, std::string_view sign) {
  std::string line;
  for (const auto& field : fields) line.append(&field == fields.data() ? "" : sign).append(field);
  return line;
}

}  // namespace

struct ScriptTest::Answer {
  std::string types;
  std::string names;
  std::vector<std::vector<api::Value>> rows;
  std::uint64_t affectedRows = 0;
};

Result<std::unique_ptr<ScriptTest>> ScriptTest::open(const std::string& path, std::string dialect) {
  std::unique_ptr<ScriptTest> test(new ScriptTest(path, std::move(dialect)));
  DRIFT_TRY(test->openDatabase(true));
  return test;
}

Status ScriptTest::openDatabase(bool create) {
  api::OpenOptions options;
  options.create = create;
  options.durability = api::OpenOptions::Durability::Off;
  DRIFT_ASSIGN(m_database, api::Database::open(m_path, options));
  return {};
}

Status ScriptTest::restart() {
  m_sessions.clear();
  DRIFT_TRY(m_database->close());
  m_database.reset();
  return openDatabase(false);
}

api::Session& ScriptTest::session(const std::string& name) {
  auto& session = m_sessions[name];
  if (!session) session = m_database->newSession("test");
  return *session;
}

Result<ScriptTest::Answer> ScriptTest::run(api::Session& session, const std::string& sql) {
  DRIFT_ASSIGN(const auto result, session.execute(sql));
  Answer answer;
  for (const api::ResultColumn& column : result->columns()) {
    answer.types += letterOf(column.type);
    answer.names += (answer.names.empty() ? "" : "|") + column.name;
  }
  while (true) {
    api::Chunk chunk;
    DRIFT_ASSIGN(const bool more, result->next(chunk));
    if (!more) break;
    for (std::size_t row = 0; row < chunk.rowCount(); ++row) {
      auto& values = answer.rows.emplace_back();
      for (std::size_t column = 0; column < chunk.columnCount(); ++column)
        values.push_back(chunk.column(column).get(row));
    }
  }
  answer.affectedRows = result->affectedRows();
  return answer;
}

Result<std::optional<ScriptFailure>> ScriptTest::check(const Record& record) {
  switch (record.kind) {
    case RecordKind::Connection: m_connection = record.argument; return std::optional<ScriptFailure>();
    case RecordKind::Columns: m_columns = record.argument; return std::optional<ScriptFailure>();
    case RecordKind::Restart: DRIFT_TRY(restart()); return std::optional<ScriptFailure>();
    case RecordKind::Unsupported:
      return std::optional(ScriptFailure{"a record of this form", "a directive that is not supported"});
    case RecordKind::StatementOk:
    case RecordKind::StatementCount:
    case RecordKind::StatementError:
    case RecordKind::Query: break;
  }
  auto answer = run(session(record.connection.empty() ? m_connection : record.connection), record.sql);
  if (record.kind == RecordKind::StatementError) return checkError(record, answer);
  if (!answer.ok())
    return std::optional(
        ScriptFailure{"success", fmt::format("SQLSTATE {}: {}", answer.error().sqlState(), answer.error().toString())});
  if (record.kind == RecordKind::StatementCount && std::to_string(answer->affectedRows) != record.argument)
    return std::optional(ScriptFailure{record.argument + " changed rows", std::to_string(answer->affectedRows)});
  if (record.kind == RecordKind::Query) return checkQuery(record, std::move(*answer));
  return std::optional<ScriptFailure>();
}

std::optional<ScriptFailure> ScriptTest::checkError(const Record& record, const Result<Answer>& answer) {
  const auto wanted = "an error" + (record.argument.empty() ? "" : " with SQLSTATE " + record.argument) +
                      (record.pattern.empty() ? "" : " that matches: " + record.pattern);
  if (answer.ok()) return ScriptFailure{wanted, "success"};
  const auto got = fmt::format("SQLSTATE {}: {}", answer.error().sqlState(), answer.error().message());
  if (!record.argument.empty() && answer.error().sqlState() != record.argument) return ScriptFailure{wanted, got};
  const re2::RE2 pattern(record.pattern, re2::RE2::Quiet);
  if (!pattern.ok()) return ScriptFailure{"a valid pattern", pattern.error()};
  if (!re2::RE2::PartialMatch(answer.error().message(), pattern)) return ScriptFailure{wanted, got};
  return std::nullopt;
}

Result<std::optional<ScriptFailure>> ScriptTest::checkQuery(const Record& record, Answer answer) {
  using Failure = std::optional<ScriptFailure>;
  const std::string columns = std::exchange(m_columns, {});
  if (!columns.empty() && columns != answer.names) return Failure({columns, "columns " + answer.names});
  const bool typesFit = m_dialect == kOwnDialect ? std::ranges::equal(record.argument, answer.types,
                                                                      [](char e, char g) { return e == '?' || e == g; })
                                                 : record.argument.size() == answer.types.size();
  if (!typesFit) return Failure({"types " + record.argument, "types " + answer.types});

  // The answer in each form that a file may have: a row a line, or a value a line.
  std::vector<std::vector<std::string>> own;
  std::vector<std::vector<std::string>> classic;
  for (const auto& row : answer.rows) {
    own.emplace_back();
    classic.emplace_back();
    for (std::size_t at = 0; at < row.size(); ++at) {
      own.back().push_back(ownText(row[at]));
      classic.back().push_back(classicText(row[at], record.argument[at]));
    }
  }
  const auto sorted = [&](std::vector<std::string> lines) {
    if (record.sort != SortMode::None) std::ranges::sort(lines);
    return lines;
  };
  const auto rowLines = [&](const auto& rows, std::string_view sign) {
    std::vector<std::string> lines;
    for (const auto& fields : rows) lines.push_back(joined(fields, sign));
    return sorted(std::move(lines));
  };
  auto byRow = classic;
  if (record.sort == SortMode::Rows) std::ranges::sort(byRow);
  std::vector<std::string> values;
  for (const auto& fields : byRow) values.insert(values.end(), fields.begin(), fields.end());
  if (record.sort == SortMode::Values) std::ranges::sort(values);
  DRIFT_ASSIGN(const auto digest, md5Of(values));
  if (!record.label.empty()) {
    const auto [known, isNew] = m_labels.try_emplace(record.label, digest);
    if (!isNew && known->second != digest)
      return Failure({"the answer of the other queries with the label " + record.label, linesText(values)});
  }
  const auto hash = fmt::format("{} values hashing to {}", values.size(), digest);
  const auto lines = rowLines(own, "|");
  if (record.expected.size() == 1 && record.expected.front().find(" values hashing to ") != std::string::npos)
    return record.expected.front() == hash ? Failure() : Failure({record.expected.front(), hash + linesText(lines)});
  if (sorted(record.expected) == lines || sorted(record.expected) == rowLines(own, "\t")) return Failure();
  if (m_dialect != kOwnDialect && (record.expected == values || sorted(record.expected) == rowLines(classic, "\t") ||
                                   sorted(record.expected) == rowLines(classic, "|")))
    return Failure();
  return Failure({linesText(record.expected), linesText(lines)});
}

}  // namespace drift::tools
