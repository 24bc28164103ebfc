// The small windows of the Help menu. GUI thread.
#pragma once

class QWidget;

namespace drift::gui::mainwindow {

class Commands;

/// Opens a sheet with every key; it closes by Esc.
void showShortcuts(const Commands& commands, QWidget* parent);
/// Opens version, licence and what the program is built on.
void showAbout(QWidget* parent);

}  // namespace drift::gui::mainwindow
