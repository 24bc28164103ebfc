// The program itself: exit codes, what goes to which stream, formats, files that are no databases.
#include <QtTest>

#include <QProcess>
#include <QTemporaryDir>

namespace {

struct Outcome {
  int exitCode = -1;
  QString output;
  QString errors;
};

Outcome drift(const QStringList& arguments, const QByteArray& input = {}) {
  QProcess process;
  process.start(QStringLiteral(DRIFT_PROGRAM), arguments);
  process.write(input);
  process.closeWriteChannel();
  if (!process.waitForFinished(60'000) || process.exitStatus() != QProcess::NormalExit)
    qFatal("drift did not end by itself");
  return {process.exitCode(), QString::fromUtf8(process.readAllStandardOutput()),
          QString::fromUtf8(process.readAllStandardError())};
}

}  // namespace

class TestDrift : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;

  QString path(const QString& name) const { return m_folder.filePath(name); }

  /// Makes a database and runs a script in it.
  QString database(const QByteArray& script) {
    static int number = 0;
    const auto file = path(QStringLiteral("db%1.drift").arg(++number));
    if (drift({"new", file}).exitCode != 0) qFatal("drift new failed");
    if (!script.isEmpty()) {
      const auto done = drift({"sql", file, "--author", "Ada"}, script);
      if (done.exitCode != 0) qFatal("%s", qPrintable(done.errors));
    }
    return file;
  }

 private slots:
  void helpAndVersion() {
    const auto help = drift({"--help"});
    QCOMPARE(help.exitCode, 0);
    for (const auto* command : {"new", "sql", "log", "verify", "compact", "export"}) QVERIFY(help.output.contains(command));
    QCOMPARE(drift({"sql", "--help"}).exitCode, 0);
    const auto version = drift({"--version"});
    QCOMPARE(version.exitCode, 0);
    QVERIFY(version.output.startsWith("drift "));
  }

  void copyReadsAndWritesFiles() {
    const auto file = database("CREATE TABLE t (id int PRIMARY KEY, name text); INSERT INTO t VALUES (1, 'a'), (2, NULL)");
    const auto csv = path("copy.csv");
    QCOMPARE(drift({"sql", file, "-c", QStringLiteral("COPY t TO '%1' CSV HEADER").arg(csv)}).exitCode, 0);
    QFile written(csv);
    QVERIFY(written.open(QIODevice::ReadOnly));
    QCOMPARE(written.readAll(), QByteArray("id,name\n1,a\n2,\n"));
    const auto again = drift({"sql", file, "-c", QStringLiteral("COPY t FROM '%1' CSV HEADER").arg(csv)});
    QCOMPARE(again.exitCode, 1);
    QVERIFY(again.errors.contains("duplicate key"));
    const auto read = drift({"sql", file, "-c", "DELETE FROM t", "-c",
                             QStringLiteral("COPY t FROM '%1' CSV HEADER").arg(csv), "-c", "SELECT count(*) FROM t"});
    QCOMPARE(read.exitCode, 0);
    QVERIFY(read.output.contains("COPY 2"));
  }

  void testSqlRunsScripts() {
    const auto script = path("run.test");
    QFile file(script);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(
        "hash-threshold 8\n\nstatement ok\nCREATE TABLE t (a int, b text)\n\n"
        "statement ok\nINSERT INTO t VALUES (2, 'x'), (1, ''), (3, NULL)\n\n"
        "skipif postgresql\nstatement ok\nthis is for others\n\nonlyif mysql\nquery I nosort\nSELECT 1\n----\n2\n\n"
        "query IT rowsort label-1\nSELECT a, b FROM t\n----\n1\n(empty)\n2\nx\n3\nNULL\n\n"
        "query IT valuesort\nSELECT a, b FROM t\n----\n6 values hashing to bcdfdc59ad79f037789137b18b241470\n\n"
        "query R nosort\nSELECT sum(a) / 4.0 FROM t\n----\n1.500\n\n"
        "statement error relation .* does not exist\nSELECT * FROM nowhere\n\n"
        "query I nosort\nSELECT max(a) FROM t\n----\n4\n\n"
        "require parquet\n\nhalt\n\nstatement ok\nnonsense\n");
    file.close();
    const auto run = drift({"test-sql", script, "--dialect", "postgresql"});
    QCOMPARE(run.exitCode, 1);
    QVERIFY2(run.output.endsWith("6 passed, 1 failed\n"),
             qPrintable(run.output));
    QVERIFY(run.output.contains("run.test:42: SELECT max(a) FROM t\n  expected: \n    4\n  got: \n    3\n"));
    QVERIFY(run.output.contains("not supported: require parquet"));
    QCOMPARE(drift({"test-sql", path("missing.test")}).exitCode, 1);
  }

  void usageErrorsExitWithOne_data() {
    QTest::addColumn<QStringList>("arguments");
    QTest::newRow("nothing") << QStringList();
    QTest::newRow("unknown command") << QStringList{"dance"};
    QTest::newRow("missing file") << QStringList{"sql"};
    QTest::newRow("unknown option") << QStringList{"log", "x.drift", "--sideways"};
    QTest::newRow("unknown format") << QStringList{"sql", "x.drift", "--format", "xml"};
    QTest::newRow("two sources") << QStringList{"sql", "x.drift", "-c", "SELECT 1", "-f", "x.sql"};
  }
  void usageErrorsExitWithOne() {
    QFETCH(QStringList, arguments);
    const auto outcome = drift(arguments);
    QCOMPARE(outcome.exitCode, 1);
    QVERIFY(outcome.errors.startsWith("drift: error: "));
    QCOMPARE(outcome.output, QString());
  }

  void newMakesAFileOnce() {
    const auto file = path("once.drift");
    QCOMPARE(drift({"new", file}).exitCode, 0);
    const auto again = drift({"new", file});
    QCOMPARE(again.exitCode, 1);
    QVERIFY2(again.errors.contains("once.drift"), qPrintable(again.errors));
  }

  void formats_data() {
    QTest::addColumn<QString>("format");
    QTest::addColumn<QString>("output");
    QTest::newRow("table") << "table"
                           << " id |   name    | price\n"
                              "----+-----------+-------\n"
                              "  1 | Grüße, \"\" |  1.50\n"
                              " 22 |           |\n"
                              "(2 rows)\n\n";
    QTest::newRow("csv") << "csv" << "id,name,price\n1,\"Grüße, \"\"\"\"\",1.50\n22,\"\",\n";
    QTest::newRow("json") << "json"
                          << "[\n  {\"id\": 1, \"name\": \"Grüße, \\\"\\\"\", \"price\": 1.50},\n"
                             "  {\"id\": 22, \"name\": \"\", \"price\": null}\n]\n";
    QTest::newRow("ndjson") << "ndjson"
                            << "{\"id\": 1, \"name\": \"Grüße, \\\"\\\"\", \"price\": 1.50}\n"
                               "{\"id\": 22, \"name\": \"\", \"price\": null}\n";
  }
  void formats() {
    QFETCH(QString, format);
    QFETCH(QString, output);
    static const QString file = database(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, price NUMERIC(6, 2));\n"
        "INSERT INTO t VALUES (1, 'Grüße, \"\"', 1.5), (22, '', NULL);");
    const auto outcome = drift({"sql", file, "--format", format, "-c", "SELECT * FROM t ORDER BY id"});
    QCOMPARE(outcome.errors, QString());
    QCOMPARE(outcome.exitCode, 0);
    QCOMPARE(outcome.output, output);
  }

