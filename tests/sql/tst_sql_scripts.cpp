// Runs tests/sql/*.test against the engine through its public interface, each file on a database of its own.
#include <QtTest>

#include <algorithm>
#include <map>

#include "api/database.h"
#include "script_file.h"

using namespace drift;
using namespace drift::sqltest;

namespace {

/// One database file with its sessions.
class ScriptDatabase final {
 public:
  explicit ScriptDatabase(std::string path) : m_path(std::move(path)) {}

  Status open(bool create) {
    api::OpenOptions options;
    options.create = create;
    options.durability = api::OpenOptions::Durability::Off;
    DRIFT_ASSIGN(m_database, api::Database::open(m_path, options));
    return {};
  }

  Status restart() {
    m_sessions.clear();
    DRIFT_TRY(m_database->close());
    m_database.reset();
    return open(false);
  }

  api::Session& session(const std::string& name) {
    auto& session = m_sessions[name];
    if (!session) session = m_database->newSession("test");
    return *session;
  }

 private:
  std::string m_path;
  std::shared_ptr<api::Database> m_database;
  std::map<std::string, std::unique_ptr<api::Session>> m_sessions;
};

char letterOf(const api::Type& type) {
  if (type.isInteger()) return 'I';
  if (type.isNumber()) return 'R';
  if (type.isText() || type.id() == api::TypeId::Unknown) return 'T';
  if (type.isTemporal() || type.id() == api::TypeId::Interval) return 'D';
  return type.id() == api::TypeId::Boolean ? 'B' : '?';
}

struct Answer {
  std::string types;
  std::string names;
  std::vector<std::string> rows;
  std::uint64_t affectedRows = 0;
};

std::string fieldText(const api::Vector& vector, std::size_t row) {
  const types::Value value = vector.get(row);
  if (value.isNull()) return "NULL";
  std::string text = types::toText(value);
  return text.empty() ? "\"\"" : text;
}

Result<Answer> run(api::Session& session, const std::string& sql) {
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
      std::string line;
      for (std::size_t column = 0; column < chunk.columnCount(); ++column)
        line += (column ? "|" : "") + fieldText(chunk.column(column), row);
      answer.rows.push_back(std::move(line));
    }
  }
  answer.affectedRows = result->affectedRows();
  return answer;
}

bool typesMatch(const std::string& expected, const std::string& got) {
  return std::ranges::equal(expected, got, [](char e, char g) { return e == '?' || e == g; });
}

QString joinedLines(const std::vector<std::string>& lines) {
  QString text;
  for (const std::string& line : lines) text += QString::fromStdString("\n    " + line);
  return text;
}

/// Runs records in order and says what is not as it should be.
class ScriptRun final {
 public:
  explicit ScriptRun(ScriptDatabase& database) : m_database(database) {}

  /// Gives an empty text, or what went wrong.
  QString check(const Record& record) {
    switch (record.kind) {
      case RecordKind::Connection: m_connection = record.argument; return {};
      case RecordKind::Columns: m_columns = record.argument; return {};
      case RecordKind::Restart: {
        const Status status = m_database.restart();
        return status.ok() ? QString() : QString::fromStdString(status.error().toString());
      }
      case RecordKind::StatementOk:
      case RecordKind::StatementCount:
      case RecordKind::StatementError:
      case RecordKind::Query: break;
    }
    const auto answer = run(m_database.session(m_connection), record.sql);
    if (record.kind == RecordKind::StatementError) return checkError(record, answer);
    if (!answer.ok()) return QString::fromStdString("it failed: " + answer.error().toString());
    if (record.kind == RecordKind::StatementCount && std::to_string(answer->affectedRows) != record.argument)
      return QString("it changed %1 rows").arg(answer->affectedRows);
    return record.kind == RecordKind::Query ? checkQuery(record, *answer) : QString();
  }

 private:
  static QString checkError(const Record& record, const Result<Answer>& answer) {
    if (answer.ok()) return "it succeeded";
    const QString said = QString::fromStdString(answer.error().message());
    if (answer.error().sqlState() != record.argument)
      return QString("SQLSTATE %1: %2")
          .arg(QString::fromStdString(std::string(answer.error().sqlState())), said);
    const QRegularExpression pattern(QString::fromStdString(record.pattern));
    if (!pattern.isValid()) return "the pattern is not valid";
    return pattern.match(said).hasMatch() ? QString() : QString("it says: %1").arg(said);
  }

  QString checkQuery(const Record& record, Answer answer) {
    const std::string columns = std::exchange(m_columns, {});
    if (!columns.empty() && columns != answer.names)
      return QString::fromStdString("its columns are " + answer.names);
    if (!typesMatch(record.argument, answer.types)) return QString::fromStdString("its types are " + answer.types);
    std::vector<std::string> expected = record.expected;
    if (record.sortRows) {
      std::ranges::sort(expected);
      std::ranges::sort(answer.rows);
    }
    if (expected == answer.rows) return {};
    return "it answers" + joinedLines(answer.rows) + "\n  instead of" + joinedLines(expected);
  }

  ScriptDatabase& m_database;
  std::string m_connection = "main";
  std::string m_columns;
};

}  // namespace

class TestSqlScripts : public QObject {
  Q_OBJECT

 private slots:
  void scripts_data() {
    QTest::addColumn<QString>("path");
    const QDir folder(QStringLiteral(DRIFT_SOURCE_DIR "/tests/sql"));
    const QStringList files = folder.entryList({"*.test"}, QDir::Files, QDir::Name);
    QVERIFY(!files.isEmpty());
    for (const QString& file : files) QTest::newRow(qPrintable(file)) << folder.filePath(file);
  }

  void scripts() {
    QFETCH(QString, path);
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const std::string text = file.readAll().toStdString();
    const auto records = readRecords(text);
    QVERIFY2(records.ok(), records.ok() ? "" : records.error().toString().c_str());
    QVERIFY(!records->empty());
    QTemporaryDir folder;
    QVERIFY(QDir::setCurrent(folder.path()));  // where files of COPY are
    ScriptDatabase database(folder.filePath("script.drift").toStdString());
    const Status opened = database.open(true);
    QVERIFY2(opened.ok(), opened.ok() ? "" : opened.error().toString().c_str());
    ScriptRun script(database);
    QString failures;
    for (const Record& record : *records) {
      const QString failure = script.check(record);
      if (!failure.isEmpty())
        failures += QString("\n%1:%2: %3\n  %4")
                        .arg(QFileInfo(path).fileName())
                        .arg(record.line)
                        .arg(QString::fromStdString(record.sql), failure);
    }
    QVERIFY2(failures.isEmpty(), qPrintable(failures));
  }
};

QTEST_APPLESS_MAIN(TestSqlScripts)
#include "tst_sql_scripts.moc"
