#include <QtTest>

#include "catalog/definition.h"
#include "catalog/sequence_numbers.h"

using namespace drift;
using namespace drift::catalog;
using types::Type;
using types::TypeId;
using types::Value;

namespace {

Table sampleTable() {
  Table table;
  table.id = 70;
  table.name = "orders";
  table.nextColumnId = 5;
  table.columns = {{1, "id", TypeId::Integer, true, "", {}},
                   {4, "note", Type::varchar(20), false, "'naïve'", Value(Type::varchar(20), std::string("old"))},
                   {3, "price", Type::numeric(10, 2), true, "0", Value::null(Type::numeric(10, 2))}};
  table.primaryKey = {1};
  table.primaryKeyName = "orders_pkey";
  table.uniques = {{"orders_note_key", {4, 3}, 71}};
  table.checks = {{"orders_price_check", "price >= 0"}};
  return table;
}

/// The test vector of docs/formats/catalog.md.
std::string smallTableHex() {
  Table table;
  table.id = 64;
  table.name = "t";
  table.nextColumnId = 3;
  table.columns = {{1, "id", TypeId::Integer, true, "", {}}, {2, "name", TypeId::Text, false, "'x'", {}}};
  table.primaryKey = {1};
  table.primaryKeyName = "t_pkey";
  return QByteArray::fromStdString(encodeDefinition(table)).toHex().toStdString();
}

}  // namespace

class TestDefinition : public QObject {
  Q_OBJECT

 private slots:
  void roundTrip() {
    const auto table = sampleTable();
    const auto bytes = encodeDefinition(table);
    const auto read = decodeDefinition(table.id, table.name, asBytes(bytes)).value();
    QCOMPARE(read.columns.size(), 3u);
    QCOMPARE(read.columns[1].name, std::string("note"));
    QVERIFY(read.columns[1].type == Type::varchar(20));
    QVERIFY(read.columns[1].missing == table.columns[1].missing);
    QCOMPARE(read.columns[1].defaultSql, std::string("'naïve'"));
    QVERIFY(read.columns[2].notNull);
    QCOMPARE(read.uniques[0].index, TreeId{71});
    QCOMPARE(read.uniques[0].columns, (std::vector<ColumnId>{4, 3}));
    QCOMPARE(read.checks[0].sql, std::string("price >= 0"));
    QCOMPARE(encodeDefinition(read), bytes);
  }

  void viewsAndIdentityColumnsHaveAVersionOfTheirOwn() {
    auto table = sampleTable();
    QCOMPARE(encodeDefinition(table)[0], static_cast<char>(kTableVersion));
    for (const auto identity : {Identity::ByDefault, Identity::Always}) {
      table.columns[0].identity = identity;
      const auto bytes = encodeDefinition(table);
      QCOMPARE(bytes[0], static_cast<char>(kViewVersion));
      const auto read = decodeDefinition(table.id, table.name, asBytes(bytes)).value();
      QVERIFY(read.columns[0].identity == identity);
      QVERIFY(read.columns[1].identity == Identity::None);
      QCOMPARE(encodeDefinition(read), bytes);
      auto older = bytes;
      older[0] = static_cast<char>(kTableVersion);
      QVERIFY(!decodeDefinition(table.id, table.name, asBytes(older)).ok());
    }
    Table view;
    view.id = 80;
    view.name = "v";
    view.nextColumnId = 2;
    view.columns = {{1, "id", TypeId::Integer, false, "", {}}};
    view.viewSql = "SELECT id FROM orders";
    view.dependsOn = {70};
    const auto bytes = encodeDefinition(view);
    const auto read = decodeDefinition(view.id, view.name, asBytes(bytes)).value();
    QVERIFY(read.isView());
    QCOMPARE(read.dependsOn, view.dependsOn);
    QCOMPARE(encodeDefinition(read), bytes);
    view.checks = {{"c", "true"}};
    QVERIFY(!decodeDefinition(view.id, view.name, asBytes(encodeDefinition(view))).ok());
  }

