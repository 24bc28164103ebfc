// WelcomePage: what the window shows while no database is open: New, Open, the sample, recent files; and why
// a file could not be opened. GUI thread.
#pragma once

#include <QStringList>
#include <QWidget>

class QLabel;
class QProgressBar;
class QVBoxLayout;

namespace drift::gui::widgets {
class MessageBar;
}

namespace drift::gui::mainwindow {

class Commands;

class WelcomePage final : public QWidget {
  Q_OBJECT

 public:
  explicit WelcomePage(const Commands& commands, QWidget* parent = nullptr);

  void setRecentFiles(const QStringList& paths);
  /// Says that something is on its way: "Opening shop.drift". `percent` below 0 = not known. Empty ends it.
  void setBusy(const QString& sentence, int percent = -1);
  widgets::MessageBar* messages() const { return m_messages; }

 signals:
  void fileChosen(const QString& path);

 private:
  QWidget* makeStartButtons(const Commands& commands);

  widgets::MessageBar* m_messages;
  QWidget* m_start;
  QVBoxLayout* m_recent;
  QLabel* m_recentTitle;
  QLabel* m_busy;
  QProgressBar* m_progress;
};

}  // namespace drift::gui::mainwindow
