#include "models/cell_text.h"

#include <QTimeZone>

namespace drift::gui::models {

namespace {

const types::TextStyle& textStyle() {
  static const types::TextStyle style{QTimeZone::systemTimeZoneId().toStdString()};
  return style;
}

}  // namespace

QString valueText(const api::Value& value) {
  if (value.isNull()) return {};
  if (value.type().id() == api::TypeId::Boolean)
    return value.asBool() ? QStringLiteral("true") : QStringLiteral("false");
  return bridge::fromEngine(types::toText(value, textStyle()));
}

QString cellText(const api::Vector& column, std::size_t row) {
  const auto view = column.view();
  if (view.isNull(row)) return QStringLiteral("NULL");
  if (column.type().id() == api::TypeId::Boolean)
    return view.at<std::uint8_t>(row) ? QStringLiteral("true") : QStringLiteral("false");
  std::string text;
  types::appendText(text, column, row, textStyle());
  // A code point has at most four bytes: cutting early keeps megabytes of text out of the conversion.
  const bool cut = text.size() > std::size_t{4} * kCellCharactersMax;
  if (cut) text.resize(std::size_t{4} * kCellCharactersMax);
  QString shown = bridge::fromEngine(text);
  if (cut || shown.size() > kCellCharactersMax) {
    shown.truncate(kCellCharactersMax);
    shown.append(QChar(0x2026));
  }
  for (QChar& character : shown)
    if (character == QLatin1Char('\n') || character == QLatin1Char('\r')) character = QChar(0x21B5);
  return shown;
}

bool isRightAligned(const api::Type& type) { return type.isNumber(); }

bool isTabular(const api::Type& type) {
  return type.isNumber() || type.isTemporal() || type.id() == api::TypeId::Time || type.id() == api::TypeId::Uuid || type.id() == api::TypeId::Bytea;
}

}  // namespace drift::gui::models
