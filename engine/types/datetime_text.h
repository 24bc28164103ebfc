// Text forms of dates, times, timestamps and intervals (PostgreSQL: DateStyle ISO, MDY; IntervalStyle
// postgres). Stateless, thread-safe. text.h dispatches to these by type.
#pragma once

#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "types/time_zone.h"
#include "types/value.h"

namespace drift::types {

/// Appends "2025-11-12", "0044-03-15 BC", "infinity".
void appendDate(std::string& out, std::int32_t days);
/// Appends "14:02:11.208", "24:00:00".
void appendTime(std::string& out, TimeMicros microsOfDay);
/// Appends "2025-11-12 14:02:11.208"; no trailing zeros in the fraction.
void appendTimestamp(std::string& out, TimeMicros local);
/// Appends "2025-11-12 15:02:11.208+01".
void appendTimestampTz(std::string& out, TimeMicros utc, const TimeZone& zone);
/// Appends "1 year 2 mons -3 days +04:05:06.5", "00:00:00".
void appendInterval(std::string& out, const Interval& interval);

/// Reads ISO 8601 dates, 20251112, 11/12/2025 (month first), "12 Nov 2025", "Nov 12, 2025", a BC
/// suffix, infinity, epoch; a time and a zone may follow and are ignored by DATE, the zone by
/// TIMESTAMP. InvalidDatetimeFormat, DatetimeFieldOverflow, InvalidParameterValue for an unknown
/// zone.
Result<std::int32_t> parseDate(std::string_view text);
Result<TimeMicros> parseTimestamp(std::string_view text);
/// Reads a time of day: 14:02, 02:02:11.5 PM, 140211, allballs; a date before it and a zone are ignored.
Result<TimeMicros> parseTime(std::string_view text);
/// As parseTimestamp(); where the text has no zone it is local time of `zone`.
Result<TimeMicros> parseTimestampTz(std::string_view text, const TimeZone& zone);
/// Reads "1 year 2 months", "3 days ago", "1 day 02:03:04.5", "1-2", "P1Y2M3DT4H5M6S".
/// InvalidDatetimeFormat or DatetimeFieldOverflow.
Result<Interval> parseInterval(std::string_view text);

}  // namespace drift::types