  void whatIsComputedHasAVersionOfItsOwn() {
    auto table = sampleTable();
    table.columns[2].generatedSql = "id * 2";
    table.indexes = {{.name = "i", .tree = 72, .columns = {{0, true, false, "lower(note)"}, {3, false, false}}},
                     {.name = "j", .tree = 73, .columns = {{1}}, .unique = true, .predicate = "price > 0"}};
    table.checks[0].validated = false;
    ForeignKey key;
    key.name = "orders_fkey";
    key.columns = {4};
    key.table = 90;
    key.key = 90;
    key.referenced = {1};
    key.validated = false;
    key.deferrable = true;
    key.initiallyDeferred = true;
    table.foreignKeys = {key};
    const auto bytes = encodeDefinition(table);
    QCOMPARE(bytes[0], static_cast<char>(kComputedVersion));
    const auto read = decodeDefinition(table.id, table.name, asBytes(bytes)).value();
    QCOMPARE(read.columns[2].generatedSql, table.columns[2].generatedSql);
    QVERIFY(!read.columns[1].isGenerated());
    QVERIFY(read.indexes[0].columns[0].isExpression() && !read.indexes[0].columns[1].isExpression());
    QCOMPARE(read.indexes[0].columns[0].expression, std::string("lower(note)"));
    QVERIFY(read.indexes[0].hasExpressions() && !read.indexes[0].isPartial());
    QCOMPARE(read.indexes[1].predicate, std::string("price > 0"));
    QVERIFY(!read.checks[0].validated && !read.foreignKeys[0].validated);
    QVERIFY(read.foreignKeys[0].deferrable && read.foreignKeys[0].initiallyDeferred);
    QCOMPARE(encodeDefinition(read), bytes);
    for (std::size_t size = 0; size < bytes.size(); ++size)
      QVERIFY(!decodeDefinition(70, "orders", asBytes(bytes).first(size)).ok());
    auto older = bytes;
    older[0] = static_cast<char>(kComputedVersion - 1);
    QVERIFY(!decodeDefinition(table.id, table.name, asBytes(older)).ok());
  }

  void foreignKeysHaveAVersionOfTheirOwn() {
    auto table = sampleTable();
    ForeignKey key;
    key.name = "orders_fkey";
    key.columns = {4, 3};
    key.table = 90;
    key.key = 91;
    key.referenced = {7, 2};
    key.onUpdate = ReferenceAction::Cascade;
    key.onDelete = ReferenceAction::SetNull;
    key.setColumns = {3};
    table.foreignKeys = {key};
    table.referencedBy = {70, 95};
    const auto bytes = encodeDefinition(table);
    QCOMPARE(bytes[0], static_cast<char>(kForeignKeyVersion));
    const auto read = decodeDefinition(table.id, table.name, asBytes(bytes)).value();
    QCOMPARE(read.foreignKeys.size(), 1u);
    const auto& same = read.foreignKeys[0];
    QCOMPARE(same.name, key.name);
    QCOMPARE(same.columns, key.columns);
    QCOMPARE(same.table, key.table);
    QCOMPARE(same.key, key.key);
    QCOMPARE(same.referenced, key.referenced);
    QVERIFY(same.onUpdate == key.onUpdate && same.onDelete == key.onDelete);
    QCOMPARE(same.setColumns, key.setColumns);
    QCOMPARE(read.referencedBy, table.referencedBy);
    QCOMPARE(encodeDefinition(read), bytes);
    for (std::size_t size = 0; size < bytes.size(); ++size)
      QVERIFY(!decodeDefinition(70, "orders", asBytes(bytes).first(size)).ok());
    table.foreignKeys[0].setColumns = {1};  // not one of the key's
    QVERIFY(!decodeDefinition(table.id, table.name, asBytes(encodeDefinition(table))).ok());
    table.foreignKeys[0] = key;
    table.foreignKeys[0].onDelete = static_cast<ReferenceAction>(5);
    QVERIFY(!decodeDefinition(table.id, table.name, asBytes(encodeDefinition(table))).ok());
  }

  void commentsHaveAVersionOfTheirOwn() {
    auto table = sampleTable();
    const auto plain = encodeDefinition(table);
    QVERIFY(plain[0] < static_cast<char>(kDefinitionVersion));
    table.comment = "the table";
    table.primaryKeyComment = "its key";
    table.columns.back().comment = "a column";
    if (!table.uniques.empty()) table.uniques.front().comment = "a constraint";
    if (!table.checks.empty()) table.checks.front().comment = "a condition";
    if (!table.indexes.empty()) table.indexes.front().comment = "an index";
    const auto bytes = encodeDefinition(table);
    QCOMPARE(bytes[0], static_cast<char>(kDefinitionVersion));
    const auto read = decodeDefinition(table.id, table.name, asBytes(bytes));
    QVERIFY(read.ok());
    QCOMPARE(read->comment, table.comment);
    QCOMPARE(read->primaryKeyComment, table.primaryKeyComment);
    QCOMPARE(read->columns.back().comment, table.columns.back().comment);
    QVERIFY(encodeDefinition(*read) == bytes);
    for (std::size_t size = 0; size < bytes.size(); ++size)
      QVERIFY(!decodeDefinition(table.id, table.name, asBytes(bytes).first(size)).ok());
  }

