// Times as the timeline writes them: in the chosen zone, in the order and clock of the user's locale.
// Stateless; GUI thread.
#pragma once

#include <QDateTime>
#include <QString>

#include "timeline/timeline_data.h"

namespace drift::gui::timeline {

QDateTime dateTimeOf(TimeMicros time, Zone zone);

/// "12 Nov" or "Nov 12".
QString dayText(const QDateTime& at);
/// "12 Nov 2025" or "Nov 12, 2025".
QString dateText(const QDateTime& at);
/// "14:02" or "2:02 PM".
QString clockText(const QDateTime& at, bool seconds);
/// "+01:00", "+00:00".
QString offsetText(const QDateTime& at);
/// "12 Nov 2025 14:02:11.208 +01:00"
QString momentText(TimeMicros time, Zone zone);
/// How long something lasted, in its largest unit: "3 days", "5 h", "2 years".
QString durationText(TimeMicros duration);

}  // namespace drift::gui::timeline
