// What the timeline is fed with: plain structs, filled in by whoever knows the engine. No thread rule.
#pragma once

#include <cstdint>
#include <vector>

#include <QString>

#include "base/ids.h"

namespace drift::gui::timeline {

/// What happened in the half-open time range [start, end). Buckets of a series are in order.
struct Bucket {
  TimeMicros start = 0;
  TimeMicros end = 0;
  std::uint64_t commits = 0;
  std::uint64_t inserted = 0;
  std::uint64_t updated = 0;
  std::uint64_t deleted = 0;
  std::uint64_t schemaChanges = 0;
  CommitNumber first = 0;  ///< 0 where commits == 0
  CommitNumber last = 0;

  std::uint64_t changes() const { return inserted + updated + deleted; }
};

/// A question for buckets: [from, to) cut into `columns` equal parts.
struct BucketRange {
  TimeMicros from = 0;
  TimeMicros to = 0;
  int columns = 1;
};
/// Ranges in order that do not overlap. The answer is one series: the buckets of all of them.
using BucketRanges = std::vector<BucketRange>;

/// The whole history: its first and last commit. last == 0: none yet.
struct Extent {
  CommitNumber first = 0;
  CommitNumber last = 0;
  TimeMicros firstTime = 0;
  TimeMicros lastTime = 0;

  friend bool operator==(const Extent&, const Extent&) = default;
};

/// One commit, for read-outs.
struct Moment {
  CommitNumber number = 0;
  TimeMicros time = 0;
  QString ago;  ///< "3 h ago"
  QString author;
  QString message;
  QString counts;         ///< "+3 ~1 orders"
  QString countsInWords;  ///< "3 rows inserted, 1 row updated in orders", for screen readers
};

/// Which clock the times are told by.
enum class Zone { Local, Utc };

}  // namespace drift::gui::timeline
