// The patterns of templates for dates and times, such as YYYY and HH24 (PostgreSQL 9.8, table 9.27): what to_char()
// writes and to_date() reads. Internal to this module. Constants, thread-safe.
#pragma once

#include <array>
#include <string_view>

namespace drift::functions {

inline constexpr std::array<std::string_view, 12> kMonths{"January",   "February", "March",    "April",
                                                          "May",       "June",     "July",     "August",
                                                          "September", "October",  "November", "December"};
inline constexpr std::array<std::string_view, 7> kWeekdays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                           "Thursday", "Friday", "Saturday"};

enum class TimePattern {
  Hour12,
  Hour24,
  Minute,
  Second,
  Millisecond,
  Microsecond,
  Fraction,
  SecondsOfDay,
  Noon,
  NoonDotted,
  Year,
  YearWithComma,
  IsoYear,
  Era,
  EraDotted,
  MonthName,
  MonthShort,
  Month,
  DayName,
  DayShort,
  DayOfYear,
  Day,
  DayOfWeek,
  IsoDayOfWeek,
  WeekOfMonth,
  WeekOfYear,
  IsoWeek,
  Century,
  Julian,
  Quarter,
  Zone,
  ZoneHours,
  ZoneMinutes,
  Offset,
};

struct TimePatternName {
  std::string_view name;  ///< in upper case
  TimePattern pattern;
  int digits = 0;  ///< of a year or a fraction
};

/// The pattern that a template goes on with, or null. Only names and the like may be written in small letters.
const TimePatternName* findTimePattern(std::string_view rest);

}  // namespace drift::functions
