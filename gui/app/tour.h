// The tour and the pictures: walks through a real window that save what they see. GUI thread.
#pragma once

#include <QString>

namespace drift::gui::mainwindow {
class MainWindow;
}

namespace drift::gui::app {

class Walk;

/// Pictures are taken when cells have stopped flashing and layouts have come to rest.
inline constexpr int kPictureSettleMs = 400;

/// Plans the tour: open, run a query, scrub to two moments, step three commits, return to live. Each step
/// saves a numbered picture in `folder` and prints a line. `file` empty = the sample.
void planTour(Walk& walk, mainwindow::MainWindow& window, const QString& file, const QString& folder);

/// Plans pictures of every screen in both themes.
void planShots(Walk& walk, mainwindow::MainWindow& window, const QString& file, const QString& folder);

}  // namespace drift::gui::app