  void sequencesHaveAVersionOfTheirOwn() {
    auto table = sampleTable();
    table.columns[0].identity = Identity::Always;
    table.columns[0].sequence = 99;
    const auto bytes = encodeDefinition(table);
    QCOMPARE(bytes[0], static_cast<char>(kSequenceVersion));
    const auto read = decodeDefinition(table.id, table.name, asBytes(bytes)).value();
    QCOMPARE(read.columns[0].sequence, TreeId{99});
    QCOMPARE(read.columns[1].sequence, TreeId{0});
    QVERIFY(!read.isSequence());
    QCOMPARE(encodeDefinition(read), bytes);

    Table sequence;
    sequence.id = 99;
    sequence.name = "orders_id_seq";
    sequence.columns = sequenceColumns();
    sequence.nextColumnId = 3;
    sequence.sequence = Sequence{.type = TypeId::Integer, .start = -5, .increment = -2, .min = -100, .max = 7,
                                 .cycle = true, .ownerTable = 70, .ownerColumn = 1};
    const auto text = encodeDefinition(sequence);
    const auto same = decodeDefinition(sequence.id, sequence.name, asBytes(text)).value();
    QVERIFY(same.isSequence());
    QVERIFY(same.sequence->type == Type(TypeId::Integer));
    QCOMPARE(same.sequence->start, std::int64_t{-5});
    QCOMPARE(same.sequence->increment, std::int64_t{-2});
    QCOMPARE(same.sequence->min, std::int64_t{-100});
    QCOMPARE(same.sequence->max, std::int64_t{7});
    QVERIFY(same.sequence->cycle);
    QCOMPARE(same.sequence->ownerTable, TreeId{70});
    QCOMPARE(same.sequence->ownerColumn, ColumnId{1});
    QCOMPARE(encodeDefinition(same), text);
    for (std::size_t size = 0; size < text.size(); ++size)
      QVERIFY(!decodeDefinition(99, "s", asBytes(text).first(size)).ok());
    sequence.sequence->increment = 0;
    QVERIFY(!decodeDefinition(99, "s", asBytes(encodeDefinition(sequence))).ok());
  }

  void layoutIsOrderedById() {
    const auto layout = sampleTable().layout();
    QCOMPARE(layout.columns.size(), 3u);
    QCOMPARE(layout.columns[1].id, ColumnId{3});
    QCOMPARE(layout.columns[2].id, ColumnId{4});
  }

  void matchesTheFormatDocument() {
    QFile document(QStringLiteral(DRIFT_SOURCE_DIR "/docs/formats/catalog.md"));
    QVERIFY(document.open(QIODevice::ReadOnly));
    auto text = document.readAll();
    text.replace("\n", "").replace(" ", "");
    QVERIFY2(text.contains(smallTableHex().c_str()), smallTableHex().c_str());
  }

  void everyPrefixIsDataCorrupted() {
    const auto bytes = encodeDefinition(sampleTable());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      const auto read = decodeDefinition(70, "orders", asBytes(bytes).first(size));
      QVERIFY(!read.ok());
      QCOMPARE(read.error().kind(), ErrorKind::DataCorrupted);
      QVERIFY(read.error().message().find("orders") != std::string::npos);
    }
    QVERIFY(!decodeDefinition(70, "orders", asBytes(bytes + "x")).ok());
  }

  void anyByteMayBeWrongWithoutHarm() {
    const auto bytes = encodeDefinition(sampleTable());
    for (std::size_t at = 0; at < bytes.size(); ++at)
      for (int value = 0; value < 256; ++value) {
        auto damaged = bytes;
        damaged[at] = static_cast<char>(value);
        const auto read = decodeDefinition(70, "orders", asBytes(damaged));
        // Whatever is accepted hangs together: constraints name columns that exist.
        if (!read.ok()) continue;
        for (const auto id : read->primaryKey) QVERIFY(read->findColumn(id));
        for (const auto& unique : read->uniques)
          for (const auto id : unique.columns) QVERIFY(read->findColumn(id));
      }
  }

  void newerVersionIsNamed() {
    auto bytes = encodeDefinition(sampleTable());
    bytes[0] = static_cast<char>(kDefinitionVersion + 1);
    QCOMPARE(decodeDefinition(70, "orders", asBytes(bytes)).error().kind(), ErrorKind::NewerFormat);
  }
};

QTEST_APPLESS_MAIN(TestDefinition)
#include "tst_definition.moc"
