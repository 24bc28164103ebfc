// Long statements run or are refused in a sentence; none overflows the stack.
#include <QtTest>

#include "api/database.h"

using namespace drift;

namespace {

std::string repeated(std::string_view part, std::size_t times) {
  std::string text;
  text.reserve(part.size() * times);
  for (std::size_t i = 0; i < times; ++i) text += part;
  return text;
}

Result<std::shared_ptr<api::Database>> createDatabase(const QTemporaryDir& folder) {
  api::OpenOptions options;
  options.create = true;
  options.durability = api::OpenOptions::Durability::Off;
  return api::Database::open(folder.filePath("long.drift").toStdString(), options);
}

}  // namespace

class TestLongStatements : public QObject {
  Q_OBJECT

 private slots:
  void refusesWhatIsTooLong() {
    QTemporaryDir folder;
    const auto database = createDatabase(folder);
    QVERIFY(database.ok());
    const auto session = (*database)->newSession("test");
    const auto result = session->execute("SELECT 1" + repeated(" + 1", 100000));
    QVERIFY(!result.ok());
    QCOMPARE(result.error().kind(), ErrorKind::LimitExceeded);
    QVERIFY(session->execute("SELECT 1").ok());
  }

  void runs_data() {
    QTest::addColumn<QByteArray>("sql");
    QTest::addColumn<qint64>("answer");
    const auto row = [](const char* name, const std::string& sql, qint64 answer) {
      QTest::newRow(name) << QByteArray::fromStdString(sql) << answer;
    };
    const std::string two = " FROM (VALUES (1), (2)) v(a)";
    row("sum of literals", "SELECT 1" + repeated(" + 1", 1999), 2000);
    row("sum of columns", "SELECT a" + repeated(" + a", 1999) + " FROM (VALUES (1)) v(a)", 2000);
    row("OR", "SELECT count(*)" + two + " WHERE a = 0" + repeated(" OR a = 1", 9999), 1);
    row("AND", "SELECT count(*)" + two + " WHERE a > 0" + repeated(" AND a < 3", 9999), 2);
    row("IN", "SELECT count(*)" + two + " WHERE a IN (1" + repeated(", 1", 9999) + ")", 1);
    row("concatenation", "SELECT length('x'" + repeated(" || 'x'", 1999) + ")", 2000);
    row("CASE", "SELECT CASE" + repeated(" WHEN a = 2 THEN 0", 5000) + " ELSE 7 END FROM (VALUES (1)) v(a)", 7);
    row("UNION ALL", "SELECT count(*) FROM (SELECT 1 AS n" + repeated(" UNION ALL SELECT 1", 999) + ") x", 1000);
    row("parentheses", "SELECT " + repeated("(", 300) + "5" + repeated(")", 300), 5);
    row("calls", "SELECT " + repeated("abs(", 250) + "a" + repeated(")", 250) + " FROM (VALUES (-3)) v(a)", 3);
    row("subqueries", repeated("SELECT n FROM (", 100) + "SELECT 4 AS n" + repeated(") x", 100), 4);
  }

  void runs() {
    QFETCH(QByteArray, sql);
    QFETCH(qint64, answer);
    QTemporaryDir folder;
    const auto database = createDatabase(folder);
    QVERIFY(database.ok());
    const auto session = (*database)->newSession("test");
    const auto result = session->execute({sql.constData(), static_cast<std::size_t>(sql.size())});
    QVERIFY2(result.ok(), result.ok() ? "" : result.error().toString().c_str());
    api::Chunk chunk;
    const auto more = (*result)->next(chunk);
    QVERIFY2(more.ok(), more.ok() ? "" : more.error().toString().c_str());
    QVERIFY(*more);
    QCOMPARE(chunk.rowCount(), std::size_t{1});
    QCOMPARE(QByteArray::fromStdString(types::toText(chunk.column(0).get(0))), QByteArray::number(answer));
  }
};

QTEST_APPLESS_MAIN(TestLongStatements)
#include "tst_long_statements.moc"
