#include <QtTest>

#include "sql/column_name.h"
#include "sql/parser.h"
#include "sql/type_name.h"

using namespace drift;
using namespace drift::sql;

class TestNames : public QObject {
  Q_OBJECT

 private slots:
  // Names as PostgreSQL 15 gives them.
  void namesColumns_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("name");
    QTest::newRow("literal") << "1" << "?column?";
    QTest::newRow("operation") << "a + 1" << "?column?";
    QTest::newRow("column") << "t.a" << "a";
    QTest::newRow("function") << "count(*)" << "count";
    QTest::newRow("boolean") << "true" << "bool";
    QTest::newRow("cast of a literal") << "'1'::int" << "int4";
    QTest::newRow("cast of a boolean") << "true::text" << "text";
    QTest::newRow("cast of a column") << "a::text" << "a";
    QTest::newRow("typed literal") << "timestamp with time zone '2020-01-01'" << "timestamptz";
    QTest::newRow("case") << "CASE WHEN a THEN 1 END" << "case";
    QTest::newRow("case with a named else") << "CASE WHEN a THEN 1 ELSE b END" << "b";
    QTest::newRow("coalesce") << "coalesce(a, 1)" << "coalesce";
    QTest::newRow("nullif") << "nullif(a, 1)" << "nullif";
    QTest::newRow("exists") << "EXISTS (SELECT 1)" << "exists";
    QTest::newRow("row") << "(1, 2)" << "row";
    QTest::newRow("subquery") << "(SELECT a AS x FROM t)" << "x";
    QTest::newRow("subquery of values") << "(VALUES (1))" << "column1";
    QTest::newRow("trim") << "TRIM(a)" << "btrim";
    QTest::newRow("extract") << "EXTRACT(year FROM a)" << "extract";
    QTest::newRow("time zone") << "a AT TIME ZONE 'UTC'" << "timezone";
    QTest::newRow("current_date") << "current_date" << "current_date";
    QTest::newRow("is null") << "a IS NULL" << "?column?";
  }

  void namesColumns() {
    QFETCH(QString, text);
    QFETCH(QString, name);
    const auto parsed = parseExpression(text.toStdString());
    QVERIFY2(parsed.ok(), parsed.ok() ? "" : parsed.error().toString().c_str());
    QCOMPARE(QString::fromStdString(columnName(**parsed)), name);
  }

  void resolvesTypes_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("name");
    for (const auto& [text, name] : std::initializer_list<std::pair<const char*, const char*>>{
             {"int", "integer"}, {"INT8", "bigint"}, {"pg_catalog.int2", "smallint"}, {"bool", "boolean"},
             {"decimal(10,2)", "numeric(10,2)"}, {"numeric(5)", "numeric(5,0)"}, {"numeric", "numeric"},
             {"character varying(20)", "character varying(20)"}, {"varchar", "character varying"},
             {"double precision", "double precision"}, {"float(24)", "real"}, {"float(25)", "double precision"},
             {"char", "character(1)"}, {"char(3)", "character(3)"}, {"bpchar", "character"},
             {"time", "time without time zone"}, {"timestamp(3)", "timestamp(3) without time zone"},
             {"timestamptz", "timestamp with time zone"}, {"timestamp(6)", "timestamp without time zone"},
             {"timestamp with time zone", "timestamp with time zone"}, {"uuid", "uuid"}, {"bytea", "bytea"}})
      QTest::newRow(text) << text << name;
  }

  void resolvesTypes() {
    QFETCH(QString, text);
    QFETCH(QString, name);
    const auto parsed = parseExpression("CAST(NULL AS " + text.toStdString() + ")");
    QVERIFY2(parsed.ok(), parsed.ok() ? "" : parsed.error().toString().c_str());
    const auto type = resolveType(getIf<CastExpression>(**parsed)->type);
    QVERIFY2(type.ok(), type.ok() ? "" : type.error().toString().c_str());
    QCOMPARE(QString::fromStdString(type->name()), name);
  }

  void refusesTypes_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("kind");
    const int unknown = static_cast<int>(ErrorKind::UndefinedObject);
    const int unsupported = static_cast<int>(ErrorKind::FeatureNotSupported);
    const int value = static_cast<int>(ErrorKind::InvalidParameterValue);
    QTest::newRow("unknown") << "nosuchtype" << unknown;
    QTest::newRow("the engine's own name") << "unknown" << unknown;
    QTest::newRow("xml") << "xml" << unsupported;
    QTest::newRow("time with a zone") << "timetz" << unsupported;
    QTest::newRow("empty char") << "char(0)" << value;
    QTest::newRow("numeric too wide") << "numeric(39)" << value;
    QTest::newRow("scale over precision") << "numeric(5,6)" << value;
    QTest::newRow("empty varchar") << "varchar(0)" << value;
    QTest::newRow("modifier of a type without") << "int8(3)" << static_cast<int>(ErrorKind::SyntaxError);
  }

  void refusesTypes() {
    QFETCH(QString, text);
    QFETCH(int, kind);
    const auto parsed = parseExpression("CAST(NULL AS " + text.toStdString() + ")");
    QVERIFY2(parsed.ok(), parsed.ok() ? "" : parsed.error().toString().c_str());
    const auto type = resolveType(getIf<CastExpression>(**parsed)->type);
    QVERIFY(!type.ok());
    QCOMPARE(static_cast<int>(type.error().kind()), kind);
    QVERIFY(type.error().span().has_value());
  }
};

QTEST_APPLESS_MAIN(TestNames)
#include "tst_names.moc"
