// Commands: every command of the window as one QAction, shared by menus, tool bar and buttons. GUI thread.
//
// The table in commands.cpp is the only place with texts, shortcuts and icons. Tool tips carry the shortcut.
#pragma once

#include <array>

#include <QAction>
#include <QList>
#include <QObject>

namespace drift::gui::mainwindow {

enum class Command {
  NewDatabase, OpenDatabase, OpenReadOnly, OpenSample, SaveQuery, CloseTab, CloseDatabase, Quit,
  Undo, Redo, Cut, Copy, CopyCsv, CopyMarkdown, CopyJson, CopyInsert, Paste, SelectAll, Find, FindNext, FindPrevious,
  ToggleComment,
  ShowObjects, ShowTimeline, FitColumns, Refresh, ThemeSystem, ThemeLight, ThemeDark, FullScreen,
  Back, Forward, FilterObjects, NextTab, PreviousTab, NextPane,
  GoToMoment, PreviousCommit, NextCommit, TenBack, TenForward, ReturnToLive, CopyAsOf,
  NewQuery, Run, RunAll, Stop,
  VerifyFile,
  Minimize,
  Shortcuts, About, AboutQt,
  Count_,
};


class Commands final : public QObject {
  Q_OBJECT

 public:
  explicit Commands(QObject* parent);

  QAction* operator[](Command command) const { return m_actions[static_cast<std::size_t>(command)]; }
  /// Enables a command, or disables it with the reason in its tool tip.
  void setEnabled(Command command, bool enabled, const QString& reason = {});
  /// Every action with a shortcut, in menu order.
  QList<QAction*> withShortcuts() const;

 private:
  void setToolTip(Command command, const QString& reason);

  std::array<QAction*, static_cast<std::size_t>(Command::Count_)> m_actions{};
};

}  // namespace drift::gui::mainwindow
