#include <QtTest>

#include "sql/parser.h"
#include "tree_text.h"

using namespace drift;
using namespace drift::sql;

namespace {

std::string momentText(const Moment& moment) {
  switch (moment.kind) {
    case MomentKind::Time: return testing::treeText(*moment.expression);
    case MomentKind::Commit: return "COMMIT " + testing::treeText(*moment.expression);
    case MomentKind::Tag: return "TAG " + moment.name;
    case MomentKind::Branch: return "BRANCH " + moment.name;
    case MomentKind::Latest: return "LATEST";
  }
  return {};
}

std::string clauseText(const TimeClause& clause) {
  const std::string low = clause.kind == TimeRangeKind::All ? "" : momentText(clause.low);
  switch (clause.kind) {
    case TimeRangeKind::AsOf: return "AS OF " + low;
    case TimeRangeKind::FromTo: return "FROM " + low + " TO " + momentText(clause.high);
    case TimeRangeKind::Between: return "BETWEEN " + low + " AND " + momentText(clause.high);
    case TimeRangeKind::ContainedIn: return "CONTAINED IN " + low + ", " + momentText(clause.high);
    case TimeRangeKind::All: return "ALL";
  }
  return {};
}

// Every table of a FROM list as "name[clause]alias", joins flattened.
void describe(const FromItem& item, QStringList& out) {
  if (const auto* join = std::get_if<Join>(&item.node)) {
    describe(*join->left, out);
    describe(*join->right, out);
    return;
  }
  if (const auto* table = std::get_if<TableReference>(&item.node)) {
    std::string text = table->name.toString();
    if (table->time) text += "[" + clauseText(*table->time) + "]";
    if (table->alias) text += " " + table->alias->name.text;
    if (table->alias && !table->alias->columns.empty()) text += "(" + table->alias->columns.front().text + "…)";
    out << QString::fromStdString(text);
  }
  if (const auto* function = std::get_if<TableFunction>(&item.node)) {
    QString text = QString::fromStdString(function->name.toString());
    for (const ExpressionPtr& argument : function->arguments) {
      const auto* moment = getIf<MomentExpression>(*argument);
      text += " | " + QString::fromStdString(moment ? momentText(*moment->moment) : testing::treeText(*argument));
    }
    out << text;
  }
}

}  // namespace

class TestTimeTravel : public QObject {
  Q_OBJECT

