// The style sheet that goes with the theme table: flat tool bars, tabs, headers and scroll bars.
// Sizes are in em or follow the font, so that they scale with it.
#include <QHash>

#include "widgets/theme.h"

namespace drift::gui::widgets {

namespace {

constexpr auto kTemplate = R"css(
QMainWindow::separator { background: @border; width: 1px; height: 1px; }
QToolTip { background: @raised; color: @text; border: 1px solid @border; padding: 4px 6px; }

QMenuBar { background: @window; border-bottom: 1px solid @border; padding: 1px 4px; }
QMenuBar::item { padding: 4px 9px; background: transparent; border-radius: 4px; }
QMenuBar::item:selected, QMenuBar::item:pressed { background: @hover; }
QMenu { background: @surface; border: 1px solid @border; padding: 5px; }
QMenu::item { padding: 5px 26px 5px 10px; border-radius: 4px; margin: 0 1px; }
QMenu::item:selected { background: @selection; color: @text; }
QMenu::item:disabled { color: @faded; }
QMenu::separator { height: 1px; background: @border; margin: 5px 8px; }
QMenu::icon { padding-left: 8px; }
QMenu::indicator { width: 14px; height: 14px; margin-left: 8px; }

QToolBar { background: @window; border: none; border-bottom: 1px solid @border; padding: 4px 8px; spacing: 3px; }
QToolBar::separator { background: @border; width: 1px; margin: 5px 7px; }
QToolButton { background: transparent; border: 1px solid transparent; border-radius: 5px; padding: 4px 7px; }
QToolButton:hover { background: @hover; }
QToolButton:pressed, QToolButton:checked { background: @raised; border-color: @border; }
QToolButton:focus { border-color: @accent; }
QToolButton:disabled { color: @faded; }
QToolButton[popupMode="2"] { padding-right: 18px; }
QToolButton#chip { border: 1px solid @border; border-radius: 11px; padding: 2px 22px 2px 9px; }
QToolButton#chip:focus { border-color: @accent; }
QToolButton#chip[past="true"] { border-color: @pastLine; background: @pastTint; color: @pastText; }
QToolButton#tabClose { padding: 2px; border-radius: 4px; margin-left: 2px; }
QToolButton::menu-indicator { subcontrol-position: right center; right: 5px; width: 9px; height: 9px; }

QPushButton { background: @surface; border: 1px solid @border; border-radius: 5px; padding: 5px 14px; }
QPushButton:hover { background: @hover; }
QPushButton:pressed { background: @raised; }
QPushButton:focus { border-color: @accent; }
QPushButton:disabled { color: @faded; background: @window; }
QPushButton[primary="true"] { background: @accent; border-color: @accent; color: @accentText; font-weight: 600; }
QPushButton[primary="true"]:hover { background: @accentHover; }
QPushButton[primary="true"]:focus { border: 2px solid @text; padding: 4px 13px; }

QLineEdit, QComboBox { background: @surface; border: 1px solid @border; border-radius: 5px; padding: 4px 7px;
  selection-background-color: @selection; selection-color: @text; }
QLineEdit:focus, QComboBox:focus { border-color: @accent; }
QComboBox::drop-down { border: none; width: 18px; }

QTabWidget::pane { border: none; border-top: 1px solid @border; }
QTabBar { background: @window; qproperty-drawBase: 0; }
QTabBar::tab { background: transparent; color: @dim; border: none; border-bottom: 2px solid transparent;
  padding: 7px 12px 6px 12px; margin: 0; }
QTabBar::tab:selected { color: @text; background: @surface; border-bottom: 2px solid @accent; }
QTabBar::tab:hover:!selected { color: @text; background: @hover; }
QTabBar::tab:focus { border-bottom: 2px solid @text; }

QDockWidget { titlebar-close-icon: none; titlebar-normal-icon: none; }

QTreeView, QTableView, QListView, QPlainTextEdit, QTextBrowser { background: @surface; border: none;
  selection-background-color: @selection; selection-color: @text; }
QTreeView::item { padding: 3px 2px; border: none; }
QTreeView::item:hover { background: @hover; }
QTreeView::item:selected { background: @selection; color: @text; }
QTableView { gridline-color: @gridline; alternate-background-color: @alternate; }
QHeaderView { background: @window; border: none; }
QHeaderView::section { background: @window; color: @dim; border: none; border-right: 1px solid @gridline;
  border-bottom: 1px solid @border; padding: 5px 8px; }
QHeaderView::section:vertical { padding: 0 8px; border-bottom: 1px solid @gridline; border-right: 1px solid @border; }
QTableCornerButton::section { background: @window; border: none; border-bottom: 1px solid @border;
  border-right: 1px solid @border; }

QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: @scroll; border-radius: 4px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: @dim; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: @surface; }

QSplitter::handle { background: @border; }
QSplitter::handle:vertical { height: 1px; }
QSplitter::handle:horizontal { width: 1px; }

QLabel[tone="dim"] { color: @dim; }
QLabel[tone="past"] { color: @pastText; }
QLabel[tone="error"] { color: @errorText; }

QStatusBar { background: @window; border-top: 1px solid @border; color: @dim; }
QStatusBar::item { border: none; }
QStatusBar QLabel { color: @dim; padding: 2px 8px; }
)css";

QString mixed(const QColor& a, const QColor& b, double part) {
  const auto mix = [part](int x, int y) { return static_cast<int>(x * (1 - part) + y * part); };
  return QColor(mix(a.red(), b.red()), mix(a.green(), b.green()), mix(a.blue(), b.blue())).name();
}

}  // namespace

QString styleSheetFor(const Theme& theme) {
  // Longer names first: "@accentText" must not be read as "@accent".
  const std::pair<const char*, QString> colors[] = {
      {"@accentHover", mixed(theme.accent, theme.text, 0.15)},
      {"@accentText", theme.accentText.name()},
      {"@accent", theme.accent.name()},
      {"@alternate", theme.alternate.name()},
      {"@border", theme.border.name()},
      {"@dim", theme.textDim.name()},
      {"@faded", mixed(theme.textDim, theme.window, 0.35)},
      {"@gridline", mixed(theme.border, theme.surface, 0.5)},
      {"@hover", theme.hover.name()},
      {"@errorText", theme.errorText.name()},
      {"@pastLine", theme.past.name()},
      {"@pastTint", theme.pastTint.name()},
      {"@pastText", theme.pastText.name()},
      {"@raised", theme.surfaceRaised.name()},
      {"@scroll", mixed(theme.textDim, theme.surface, 0.55)},
      {"@selection", theme.selection.name()},
      {"@surface", theme.surface.name()},
      {"@text", theme.text.name()},
      {"@window", theme.window.name()},
  };
  QString sheet = QString::fromLatin1(kTemplate);
  for (const auto& [name, color] : colors) sheet.replace(QLatin1String(name), color);
  return sheet;
}

}  // namespace drift::gui::widgets
