#include "app/tour.h"

#include <algorithm>
#include <memory>

#include <QCoreApplication>
#include <QDialog>
#include <QDir>
#include <QTextStream>

#include "app/walk.h"
#include "bridge/text.h"
#include "editor/sql_editor.h"
#include "mainwindow/document_tabs.h"
#include "mainwindow/main_window.h"
#include "mainwindow/query_tab.h"
#include "mainwindow/table_tab.h"
#include "models/moment_text.h"
#include "models/result_model.h"
#include "models/table_grid_model.h"

namespace drift::gui::app {

namespace {

using mainwindow::Command;
using mainwindow::MainWindow;

class TourText {
  Q_DECLARE_TR_FUNCTIONS(TourText)
};

void print(const QString& line) { QTextStream(stdout) << line << Qt::endl; }

/// Numbers and saves pictures of a window.
class Album final {
 public:
  Album(MainWindow& window, QString folder) : m_window(window), m_folder(std::move(folder)) {}

  /// Gives the file's path, or nothing where it cannot be written.
  bool save(const QString& name, QWidget* widget = nullptr) {
    ++m_number;
    const QString path =
        QStringLiteral("%1/%2-%3.png").arg(m_folder).arg(m_number, 2, 10, QLatin1Char('0')).arg(name);
    if (!QDir().mkpath(m_folder) || !(widget ? widget : &m_window)->grab().save(path)) return false;
    print(QStringLiteral("%1  %2").arg(QDir::toNativeSeparators(path), caption()));
    return true;
  }

 private:
  QString caption() const {
    const auto* head = m_window.playhead();
    if (!head) return TourText::tr("no database open");
    if (head->isLive()) return TourText::tr("live");
    QString text = models::commitLabel(*head->moment());
    if (head->commit())
      text += QStringLiteral("  %1  %2").arg(models::momentTime(head->commit()->time), models::countsText(*head->commit()));
    return text;
  }