  void tagsAreShownInTheTableFormatOnly() {
    const auto file = database("CREATE TABLE t (id INTEGER PRIMARY KEY)");
    const auto table = drift({"sql", file, "-c", "INSERT INTO t VALUES (1), (2)"});
    QCOMPARE(table.output, QString("INSERT 0 2 (commit 2)\n"));
    const auto csv = drift({"sql", file, "--format", "csv", "-c", "INSERT INTO t VALUES (3)"});
    QCOMPARE(csv.output, QString());
    QCOMPARE(csv.exitCode, 0);
  }

  // Trap 12: all statements run, and an error says which one failed and where.
  void scriptStopsAtTheFirstError() {
    const auto file = database({});
    const auto outcome = drift({"sql", file},
                               "CREATE TABLE t (id INTEGER PRIMARY KEY);\n"
                               "INSERT INTO t VALUES (1); -- one ; two\n"
                               "INSERT INTO t VALUES (2);\n"
                               "  SELECT 'é', nowhere FROM t;\n"
                               "INSERT INTO t VALUES (3);\n");
    QCOMPARE(outcome.exitCode, 1);
    QVERIFY2(outcome.errors.startsWith("drift: error: line 4, column 15: "), qPrintable(outcome.errors));
    QVERIFY2(outcome.errors.contains("statement 4 of 5: SELECT 'é', nowhere FROM t"), qPrintable(outcome.errors));
    QCOMPARE(drift({"sql", file, "--format", "csv", "-c", "SELECT count(*) AS n FROM t"}).output, QString("n\n2\n"));
  }

