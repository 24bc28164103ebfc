// Settings: what the application remembers between starts, typed, with every default in one place. GUI thread.
//
// Kept in QSettings; unknown keys of a newer version are left alone. Secrets never go here.
#pragma once

#include <QByteArray>
#include <QSettings>
#include <QString>
#include <QStringList>

#include "widgets/theme.h"

namespace drift::gui::mainwindow {

class Settings final {
 public:
  static constexpr int kRecentFilesMax = 12;
  /// Version of the layout of keys; raised when a key changes its meaning.
  static constexpr int kSchemaVersion = 1;

  Settings();

  QByteArray windowGeometry() const;
  QByteArray windowState() const;
  void setWindow(const QByteArray& geometry, const QByteArray& state);

  widgets::ThemeChoice theme() const;
  void setTheme(widgets::ThemeChoice choice);

  /// Newest first; absolute, cleaned paths. Missing files stay listed.
  QStringList recentFiles() const;
  void addRecentFile(const QString& path);
  void clearRecentFiles();

  /// Whether the tree of objects and the timeline are wanted while a database is open.
  bool showsObjects() const;
  bool showsTimeline() const;
  void setShows(bool objects, bool timeline);

  QString lastFolder() const;
  void setLastFolder(const QString& folder);

 private:
  mutable QSettings m_store;
};

}  // namespace drift::gui::mainwindow