  MainWindow& m_window;
  QString m_folder;
  int m_number = 0;
};

void open(MainWindow& window, const QString& file) {
  if (file.isEmpty()) {
    window.openSample();
  } else {
    window.openFile({file});
  }
}

/// The table "orders" of the sample; the largest one of another file.
std::optional<models::TableRef> mainTable(const MainWindow& window) {
  if (!window.schema() || !window.schema()->schema()) return std::nullopt;
  const auto& tables = window.schema()->schema()->tables;
  auto chosen = std::find_if(tables.begin(), tables.end(), [](const auto& info) { return info.name == "orders"; });
  if (chosen == tables.end())
    chosen = std::max_element(tables.begin(), tables.end(),
                              [](const auto& a, const auto& b) { return a.rowCount < b.rowCount; });
  if (chosen == tables.end()) return std::nullopt;
  return models::TableRef{chosen->id, chosen->name};
}

/// A table that was dropped; the main one where none ever was.
models::TableRef absentTable(const MainWindow& window) {
  const auto& lives = window.schema()->lives();
  const auto dropped = std::find_if(lives.begin(), lives.end(), [](const auto& life) { return life.until != kNoCommit; });
  return dropped == lives.end() ? *mainTable(window) : dropped->table;
}

bool tableSettled(const MainWindow& window) {
  const auto* tab = window.tabs()->currentTable();
  if (!tab || tab->model()->isStale() || tab->model()->state() == models::TableGridModel::State::Loading) return false;
  return window.playhead()->isLive() || window.playhead()->commit().has_value();
}

CommitNumber commitAtShare(const MainWindow& window, double share) {
  const auto& extent = window.client()->facts().extent;
  return extent.first + static_cast<CommitNumber>(static_cast<double>(extent.last - extent.first) * share);
}

void addOpening(Walk& walk, MainWindow& window, const QString& file) {
  QObject::connect(&window, &MainWindow::openFailed, &walk, &Walk::fail);
  walk.add(TourText::tr("open"), [&window, file] { open(window, file); },
           [&window] { return window.hasDatabase() && mainTable(window).has_value(); },
           [&window] { window.tabs()->openTable(*mainTable(window)); });
}

QString countingQuery(const MainWindow& window) {
  const auto table = mainTable(window);
  const QString name = QString::fromStdString(table->name).replace(QLatin1Char('"'), QLatin1String("\"\""));
  if (table->name == "orders")
    return QStringLiteral(
        "-- How many orders are in each state?\n"
        "SELECT status, count(*) AS orders\nFROM orders\nGROUP BY status\nORDER BY orders DESC;\n");
  return QStringLiteral("SELECT *\nFROM \"%1\"\nLIMIT 100;\n").arg(name);
}

void addQuery(Walk& walk, MainWindow& window, std::function<void()> end) {
  walk.add(TourText::tr("run a query"),
           [&window] {
             auto* query = window.tabs()->newQuery(countingQuery(window));
             query->editor()->setCursorPosition(2, 0);
             query->run();
           },
           [&window] { return window.tabs()->currentQuery() && !window.tabs()->currentQuery()->running(); },
           std::move(end));
}

}  // namespace

void planTour(Walk& walk, MainWindow& window, const QString& file, const QString& folder) {
  auto album = std::make_shared<Album>(window, folder);
  const auto shoot = [&walk, album](const char* name) {
    return [&walk, album, name = QLatin1String(name)] {
      if (!album->save(name)) walk.fail(TourText::tr("a picture cannot be saved"));
    };
  };
  const auto settled = [&window] { return tableSettled(window); };
  addOpening(walk, window, file);
  walk.add(TourText::tr("show a table"), [] {}, settled, shoot("table-live"));
  addQuery(walk, window, shoot("query"));
  const auto scrub = [&](double share, const char* name) {
    walk.add(TourText::tr("scrub"),
             [&window, share] {
               window.tabs()->openTable(*mainTable(window));
               window.playhead()->goTo(commitAtShare(window, share));
             },
             settled, shoot(name));
  };
  scrub(0.35, "scrub-to-a-third");
  scrub(0.7, "scrub-to-two-thirds");
  for (const char* name : {"step-1", "step-2", "step-3"}) {
    auto before = std::make_shared<std::optional<CommitNumber>>();
    walk.add(TourText::tr("step"),
             [&window, before] {
               *before = window.playhead()->moment();
               window.commands()[Command::PreviousCommit]->trigger();
             },
             [&window, before, settled] { return window.playhead()->moment() != *before && settled(); }, shoot(name));
  }
  walk.add(TourText::tr("return to live"), [&window] { window.playhead()->goLive(); }, settled, shoot("return-to-live"));
}

void planShots(Walk& walk, MainWindow& window, const QString& file, const QString& folder) {
  auto album = std::make_shared<Album>(window, folder);
  // Every screen in both themes, in the same state.
  const auto shoot = [&walk, &window, album](const char* name) {
    return [&walk, &window, album, name = QString::fromLatin1(name)] {
      for (const auto choice : {widgets::ThemeChoice::Dark, widgets::ThemeChoice::Light}) {
        window.applyTheme(choice);
        QCoreApplication::sendPostedEvents();
        QDialog* dialog = window.findChild<QDialog*>();
        const QString suffix = choice == widgets::ThemeChoice::Dark ? QStringLiteral("-dark") : QStringLiteral("-light");
        if (!album->save(name + suffix, dialog)) walk.fail(TourText::tr("a picture cannot be saved"));
      }
      if (QDialog* dialog = window.findChild<QDialog*>()) delete dialog;
    };
  };
  const auto at = [&window](CommitNumber commit) { window.playhead()->goTo(commit); };
  const auto settled = [&window] { return tableSettled(window); };
  const auto ready = [] { return true; };
  walk.add(TourText::tr("welcome"), [] {}, ready, shoot("welcome"));
  addOpening(walk, window, file);
  walk.add(TourText::tr("table"), [] {}, settled, shoot("table-live"));
  walk.add(TourText::tr("past"), [&window, at] { at(commitAtShare(window, 0.6)); }, settled, shoot("table-past"));
  addQuery(walk, window, {});
  walk.add(TourText::tr("query in the past"), [] {}, ready, shoot("query-past"));
  walk.add(TourText::tr("query"),
           [&window] {
             window.playhead()->goLive();
             window.tabs()->currentQuery()->run();
           },
           [&window] { return !window.tabs()->currentQuery()->running(); }, shoot("query"));
  walk.add(TourText::tr("error"),
           [&window] {
             auto* query = window.tabs()->newQuery(QStringLiteral("SELECT id, totl\nFROM orders\nWHERE id < 10;\n"));
             query->editor()->setCursorPosition(0, 0);
             query->run();
           },
           [&window] { return !window.tabs()->currentQuery()->running(); }, shoot("error"));
  walk.add(TourText::tr("absent"), [&window] { window.tabs()->openTable(absentTable(window)); }, settled,
           shoot("absent"));
  walk.add(TourText::tr("go to moment"), [&window] { window.commands()[Command::GoToMoment]->trigger(); }, ready,
           shoot("go-to-moment"));
  walk.add(TourText::tr("shortcuts"), [&window] { window.commands()[Command::Shortcuts]->trigger(); }, ready,
           shoot("shortcuts"));
}

}  // namespace drift::gui::app
