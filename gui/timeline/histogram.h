// Draws what happened: insertions and updates grow up from the base line, deletions down, so that the sign is
// a direction and not only a colour; updates are hatched. Pure functions; GUI thread.
#pragma once

#include <vector>

#include "timeline/track_frame.h"

class QPainter;

namespace drift::gui::timeline {

/// Draws `all`; where `table` is not empty, that in full colour over a silhouette of `all`.
void paintHistogram(QPainter& painter, const TrackFrame& frame, const std::vector<Bucket>& all,
                    const std::vector<Bucket>& table);

/// Draws the idle stretches: a zig-zag in the base line and how long they lasted.
void paintGaps(QPainter& painter, const TrackFrame& frame);

/// Where insertions and deletions part.
int baseLine(const QRect& histogram);

/// Share of the full height for so many changes, 0 to 1.
double barHeight(std::uint64_t changes, std::uint64_t most, bool linear);

}  // namespace drift::gui::timeline
