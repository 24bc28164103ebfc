#include "widgets/theme.h"

#include <algorithm>
#include <cmath>

#include <QApplication>
#include <QPalette>
#include <QStyle>
#include <QStyleFactory>

namespace drift::gui::widgets {

namespace {

Theme makeLight() {
  Theme t;
  t.dark = false;
  t.window = QColor(0xf4, 0xf5, 0xf7);
  t.surface = QColor(0xff, 0xff, 0xff);
  t.surfaceRaised = QColor(0xeb, 0xed, 0xf1);
  t.alternate = QColor(0xfa, 0xfb, 0xfc);
  t.border = QColor(0xd5, 0xd9, 0xe0);
  t.text = QColor(0x1c, 0x22, 0x2b);
  t.textDim = QColor(0x5b, 0x65, 0x73);
  t.accent = QColor(0x1f, 0x6f, 0xb8);
  t.accentText = QColor(0xff, 0xff, 0xff);
  t.selection = QColor(0xd6, 0xe7, 0xf7);
  t.hover = QColor(0xe6, 0xea, 0xef);
  t.past = QColor(0xb4, 0x6a, 0x05);
  t.pastTint = QColor(0xfd, 0xf1, 0xd8);
  t.pastText = QColor(0x6b, 0x3e, 0x02);
  t.live = QColor(0x1b, 0x7f, 0x4b);
  t.inserted = QColor(0x1f, 0x78, 0xb4);
  t.updated = QColor(0x8a, 0x6d, 0x1b);
  t.deleted = QColor(0xc8, 0x4e, 0x12);
  t.schemaChange = QColor(0x7a, 0x4f, 0xb5);
  t.silhouette = QColor(0xdd, 0xe1, 0xe7);
  t.error = QColor(0xb3, 0x26, 0x1e);
  t.errorTint = QColor(0xfc, 0xe9, 0xe7);
  t.errorText = QColor(0x7a, 0x17, 0x12);
  t.success = QColor(0x1b, 0x7f, 0x4b);
  t.flash = QColor(0xff, 0xe2, 0xa0);
  t.syntaxKeyword = QColor(0x1f, 0x5f, 0xae);
  t.syntaxType = QColor(0x0f, 0x73, 0x77);
  t.syntaxString = QColor(0x2b, 0x76, 0x2f);
  t.syntaxNumber = QColor(0x8a, 0x3f, 0xa0);
  t.syntaxComment = QColor(0x64, 0x6d, 0x7a);
  t.syntaxTime = QColor(0xa2, 0x5c, 0x00);
  t.currentStatement = QColor(0xf2, 0xf6, 0xfb);
  return t;
}

Theme makeDark() {
  Theme t;
  t.dark = true;
  t.window = QColor(0x21, 0x25, 0x2b);
  t.surface = QColor(0x1a, 0x1d, 0x22);
  t.surfaceRaised = QColor(0x2d, 0x32, 0x3a);
  t.alternate = QColor(0x1e, 0x22, 0x28);
  t.border = QColor(0x3a, 0x41, 0x4b);
  t.text = QColor(0xe4, 0xe8, 0xee);
  t.textDim = QColor(0xa0, 0xab, 0xb9);
  t.accent = QColor(0x5c, 0xa8, 0xec);
  t.accentText = QColor(0x0e, 0x1a, 0x27);
  t.selection = QColor(0x27, 0x42, 0x5e);
  t.hover = QColor(0x33, 0x39, 0x42);
  t.past = QColor(0xe8, 0xa3, 0x3d);
  t.pastTint = QColor(0x3a, 0x2e, 0x17);
  t.pastText = QColor(0xf6, 0xd8, 0xa0);
  t.live = QColor(0x56, 0xc2, 0x89);
  t.inserted = QColor(0x5f, 0xae, 0xe8);
  t.updated = QColor(0xd9, 0xb4, 0x4a);
  t.deleted = QColor(0xf0, 0x85, 0x4d);
  t.schemaChange = QColor(0xb5, 0x92, 0xea);
  t.silhouette = QColor(0x35, 0x3b, 0x44);
  t.error = QColor(0xff, 0x8a, 0x80);
  t.errorTint = QColor(0x43, 0x22, 0x22);
  t.errorText = QColor(0xff, 0xcc, 0xc7);
  t.success = QColor(0x56, 0xc2, 0x89);
  t.flash = QColor(0x6b, 0x50, 0x1a);
  t.syntaxKeyword = QColor(0x7f, 0xb9, 0xf2);
  t.syntaxType = QColor(0x6f, 0xcf, 0xcf);
  t.syntaxString = QColor(0x98, 0xcb, 0x7f);
  t.syntaxNumber = QColor(0xd3, 0xa0, 0xe6);
  t.syntaxComment = QColor(0x8b, 0x96, 0xa4);
  t.syntaxTime = QColor(0xf0, 0xb3, 0x5c);
  t.currentStatement = QColor(0x20, 0x26, 0x2e);
  return t;
}

double channelLuminance(double value) {
  return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}

double luminance(const QColor& color) {
  return 0.2126 * channelLuminance(color.redF()) + 0.7152 * channelLuminance(color.greenF()) +
         0.0722 * channelLuminance(color.blueF());
}

}  // namespace

const Theme& Theme::light() {
  static const Theme theme = makeLight();
  return theme;
}

const Theme& Theme::darkTheme() {
  static const Theme theme = makeDark();
  return theme;
}

const Theme& Theme::of(const QPalette& palette) { return isDark(palette) ? darkTheme() : light(); }

bool isDark(const QPalette& palette) {
  return palette.color(QPalette::Active, QPalette::Window).lightnessF() < 0.5F;
}

double contrastRatio(const QColor& a, const QColor& b) {
  const double first = luminance(a);
  const double second = luminance(b);
  return (std::max(first, second) + 0.05) / (std::min(first, second) + 0.05);
}

QPalette paletteFor(const Theme& theme) {
  QPalette palette;
  palette.setColor(QPalette::Window, theme.window);
  palette.setColor(QPalette::WindowText, theme.text);
  palette.setColor(QPalette::Base, theme.surface);
  palette.setColor(QPalette::AlternateBase, theme.alternate);
  palette.setColor(QPalette::Text, theme.text);
  palette.setColor(QPalette::PlaceholderText, theme.textDim);
  palette.setColor(QPalette::Button, theme.surfaceRaised);
  palette.setColor(QPalette::ButtonText, theme.text);
  palette.setColor(QPalette::BrightText, theme.accentText);
  palette.setColor(QPalette::ToolTipBase, theme.surfaceRaised);
  palette.setColor(QPalette::ToolTipText, theme.text);
  palette.setColor(QPalette::Highlight, theme.selection);
  palette.setColor(QPalette::HighlightedText, theme.text);
  palette.setColor(QPalette::Link, theme.accent);
  palette.setColor(QPalette::LinkVisited, theme.accent);
  palette.setColor(QPalette::Light, theme.surfaceRaised.lighter(110));
  palette.setColor(QPalette::Midlight, theme.surfaceRaised);
  palette.setColor(QPalette::Mid, theme.border);
  palette.setColor(QPalette::Dark, theme.border.darker(120));
  palette.setColor(QPalette::Shadow, theme.dark ? QColor(0, 0, 0) : theme.border.darker(150));
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::HighlightedText}) {
    QColor faded = theme.textDim;
    faded.setAlphaF(0.65F);
    palette.setColor(QPalette::Disabled, role, faded);
  }
  return palette;
}

ThemeSwitch::ThemeSwitch(QApplication& application)
    : m_application(application), m_systemIsDark(isDark(application.palette())) {}

void ThemeSwitch::apply(ThemeChoice choice) {
  m_choice = choice;
  const bool dark = choice == ThemeChoice::Dark || (choice == ThemeChoice::System && m_systemIsDark);
  const Theme& theme = dark ? Theme::darkTheme() : Theme::light();
  if (m_application.style()->objectName() != QLatin1String("fusion"))
    QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
  QApplication::setPalette(paletteFor(theme));
  m_application.setStyleSheet(styleSheetFor(theme));
}

}  // namespace drift::gui::widgets
