#include <QLineEdit>
#include <QSignalSpy>
#include <QTest>
#include <QTreeView>

#include "explorer/explorer.h"
#include "fake/fake_database.h"
#include "models/schema_model.h"

using namespace drift;
using namespace drift::gui;

namespace {

constexpr int kWaitMs = 10'000;

}  // namespace

class TestExplorer final : public QObject {
  Q_OBJECT

 private slots:
  void init();
  void cleanup();
  void showsTablesOpen();
  void keepsWhatIsExpanded();
  void filters();
  void opensTables();

 private:
  QModelIndex tables() const { return tree()->model()->index(0, 0, tree()->model()->index(0, 0)); }
  QTreeView* tree() const { return m_explorer->tree(); }

  std::unique_ptr<bridge::EngineClient> m_client;
  std::unique_ptr<models::Playhead> m_playhead;
  std::unique_ptr<models::SchemaModel> m_schema;
  std::unique_ptr<explorer::Explorer> m_explorer;
};

void TestExplorer::init() {
  m_client = std::make_unique<bridge::EngineClient>();
  m_client->adopt(test::FakeDatabase::shop());
  m_playhead = std::make_unique<models::Playhead>(m_client.get());
  m_schema = std::make_unique<models::SchemaModel>(m_client.get(), m_playhead.get());
  m_explorer = std::make_unique<explorer::Explorer>();
  m_explorer->setSchema(m_schema.get());
  QTRY_VERIFY_WITH_TIMEOUT(m_schema->schema().has_value(), kWaitMs);
}

void TestExplorer::cleanup() {
  m_explorer.reset();
  m_schema.reset();
  m_playhead.reset();
  m_client.reset();
}

void TestExplorer::showsTablesOpen() {
  QVERIFY(tree()->isExpanded(tables()));
  QCOMPARE(tree()->model()->rowCount(tables()), 3);  // orders, refunds, and the ghost of coupons
  QCOMPARE(tables().data().toString(), QStringLiteral("Tables (2)"));
}

void TestExplorer::keepsWhatIsExpanded() {
  tree()->expand(tree()->model()->index(0, 0, tables()));
  m_playhead->goTo(10);  // other tables: the tree is rebuilt
  QTRY_COMPARE_WITH_TIMEOUT(m_schema->ghostOf(66), models::SchemaModel::Ghost::NotYet, kWaitMs);
  const QModelIndex coupons = tree()->model()->index(1, 0, tables());
  QCOMPARE(coupons.data().toString(), QStringLiteral("coupons"));
  QVERIFY(!tree()->isExpanded(coupons));
  QVERIFY(tree()->isExpanded(tree()->model()->index(0, 0, tables())));
}

void TestExplorer::filters() {
  m_explorer->findChild<QLineEdit*>()->setText(QStringLiteral("REFU"));
  QCOMPARE(tree()->model()->rowCount(tables()), 1);
  QCOMPARE(tree()->model()->index(0, 0, tables()).data().toString(), QStringLiteral("refunds"));
  m_explorer->findChild<QLineEdit*>()->clear();
  QCOMPARE(tree()->model()->rowCount(tables()), 3);
  QVERIFY(tree()->isExpanded(tables()));
}

void TestExplorer::opensTables() {
  QList<TreeId> opened;
  connect(m_explorer.get(), &explorer::Explorer::tableActivated, this,
          [&](const models::TableRef& table) { opened << table.id; });
  m_explorer->selectTable(66);
  emit tree()->activated(tree()->currentIndex());
  QCOMPARE(opened, QList<TreeId>{66});
}

QTEST_MAIN(TestExplorer)
#include "tst_explorer.moc"
