// Text and errors of the engine for Qt: conversions between UTF-8 std::string and QString. Stateless.
#pragma once

#include <string>
#include <string_view>

#include <QString>

#include "api/database.h"

namespace drift::gui::bridge {

inline QString fromEngine(std::string_view text) {
  return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}
inline std::string toEngine(const QString& text) { return text.toStdString(); }

/// Gives the error as one sentence with a capital letter and a full stop.
QString sentenceOf(const Error& error);
/// The same, and the engine's hint what to do behind it.
QString sentenceWithHint(const Error& error);
/// Gives everything else that is known: hint, detail, place, SQLSTATE, causes; one a line.
QString detailsOf(const Error& error);

}  // namespace drift::gui::bridge
