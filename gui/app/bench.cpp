#include "app/bench.h"

#include <algorithm>
#include <memory>
#include <vector>

#include <QCoreApplication>
#include <QEvent>
#include <QFile>
#include <QRandomGenerator>
#include <QTextStream>

#include "app/walk.h"
#include "mainwindow/document_tabs.h"
#include "mainwindow/main_window.h"
#include "mainwindow/table_tab.h"
#include "models/table_grid_model.h"

namespace drift::gui::app {

namespace {

using mainwindow::MainWindow;

constexpr int kJumps = 300;

class BenchText {
  Q_DECLARE_TR_FUNCTIONS(BenchText)
};

void print(const QString& name, double value, const char* unit) {
  QTextStream(stdout) << name << ' ' << QString::number(value, 'f', 1) << ' ' << unit << Qt::endl;
}

void open(MainWindow& window, const QString& file) {
  if (file.isEmpty()) {
    window.openSample();
  } else {
    window.openFile({file});
  }
}

bool rowsShown(const MainWindow& window) {
  const auto* tab = window.tabs()->currentTable();
  return tab && tab->model()->state() == models::TableGridModel::State::Rows && !tab->model()->isStale();
}

/// Jumps to the next moment as soon as the one before is shown.
class ScrubBench final : public QObject {
 public:
  explicit ScrubBench(MainWindow& window) : QObject(&window), m_window(window) {}

  void begin() {
    const quint32 seed = qEnvironmentVariableIntValue("DRIFT_SEED") ? static_cast<quint32>(qEnvironmentVariableIntValue("DRIFT_SEED")) : 1;
    m_random.seed(seed);
    QTextStream(stdout) << "seed " << seed << Qt::endl;
    auto* model = m_window.tabs()->currentTable()->model();
    connect(model, &models::TableGridModel::momentShown, this, [this, model] {
      if (model->isStale()) return;
      m_times.push_back(static_cast<double>(m_clock.nsecsElapsed()) / 1e6);
      // From the event loop, as a mouse move would come.
      if (!isDone()) QMetaObject::invokeMethod(this, [this] { jump(); }, Qt::QueuedConnection);
    });
    jump();
  }

  bool isDone() const { return m_times.size() >= kJumps; }

  void report() {
    std::sort(m_times.begin(), m_times.end());
    print(QStringLiteral("scrub_p50"), m_times[m_times.size() / 2], "ms");
    print(QStringLiteral("scrub_p95"), m_times[m_times.size() * 95 / 100], "ms");
    print(QStringLiteral("scrub_max"), m_times.back(), "ms");
  }

 private:
  void jump() {
    const auto& extent = m_window.client()->facts().extent;
    CommitNumber wanted = extent.last;
    do {
      wanted = extent.first + m_random.generate64() % (extent.last - extent.first + 1);
    } while (std::optional(wanted) == m_window.playhead()->moment());
    m_clock.start();
    m_window.playhead()->goTo(wanted);
  }

  MainWindow& m_window;
  QRandomGenerator m_random;
  QElapsedTimer m_clock;
  std::vector<double> m_times;
};

/// Notes when a widget is painted for the first time.
class FirstPaint final : public QObject {
 public:
  FirstPaint(QWidget& widget, const QElapsedTimer& clock) : QObject(&widget), m_clock(clock) { widget.installEventFilter(this); }
  double ms() const { return m_ms; }

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override {
    if (event->type() == QEvent::Paint && m_ms < 0) m_ms = static_cast<double>(m_clock.nsecsElapsed()) / 1e6;
    return QObject::eventFilter(watched, event);
  }

 private:
  QElapsedTimer m_clock;
  double m_ms = -1;
};

std::optional<double> residentMegabytes() {
  QFile status(QStringLiteral("/proc/self/status"));
  if (!status.open(QIODevice::ReadOnly)) return std::nullopt;
  for (const QByteArray& line : status.readAll().split('\n'))
    if (line.startsWith("VmRSS:")) return line.mid(6).simplified().split(' ').front().toDouble() / 1024;
  return std::nullopt;
}

}  // namespace

void planScrubBench(Walk& walk, MainWindow& window, const QString& file) {
  QObject::connect(&window, &MainWindow::openFailed, &walk, &Walk::fail);
  auto* bench = new ScrubBench(window);  // owned by the window
  walk.add(BenchText::tr("open"), [&window, file] { open(window, file); }, [&window] { return rowsShown(window); },
           [&walk, &window] {
             const auto& extent = window.client()->facts().extent;
             if (extent.last <= extent.first) walk.fail(BenchText::tr("this database has no history to scrub"));
           });
  walk.add(BenchText::tr("scrub"), [bench] { bench->begin(); }, [bench] { return bench->isDone(); },
           [bench] { bench->report(); });
}

void planStartBench(Walk& walk, MainWindow& window, const QString& file, const QElapsedTimer& sinceMain) {
  QObject::connect(&window, &MainWindow::openFailed, &walk, &Walk::fail);
  auto* paint = new FirstPaint(window, sinceMain);  // owned by the window
  walk.add(BenchText::tr("first paint"), [] {}, [paint] { return paint->ms() >= 0; },
           [paint] { print(QStringLiteral("start_first_paint"), paint->ms(), "ms"); });
  walk.add(BenchText::tr("open"), [&window, file] { open(window, file); }, [&window] { return rowsShown(window); },
           [sinceMain] {
             print(QStringLiteral("start_rows_shown"), static_cast<double>(sinceMain.nsecsElapsed()) / 1e6, "ms");
             if (const auto memory = residentMegabytes()) print(QStringLiteral("resident_memory"), *memory, "MB");
           });
}

}  // namespace drift::gui::app
