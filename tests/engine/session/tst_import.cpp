#include <QtTest>

#include <algorithm>

#include "api/import.h"

using namespace drift;
using namespace drift::api;

namespace {

/// Where the real snapshots lie when they are there; the project does not carry them.
QString realSnapshots() {
  const auto path = QDir(QStringLiteral(DRIFT_SOURCE_DIR)).filePath("../shared/data/sp500-snapshots.tar.xz");
  return QFile::exists(path) ? path : QString();
}

std::shared_ptr<Database> makeDatabase(const QTemporaryDir& folder, const QString& name = "x.drift") {
  OpenOptions options;
  options.create = true;
  options.durability = OpenOptions::Durability::Off;
  auto database = Database::open(folder.filePath(name).toStdString(), options);
  if (!database.ok()) qFatal("%s", database.error().message().c_str());
  return *database;
}

/// Runs a query and gives its rows, fields joined by "|", NULL as "~".
QStringList rowsOf(Database& database, const std::string& sql) {
  const auto session = database.newSession("test");
  const auto result = session->execute(sql);
  if (!result.ok()) return {QString::fromStdString("error: " + result.error().toString())};
  QStringList rows;
  Chunk chunk;
  while (true) {
    const auto more = (*result)->next(chunk);
    if (!more.ok()) return {QString::fromStdString("error: " + more.error().toString())};
    if (!*more) return rows;
    for (std::size_t row = 0; row < chunk.rowCount(); ++row) {
      QStringList fields;
      for (std::size_t column = 0; column < chunk.columnCount(); ++column) {
        const auto value = chunk.column(column).get(row);
        fields << (value.isNull() ? QString("~") : QString::fromStdString(types::toText(value)));
      }
      rows << fields.join('|');
    }
  }
}

QStringList columnsOf(Database& database, CommitNumber at) {
  const auto schema = database.schemaAt(at);
  QStringList names;
  for (const auto& column : schema.value().tables.front().columns) names << QString::fromStdString(column.name);
  return names;
}

void writeFile(const QString& path, const QByteArray& contents) {
  QFile file(path);
  QVERIFY(file.open(QIODevice::WriteOnly));
  QCOMPARE(file.write(contents), contents.size());
}

}  // namespace

class TestImport : public QObject {
  Q_OBJECT

 private slots:
  void fourteenYearsOfCompanies() {
    if (realSnapshots().isEmpty()) QSKIP("the snapshots of ../shared/data are not here");
    QTemporaryDir folder;
    const auto database = makeDatabase(folder);
    ImportOptions options;
    options.path = realSnapshots().toStdString();
    options.table = "companies";
    options.key = {"Symbol"};
    const auto report = importSnapshots(*database, options);
    QVERIFY2(report.ok(), report.ok() ? "" : report.error().message().c_str());
    QCOMPARE(report->files, std::uint64_t{190});
    QCOMPARE(report->unchangedFiles, std::uint64_t{2});
    QCOMPARE(report->commits, std::uint64_t{188});
    QCOMPARE(report->inserted, std::uint64_t{862});
    QCOMPARE(report->updated, std::uint64_t{3476});
    QCOMPARE(report->deleted, std::uint64_t{359});
    QCOMPARE(report->raggedRows, std::uint64_t{21});
    QCOMPARE(database->extent()->last, CommitNumber{188});
    QCOMPARE(rowsOf(*database, "SELECT count(*) FROM companies"), QStringList{"503"});
    QCOMPARE(rowsOf(*database, "SELECT count(*) FROM companies FOR SYSTEM_TIME AS OF '2016-01-01'"), QStringList{"494"});
    const auto then = *database->commitAt(1451606400000000);
    QCOMPARE(columnsOf(*database, then), (QStringList{"Symbol", "Name", "Sector"}));
    QCOMPARE(columnsOf(*database, kNoCommit),
             (QStringList{"Symbol", "Security", "GICS Sector", "GICS Sub-Industry", "Headquarters Location",
                          "Date added", "CIK", "Founded"}));
    QCOMPARE(rowsOf(*database, "SELECT op, count(*) FROM diff(companies, '2020-01-01', LATEST) "
                               "WHERE op <> 'update' GROUP BY op ORDER BY op"),
             (QStringList{"delete|146", "insert|144"}));
  }

