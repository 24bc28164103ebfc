// SessionJournal: the open tabs and their unsaved text, kept on disk so that a crash loses nothing.
//
// One JSON file per database, written whole (QSaveFile) on a thread of its own a moment after a change.
// Restoring brings text back; it never runs anything. GUI thread.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <QObject>
#include <QString>
#include <QTimer>

#include "bridge/worker.h"

namespace drift::gui::mainwindow {

struct JournalTab {
  enum class Kind { Query, Table } kind = Kind::Query;
  QString title;
  QString text;        ///< Query: the SQL; Table: its name
  quint32 tableId = 0;
  int line = 0;        ///< caret
  int column = 0;
};

struct JournalState {
  std::vector<JournalTab> tabs;
  int current = -1;
};

class SessionJournal final : public QObject {
  Q_OBJECT

 public:
  static constexpr int kDelayMs = 800;
  /// A larger text is not journalled; the tab says that it must be saved as a file.
  static constexpr qint64 kBytesMax = qint64{64} << 20;

  /// `folder` is made when needed.
  explicit SessionJournal(QString folder, QObject* parent = nullptr);
  ~SessionJournal() override;

  /// Gives what was open for a database; empty where nothing was, or where the file makes no sense.
  void load(const QString& databasePath, QObject* context, std::function<void(JournalState)> done);
  /// Writes what `state` gives, a moment after the last call.
  void scheduleSave(const QString& databasePath, std::function<JournalState()> state);
  /// Writes now what is due.
  void flush();

 signals:
  void failed(const QString& sentence);

 private:
  QString fileFor(const QString& databasePath) const;

  QString m_folder;
  QString m_path;
  std::function<JournalState()> m_state;
  QTimer m_timer;
  std::unique_ptr<bridge::Worker> m_worker;
};

}  // namespace drift::gui::mainwindow