 private slots:
  void readsTheClauseOfEachTable_data() {
    QTest::addColumn<QString>("from");
    QTest::addColumn<QStringList>("tables");
    QTest::addColumn<QString>("query");  // AS OF SYSTEM TIME, if any
    const auto row = [](const char* from, QStringList tables, const char* query = "") {
      QTest::newRow(from) << from << tables << query;
    };
    row("t FOR SYSTEM_TIME AS OF COMMIT 5", {"t[AS OF COMMIT 5]"});
    row("t FOR system_time AS OF @seq:5 AS x", {"t[AS OF COMMIT 5] x"});
    row("t FOR SYSTEM_TIME AS OF $1 x WHERE x.a = 1", {"t[AS OF $1] x"});
    row("t FOR SYSTEM_TIME AS OF '-1 hour'", {"t[AS OF '-1 hour']"});
    row("t FOR SYSTEM_TIME AS OF TIMESTAMP '2020-01-01' x",
        {"t[AS OF CAST('2020-01-01' AS timestamp without time zone)] x"});
    row("t FOR SYSTEM_TIME AS OF now() - INTERVAL '1 day' x", {"t[AS OF (now() - CAST('1 day' AS interval))] x"});
    row("t FOR SYSTEM_TIME AS OF TAG 'v1'", {"t[AS OF TAG v1]"});
    row("t FOR SYSTEM_TIME AS OF BRANCH 'b' y", {"t[AS OF BRANCH b] y"});
    row("t FOR SYSTEM_TIME AS OF LATEST", {"t[AS OF LATEST]"});
    row("t FOR SYSTEM_TIME FROM COMMIT 1 TO COMMIT 2 x", {"t[FROM COMMIT 1 TO COMMIT 2] x"});
    row("t FOR SYSTEM_TIME BETWEEN '2020-01-01' AND LATEST x", {"t[BETWEEN '2020-01-01' AND LATEST] x"});
    row("t FOR SYSTEM_TIME CONTAINED IN (@seq:1, $2)", {"t[CONTAINED IN COMMIT 1, $2]"});
    row("t FOR SYSTEM_TIME ALL", {"t[ALL]"});
    row("t FOR SYSTEM_TIME ALL AS a JOIN u FOR SYSTEM_TIME AS OF COMMIT 3 b ON a.x = b.x",
        {"t[ALL] a", "u[AS OF COMMIT 3] b"});
    row("t AS OF COMMIT 5 x, u AS OF '2020-01-01', v", {"t[AS OF COMMIT 5] x", "u[AS OF '2020-01-01']", "v"});
    row("t AS OF (now() - INTERVAL '1 day') x", {"t[AS OF (now() - CAST('1 day' AS interval))] x"});
    row("t AS OF current_timestamp LEFT JOIN u ON true", {"t[AS OF system value 2]", "u"});
    row("t AS of", {"t of"});
    row("t AS of WHERE of.a = 1", {"t of"});
    row("t AS of JOIN u ON true", {"t of", "u"});
    row("t AS of LEFT JOIN u ON true", {"t of", "u"});
    row("t AS of, u", {"t of", "u"});
    row("t AS of (a, b)", {"t of(a…)"});
    row("t of", {"t of"});
    row("t AS \"of\" WHERE true", {"t of"});
    row("system_time AS latest, tag branch", {"system_time latest", "tag branch"});
    row("a JOIN b USING (x) AS OF SYSTEM TIME COMMIT 7 WHERE true", {"a", "b"}, "COMMIT 7");
    row("a x AS OF SYSTEM TIME '-1 hour' ORDER BY 1", {"a x"}, "'-1 hour'");
    row("a WHERE x = 1 LIMIT 1 AS OF SYSTEM TIME LATEST", {"a"}, "LATEST");
    row("a AS OF COMMIT 1 AS OF SYSTEM TIME COMMIT 2", {"a[AS OF COMMIT 1]"}, "COMMIT 2");
    row("diff(t, COMMIT 1, LATEST) d", {"diff | t | COMMIT 1 | LATEST"});
    row("diff('s.t', '2020-01-01', @seq:4)", {"diff | 's.t' | '2020-01-01' | COMMIT 4"});
    row("history(s.t, 5), commits()", {"history | s.t | 5", "commits"});
  }

  void readsTheClauseOfEachTable() {
    QFETCH(QString, from);
    QFETCH(QStringList, tables);
    QFETCH(QString, query);
    const auto parsed = parseStatement("SELECT * FROM " + from.toStdString());
    QVERIFY2(parsed.ok(), parsed.ok() ? "" : parsed.error().toString().c_str());
    const auto& root = std::get<QueryPtr>((*parsed)->node);
    QStringList got;
    for (const FromItemPtr& item : std::get<SelectBody>(root->body.node).from) describe(*item, got);
    QCOMPARE(got, tables);
    QCOMPARE(QString::fromStdString(root->asOf ? momentText(*root->asOf) : ""), query);
  }

  void leavesTextAlone() {
    const auto parsed = parseStatement("SELECT 'a FOR SYSTEM_TIME ALL' FROM t WHERE b = 'x AS OF COMMIT 1'");
    QVERIFY(parsed.ok());
    const auto& select = std::get<SelectBody>(std::get<QueryPtr>((*parsed)->node)->body.node);
    QVERIFY(!std::get<TableReference>(select.from[0]->node).time);
    QCOMPARE(getIf<Literal>(*select.items[0].expression)->text, std::string("a FOR SYSTEM_TIME ALL"));
  }

  void hoistsTheMomentOfASetOperation() {
    const auto parsed = parseStatement("SELECT a FROM t UNION SELECT b FROM u AS OF SYSTEM TIME COMMIT 4");
    QVERIFY(parsed.ok());
    QCOMPARE(momentText(*std::get<QueryPtr>((*parsed)->node)->asOf), std::string("COMMIT 4"));
  }

