// Draws the lanes around the histogram: schema changes above, the ruler below. Pure functions; GUI thread.
#pragma once

#include <vector>

#include "timeline/ruler_ticks.h"
#include "timeline/track_frame.h"

class QPainter;

namespace drift::gui::timeline {

/// Draws a diamond for each schema change; those too close to tell apart become one with their number.
void paintSchemaLane(QPainter& painter, const TrackFrame& frame, const std::vector<Bucket>& buckets);

void paintRuler(QPainter& painter, const TrackFrame& frame);

}  // namespace drift::gui::timeline
