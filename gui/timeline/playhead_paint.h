// Draws what lies over the lanes: playhead, ghost hairline with its card, chosen range, dock of LIVE. Pure
// functions; GUI thread.
#pragma once

#include <optional>

#include "timeline/track_frame.h"

class QPainter;

namespace drift::gui::timeline {

/// What the hover card says: number and time at once, the rest when it is known.
QStringList cardLines(CommitNumber commit, std::optional<TimeMicros> time, const std::optional<Moment>& moment,
                      Zone zone);

/// Draws the hairline with its grip. In the past, what comes after it is veiled.
void paintPlayhead(QPainter& painter, const TrackFrame& frame, double position, bool live);

/// Draws the ghost hairline and the card beside it.
void paintGhost(QPainter& painter, const TrackFrame& frame, double position, const QStringList& lines);

/// Draws the range that is being chosen on the ruler, with how long it is.
void paintRange(QPainter& painter, const TrackFrame& frame, double from, double to);

void paintLiveDock(QPainter& painter, const TrackFrame& frame, bool live, bool hovered);

}  // namespace drift::gui::timeline
