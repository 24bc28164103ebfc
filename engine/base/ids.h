// Ids that mean the same in every module.
#pragma once

#include <cstdint>

namespace drift {

/// Number of a commit, global for all tables: 1, 2, 3 …; gaps where a rewrite left some out. 0 = before the first.
using CommitNumber = std::uint64_t;

/// "Never ended": end of a version that is still live.
inline constexpr CommitNumber kNoCommit = UINT64_MAX;

/// A table or an index in the file. Never used twice. Ids below kFirstUserTree are the engine's own.
using TreeId = std::uint32_t;
inline constexpr TreeId kCatalogTree = 1;
inline constexpr TreeId kFirstUserTree = 64;

/// A column, stable through renames; unique within its table and never used twice there.
using ColumnId = std::uint32_t;

/// Microseconds since 1970-01-01T00:00:00Z, proleptic Gregorian, without leap seconds.
using TimeMicros = std::int64_t;

}  // namespace drift
