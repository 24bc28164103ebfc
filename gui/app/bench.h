// Measurements of the application by itself, printed as "name value unit" lines. GUI thread.
#pragma once

#include <QElapsedTimer>
#include <QString>

namespace drift::gui::mainwindow {
class MainWindow;
}

namespace drift::gui::app {

class Walk;

/// Plans 300 jumps of the playhead to random moments (seed DRIFT_SEED, printed) of the largest table, and the
/// printing of how long the grid took to show each: p50, p95 and the longest.
void planScrubBench(Walk& walk, mainwindow::MainWindow& window, const QString& file);

/// Plans the printing of the time from `sinceMain` to the first paint and to the first rows, and of the
/// resident memory then (Linux only).
void planStartBench(Walk& walk, mainwindow::MainWindow& window, const QString& file, const QElapsedTimer& sinceMain);

}  // namespace drift::gui::app
