// Icons: our own line drawings, coloured by the palette at paint time. GUI thread.
#pragma once

#include <QIcon>
#include <QString>

namespace drift::gui::widgets {

/// Which theme colour an icon's lines take.
enum class IconTone { Text, Dim, Accent, Past, Error };

/// Gives resources/icons/<name>.svg as an icon that is sharp at every size and follows the theme.
/// An empty icon where there is no such drawing.
QIcon icon(const QString& name, IconTone tone = IconTone::Text);

}  // namespace drift::gui::widgets
