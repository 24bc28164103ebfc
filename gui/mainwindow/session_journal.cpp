#include "mainwindow/session_journal.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSaveFile>

namespace drift::gui::mainwindow {

namespace {

constexpr int kVersion = 1;

QByteArray toJson(const JournalState& state) {
  QJsonArray tabs;
  for (const auto& tab : state.tabs) {
    tabs.append(QJsonObject{
        {QStringLiteral("kind"), tab.kind == JournalTab::Kind::Query ? QStringLiteral("query") : QStringLiteral("table")},
        {QStringLiteral("title"), tab.title},
        {QStringLiteral("text"), tab.text},
        {QStringLiteral("table"), static_cast<qint64>(tab.tableId)},
        {QStringLiteral("line"), tab.line},
        {QStringLiteral("column"), tab.column},
    });
  }
  return QJsonDocument(QJsonObject{{QStringLiteral("version"), kVersion},
                                   {QStringLiteral("current"), state.current},
                                   {QStringLiteral("tabs"), tabs}})
      .toJson(QJsonDocument::Compact);
}

JournalState fromJson(const QByteArray& bytes) {
  const QJsonObject root = QJsonDocument::fromJson(bytes).object();
  if (root.value(QStringLiteral("version")).toInt() != kVersion) return {};
  JournalState state;
  state.current = root.value(QStringLiteral("current")).toInt(-1);
  for (const auto& value : root.value(QStringLiteral("tabs")).toArray()) {
    const QJsonObject object = value.toObject();
    JournalTab tab;
    tab.kind = object.value(QStringLiteral("kind")).toString() == QLatin1String("table") ? JournalTab::Kind::Table
                                                                                        : JournalTab::Kind::Query;
    tab.title = object.value(QStringLiteral("title")).toString();
    tab.text = object.value(QStringLiteral("text")).toString();
    tab.tableId = static_cast<quint32>(object.value(QStringLiteral("table")).toInteger());
    tab.line = object.value(QStringLiteral("line")).toInt();
    tab.column = object.value(QStringLiteral("column")).toInt();
    state.tabs.push_back(std::move(tab));
  }
  return state;
}

QString writeFile(const QString& path, const QByteArray& bytes) {
  if (!QDir().mkpath(QFileInfo(path).absolutePath()))
    return QObject::tr("The folder for unsaved text cannot be made: %1").arg(QFileInfo(path).absolutePath());
  QSaveFile file(path);
  if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit())
    return QObject::tr("Unsaved text cannot be kept: %1").arg(file.errorString());
  return {};
}

}  // namespace

SessionJournal::SessionJournal(QString folder, QObject* parent)
    : QObject(parent),
      m_folder(std::move(folder)),
      m_worker(std::make_unique<bridge::Worker>(QStringLiteral("drift journal"))) {
  m_timer.setSingleShot(true);
  m_timer.setInterval(kDelayMs);
  connect(&m_timer, &QTimer::timeout, this, &SessionJournal::flush);
}

SessionJournal::~SessionJournal() { flush(); }

QString SessionJournal::fileFor(const QString& databasePath) const {
  const QString absolute = QDir::cleanPath(QFileInfo(databasePath).absoluteFilePath());
  const auto hash = QCryptographicHash::hash(absolute.toUtf8(), QCryptographicHash::Sha256).toHex().left(24);
  return QStringLiteral("%1/%2.json").arg(m_folder, QString::fromLatin1(hash));
}

void SessionJournal::load(const QString& databasePath, QObject* context, std::function<void(JournalState)> done) {
  m_worker->ask(
      context,
      [path = fileFor(databasePath)]() -> JournalState {
        QFile file(path);
        if (!file.open(QIODevice::ReadOnly) || file.size() > kBytesMax) return {};
        return fromJson(file.readAll());
      },
      std::move(done));
}

void SessionJournal::scheduleSave(const QString& databasePath, std::function<JournalState()> state) {
  m_path = databasePath;
  m_state = std::move(state);
  m_timer.start();
}

void SessionJournal::flush() {
  m_timer.stop();
  if (!m_state) return;
  const JournalState state = m_state();
  m_state = nullptr;
  qint64 size = 0;
  for (const auto& tab : state.tabs) size += tab.text.size();
  if (size > kBytesMax) {
    emit failed(tr("The open query texts are too large to be kept between starts; save them as files."));
    return;
  }
  m_worker->ask(
      this, [path = fileFor(m_path), state] { return writeFile(path, toJson(state)); },
      [this](const QString& problem) {
        if (!problem.isEmpty()) emit failed(problem);
      });
}

}  // namespace drift::gui::mainwindow
