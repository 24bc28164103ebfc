#include <QtTest>

#include <random>

#include "formats/csv_reader.h"
#include "formats/csv_writer.h"

using namespace drift;
using namespace drift::formats;

namespace {

using Records = std::vector<std::vector<std::string>>;

Result<Records> readAll(std::string text, CsvOptions options = {}) {
  const auto source = makeTextSource(std::move(text));
  CsvReader reader(*source, options);
  Records records;
  CsvRecord record;
  while (true) {
    DRIFT_ASSIGN(const bool more, reader.next(record));
    if (!more) return records;
    records.push_back(record.fields);
  }
}

}  // namespace

Q_DECLARE_METATYPE(Records)

class TestCsv : public QObject {
  Q_OBJECT

 private slots:
  void reads_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<Records>("expected");
    QTest::newRow("empty file") << QByteArray("") << Records{};
    QTest::newRow("no last line end") << QByteArray("a,b\n1,2") << Records{{"a", "b"}, {"1", "2"}};
    QTest::newRow("CRLF") << QByteArray("a,b\r\n1,2\r\n") << Records{{"a", "b"}, {"1", "2"}};
    QTest::newRow("CR alone") << QByteArray("a\rb\r") << Records{{"a"}, {"b"}};
    QTest::newRow("blank lines") << QByteArray("\n\na\n\nb\n\n") << Records{{"a"}, {"b"}};
    QTest::newRow("quoted comma") << QByteArray("\"Saint Paul, Minnesota\",x\n") << Records{{"Saint Paul, Minnesota", "x"}};
    QTest::newRow("doubled quote") << QByteArray("\"say \"\"hi\"\"\"\n") << Records{{"say \"hi\""}};
    QTest::newRow("line end in quotes") << QByteArray("\"a\nb\",c\n") << Records{{"a\nb", "c"}};
    QTest::newRow("empty fields") << QByteArray(",\n\"\",\n") << Records{{"", ""}, {"", ""}};
    QTest::newRow("byte order mark") << QByteArray("\xEF\xBB\xBFid\n") << Records{{"id"}};
    QTest::newRow("ragged") << QByteArray("a,b\n1\n1,2,3\n") << Records{{"a", "b"}, {"1"}, {"1", "2", "3"}};
    QTest::newRow("quote inside is text") << QByteArray("6\" pipe,x\n") << Records{{"6\" pipe", "x"}};
    QTest::newRow("UTF-8") << QByteArray("naïve,日本\n") << Records{{"naïve", "日本"}};
  }
  void reads() {
    QFETCH(QByteArray, text);
    QFETCH(Records, expected);
    const auto records = readAll(text.toStdString());
    QVERIFY2(records.ok(), records.ok() ? "" : records.error().message().c_str());
    QCOMPARE(*records, expected);
  }

  void refuses_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<int>("kind");
    QTest::addColumn<QString>("sentence");
    QTest::newRow("open quote") << QByteArray("a\n\"b\nc\n") << int(ErrorKind::InvalidTextRepresentation)
                                << "line 2: the quote that opens here is never closed";
    QTest::newRow("text after quote") << QByteArray("a\n\"b\"c\n") << int(ErrorKind::InvalidTextRepresentation)
                                      << "line 2: text after a closing quote";
    QTest::newRow("not UTF-8") << QByteArray("a\nb\n\xff\n") << int(ErrorKind::InvalidByteSequence)
                               << "line 3: the text is not valid UTF-8";
  }
  void refuses() {
    QFETCH(QByteArray, text);
    QFETCH(int, kind);
    QFETCH(QString, sentence);
    const auto records = readAll(text.toStdString());
    QVERIFY(!records.ok());
    QCOMPARE(int(records.error().kind()), kind);
    QCOMPARE(QString::fromStdString(records.error().message()), sentence);
  }

  void limitsHold() {
    CsvOptions options;
    options.fieldBytesMax = 4;
    options.fieldsMax = 2;
    QVERIFY(readAll("abcd,b\n", options).ok());
    QCOMPARE(readAll("abcde\n", options).error().kind(), ErrorKind::LimitExceeded);
    QCOMPARE(readAll("a,b,c\n", options).error().kind(), ErrorKind::LimitExceeded);
  }

  void linesAreCountedThroughQuotedLineEnds() {
    const auto source = makeTextSource("\"a\n\n\"\nb\n");
    CsvReader reader(*source, {});
    CsvRecord record;
    QVERIFY(*reader.next(record));
    QCOMPARE(record.line, std::uint64_t{1});
    QVERIFY(*reader.next(record));
    QCOMPARE(record.line, std::uint64_t{4});
  }

  void whatIsWrittenReadsBack() {
    const auto seed = qEnvironmentVariableIntValue("DRIFT_SEED");
    qInfo("seed %d", seed);
    std::mt19937 random(static_cast<unsigned>(seed));
    const std::string alphabet = "ab,\"\r\n ;é";
    for (int round = 0; round < 500; ++round) {
      std::vector<std::string> fields(1 + random() % 5);
      std::string text;
      for (std::size_t i = 0; i < fields.size(); ++i) {
        for (auto n = random() % 8; n > 0; --n) {
          const auto pick = random() % 9;
          fields[i] += pick == 8 ? alphabet.substr(8) : std::string(1, alphabet[pick]);
        }
        if (i) text += ',';
        appendCsvField(text, fields[i]);
      }
      text += '\n';
      const auto records = readAll(text);
      QVERIFY2(records.ok(), text.c_str());
      QCOMPARE(*records, Records{fields});
    }
  }
};

QTEST_APPLESS_MAIN(TestCsv)
#include "tst_csv.moc"