  void scriptFromAFile() {
    const auto file = database({});
    QFile script(path("script.sql"));
    QVERIFY(script.open(QIODevice::WriteOnly));
    script.write("CREATE TABLE t (id INTEGER PRIMARY KEY);\nINSERT INTO t VALUES (7);\n");
    script.close();
    QCOMPARE(drift({"sql", file, "-f", script.fileName()}).exitCode, 0);
    QCOMPARE(drift({"sql", file, "--format", "csv", "-c", "SELECT id FROM t", "-c", "SELECT 2 AS two"}).output,
             QString("id\n7\n\ntwo\n2\n"));
    const auto missing = drift({"sql", file, "-f", path("missing.sql")});
    QCOMPARE(missing.exitCode, 1);
    QVERIFY(missing.errors.contains("missing.sql"));
  }

  void blameAndHistory() {
    const auto file = database(
        "CREATE TABLE \"it's\" (id INTEGER PRIMARY KEY, a INTEGER, b TEXT);\n"
        "INSERT INTO \"it's\" VALUES (1, 10, 'x'), (2, 20, 'y');\n"
        "UPDATE \"it's\" SET a = 11 WHERE id = 1;\n"
        "DELETE FROM \"it's\" WHERE id = 2;\n");
    const auto lines = [](const QString& text) { return text.split('\n', Qt::SkipEmptyParts); };
    auto blamed = drift({"blame", file, "it's", "--format", "csv"});
    QCOMPARE(blamed.errors, QString());
    QCOMPARE(lines(blamed.output).size(), 2);
    QCOMPARE(lines(blamed.output)[0], QString("id,a,b,commit_number,commit_time,commit_author,commit_message"));
    QVERIFY2(lines(blamed.output)[1].startsWith("1,11,x,3,"), qPrintable(blamed.output));
    QVERIFY2(lines(blamed.output)[1].contains(",Ada,"), qPrintable(blamed.output));
    blamed = drift({"blame", file, "it's", "--column", "b", "--as-of", "3", "--format", "csv"});
    QVERIFY2(lines(blamed.output)[1].startsWith("1,11,x,2,"), qPrintable(blamed.output));
    QCOMPARE(lines(blamed.output).size(), 3);
    QCOMPARE(drift({"blame", file, "it's", "--column", "c"}).exitCode, 1);

    const auto history = drift({"history", file, "it's", "1", "--format", "csv"});
    QCOMPARE(history.errors, QString());
    QCOMPARE(lines(history.output)[0], QString("commit,since,until,op,author,id,a,b"));
    QVERIFY2(lines(history.output)[1].startsWith("2,") && lines(history.output)[1].endsWith(",insert,Ada,1,10,x"),
             qPrintable(history.output));
    QVERIFY2(lines(history.output)[2].startsWith("3,") && lines(history.output)[2].endsWith(",update,Ada,1,11,x"),
             qPrintable(history.output));
    QCOMPARE(drift({"history", file, "it's", "x"}).exitCode, 1);
    QVERIFY(drift({"history", file, "none", "1"}).errors.contains("there is no table named \"none\""));
  }

