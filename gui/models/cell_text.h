// Cells as people read them: text, alignment and escapes for grids and the clipboard. Stateless.
#pragma once

#include <QString>

#include "bridge/text.h"

namespace drift::gui::models {

/// Longest text that a grid cell shows; the rest is cut with an ellipsis.
inline constexpr int kCellCharactersMax = 400;

/// Gives the whole text of a value; empty for NULL. Times with a zone are shown in the system's zone.
QString valueText(const api::Value& value);
/// Gives one line for a grid cell: line breaks become marks, long texts are cut.
QString cellText(const api::Vector& column, std::size_t row);
/// True for types whose values are compared digit by digit: drawn right-aligned.
bool isRightAligned(const api::Type& type);
/// True for types whose texts line up when all characters have one width.
bool isTabular(const api::Type& type);

}  // namespace drift::gui::models