  void keepsTheMomentOfASubquery() {
    const auto parsed = parseStatement("SELECT a FROM t WHERE b = (SELECT 1 AS OF SYSTEM TIME COMMIT 2)");
    QVERIFY(parsed.ok());
    QVERIFY(!std::get<QueryPtr>((*parsed)->node)->asOf);
  }

  void setsTheMomentOfASession() {
    const auto set = parseStatement("SET SYSTEM_TIME=@seq:5");
    QVERIFY(set.ok());
    QCOMPARE(momentText(std::get<SetSystemTime>((*set)->node).moment), std::string("COMMIT 5"));
    const auto to = parseStatement("set system_time to '-1 hour'");
    QVERIFY(to.ok());
    QCOMPARE(momentText(std::get<SetSystemTime>((*to)->node).moment), std::string("'-1 hour'"));
    for (const char* text : {"RESET SYSTEM_TIME", "SET SYSTEM_TIME = DEFAULT"}) {
      const auto reset = parseStatement(text);
      QVERIFY(reset.ok() && std::holds_alternative<ResetSystemTime>((*reset)->node));
    }
    const auto begin = parseStatement("BEGIN READ ONLY AS OF SYSTEM TIME COMMIT 3");
    QVERIFY(begin.ok());
    QCOMPARE(momentText(*std::get<BeginTransaction>((*begin)->node).asOf), std::string("COMMIT 3"));
  }

  void readsAPointAlone() {
    const auto commit = parseMoment("COMMIT 12");
    QVERIFY(commit.ok());
    QCOMPARE(momentText(*commit), std::string("COMMIT 12"));
    QVERIFY(!parseMoment("COMMIT 12 x").ok());
    QVERIFY(!parseMoment("").ok());
  }

  void refuses_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("message");
    const auto row = [](const char* text, const char* message) { QTest::newRow(text) << text << message; };
    row("SELECT * FROM t FOR SYSTEM_TIME", "syntax error at end of input");
    row("SELECT * FROM t FOR SYSTEM_TIME SINCE 1", "syntax error at or near \"SINCE\"");
    row("SELECT * FROM t FOR SYSTEM_TIME FROM COMMIT 1", "syntax error at end of input");
    row("SELECT * FROM t x FOR SYSTEM_TIME ALL", "syntax error at or near \"FOR\"");
    row("SELECT * FROM t x AS OF COMMIT 1", "syntax error at or near \"AS\"");
    row("SELECT * FROM t AS OF COMMIT 1 AS OF COMMIT 2", "syntax error at or near \"AS\"");
    row("SELECT * FROM t AS OF @seq:x", "syntax error at or near \"x\"");
    row("SELECT * FROM (SELECT 1) FOR SYSTEM_TIME ALL x", "a subquery takes no time clause of its own");
    row("SELECT 1 AS OF SYSTEM TIME COMMIT 1 UNION SELECT 2", "AS OF SYSTEM TIME stands at the end of the whole query");
    row("SELECT 1 FROM t AS OF SYSTEM TIME COMMIT 1 LIMIT 1 AS OF SYSTEM TIME COMMIT 2",
        "AS OF SYSTEM TIME is given twice");
    row("UPDATE t FOR SYSTEM_TIME AS OF COMMIT 1 SET a = 1", "a statement that writes takes no time clause");
    row("DELETE FROM t AS OF SYSTEM TIME COMMIT 1", "a statement that writes takes no time clause");
  }

  void refuses() {
    QFETCH(QString, text);
    QFETCH(QString, message);
    const auto parsed = parseStatement(text.toStdString());
    QVERIFY(!parsed.ok());
    QCOMPARE(parsed.error().kind(), ErrorKind::SyntaxError);
    QCOMPARE(QString::fromStdString(parsed.error().message()), message);
  }
};

QTEST_APPLESS_MAIN(TestTimeTravel)
#include "tst_time_travel.moc"