  void asOf_data() {
    QTest::addColumn<QString>("moment");
    QTest::addColumn<QString>("output");
    QTest::newRow("number") << "2" << "n\n1\n";
    QTest::newRow("number with a hash") << "#2" << "n\n1\n";
    QTest::newRow("sequence") << "@seq:3" << "n\n2\n";
    QTest::newRow("time after all") << "2999-01-01" << "error";
    QTest::newRow("time before all") << "1999-01-01" << "error";
    QTest::newRow("beyond the last commit") << "99" << "error";
    QTest::newRow("not a moment") << "yester'day" << "error";
  }
  void asOf() {
    QFETCH(QString, moment);
    QFETCH(QString, output);
    static const QString file = database(
        "CREATE TABLE t (id INTEGER PRIMARY KEY);\n"
        "INSERT INTO t VALUES (1);\nINSERT INTO t VALUES (2);\nINSERT INTO t VALUES (3);");
    const auto outcome =
        drift({"sql", file, "--format", "csv", "--as-of", moment, "-c", "SELECT count(*) AS n FROM t"});
    QCOMPARE(outcome.exitCode, output == "error" ? 1 : 0);
    if (output == "error") QVERIFY2(outcome.errors.startsWith("drift: error: "), qPrintable(outcome.errors));
    else QCOMPARE(outcome.output, output);
  }

  void asOfTheTimeThatTheLogShows() {
    const auto file = database("CREATE TABLE t (id INTEGER PRIMARY KEY);\nINSERT INTO t VALUES (1);\nDROP TABLE t;");
    const auto line = drift({"log", file, "--table", "t", "--format", "csv"}).output.split('\n').at(1);
    const auto then =
        drift({"sql", file, "--format", "csv", "--as-of", line.split(',').at(1), "-c", "SELECT id FROM t"});
    QCOMPARE(then.errors, QString());
    QCOMPARE(then.output, QString("id\n1\n"));
  }

  void readOnlyRefusesToWrite() {
    const auto file = database("CREATE TABLE t (id INTEGER PRIMARY KEY)");
    const auto outcome = drift({"sql", file, "--read-only", "-c", "INSERT INTO t VALUES (1)"});
    QCOMPARE(outcome.exitCode, 1);
    QVERIFY(outcome.errors.contains("read-only"));
  }

  void openTransactionIsRolledBackWithAWord() {
    const auto file = database("CREATE TABLE t (id INTEGER PRIMARY KEY)");
    const auto outcome = drift({"sql", file}, "BEGIN; INSERT INTO t VALUES (1);");
    QCOMPARE(outcome.exitCode, 0);
    QVERIFY(outcome.errors.contains("rolled back"));
    QCOMPARE(drift({"sql", file, "--format", "csv", "-c", "SELECT count(*) AS n FROM t"}).output, QString("n\n0\n"));
  }

  void indexesServeNowAndThen() {
    const auto file = database(
        "CREATE TABLE t (id integer PRIMARY KEY, a integer);"
        "INSERT INTO t SELECT n, n % 500 FROM generate_series(1, 5000) AS s(n);"
        "CREATE INDEX by_a ON t (a);"
        "DELETE FROM t WHERE a = 7 AND id < 1000;");
    const auto now = drift({"sql", file, "--format", "csv", "-c", "SELECT count(*) FROM t WHERE a = 7"});
    QCOMPARE(now.output, QString("count\n8\n"));
    const auto then =
        drift({"sql", file, "--format", "csv", "--as-of", "2", "-c", "SELECT count(*) FROM t WHERE a = 7"});
    QCOMPARE(then.output, QString("count\n10\n"));
    const auto plan = drift({"sql", file, "--format", "csv", "-c", "EXPLAIN SELECT count(*) FROM t WHERE a = 7"});
    QVERIFY2(plan.output.contains("Scan t by index by_a"), qPrintable(plan.output));
    const auto again = drift({"sql", file, "-c", "CREATE INDEX by_a ON t (id)"});
    QCOMPARE(again.exitCode, 1);
    QVERIFY2(again.errors.contains("relation \"by_a\" already exists"), qPrintable(again.errors));
  }

