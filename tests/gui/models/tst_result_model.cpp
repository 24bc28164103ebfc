#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

#include "models/result_model.h"

using namespace drift;
using namespace drift::gui;
using models::ResultModel;

namespace {

std::vector<api::ResultColumn> columns() {
  return {{"n", api::TypeId::BigInt, std::nullopt, std::nullopt}, {"text", api::TypeId::Text, std::nullopt, std::nullopt}};
}

std::shared_ptr<const api::Chunk> rows(int first, int count) {
  const std::vector<api::Type> types{api::TypeId::BigInt, api::TypeId::Text};
  auto chunk = std::make_shared<api::Chunk>(types, static_cast<std::size_t>(count));
  for (int at = 0; at < count; ++at) {
    chunk->column(0).set(static_cast<std::size_t>(at), api::Value::bigInt(first + at));
    chunk->column(1).set(static_cast<std::size_t>(at), api::Value::null(api::TypeId::Text));
  }
  chunk->setRowCount(static_cast<std::size_t>(count));
  return chunk;
}

}  // namespace

class TestResultModel final : public QObject {
  Q_OBJECT

 private slots:
  void keepsBatchesInOrder();
  void asksForMoreUntilTheEnd();
  void stopsAtItsBound();
};

void TestResultModel::keepsBatchesInOrder() {
  ResultModel model;
  new QAbstractItemModelTester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest, &model);
  model.start(columns());
  model.append(rows(0, 2048), false, false);
  model.append(rows(2048, 3), true, false);
  QCOMPARE(model.rowCount(), 2051);
  QCOMPARE(model.index(2047, 0).data().toString(), QStringLiteral("2047"));
  QCOMPARE(model.index(2048, 0).data().toString(), QStringLiteral("2048"));
  QCOMPARE(model.index(2050, 0).data().toString(), QStringLiteral("2050"));
  QVERIFY(model.index(0, 1).data(models::IsNullRole).toBool());
  QCOMPARE(model.index(0, 1).data().toString(), QStringLiteral("NULL"));
  QVERIFY(model.totalIsExact());
}

void TestResultModel::asksForMoreUntilTheEnd() {
  ResultModel model;
  QSignalSpy wanted(&model, &ResultModel::moreWanted);
  model.start(columns());
  model.append(rows(0, 10), false, false);
  QVERIFY(model.canFetchMore({}));
  model.fetchMore({});
  QCOMPARE(wanted.size(), 1);
  QVERIFY(!model.totalIsExact());
  model.append(rows(10, 0), true, false);
  QVERIFY(!model.canFetchMore({}));
  QVERIFY(model.totalIsExact());
}

void TestResultModel::stopsAtItsBound() {
  ResultModel model;
  QSignalSpy reached(&model, &ResultModel::boundReached);
  model.start(columns());
  const auto batch = rows(0, 2048);
  while (model.totalRows() < ResultModel::kRowsMax) model.append(batch, false, false);
  QCOMPARE(reached.size(), 1);
  QVERIFY(!model.canFetchMore({}));
  QVERIFY(model.isCut());
  QVERIFY(!model.totalIsExact());
}

QTEST_GUILESS_MAIN(TestResultModel)
#include "tst_result_model.moc"
