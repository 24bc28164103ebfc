#include <QtTest>

#include "api/database.h"
#include "sample/sample.h"

using namespace drift;
using namespace drift::api;

namespace {

QString firstField(Database& database, const std::string& sql) {
  const auto session = database.newSession("test");
  const auto result = session->execute(sql);
  if (!result.ok()) return QString::fromStdString(result.error().toString());
  Chunk chunk;
  const auto more = (*result)->next(chunk);
  if (!more.ok() || !*more) return "nothing";
  return QString::fromStdString(types::toText(chunk.column(0).get(0)));
}

}  // namespace

class TestSample : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() {
    const auto report = sample::createSample(m_folder.filePath("shop.drift").toStdString(), {});
    QVERIFY2(report.ok(), report.ok() ? "" : report.error().message().c_str());
    m_report = *report;
    const auto database = Database::open(m_folder.filePath("shop.drift").toStdString(), {});
    QVERIFY(database.ok());
    m_database = *database;
  }

  void hasTwoYearsOfCommits() {
    QVERIFY(m_report.commits >= 18000 && m_report.commits <= 22000);
    const auto extent = m_database->extent().value();
    QCOMPARE(extent.last, m_report.commits);
    QCOMPARE(extent.firstTime, TimeMicros{1727766000000000});
    QVERIFY(extent.lastTime - extent.firstTime > TimeMicros{729} * 24 * 3600 * 1000000);
  }

  void ordersAddUpAtAnyMoment() {
    // Every order's total is the sum of its lines, then as now.
    for (const auto* moment : {"2024-12-24", "2025-11-29 12:00", "2026-09-01"})
      QCOMPARE(firstField(*m_database, fmt::format("SELECT count(*) FROM (SELECT o.id FROM orders o JOIN order_items i "
                                                   "ON i.order_id = o.id GROUP BY o.id, o.total HAVING "
                                                   "sum(i.quantity * i.unit_price) <> o.total) x "
                                                   "AS OF SYSTEM TIME '{}'", moment)),
               QString("0"));
  }

  void wrongImportIsThereAndPutRight() {
    const auto price = "SELECT max(price) FROM products FOR SYSTEM_TIME AS OF '{}' WHERE category = 'Coffee'";
    const auto before = firstField(*m_database, fmt::format(fmt::runtime(price), "2026-02-16 10:00")).toDouble();
    const auto during = firstField(*m_database, fmt::format(fmt::runtime(price), "2026-02-16 11:00")).toDouble();
    const auto after = firstField(*m_database, fmt::format(fmt::runtime(price), "2026-02-16 15:00")).toDouble();
    QVERIFY(before > 0);
    QVERIFY(during > 50 * before);
    QVERIFY(after < 2 * before);
  }

  void droppedTableIsStillThereInThePast() {
    const auto now = m_database->newSession("test")->execute("SELECT * FROM loyalty_points");
    QCOMPARE(now.error().kind(), ErrorKind::UndefinedTable);
    QVERIFY(firstField(*m_database, "SELECT count(*) FROM loyalty_points FOR SYSTEM_TIME AS OF '2025-06-01'").toInt() > 50);
  }

  void deletedCustomersCameBack() {
    const auto count = "SELECT count(*) FROM customers FOR SYSTEM_TIME AS OF '{}' WHERE id BETWEEN 101 AND 140";
    QCOMPARE(firstField(*m_database, fmt::format(fmt::runtime(count), "2026-06-05 16:00")), QString("40"));
    QVERIFY(firstField(*m_database, fmt::format(fmt::runtime(count), "2026-06-05 20:00")).toInt() < 40);
    QCOMPARE(firstField(*m_database, fmt::format(fmt::runtime(count), "2026-06-07 12:00")), QString("40"));
  }

  void verifies() {
    const auto report = m_database->verify();
    QVERIFY(report.ok());
    QVERIFY2(report->findings.empty(), report->findings.empty() ? "" : report->findings.front().sentence.c_str());
  }

 private:
  QTemporaryDir m_folder;
  std::shared_ptr<Database> m_database;
  sample::SampleReport m_report;
};

QTEST_GUILESS_MAIN(TestSample)
#include "tst_sample.moc"
