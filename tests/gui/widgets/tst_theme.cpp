#include <QTest>

#include "widgets/icons.h"
#include "widgets/theme.h"

using namespace drift::gui::widgets;

class TestTheme final : public QObject {
  Q_OBJECT

 private slots:
  void keepsTextReadable_data();
  void keepsTextReadable();
  void keepsGraphicsVisible_data();
  void keepsGraphicsVisible();
  void measuresContrast();
  void tellsDarkFromLight();
  void leavesNoPlaceholderInTheStyleSheet();
  void drawsEveryIconInTheThemesColour();
};

void TestTheme::keepsTextReadable_data() {
  QTest::addColumn<QColor>("text");
  QTest::addColumn<QColor>("ground");
  for (const Theme* theme : {&Theme::light(), &Theme::darkTheme()}) {
    const QByteArray name = theme->dark ? "dark " : "light ";
    const auto add = [&](const char* what, const QColor& text, const QColor& ground) {
      QTest::newRow((name + what).constData()) << text << ground;
    };
    for (const auto& [where, ground] : {std::pair("surface", theme->surface), std::pair("window", theme->window),
                                        std::pair("alternate", theme->alternate), std::pair("raised", theme->surfaceRaised),
                                        std::pair("selection", theme->selection), std::pair("hover", theme->hover),
                                        std::pair("flash", theme->flash)})
      add(qPrintable(QStringLiteral("text on %1").arg(QLatin1String(where))), theme->text, ground);
    add("dim on surface", theme->textDim, theme->surface);
    add("dim on window", theme->textDim, theme->window);
    add("dim on alternate", theme->textDim, theme->alternate);
    add("accent text", theme->accentText, theme->accent);
    add("banner", theme->pastText, theme->pastTint);
    add("error bar", theme->errorText, theme->errorTint);
    for (const auto& [what, colour] :
         {std::pair("keyword", theme->syntaxKeyword), std::pair("type", theme->syntaxType),
          std::pair("string", theme->syntaxString), std::pair("number", theme->syntaxNumber),
          std::pair("comment", theme->syntaxComment), std::pair("time", theme->syntaxTime), std::pair("error", theme->error)})
      add(what, colour, theme->currentStatement);
  }
}

void TestTheme::keepsTextReadable() {
  QFETCH(QColor, text);
  QFETCH(QColor, ground);
  const double ratio = contrastRatio(text, ground);
  QVERIFY2(ratio >= 4.5, qPrintable(QString::number(ratio)));
}

void TestTheme::keepsGraphicsVisible_data() {
  QTest::addColumn<QColor>("graphic");
  QTest::addColumn<QColor>("ground");
  for (const Theme* theme : {&Theme::light(), &Theme::darkTheme()}) {
    const QByteArray name = theme->dark ? "dark " : "light ";
    for (const auto& [what, colour] :
         {std::pair("accent", theme->accent), std::pair("past", theme->past), std::pair("live", theme->live),
          std::pair("inserted", theme->inserted), std::pair("updated", theme->updated),
          std::pair("deleted", theme->deleted), std::pair("schema", theme->schemaChange)})
      QTest::newRow((name + what).constData()) << colour << theme->surface;
  }
}

void TestTheme::keepsGraphicsVisible() {
  QFETCH(QColor, graphic);
  QFETCH(QColor, ground);
  const double ratio = contrastRatio(graphic, ground);
  QVERIFY2(ratio >= 3, qPrintable(QString::number(ratio)));
}

void TestTheme::measuresContrast() {
  QCOMPARE(qRound(contrastRatio(Qt::black, Qt::white)), 21);
  QCOMPARE(contrastRatio(Qt::red, Qt::red), 1.0);
  QCOMPARE(contrastRatio(Qt::white, Qt::blue), contrastRatio(Qt::blue, Qt::white));
}

void TestTheme::tellsDarkFromLight() {
  QVERIFY(!Theme::of(paletteFor(Theme::light())).dark);
  QVERIFY(Theme::of(paletteFor(Theme::darkTheme())).dark);
}

void TestTheme::leavesNoPlaceholderInTheStyleSheet() {
  QVERIFY(!styleSheetFor(Theme::light()).contains(QLatin1Char('@')));
  QVERIFY(styleSheetFor(Theme::light()) != styleSheetFor(Theme::darkTheme()));
}

void TestTheme::drawsEveryIconInTheThemesColour() {
  QVERIFY(icon(QStringLiteral("no such drawing")).isNull());
  for (const Theme* theme : {&Theme::light(), &Theme::darkTheme()}) {
    QApplication::setPalette(paletteFor(*theme));
    const QImage image = icon(QStringLiteral("stop")).pixmap(48).toImage();
    QCOMPARE(image.pixelColor(image.width() / 2, image.height() / 2).rgb(), theme->text.rgb());
    QCOMPARE(image.pixelColor(0, 0).alpha(), 0);
  }
}

QTEST_MAIN(TestTheme)
#include "tst_theme.moc"
