#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

#include "fake/fake_database.h"
#include "models/table_grid_model.h"

using namespace drift;
using namespace drift::gui;
using models::TableGridModel;

namespace {

constexpr int kWaitMs = 10'000;

}  // namespace

class TestTableGridModel final : public QObject {
  Q_OBJECT

 private slots:
  void init();
  void showsTheNewestRows();
  void loadsWhereOneLooks();
  void followsTheMoment();
  void keepsTheTopRowsKey();
  void keepsTheSelectedKeys();
  void flashesWhatChanged();
  void saysThatATableIsAbsent();
  void followsNewCommitsWhileLive();
  void loadsManyRowsForCopies();

 private:
  void show(std::optional<CommitNumber> moment);
  QString cell(int row, int column) const { return m_model->index(row, column).data().toString(); }

  std::shared_ptr<test::FakeDatabase> m_database;
  std::unique_ptr<bridge::EngineClient> m_client;
  std::unique_ptr<TableGridModel> m_model;
};

void TestTableGridModel::init() {
  m_model.reset();
  m_client = std::make_unique<bridge::EngineClient>();
  m_database = test::FakeDatabase::shop();
  m_client->adopt(m_database);
  m_model = std::make_unique<TableGridModel>(m_client.get(), models::TableRef{64, "orders"});
  // Checks the rules of item models at every signal.
  new QAbstractItemModelTester(m_model.get(), QAbstractItemModelTester::FailureReportingMode::QtTest, m_model.get());
  QTRY_COMPARE_WITH_TIMEOUT(m_model->state(), TableGridModel::State::Rows, kWaitMs);
}

void TestTableGridModel::show(std::optional<CommitNumber> moment) {
  m_model->setMoment(moment);
  QTRY_VERIFY_WITH_TIMEOUT(!m_model->isStale(), kWaitMs);
}

void TestTableGridModel::showsTheNewestRows() {
  QCOMPARE(m_model->rowCount(), 500);
  QCOMPARE(m_model->columnCount(), 3);
  QCOMPARE(cell(0, 0), QStringLiteral("1"));
  QVERIFY(m_model->index(6, 1).data(models::IsNullRole).toBool());
  QCOMPARE(m_model->headerData(2, Qt::Horizontal, Qt::DisplayRole).toString(), QStringLiteral("total"));
}

void TestTableGridModel::loadsWhereOneLooks() {
  QVERIFY(!m_model->index(450, 0).data(models::IsLoadedRole).toBool());
  QVERIFY(!m_model->value(450, 0));
  m_model->setVisibleRows(430, 30);
  QTRY_VERIFY_WITH_TIMEOUT(m_model->index(450, 0).data(models::IsLoadedRole).toBool(), kWaitMs);
  QCOMPARE(cell(450, 0), QStringLiteral("451"));
}

void TestTableGridModel::followsTheMoment() {
  show(29);
  QCOMPARE(cell(29, 1), QStringLiteral("open"));
  show(30);
  QCOMPARE(cell(29, 1), QStringLiteral("paid"));
  show(std::nullopt);
  QCOMPARE(cell(29, 1), QStringLiteral("paid"));
}

void TestTableGridModel::keepsTheTopRowsKey() {
  m_model->setVisibleRows(100, 20);
  QSignalSpy shown(m_model.get(), &TableGridModel::momentShown);
  show(12);
  QCOMPARE(shown.back().front().toInt(), 100);
  QCOMPARE(cell(100, 0), QStringLiteral("101"));
}

void TestTableGridModel::keepsTheSelectedKeys() {
  const QPersistentModelIndex held(m_model->index(29, 1));
  show(12);
  QVERIFY(held.isValid());
  QCOMPARE(held.row(), 29);
  show(1);  // the table does not exist yet
  QVERIFY(!held.isValid());
}

void TestTableGridModel::flashesWhatChanged() {
  show(29);
  m_model->setMoment(30);
  QTRY_COMPARE_WITH_TIMEOUT(cell(29, 1), QStringLiteral("paid"), kWaitMs);
  QVERIFY(m_model->index(29, 1).data(models::IsFlashingRole).toBool());
  QVERIFY(!m_model->index(29, 0).data(models::IsFlashingRole).toBool());
  QVERIFY(!m_model->index(28, 1).data(models::IsFlashingRole).toBool());
  QTRY_VERIFY_WITH_TIMEOUT(!m_model->index(29, 1).data(models::IsFlashingRole).toBool(), kWaitMs);
  m_model->setFlashing(false);
  m_model->setMoment(29);
  QTRY_COMPARE_WITH_TIMEOUT(cell(29, 1), QStringLiteral("open"), kWaitMs);
  QVERIFY(!m_model->index(29, 1).data(models::IsFlashingRole).toBool());
}

void TestTableGridModel::saysThatATableIsAbsent() {
  show(1);
  QCOMPARE(m_model->state(), TableGridModel::State::Absent);
  QCOMPARE(m_model->rowCount(), 0);
  show(2);
  QCOMPARE(m_model->state(), TableGridModel::State::Rows);
}

void TestTableGridModel::followsNewCommitsWhileLive() {
  m_database->commitUpdate(5);
  QTRY_COMPARE_WITH_TIMEOUT(cell(4, 1), QStringLiteral("sent"), kWaitMs);
  show(60);
  m_database->commitUpdate(6);
  QTRY_COMPARE_WITH_TIMEOUT(m_client->facts().extent.last, CommitNumber{62}, kWaitMs);
  QCOMPARE(cell(5, 1), QStringLiteral("paid"));
}

void TestTableGridModel::loadsManyRowsForCopies() {
  bool called = false;
  m_model->withRows(0, 499, [&](const QString& problem) {
    called = true;
    QCOMPARE(problem, QString());
    QCOMPARE(m_model->value(499, 0)->asInt(), 500);
  });
  QTRY_VERIFY_WITH_TIMEOUT(called, kWaitMs);
  QString problem;
  m_model->withRows(0, TableGridModel::kBulkRowsMax, [&](const QString& text) { problem = text; });
  QVERIFY(problem.contains(QLatin1String("select fewer")));
}

QTEST_GUILESS_MAIN(TestTableGridModel)
#include "tst_table_grid_model.moc"
