#include <QtTest>

#include "formats/copy_text.h"

using namespace drift;
using namespace drift::formats;

namespace {

/// Records as "a|b;NULL|c".
std::string readAll(std::string text, CopyTextOptions options = {}) {
  const auto source = makeTextSource(std::move(text));
  CopyTextReader reader(*source, std::move(options));
  CopyTextRecord record;
  std::string all;
  while (true) {
    const auto more = reader.next(record);
    if (!more.ok()) return std::string(more.error().sqlState()) + " " + more.error().message();
    if (!*more) return all;
    if (!all.empty()) all += ';';
    for (std::size_t at = 0; at < record.fields.size(); ++at)
      all += (at ? "|" : "") + record.fields[at].value_or("NULL");
  }
}

}  // namespace

class TestCopyText : public QObject {
  Q_OBJECT

 private slots:
  void reads_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("records");
    const auto row = [](const char* name, QByteArray text, QByteArray records) {
      QTest::newRow(name) << text << records;
    };
    row("fields", "a\tb\nc\td\n", "a|b;c|d");
    row("no end of line", "a\tb", "a|b");
    row("carriage returns", "a\r\nb\rc\n", "a;b;c");
    row("null", "\\N\tx\n", "NULL|x");
    row("null is a whole field", "\\Nx\n", "Nx");
    row("empty", "\t\n\n", "|;");
    row("escapes", "\\t\\\\\\n\n", "\t\\\n");
    row("octal and hexadecimal", "\\101\\x42\\x4z\n", "AB\4z");
    row("a delimiter that is meant", "a\\\tb\n", "a\tb");
    row("a line end that is meant", "a\\\nb\n", "a\nb");
    row("end of data", "a\n\\.\nb\n", "a");
    row("byte order mark",
        "\xEF\xBB\xBF"
        "a\n",
        "a");
    row("not UTF-8", "a\n\xff\n", "22021 line 2: the text is not valid UTF-8");
    row("nothing", "", "");
  }

  void reads() {
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, records);
    QCOMPARE(QByteArray::fromStdString(readAll(text.toStdString())), records);
  }

  void delimiterAndNullMayBeOthers() {
    QCOMPARE(readAll("a;nil;b\n", {.delimiter = ';', .null = "nil"}), std::string("a|NULL|b"));
    QCOMPARE(readAll("0123456789\n", {.lineBytesMax = 9}), std::string("54000 line 1: it is longer than 0 MB"));
  }

  void whatIsWrittenReadsBack() {
    const std::string value = "tab\t line\nreturn\r back\\slash \b\f\v ; \\N ä";
    for (const char delimiter : {'\t', ';', '|'}) {
      std::string text;
      appendCopyText(text, value, delimiter);
      QVERIFY(text.find('\n') == std::string::npos);
      QCOMPARE(readAll(text + "\n", {.delimiter = delimiter}), value);
    }
  }

  void csvQuotesWhatNeedsIt() {
    const auto written = [](std::string_view text, const CopyCsvOptions& options = {}, bool always = false,
                            bool alone = false) {
      std::string out;
      appendCopyCsv(out, text, options, always, alone);
      return out;
    };
    QCOMPARE(written("plain"), std::string("plain"));
    QCOMPARE(written(" blank "), std::string(" blank "));
    QCOMPARE(written(""), std::string("\"\""));
    QCOMPARE(written("a,b"), std::string("\"a,b\""));
    QCOMPARE(written("a\"b"), std::string("\"a\"\"b\""));
    QCOMPARE(written("a\nb"), std::string("\"a\nb\""));
    QCOMPARE(written("x", {}, true), std::string("\"x\""));
    QCOMPARE(written("\\.", {}, false, true), std::string("\"\\.\""));
    QCOMPARE(written("nil", {.null = "nil"}), std::string("\"nil\""));
    QCOMPARE(written("", {.null = "nil"}), std::string());
    QCOMPARE(written("a'b\\", {.quote = '\'', .escape = '\\'}), std::string("'a\\'b\\\\'"));
  }
};

QTEST_APPLESS_MAIN(TestCopyText)
#include "tst_copy_text.moc"
