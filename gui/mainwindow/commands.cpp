#include "mainwindow/commands.h"

#include <QActionGroup>
#include <QCoreApplication>
#include <QKeySequence>

#include "widgets/icons.h"

namespace drift::gui::mainwindow {

namespace {

struct Spec {
  Command command;
  const char* text;
  const char* status;
  const char* icon = "";
  QList<QKeySequence> keys{};
  bool checkable = false;
};

#define TEXT(literal) QT_TRANSLATE_NOOP("Commands", literal)

// The platform's first binding; text fields know its other ones (Shift+Insert …) by themselves.
QList<QKeySequence> keys(QKeySequence::StandardKey standard) { return QKeySequence::keyBindings(standard).mid(0, 1); }
QList<QKeySequence> keys(const char* portable) { return {QKeySequence(QLatin1String(portable))}; }
QList<QKeySequence> keys(const char* first, const char* second) {
  return {QKeySequence(QLatin1String(first)), QKeySequence(QLatin1String(second))};
}

QList<Spec> specs() {
  using enum Command;
  return {
      {NewDatabase, TEXT("&New Database\u2026"), TEXT("Make an empty database file"), "new", keys(QKeySequence::New)},
      {OpenDatabase, TEXT("&Open\u2026"), TEXT("Open a database file"), "open", keys(QKeySequence::Open)},
      {OpenReadOnly, TEXT("Open &Read-Only\u2026"), TEXT("Open a database file without changing it"), "lock",
       keys("Ctrl+Shift+O")},
      {OpenSample, TEXT("Explore the &Sample Shop"), TEXT("Open a small shop with two years of history"), "shop"},
      {SaveQuery, TEXT("&Save Query As\u2026"), TEXT("Save the text of this query tab as a file"), "",
       keys(QKeySequence::Save)},
      {CloseTab, TEXT("&Close Tab"), TEXT("Close this tab"), "", keys("Ctrl+W")},
      {CloseDatabase, TEXT("Close &Database"), TEXT("Close the database file")},
      {Quit, TEXT("&Quit"), TEXT("Close the window and end"), "", keys("Ctrl+Q")},

      {Undo, TEXT("&Undo"), TEXT("Take back the last change of the text"), "", keys(QKeySequence::Undo)},
      {Redo, TEXT("&Redo"), TEXT("Make the change again that was taken back"), "", keys(QKeySequence::Redo)},
      {Cut, TEXT("Cu&t"), TEXT("Cut the selected text"), "", keys(QKeySequence::Cut)},
      {Copy, TEXT("&Copy"), TEXT("Copy the selected text or cells"), "copy", keys(QKeySequence::Copy)},
      {CopyCsv, TEXT("Copy as CS&V"), TEXT("Copy the selected cells as comma-separated values")},
      {CopyMarkdown, TEXT("Copy as &Markdown"), TEXT("Copy the selected cells as a Markdown table")},
      {CopyJson, TEXT("Copy as &JSON"), TEXT("Copy the selected cells as JSON")},
      {CopyInsert, TEXT("Copy as &INSERT"), TEXT("Copy the selected cells as INSERT statements")},
      {Paste, TEXT("&Paste"), TEXT("Put in what was copied"), "", keys(QKeySequence::Paste)},
      {SelectAll, TEXT("Select &All"), TEXT("Select the whole text or all cells"), "", keys(QKeySequence::SelectAll)},
      {Find, TEXT("&Find\u2026"), TEXT("Find and replace text in the editor"), "search", keys(QKeySequence::Find)},
      {FindNext, TEXT("Find &Next"), TEXT("Find the next match"), "", keys("F3")},
      {FindPrevious, TEXT("Find Pre&vious"), TEXT("Find the previous match"), "", keys("Shift+F3")},
      {ToggleComment, TEXT("Toggle Co&mment"), TEXT("Comment the selected lines out, or in again"), "comment",
       keys("Ctrl+Shift+C")},

      {ShowObjects, TEXT("&Objects"), TEXT("Show or hide the tree of objects"), "", keys("Ctrl+1"), true},
      {ShowTimeline, TEXT("&Timeline"), TEXT("Show or hide the timeline"), "", keys("Ctrl+2"), true},
      {FitColumns, TEXT("&Fit Columns"), TEXT("Make the columns as wide as what they hold")},
      {Refresh, TEXT("&Refresh"), TEXT("Read this table again"), "refresh", keys("Ctrl+R")},
      {ThemeSystem, TEXT("Follow &System"), TEXT("Light or dark, as the system is"), "", {}, true},
      {ThemeLight, TEXT("&Light"), TEXT("Dark text on light ground"), "", {}, true},
      {ThemeDark, TEXT("&Dark"), TEXT("Light text on dark ground"), "", {}, true},
      {FullScreen, TEXT("F&ull Screen"), TEXT("Use the whole screen"), "", keys("F11"), true},

      {Back, TEXT("&Back"), TEXT("Return to the moment visited before"), "back", keys("Alt+Left")},
      {Forward, TEXT("&Forward"), TEXT("Go to the moment visited after this one"), "forward", keys("Alt+Right")},
      {FilterObjects, TEXT("Find &Object"), TEXT("Filter the tree of objects"), "search", keys("Ctrl+P")},
      {NextTab, TEXT("&Next Tab"), TEXT("Go to the tab at the right"), "", keys("Ctrl+PgDown", "Ctrl+Tab")},
      {PreviousTab, TEXT("&Previous Tab"), TEXT("Go to the tab at the left"), "", keys("Ctrl+PgUp", "Ctrl+Shift+Tab")},
      {NextPane, TEXT("Next P&ane"), TEXT("Move between objects, tab and timeline"), "", keys("F6")},

      {GoToMoment, TEXT("&Go to Moment\u2026"), TEXT("Go to a commit or a time, in words"), "goto", keys("Ctrl+G")},
      {PreviousCommit, TEXT("&Previous Commit"), TEXT("Step back to the commit before that changed this"), "previous",
       keys("Ctrl+Alt+Left")},
      {NextCommit, TEXT("&Next Commit"), TEXT("Step on to the next commit that changed this"), "next",
       keys("Ctrl+Alt+Right")},
      {TenBack, TEXT("&Ten Commits Back"), TEXT("Step back ten commits that changed this"), "",
       keys("Ctrl+Alt+Shift+Left")},
      {TenForward, TEXT("Ten Commits &On"), TEXT("Step on ten commits that changed this"), "",
       keys("Ctrl+Alt+Shift+Right")},
      {ReturnToLive, TEXT("&Return to Live"), TEXT("Show what the database holds now"), "live", keys("Ctrl+L")},
      {CopyAsOf, TEXT("&Copy AS OF Clause"), TEXT("Copy the moment as a clause for SQL")},

      {NewQuery, TEXT("&New Query"), TEXT("Open an empty query tab"), "sql", keys("Ctrl+T")},
      {Run, TEXT("&Run Statement"), TEXT("Run the selection, or the statement at the caret"), "run",
       keys("Ctrl+Return", "F5")},
      {RunAll, TEXT("Run &All"), TEXT("Run every statement of this tab"), "run-all", keys("Ctrl+Shift+Return")},
      {Stop, TEXT("&Stop"), TEXT("Stop the running statement"), "stop", keys("Ctrl+.")},

      {VerifyFile, TEXT("&Verify File"), TEXT("Read the whole file and check it"), "check"},

      {Minimize, TEXT("&Minimize"), TEXT("Make the window an icon"), "", keys("Ctrl+M")},

      {Shortcuts, TEXT("&Keyboard Shortcuts"), TEXT("List every key"), "", keys("Ctrl+/")},
      {About, TEXT("&About DriftDB"), TEXT("Version and licence")},
      {AboutQt, TEXT("About &Qt"), TEXT("Version of the toolkit")},
  };
}

#undef TEXT

QString translated(const char* text) { return QCoreApplication::translate("Commands", text); }

}  // namespace

Commands::Commands(QObject* parent) : QObject(parent) {
  for (const Spec& spec : specs()) {
    auto* action = new QAction(translated(spec.text), this);
    action->setStatusTip(translated(spec.status));
    action->setWhatsThis(action->statusTip());
    action->setShortcuts(spec.keys);
    action->setCheckable(spec.checkable);
    if (*spec.icon) {
      action->setIcon(widgets::icon(QLatin1String(spec.icon)));
      // Tool bars show this: shorter, and with air between icon and word.
      QString word = spec.command == Command::Run ? tr("Run") : action->text();
      action->setIconText(QLatin1Char(' ') + word.remove(QLatin1Char('&')).remove(QChar(0x2026)));
    }
    m_actions[static_cast<std::size_t>(spec.command)] = action;
    setToolTip(spec.command, {});
  }
  auto* themes = new QActionGroup(this);
  for (const Command theme : {Command::ThemeSystem, Command::ThemeLight, Command::ThemeDark})
    themes->addAction((*this)[theme]);
  (*this)[Command::Quit]->setMenuRole(QAction::QuitRole);
  (*this)[Command::About]->setMenuRole(QAction::AboutRole);
  (*this)[Command::AboutQt]->setMenuRole(QAction::AboutQtRole);
}

void Commands::setEnabled(Command command, bool enabled, const QString& reason) {
  (*this)[command]->setEnabled(enabled);
  setToolTip(command, enabled ? QString() : reason);
}

void Commands::setToolTip(Command command, const QString& reason) {
  QAction* action = (*this)[command];
  QString text = action->text();
  text.remove(QLatin1Char('&')).remove(QChar(0x2026));
  const QString key = action->shortcut().toString(QKeySequence::NativeText);
  if (!key.isEmpty()) text += QStringLiteral(" (%1)").arg(key);
  text += QLatin1Char('\n') + (reason.isEmpty() ? action->statusTip() : reason);
  action->setToolTip(text);
}

QList<QAction*> Commands::withShortcuts() const {
  QList<QAction*> list;
  for (QAction* action : m_actions)
    if (!action->shortcuts().isEmpty()) list << action;
  return list;
}

}  // namespace drift::gui::mainwindow