  void logListsCommitsNewestFirst() {
    const auto file = database(
        "CREATE TABLE a (id INTEGER PRIMARY KEY);\nCREATE TABLE b (id INTEGER PRIMARY KEY);\n"
        "INSERT INTO a VALUES (1), (2);\nINSERT INTO b VALUES (1);\nDELETE FROM a WHERE id = 1;\nDROP TABLE a;");
    const auto all = drift({"log", file, "--format", "csv"});
    QCOMPARE(all.exitCode, 0);
    const auto lines = all.output.split('\n', Qt::SkipEmptyParts);
    QCOMPARE(lines.size(), 7);
    QCOMPARE(lines[0], QString("commit,time,author,changes,message"));
    QVERIFY(lines[1].startsWith("6,"));
    QVERIFY2(lines[2].endsWith(",Ada,a -1,DELETE FROM a WHERE id = 1"), qPrintable(lines[2]));
    QVERIFY2(lines[4].endsWith(",Ada,a +2,\"INSERT INTO a VALUES (1), (2)\""), qPrintable(lines[4]));

    QCOMPARE(drift({"log", file, "--limit", "2", "--format", "csv"}).output.count('\n'), 3);
    const auto ofDropped = drift({"log", file, "--table", "a", "--format", "csv"}).output;
    QCOMPARE(ofDropped.count('\n'), 3);
    QVERIFY(!ofDropped.contains("INTO b"));
    QCOMPARE(drift({"log", file, "--table", "nowhere"}).exitCode, 1);
  }

  void verifyTellsSoundFromDamaged() {
    const auto file = database("CREATE TABLE t (id INTEGER PRIMARY KEY);\nINSERT INTO t VALUES (1), (2), (3);");
    const auto sound = drift({"verify", file});
    QCOMPARE(sound.errors, QString());
    QCOMPARE(sound.exitCode, 0);
    QVERIFY(sound.output.startsWith("commits: 2, "));

    QFile image(file);
    QVERIFY(image.open(QIODevice::ReadWrite));
    const auto at = 8192 + (image.size() - 8192) / 2;
    image.seek(at);
    char byte = 0;
    image.getChar(&byte);
    image.seek(at);
    image.putChar(static_cast<char>(byte ^ 1));
    image.close();
    const auto damaged = drift({"verify", file});
    QCOMPARE(damaged.exitCode, 1);
    QVERIFY(damaged.errors.contains("drift: error: "));
  }

  void salvageSavesWhatIsLeft() {
    const auto file = database("CREATE TABLE t (id INTEGER PRIMARY KEY);\nINSERT INTO t VALUES (1), (2), (3);");
    const auto saved = drift({"salvage", file, path("saved.drift")});
    QCOMPARE(saved.errors, QString());
    QVERIFY2(saved.output.startsWith("saved 2 commits into "), qPrintable(saved.output));
    QCOMPARE(drift({"sql", path("saved.drift"), "--format", "csv", "-c", "SELECT count(*) FROM t"}).output,
             QString("count\n3\n"));
    const auto again = drift({"salvage", file, path("saved.drift")});
    QCOMPARE(again.exitCode, 1);
    QVERIFY2(again.errors.contains("saved.drift"), qPrintable(again.errors));
  }

