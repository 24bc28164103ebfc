// Moments as people write and read them. Stateless.
#pragma once

#include <optional>
#include <variant>

#include <QDateTime>
#include <QString>

#include "bridge/text.h"

namespace drift::gui::models {

/// What a text names: a commit, a time, or live.
struct LiveMoment {
  friend bool operator==(LiveMoment, LiveMoment) = default;
};
using MomentRequest = std::variant<LiveMoment, CommitNumber, TimeMicros>;

/// Kept apart from CommitNumber, which is unsigned; both are 64 bits wide.
static_assert(!std::is_same_v<CommitNumber, TimeMicros>);

/// Reads `#18231`, `live`, `2025-11-12T14:02`, `2025-11-12 14:02:11`, `12 Nov 2025`, `2 h ago`, `today 9:00`,
/// `yesterday 14:30`. Times are local. Nothing where the text is none of these.
std::optional<MomentRequest> parseMoment(const QString& text, const QDateTime& now);

/// Gives "12 Nov 2025 14:02:11", local.
QString momentTime(TimeMicros time);
/// Gives "3 h ago", "2 years ago", "just now".
QString relativeTime(TimeMicros time, const QDateTime& now);
/// Gives "#18 231" with the locale's grouping.
QString commitLabel(CommitNumber commit);
/// Gives "+3 ~1 -0 in orders, +1 in events" for the tables of a commit; at most three of them.
QString countsText(const api::Commit& commit);
/// Gives "3 rows inserted, 1 row updated in orders" for screen readers; at most three tables.
QString countsInWords(const api::Commit& commit);

}  // namespace drift::gui::models
