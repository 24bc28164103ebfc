// Theme: the one table of colours, light and dark. Plain values; GUI thread.
//
// Text colours keep at least 4.5:1 against the surface they are used on, graphics 3:1 (WCAG 2.1, 1.4.3
// and 1.4.11); tst_theme measures it. Insert, update and delete are an orange-blue-safe triple and are
// always drawn with a sign as well. Widgets ask Theme::of(palette()) while painting and keep no copy, so
// that a change of theme needs nothing but a repaint.
#pragma once

#include <QColor>
#include <QString>

class QApplication;
class QPalette;

namespace drift::gui::widgets {

/// What the user chose under View > Theme.
enum class ThemeChoice { System, Light, Dark };

/// Colours by role.
struct Theme {
  bool dark = false;

  QColor window;         ///< chrome: toolbars, docks, status bar
  QColor surface;        ///< content: grids, editors, trees
  QColor surfaceRaised;  ///< cards, headers, pressed buttons
  QColor alternate;      ///< every other row
  QColor border;
  QColor text;
  QColor textDim;        ///< secondary text; still readable
  QColor accent;         ///< the one accent: focus, selection marks, primary buttons
  QColor accentText;     ///< text on accent
  QColor selection;      ///< background of selected rows
  QColor hover;

  QColor past;           ///< amber line and icon of everything that shows the past
  QColor pastTint;       ///< background of the banner
  QColor pastText;       ///< text on pastTint
  QColor live;           ///< the LIVE mark

  QColor inserted;
  QColor updated;
  QColor deleted;
  QColor schemaChange;
  QColor silhouette;     ///< whole-file activity behind the selected table's

  QColor error;
  QColor errorTint;
  QColor errorText;      ///< text on errorTint
  QColor success;
  QColor flash;          ///< background of a cell that just changed

  QColor syntaxKeyword;
  QColor syntaxType;
  QColor syntaxString;
  QColor syntaxNumber;
  QColor syntaxComment;
  QColor syntaxTime;     ///< AS OF and what belongs to it
  QColor currentStatement;

  /// Gives the light or the dark table.
  static const Theme& light();
  static const Theme& darkTheme();
  /// Gives the table that goes with a palette, told by how light its window colour is.
  static const Theme& of(const QPalette& palette);
};

/// True if text on that palette's window is light on dark.
bool isDark(const QPalette& palette);

/// WCAG contrast ratio of two opaque colours, 1 to 21.
double contrastRatio(const QColor& a, const QColor& b);

/// Gives the palette and the style sheet of a theme.
QPalette paletteFor(const Theme& theme);
QString styleSheetFor(const Theme& theme);

/// Switches an application between themes. Remembers the palette that the system gave at start.
class ThemeSwitch final {
 public:
  /// Takes the style and palette the application has now as the system's.
  explicit ThemeSwitch(QApplication& application);

  void apply(ThemeChoice choice);
  ThemeChoice choice() const { return m_choice; }

 private:
  QApplication& m_application;
  bool m_systemIsDark;
  ThemeChoice m_choice = ThemeChoice::System;
};

}  // namespace drift::gui::widgets
