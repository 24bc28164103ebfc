#include <QtTest>

#include "tools/script_runner.h"
#include "tools/text_width.h"

using namespace drift;

class TestTextWidth : public QObject {
  Q_OBJECT

 private slots:
  void widthOnATerminal_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("width");
    QTest::newRow("nothing") << "" << 0;
    QTest::newRow("ASCII") << "abc" << 3;
    QTest::newRow("umlaut") << "Grüße" << 5;
    QTest::newRow("combining accent") << QStringLiteral("e\u0301") << 1;
    QTest::newRow("Chinese") << "数据" << 4;
    QTest::newRow("emoji") << "🙂" << 2;
    QTest::newRow("zero-width joiner") << QStringLiteral("a\u200db") << 2;
  }
  void widthOnATerminal() {
    QFETCH(QString, text);
    QFETCH(int, width);
    QCOMPARE(static_cast<int>(tools::displayWidth(text.toStdString())), width);
  }

  void controlCharactersCannotSteerTheTerminal() {
    QCOMPARE(tools::printable("a\nb\tc\rd"), std::string("a\\nb\\tc\\rd"));
    QCOMPARE(tools::printable("\x1b[31mred"), std::string("\\x1b[31mred"));
    QCOMPARE(tools::printable("Grüße"), std::string("Grüße"));
  }

  void placeInAText() {
    const std::string text = "SELECT 1;\n  naïve x";
    const auto place = tools::placeOf(text, text.find('x'));
    QCOMPARE(place.line, 2u);
    QCOMPARE(place.column, 9u);
    QCOMPARE(tools::placeOf(text, 0).column, 1u);
  }
};

QTEST_APPLESS_MAIN(TestTextWidth)
#include "tst_text_width.moc"
