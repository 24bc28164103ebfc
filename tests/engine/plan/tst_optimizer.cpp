#include <QtTest>

#include "plan_fixture.h"

using namespace drift;
using namespace drift::plan::test;

class TestOptimizer : public QObject {
  Q_OBJECT

 private slots:
  void plans_data() {
    QTest::addColumn<QString>("sql");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* name, const char* sql, const char* plan) { QTest::newRow(name) << sql << plan; };
    row("whole key", "SELECT name FROM item WHERE id = 3", "Project name < Filter (id = 3) < Scan item, one key");
    row("mirrored", "SELECT name FROM item WHERE 3 = id", "Project name < Filter (3 = id) < Scan item, one key");
    row("range", "SELECT name FROM item WHERE id > 3 AND id <= 9",
        "Project name < Filter ((id > 3) AND (id <= 9)) < Scan item, key range");
    row("empty range", "SELECT name FROM item WHERE id > 9 AND id < 3", "Project name < Values (0 rows)");
    row("not on the key", "SELECT id FROM item WHERE name = 'x'", "Project id < Filter (name = 'x') < Scan item, bounds of name");
    row("several keys", "SELECT name FROM item WHERE id = 2 OR id IN (1, 2, NULL)",
        "Project name < Filter ((id = 2) OR (id IN (1, 2, NULL))) < Scan item, 2 keys");
    row("no key", "SELECT name FROM item WHERE id = 2 AND id IN (1, 3)", "Project name < Values (0 rows)");
    row("several ranges", "SELECT c FROM wide WHERE a IN (1, 2) AND b > 'x'",
        "Project c < Filter ((a::integer IN (1, 2)) AND (b > 'x')) < Scan wide, 2 key ranges, bounds of b");
    row("or is no range", "SELECT name FROM item WHERE id = 1 OR name = 'x'",
        "Project name < Filter ((id = 1) OR (name = 'x')) < Scan item");
    row("widened column", "SELECT c FROM wide WHERE a = 1 AND b = 'x'",
        "Project c < Filter ((a::integer = 1) AND (b = 'x')) < Scan wide, one key");
    row("too large for the column", "SELECT c FROM wide WHERE a = 70000",
        "Project c < Filter (a::integer = 70000) < Scan wide");
    row("prefix and range", "SELECT c FROM wide WHERE a = 1 AND b > 'x'",
        "Project c < Filter ((a::integer = 1) AND (b > 'x')) < Scan wide, key range, bounds of b");
    row("second column alone", "SELECT c FROM wide WHERE b = 'x'", "Project c < Filter (b = 'x') < Scan wide, bounds of b");
    row("null", "SELECT name FROM item WHERE id = NULL", "Project name < Filter (id = NULL) < Scan item");
    row("key order", "SELECT name FROM item ORDER BY id", "Project name < Project name < Scan item");
    row("key order, descending", "SELECT id FROM item ORDER BY id DESC",
        "Sort by id descending < Project id < Scan item");
    row("key order, then more", "SELECT id, name FROM item ORDER BY id, name", "Project id, name < Scan item");
    row("second key column", "SELECT a, b FROM wide ORDER BY b", "Sort by b < Project a, b < Scan wide");
    row("versions have no key order", "SELECT id FROM item FOR SYSTEM_TIME ALL ORDER BY id",
        "Sort by id < Project id < Scan item (versions)");
    row("top rows", "SELECT id FROM item ORDER BY name LIMIT 3 OFFSET 2",
        "Limit 3 offset 2 < Project id < Sort by name, first 5 < Project id, name < Scan item");
    row("offset skips", "SELECT id FROM item LIMIT 3 OFFSET 2", "Limit 3 < Project id < Scan item, skipping 2 rows");
    row("offset counts what is left", "SELECT id FROM item WHERE name = 'x' LIMIT 3 OFFSET 2",
        "Limit 3 offset 2 < Project id < Filter (name = 'x') < Scan item, bounds of name");
    row("hash join", "SELECT note FROM item JOIN part ON id = item_id AND note <> name",
        "Project note < Inner hash join on id::bigint = item_id where (note <> name) < Scan item < Scan part");
    row("from list with where", "SELECT note FROM item, part WHERE item_id = id AND id = 3 AND note = 'x'",
        "Project note < Inner hash join on id::bigint = item_id < Filter (id = 3) < Scan item, one key < "
        "Filter (note = 'x') < Scan part, bounds of note");
    row("left join keeps conditions on the right",
        "SELECT note FROM item LEFT JOIN part ON id = item_id WHERE note IS NULL",
        "Project note < Filter (note IS NULL) < Left hash join on id::bigint = item_id < Scan item < Scan part");
    row("left join filters the right side of ON",
        "SELECT note FROM item LEFT JOIN part ON id = item_id AND note = 'x' AND id > 1",
        "Project note < Left hash join on id::bigint = item_id where (id > 1) < Scan item < Filter (note = 'x') < Scan "
        "part, bounds of note");
    row("through a subquery", "SELECT n FROM (SELECT id AS n FROM item) q WHERE n = 4",
        "Project n < Project id < Filter (id = 4) < Scan item, one key");
    row("not through a limit", "SELECT n FROM (SELECT id AS n FROM item LIMIT 5) q WHERE n = 4",
        "Project n < Filter (n = 4) < Limit 5 < Project id < Scan item");
    row("into both arms", "SELECT n FROM (SELECT id AS n FROM item UNION ALL SELECT item_id FROM part) q WHERE n = 4",
        "Project n < Append < Project id::bigint < Filter (id::bigint = 4) < Scan item, one key < Project item_id < "
        "Filter (item_id = 4) < Scan part, bounds of item_id");
    row("below groups", "SELECT name, count(*) FROM item GROUP BY name HAVING name = 'x' AND count(*) > 1",
        "Project name, count(*) < Filter (count(*) > 1) < Aggregate count(*) by name < Filter (name = 'x') < Scan "
        "item, bounds of name");
    row("exists", "SELECT name FROM item WHERE EXISTS (SELECT 1 FROM part WHERE item_id = id AND note <> name)",
        "Project name < Semi hash join on id::bigint = item_id where (note <> name) < Scan item < Scan part");
    row("not exists", "SELECT name FROM item WHERE NOT EXISTS (SELECT 1 FROM part WHERE item_id = id)",
        "Project name < Anti hash join on id::bigint = item_id < Scan item < Scan part");
    row("exists, not correlated", "SELECT name FROM item WHERE EXISTS (SELECT 1 FROM part)",
        "Project name < Filter EXISTS (subquery) < Scan item");
    row("in", "SELECT name FROM item WHERE id IN (SELECT item_id FROM part WHERE note = 'x')",
        "Project name < Semi hash join on id::bigint = item_id < Scan item < Project item_id < Filter (note = 'x') < "
        "Scan part, bounds of note");
    row("not in", "SELECT name FROM item WHERE id NOT IN (SELECT a FROM wide)",
        "Project name < Anti hash join on id = a < Scan item < Project a::integer < Scan wide");
    row("not in, with NULLs", "SELECT name FROM item WHERE id NOT IN (SELECT item_id FROM part)",
        "Project name < Filter (id::bigint NOT IN (subquery)) < Scan item");
    row("not in, with NULLs, correlated",
        "SELECT name FROM item WHERE id NOT IN (SELECT item_id FROM part WHERE note = name)",
        "Project name < Anti hash join on name = note where ((id::bigint = item_id) IS NOT FALSE) < Scan item < "
        "Project item_id, note < Scan part");
    row("total", "SELECT name, (SELECT count(*) FROM part WHERE item_id = id) FROM item",
        "Project name, COALESCE(count(*), 0) < Left hash join on id::bigint = item_id < Scan item < Aggregate "
        "count(*) by item_id < Scan part");
    row("total as a condition", "SELECT name FROM item WHERE id < (SELECT max(item_id) FROM part WHERE note = name)",
        "Project name < Project name < Inner hash join on name = note where (id::bigint < max(item_id)) < Scan item "
        "< Aggregate max(item_id) by note < Scan part");
    row("scalar", "SELECT (SELECT note FROM part WHERE item_id = id) FROM item",
        "Project note < Single hash join on id::bigint = item_id < Scan item < Project note, item_id < Scan part");
    row("behind or", "SELECT name FROM item WHERE id = 3 OR EXISTS (SELECT 1 FROM part WHERE item_id = id)",
        "Project name < Filter ((id = 3) OR EXISTS (subquery)) < Scan item");
    row("lateral", "SELECT note FROM item, LATERAL (SELECT note FROM part WHERE item_id = id) q",
        "Project note < Inner hash join on id::bigint = item_id < Scan item < Project note, item_id < Scan part");
    row("lateral with a limit", "SELECT note FROM item, LATERAL (SELECT note FROM part WHERE item_id = id LIMIT 1) q",
        "Project note < Inner lateral join < Scan item < Limit 1 < Project note < Filter (item_id = id::bigint) < "
        "Scan part");
    row("outer join that drops NULLs", "SELECT note FROM item LEFT JOIN part ON id = item_id WHERE note > 'x'",
        "Project note < Inner hash join on id::bigint = item_id < Scan item < Filter (note > 'x') < Scan part, bounds of note");
    row("constants", "SELECT 1 + 2 * 3 FROM item WHERE id = 2 + 2", "Project 7 < Filter (id = 4) < Scan item, one key");
    row("a failing constant stays", "SELECT 1 / 0", "Project (1 / 0) < Values (1 rows)");
  }
  void plans() {
    QFETCH(QString, sql);
    QFETCH(QString, expected);
    QCOMPARE(QString::fromStdString(PlanFixture().plan(sql.toStdString())), expected);
  }
};

QTEST_APPLESS_MAIN(TestOptimizer)
#include "tst_optimizer.moc"
