// The moment that a file's name carries. Stateless, thread-safe.
#pragma once

#include <optional>
#include <string_view>

#include "base/ids.h"

namespace drift::formats {

/// Finds the first date in a file name, with the time that follows it, if any, and reads it as UTC:
/// "2012-12-27T20-17-58Z.csv", "prices_2020-01-31.csv", "20200131T235959.csv", "x 2020-01-31 23:59:59.5.csv".
/// A date alone is its midnight. Nothing where there is no valid date, or a number that only looks like one.
std::optional<TimeMicros> momentInName(std::string_view name);

}  // namespace drift::formats
