// The 22 queries of TPC-H: on generated rows against SQLite, and on the rows of the TPC's own generator against answers
// that came with them, where there is such an archive: DRIFT_TPCH names it, or it lies beside the project.
#include <QtTest>

#include "archive.h"
#include "tpch_generator.h"

using namespace drift;
using namespace drift::tpch;

namespace {

constexpr double kScale = 0.01;

QString textOf(const Status& status) {
  return status.ok() ? QString() : QString::fromStdString(status.error().toString());
}

void addQueryRows() {
  QTest::addColumn<int>("number");
  for (std::size_t number = 1; number <= kQueryCount; ++number)
    QTest::addRow("query %d", static_cast<int>(number)) << static_cast<int>(number);
}

QString archivePath() {
  const auto named = qEnvironmentVariable("DRIFT_TPCH");
  return named.isEmpty() ? QStringLiteral(DRIFT_SOURCE_DIR "/../shared/data/tpch-sf0.1.tar.zst") : named;
}

}  // namespace

class TestQueries : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() {
    GeneratorOptions options;
    options.scale = kScale;
    if (qEnvironmentVariableIsSet("DRIFT_SEED")) options.seed = qEnvironmentVariable("DRIFT_SEED").toULongLong();
    qInfo("seed %llu", static_cast<unsigned long long>(options.seed));
    auto drift = DriftDatabase::open(m_folder.filePath("generated.drift").toStdString());
    QVERIFY2(drift.ok(), drift.ok() ? "" : drift.error().toString().c_str());
    m_drift.emplace(std::move(drift).value());
    auto sqlite = SqliteDatabase::open("");
    QVERIFY(sqlite.ok());
    m_sqlite.emplace(std::move(sqlite).value());
    for (const auto& table : tables()) {
      const auto produce = [&](const auto& sink) { return generate(table, options, sink); };
      const auto drifted = m_drift->load(table, produce);
      QVERIFY2(drifted.ok(), qPrintable(textOf(drifted)));
      const auto stored = m_sqlite->load(table, produce);
      QVERIFY2(stored.ok(), qPrintable(textOf(stored)));
    }
    QVERIFY(m_sqlite->execute("ANALYZE").ok());
  }

  void generated_data() { addQueryRows(); }
  void generated() {
    QFETCH(int, number);
    const auto at = static_cast<std::size_t>(number);
    const auto wanted = m_sqlite->query(queryTextForSqlite(at));
    QVERIFY2(wanted.ok(), wanted.ok() ? "" : wanted.error().toString().c_str());
    const auto got = m_drift->query(queryText(at));
    QVERIFY2(got.ok(), got.ok() ? "" : got.error().toString().c_str());
    const auto differs = difference(*got, *wanted);
    QVERIFY2(differs.empty(), differs.c_str());
  }

  void archived_data() { addQueryRows(); }
  void archived() {
    QFETCH(int, number);
    if (!QFile::exists(archivePath())) QSKIP("there is no archive of TPC-H; DRIFT_TPCH may name one");
    if (!m_archived) loadArchive();
    QVERIFY(m_archived);
    const auto at = static_cast<std::size_t>(number);
    const auto got = m_archived->query(queryText(at));
    QVERIFY2(got.ok(), got.ok() ? "" : got.error().toString().c_str());
    const auto wanted = readAnswer(m_archive.answers[QString::asprintf("q%02d", number).toStdString()]);
    const auto differs = difference(*got, wanted);
    QVERIFY2(differs.empty(), differs.c_str());
  }

 private:
  void loadArchive() {
    auto archive = readArchive(archivePath().toStdString());
    QVERIFY2(archive.ok(), archive.ok() ? "" : archive.error().toString().c_str());
    m_archive = std::move(archive).value();
    QCOMPARE(m_archive.answers.size(), kQueryCount);
    auto made = DriftDatabase::open(m_folder.filePath("archived.drift").toStdString());
    QVERIFY(made.ok());
    auto database = std::move(made).value();
    for (const auto& table : tables()) {
      const auto status =
          database.load(table, [&](const auto& sink) { return readRows(table, m_archive.tables[table.name], sink); });
      QVERIFY2(status.ok(), qPrintable(textOf(status)));
    }
    m_archive.tables.clear();
    m_archived.emplace(std::move(database));
  }

  QTemporaryDir m_folder;
  std::optional<DriftDatabase> m_drift;
  std::optional<SqliteDatabase> m_sqlite;
  Archive m_archive;
  std::optional<DriftDatabase> m_archived;
};

QTEST_APPLESS_MAIN(TestQueries)
#include "tst_queries.moc"