  void snapshotsFollowTheirFiles() {
    QTemporaryDir folder, files;
    writeFile(files.filePath("2020-01-03.csv"), "id,name,zip\n1,Ann,01234\n3,Cid,99999\n");
    writeFile(files.filePath("2020-01-01.csv"), "id,name\n1,Ann\n2,Bob\n");
    writeFile(files.filePath("2020-01-02.csv"), "name,id\nBob,2\nAnn,1\n");
    const auto database = makeDatabase(folder);
    ImportOptions options;
    options.path = files.path().toStdString();
    options.table = "people";
    options.key = {"id"};
    const auto report = importSnapshots(*database, options);
    QVERIFY2(report.ok(), report.ok() ? "" : report.error().message().c_str());
    QCOMPARE(report->commits, std::uint64_t{2});
    QCOMPARE(report->unchangedFiles, std::uint64_t{1});
    QCOMPARE(report->updated, std::uint64_t{1});
    QCOMPARE(rowsOf(*database, "SELECT * FROM people ORDER BY id"), (QStringList{"1|Ann|01234", "3|Cid|99999"}));
    QCOMPARE(rowsOf(*database, "SELECT * FROM people FOR SYSTEM_TIME AS OF COMMIT 1 ORDER BY id"),
             (QStringList{"1|Ann", "2|Bob"}));
    QCOMPARE(*database->timeOf(2), TimeMicros{1578009600000000});
  }

  void aLaterSetGoesOnWhereTheTableStands() {
    QTemporaryDir folder, first, second;
    writeFile(first.filePath("2020-01-01.csv"), "id,n\n1,1.50\n2,2\n");
    writeFile(second.filePath("2020-02-01.csv"), "id,n\n1,1.50\n3,3\n");
    const auto database = makeDatabase(folder);
    ImportOptions options;
    options.table = "t";
    options.key = {"id"};
    options.path = first.path().toStdString();
    QVERIFY(importSnapshots(*database, options).ok());
    options.path = second.path().toStdString();
    const auto report = importSnapshots(*database, options);
    QVERIFY2(report.ok(), report.ok() ? "" : report.error().message().c_str());
    QCOMPARE(report->inserted, std::uint64_t{1});
    QCOMPARE(report->updated, std::uint64_t{0});
    QCOMPARE(report->deleted, std::uint64_t{1});
  }

