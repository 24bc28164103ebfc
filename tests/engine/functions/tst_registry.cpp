#include <QtTest>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "functions/registry.h"
#include "functions/window_functions.h"

using namespace drift;
using namespace drift::functions;
using types::Type;
using types::TypeId;

namespace {

std::vector<Type> typesOf(const QStringList& names) {
  std::vector<Type> result;
  for (const auto& name : names) result.push_back(*types::typeFromName(name.toStdString()));
  return result;
}

QString shown(std::span<const Type> types) {
  QStringList names;
  for (const auto type : types) names << QString::fromStdString(type.name());
  return names.join(", ");
}

}  // namespace

class TestRegistry : public QObject {
  Q_OBJECT

 private slots:
  // The choices are PostgreSQL 15's.
  void chooses_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("expected");  // parameters -> result
    const auto row = [](const char* name, const QStringList& arguments, const char* expected) {
      QTest::newRow(qPrintable(QString("%1(%2)").arg(name, arguments.join(", ")))) << name << arguments << expected;
    };
    row("+", {"int", "int"}, "integer, integer -> integer");
    row("+", {"smallint", "bigint"}, "bigint, bigint -> bigint");
    row("+", {"bigint", "numeric"}, "numeric, numeric -> numeric");
    row("+", {"numeric", "double precision"}, "double precision, double precision -> double precision");
    row("-", {"date", "unknown"}, "date, date -> integer");
    row("-", {"timestamptz", "unknown"}, "timestamp with time zone, timestamp with time zone -> interval");
    row("-", {"timestamptz", "timestamp"}, "timestamp with time zone, timestamp with time zone -> interval");
    row("=", {"date", "timestamptz"}, "timestamp with time zone, timestamp with time zone -> boolean");
    row("=", {"unknown", "uuid"}, "uuid, uuid -> boolean");
    row("=", {"unknown", "unknown"}, "text, text -> boolean");
    row("=", {"varchar", "text"}, "text, text -> boolean");
    row("||", {"text", "int"}, "text, integer -> text");
    row("||", {"unknown", "date"}, "text, date -> text");
    row("||", {"unknown", "unknown"}, "text, text -> text");
    row("||", {"bytea", "unknown"}, "bytea, bytea -> bytea");
    row("round", {"int"}, "double precision -> double precision");
    row("round", {"numeric", "smallint"}, "numeric, integer -> numeric");
    row("round", {"unknown"}, "double precision -> double precision");
    row("length", {"unknown"}, "text -> integer");
    row("length", {"varchar"}, "text -> integer");
    row("date_trunc", {"unknown", "date"}, "text, timestamp with time zone -> timestamp with time zone");
    row("concat", {"int", "unknown", "date"}, "integer, text, date -> text");
    row("mod", {"bigint", "int"}, "bigint, bigint -> bigint");
    row("abs", {"unknown"}, "double precision -> double precision");
  }
  void chooses() {
    QFETCH(QString, name);
    QFETCH(QStringList, arguments);
    const auto types = typesOf(arguments);
    const auto match = name[0].isLetter() ? m_registry.resolveScalar(name.toStdString(), types)
                                          : m_registry.resolveOperator(name.toStdString(), types);
    QVERIFY2(match.ok(), match ? "" : match.error().message().c_str());
    const Type result[] = {match->result};
    QTEST(shown(match->parameters) + " -> " + shown(result), "expected");
  }

  void refuses_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<int>("kind");
    QTest::addColumn<QString>("message");
    QTest::addColumn<QString>("hint");
    const auto row = [](const char* name, const QStringList& arguments, ErrorKind kind, const char* message,
                        const char* hint) {
      QTest::newRow(message) << name << arguments << static_cast<int>(kind) << message << hint;
    };
    const char* function =
        "No function matches the given name and argument types. You might need to add explicit "
        "type casts.";
    const char* op =
        "No operator matches the given name and argument types. You might need to add explicit "
        "type casts.";
    const auto undefined = ErrorKind::UndefinedFunction;
    row("lower", {"int"}, undefined, "function lower(integer) does not exist", function);
    row("lower", {}, undefined, "function lower() does not exist", function);
    row("lowr", {"text"}, undefined, "function lowr(text) does not exist", "Did you mean \"lower\"?");
    row("cuont", {"int"}, undefined, "function cuont(integer) does not exist", "Did you mean \"count\"?");
    row("frobnicate", {"varchar"}, undefined, "function frobnicate(character varying) does not exist", "");
    row("+", {"text", "int"}, undefined, "operator does not exist: text + integer", op);
    row("-", {"text"}, undefined, "operator does not exist: - text", op);
    row("=", {"int", "text"}, undefined, "operator does not exist: integer = text", op);
    row("=", {"bool", "int"}, undefined, "operator does not exist: boolean = integer", op);
    row("<=>", {"int", "int"}, undefined, "operator does not exist: integer <=> integer", op);
    row("lower", {"text", "text"}, undefined, "function lower(text, text) does not exist", function);
    row("+", {"unknown", "unknown"}, ErrorKind::AmbiguousFunction, "operator is not unique: unknown + unknown",
        "Could not choose a best candidate operator. You might need to add explicit type casts.");
    row("isfinite", {"unknown", "unknown"}, undefined, "function isfinite(unknown, unknown) does not exist", function);
  }
  void refuses() {
    QFETCH(QString, name);
    QFETCH(QStringList, arguments);
    QFETCH(int, kind);
    const auto types = typesOf(arguments);
    const auto match = name[0].isLetter() ? m_registry.resolveScalar(name.toStdString(), types)
                                          : m_registry.resolveOperator(name.toStdString(), types);
    QVERIFY(!match.ok());
    QCOMPARE(static_cast<int>(match.error().kind()), kind);
    QTEST(QString::fromStdString(match.error().message()), "message");
    QTEST(QString::fromStdString(match.error().hint()), "hint");
  }

  void aggregatesAreNoScalars() {
    QVERIFY(m_registry.isAggregate("sum"));
    QVERIFY(!m_registry.isScalar("sum"));
    QVERIFY(m_registry.isScalar("lower"));
    QVERIFY(!m_registry.isAggregate("lower"));
    const Type text[] = {TypeId::Text};
    QCOMPARE(m_registry.resolveAggregate("sum", text).error().message(),
             std::string("function sum(text) does not exist"));
    const Type numbers[] = {TypeId::Integer};
    QCOMPARE(m_registry.resolveAggregate("summ", numbers).error().hint(), std::string("Did you mean \"sum\"?"));
  }

  void namesAreSortedAndDescribed() {
    const auto names = m_registry.names();
    QVERIFY(std::ranges::is_sorted(names));
    QVERIFY(std::ranges::adjacent_find(names, {}, [](const auto& entry) { return entry.first; }) == names.end());
    for (const auto& [name, description] : names) {
      QVERIFY2(!description.empty(), name.c_str());
      QVERIFY2(isKnown(name), name.c_str());
    }
  }

  /// Names are kept in step with the manual, both ways.
  void manualListsEveryName() {
    std::ifstream file(DRIFT_SOURCE_DIR "/docs/functions.md");
    QVERIFY(file.is_open());
    std::stringstream content;
    content << file.rdbuf();
    const auto manual = content.str();
    for (const auto& [name, description] : m_registry.names())
      QVERIFY2(manual.find("`" + name + "(") != manual.npos, name.c_str());

    const QRegularExpression call("`([a-z_0-9]+)\\(");
    auto found = call.globalMatch(QString::fromStdString(manual));
    QVERIFY(found.hasNext());
    while (found.hasNext()) {
      const auto name = found.next().captured(1).toStdString();
      QVERIFY2(isKnown(name), name.c_str());
    }
  }

 private:
  bool isKnown(std::string_view name) const {
    return m_registry.isScalar(name) || m_registry.isAggregate(name) || m_registry.isSet(name) ||
           findWindowFunction(name);
  }

  Registry m_registry;
};

QTEST_APPLESS_MAIN(TestRegistry)
#include "tst_registry.moc"