  void compactKeepsWhatItIsToldTo() {
    QByteArray script("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER);\nINSERT INTO t VALUES (1, 0);");
    for (int n = 1; n <= 8; ++n) script += QStringLiteral("\nUPDATE t SET n = %1;").arg(n).toUtf8();
    const auto file = database(script);
    const auto rows = [&](const QString& moment) {
      return drift({"sql", file, "--format", "csv", "-c", "SELECT n FROM t AS OF " + moment});
    };
    const auto all = drift({"compact", file});
    QVERIFY2(all.output.contains(": 10 of 10 commits kept, "), qPrintable(all.output + all.errors));
    QCOMPARE(rows("COMMIT 4").output, QString("n\n2\n"));

    const auto preview = drift({"compact", file, "--keep-last", "3", "--preview", "--format", "csv"});
    QCOMPARE(preview.exitCode, 0);
    QVERIFY2(preview.output.startsWith("table,versions,kept,log_bytes,freed\nt,9,3,"), qPrintable(preview.output));
    QVERIFY2(preview.errors.contains("3 of 10 commits would be kept"), qPrintable(preview.errors));
    QCOMPARE(rows("COMMIT 4").output, QString("n\n2\n"));

    const auto some = drift({"compact", file, "--keep-since", "COMMIT 6"});
    QVERIFY2(some.output.contains(": 5 of 10 commits kept, "), qPrintable(some.output + some.errors));
    QCOMPARE(rows("COMMIT 6").output, QString("n\n4\n"));
    QCOMPARE(rows("COMMIT 9").output, QString("n\n7\n"));
    const auto gone = rows("COMMIT 4");
    QCOMPARE(gone.exitCode, 1);
    QVERIFY2(gone.errors.contains("commit 4 was not kept; the nearest that was is commit 6 of "), qPrintable(gone.errors));
    const auto first = rows("TIMESTAMP '2001-01-01'");
    QCOMPARE(first.exitCode, 1);
    QVERIFY2(first.errors.contains("before the first change that was kept, commit 6 of "), qPrintable(first.errors));
    QVERIFY(drift({"log", file, "--format", "csv"}).output.count('\n') == 6);

    // All of it happened today, and one commit a day is left of what is older than nothing.
    const auto thin = drift({"compact", file, "--thin", "year", "--thin-after", "0 days"});
    QVERIFY2(thin.output.contains(" of 5 commits kept, "), qPrintable(thin.output + thin.errors));
    QCOMPARE(rows("COMMIT 10").output, QString("n\n8\n"));
    QCOMPARE(drift({"verify", file}).exitCode, 0);
    QCOMPARE(drift({"sql", file, "-c", "UPDATE t SET n = 9"}).exitCode, 0);
    QCOMPARE(rows("COMMIT 11").output, QString("n\n9\n"));
  }

  void compactRefusesWhatItDoesNotKnow_data() {
    QTest::addColumn<QStringList>("options");
    QTest::addColumn<QString>("sentence");
    QTest::newRow("other word") << QStringList{"--keep", "some"} << "--keep takes all, not \"some\"";
    QTest::newRow("no moment") << QStringList{"--keep-since", "yesterdayish"} << "invalid point in history: \"yesterdayish\"";
    QTest::newRow("commit to come") << QStringList{"--keep-since", "COMMIT 99"} << "there is no commit 99";
    QTest::newRow("no commits") << QStringList{"--keep-last", "0"} << "--keep-last";
    QTest::newRow("other period") << QStringList{"--thin", "minute"} << "--thin takes hour, day, week, month or year";
    QTest::newRow("two rules") << QStringList{"--keep-last", "5", "--keep-since", "1 day"} << "keep";
  }
  void compactRefusesWhatItDoesNotKnow() {
    QFETCH(QStringList, options);
    QFETCH(QString, sentence);
    const auto file = database("CREATE TABLE t (id INTEGER PRIMARY KEY);");
    const auto outcome = drift(QStringList{"compact", file} + options);
    QCOMPARE(outcome.exitCode, 1);
    QVERIFY2(outcome.errors.contains(sentence), qPrintable(outcome.errors));
  }