  void refusals_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("contents");
    QTest::addColumn<bool>("strict");
    QTest::addColumn<QString>("sentence");
    QTest::newRow("no moment") << "companies.csv" << QByteArray("id\n1\n") << false << "has no moment in its name";
    QTest::newRow("no key column") << "2020-01-01.csv" << QByteArray("a\n1\n") << false
                                   << "2020-01-01.csv: line 1: the header has no key column \"id\"";
    QTest::newRow("key twice") << "2020-01-01.csv" << QByteArray("id\n1\n1\n") << false
                               << "2020-01-01.csv: line 3: the key \"1\" is there twice";
    QTest::newRow("empty key") << "2020-01-01.csv" << QByteArray("id,a\n,x\n") << false
                               << "2020-01-01.csv: line 2: the key column \"id\" is empty";
    QTest::newRow("column twice") << "2020-01-01.csv" << QByteArray("id,a,a\n") << false
                                  << "2020-01-01.csv: line 1: the header names column \"a\" twice";
    QTest::newRow("ragged, strict") << "2020-01-01.csv" << QByteArray("id,a\n1\n") << true
                                    << "2020-01-01.csv: line 2: 1 fields where the header has 2";
    QTest::newRow("empty file") << "2020-01-01.csv" << QByteArray("") << false << "the file is empty";
    QTest::newRow("open quote") << "2020-01-01.csv" << QByteArray("id\n\"1\n") << false << "never closed";
  }
  void refusals() {
    QFETCH(QString, name);
    QFETCH(QByteArray, contents);
    QFETCH(bool, strict);
    QFETCH(QString, sentence);
    QTemporaryDir folder, files;
    writeFile(files.filePath(name), contents);
    const auto database = makeDatabase(folder);
    ImportOptions options;
    options.path = files.path().toStdString();
    options.table = "t";
    options.key = {"id"};
    options.strict = strict;
    const auto report = importSnapshots(*database, options);
    QVERIFY(!report.ok());
    const auto message = QString::fromStdString(report.error().message());
    QVERIFY2(message.contains(sentence), qPrintable(message));
    QCOMPARE(database->extent()->last, CommitNumber{0});
  }

  void momentsBeforeTheLastCommitAreRefused() {
    QTemporaryDir folder, files;
    writeFile(files.filePath("2020-01-01.csv"), "id\n1\n");
    const auto database = makeDatabase(folder);
    QVERIFY(database->newSession("test")->execute("CREATE TABLE u (a INTEGER)").ok());
    ImportOptions options;
    options.path = files.path().toStdString();
    options.table = "t";
    options.key = {"id"};
    const auto report = importSnapshots(*database, options);
    QVERIFY(!report.ok());
    QCOMPARE(report.error().kind(), ErrorKind::MomentOutOfRange);
    QCOMPARE(database->extent()->last, CommitNumber{1});
  }

  void csvMakesATable() {
    QTemporaryDir folder;
    writeFile(folder.filePath("p.csv"), "id,zip,price,day\n1,00501,2.50,2020-02-29\n2,,,\n3,10001\n");
    const auto database = makeDatabase(folder);
    ImportOptions options;
    options.path = folder.filePath("p.csv").toStdString();
    options.table = "p";
    options.key = {"id"};
    const auto report = importCsv(*database, options);
    QVERIFY2(report.ok(), report.ok() ? "" : report.error().message().c_str());
    QCOMPARE(report->inserted, std::uint64_t{3});
    QCOMPARE(report->raggedRows, std::uint64_t{1});
    QCOMPARE(report->ragged.front().line, std::uint64_t{4});
    QCOMPARE(rowsOf(*database, "SELECT * FROM p ORDER BY id"),
             (QStringList{"1|00501|2.50|2020-02-29", "2||~|~", "3|10001|~|~"}));
    QCOMPARE(rowsOf(*database, "SELECT pg_typeof(zip), pg_typeof(price), pg_typeof(day) FROM p LIMIT 1"),
             (QStringList{"text|numeric|date"}));
  }

  void csvFillsAnExistingTable() {
    QTemporaryDir folder;
    writeFile(folder.filePath("p.csv"), "b,a\nx,1\ny,2\n");
    const auto database = makeDatabase(folder);
    QVERIFY(database->newSession("test")->execute("CREATE TABLE p (a INTEGER PRIMARY KEY, b TEXT, c INTEGER DEFAULT 7)").ok());
    ImportOptions options;
    options.path = folder.filePath("p.csv").toStdString();
    options.table = "p";
    QVERIFY(importCsv(*database, options).ok());
    QCOMPARE(rowsOf(*database, "SELECT a, b, c FROM p ORDER BY a"), (QStringList{"1|x|7", "2|y|7"}));
    // The second time the keys are taken, and nothing is left of the attempt.
    const auto again = importCsv(*database, options);
    QVERIFY(!again.ok());
    QCOMPARE(again.error().kind(), ErrorKind::UniqueViolation);
    QCOMPARE(rowsOf(*database, "SELECT count(*) FROM p"), QStringList{"2"});
  }

  void csvBadValueNamesItsLine() {
    QTemporaryDir folder;
    writeFile(folder.filePath("p.csv"), "a\n1\nx\n");
    const auto database = makeDatabase(folder);
    ImportOptions options;
    options.path = folder.filePath("p.csv").toStdString();
    options.table = "p";
    options.types = {{"a", TypeId::Integer}};
    const auto report = importCsv(*database, options);
    QVERIFY(!report.ok());
    QVERIFY(QString::fromStdString(report.error().message()).startsWith("p.csv: line 3, column \"a\": "));
    QCOMPARE(database->extent()->last, CommitNumber{0});
  }
};

QTEST_GUILESS_MAIN(TestImport)
#include "tst_import.moc"
