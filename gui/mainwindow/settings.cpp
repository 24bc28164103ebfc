#include "mainwindow/settings.h"

#include <QDir>
#include <QFileInfo>
#include <QStandardPaths>

namespace drift::gui::mainwindow {

namespace {

const QString kVersionKey = QStringLiteral("schemaVersion");
const QString kGeometryKey = QStringLiteral("window/geometry");
const QString kStateKey = QStringLiteral("window/state");
const QString kThemeKey = QStringLiteral("view/theme");
const QString kObjectsKey = QStringLiteral("view/objects");
const QString kTimelineKey = QStringLiteral("view/timeline");
const QString kRecentKey = QStringLiteral("files/recent");
const QString kFolderKey = QStringLiteral("files/folder");

}  // namespace

Settings::Settings() {
  if (m_store.value(kVersionKey, 0).toInt() < kSchemaVersion) m_store.setValue(kVersionKey, kSchemaVersion);
}

QByteArray Settings::windowGeometry() const { return m_store.value(kGeometryKey).toByteArray(); }

QByteArray Settings::windowState() const { return m_store.value(kStateKey).toByteArray(); }

void Settings::setWindow(const QByteArray& geometry, const QByteArray& state) {
  m_store.setValue(kGeometryKey, geometry);
  m_store.setValue(kStateKey, state);
}

widgets::ThemeChoice Settings::theme() const {
  const QString name = m_store.value(kThemeKey).toString();
  if (name == QLatin1String("light")) return widgets::ThemeChoice::Light;
  if (name == QLatin1String("dark")) return widgets::ThemeChoice::Dark;
  return widgets::ThemeChoice::System;
}

void Settings::setTheme(widgets::ThemeChoice choice) {
  switch (choice) {
    case widgets::ThemeChoice::System: m_store.setValue(kThemeKey, QStringLiteral("system")); return;
    case widgets::ThemeChoice::Light: m_store.setValue(kThemeKey, QStringLiteral("light")); return;
    case widgets::ThemeChoice::Dark: m_store.setValue(kThemeKey, QStringLiteral("dark")); return;
  }
}

QStringList Settings::recentFiles() const { return m_store.value(kRecentKey).toStringList(); }

void Settings::addRecentFile(const QString& path) {
  const QString clean = QDir::cleanPath(QFileInfo(path).absoluteFilePath());
  QStringList files = recentFiles();
  files.removeAll(clean);
  files.prepend(clean);
  if (files.size() > kRecentFilesMax) files.resize(kRecentFilesMax);
  m_store.setValue(kRecentKey, files);
}

void Settings::clearRecentFiles() { m_store.remove(kRecentKey); }

bool Settings::showsObjects() const { return m_store.value(kObjectsKey, true).toBool(); }

bool Settings::showsTimeline() const { return m_store.value(kTimelineKey, true).toBool(); }

void Settings::setShows(bool objects, bool timeline) {
  m_store.setValue(kObjectsKey, objects);
  m_store.setValue(kTimelineKey, timeline);
}

QString Settings::lastFolder() const {
  return m_store.value(kFolderKey, QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation)).toString();
}

void Settings::setLastFolder(const QString& folder) { m_store.setValue(kFolderKey, folder); }

}  // namespace drift::gui::mainwindow