  void exportMakesADatabaseOfThePast() {
    const auto file = database("CREATE TABLE t (id INTEGER PRIMARY KEY);\nINSERT INTO t VALUES (1);\n"
                               "INSERT INTO t VALUES (2);\nINSERT INTO t VALUES (3);");
    const auto count = [&](const QString& of, const QString& moment) {
      return drift({"sql", of, "--format", "csv", "-c", "SELECT count(*) FROM t" + moment}).output;
    };
    const auto past = path("past.drift"), rows = path("rows.drift");
    const auto whole = drift({"export", file, past, "--as-of", "COMMIT 3"});
    QVERIFY2(whole.output.contains(": 3 commits up to commit 3, "), qPrintable(whole.output + whole.errors));
    QCOMPARE(count(past, ""), QString("count\n2\n"));
    QCOMPARE(count(past, " AS OF COMMIT 2"), QString("count\n1\n"));
    const auto only = drift({"export", file, rows, "--as-of", "COMMIT 3", "--rows-only"});
    QVERIFY2(only.output.contains(": 1 commits up to commit 3, "), qPrintable(only.output + only.errors));
    QCOMPARE(count(rows, ""), QString("count\n2\n"));
    QCOMPARE(count(rows, " AS OF COMMIT 2"), QString());
    const auto again = drift({"export", file, rows});
    QCOMPARE(again.exitCode, 1);
    QVERIFY2(again.errors.contains("exists already"), qPrintable(again.errors));
    const auto before = drift({"export", file, path("never.drift"), "--as-of", "2001-01-01"});
    QCOMPARE(before.exitCode, 1);
    QVERIFY2(before.errors.contains("before the first commit"), qPrintable(before.errors));
    QVERIFY(!QFile::exists(path("never.drift")));
  }

  void filesThatAreNoDatabases_data() {
    QTest::addColumn<QByteArray>("contents");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("text") << QByteArray("Dear diary");
    QTest::newRow("zeroes") << QByteArray(20'000, '\0');
    QTest::newRow("SQLite") << QByteArray("SQLite format 3\0", 16) + QByteArray(10'000, 'x');
  }
  void filesThatAreNoDatabases() {
    QFETCH(QByteArray, contents);
    QFile file(path("other.bin"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(contents);
    file.close();
    for (const auto& arguments : {QStringList{"sql", file.fileName(), "-c", "SELECT 1"}, QStringList{"log", file.fileName()},
                                  QStringList{"verify", file.fileName()}}) {
      const auto outcome = drift(arguments);
      QCOMPARE(outcome.exitCode, 1);
      QVERIFY2(outcome.errors.startsWith("drift: error: "), qPrintable(outcome.errors));
      QVERIFY2(outcome.errors.contains("other.bin"), qPrintable(outcome.errors));
    }
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll(), contents);  // looked at, and left alone
  }

  void missingFile() {
    const auto outcome = drift({"sql", path("nothing.drift"), "-c", "SELECT 1"});
    QCOMPARE(outcome.exitCode, 1);
    QVERIFY(outcome.errors.contains("nothing.drift"));
    QVERIFY(!QFile::exists(path("nothing.drift")));
  }

  void manyRowsAreStreamed() {
    const auto file = database("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)");
    QByteArray script("INSERT INTO t VALUES (0, 'a name')");
    for (int id = 1; id < 5000; ++id) script += ", (" + QByteArray::number(id) + ", 'a name')";
    QCOMPARE(drift({"sql", file}, script).exitCode, 0);
    const auto rows = drift({"sql", file, "--format", "ndjson", "-c", "SELECT * FROM t"});
    QCOMPARE(rows.output.count('\n'), 5000);
    QVERIFY(drift({"sql", file, "-c", "SELECT * FROM t"}).output.endsWith("(5000 rows)\n\n"));
  }
};

QTEST_APPLESS_MAIN(TestDrift)
#include "tst_drift.moc"
