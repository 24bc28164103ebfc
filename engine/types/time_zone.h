// TimeZone: offsets of one zone of the IANA database, through ICU. Value type; const calls on one
// object are not thread-safe with each other (the last offset is remembered), so each thread looks
// up its own.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"

namespace drift::types {

class TimeZone final {
 public:
  /// Finds "UTC", an IANA name in any case ("europe/berlin") or a fixed offset as ISO 8601 writes
  /// it
  /// ("+02:00", east is positive). InvalidParameterValue: time zone "x" not recognized. A zone once
  /// found is kept by the calling thread, so that asking again is cheap.
  static Result<TimeZone> find(std::string_view name);
  /// UTC, without any lookup.
  TimeZone() = default;

  bool isUtc() const { return !m_zone && m_fixedOffset == 0; }
  /// The zone's own spelling: "Europe/Berlin".
  const std::string& name() const { return m_name; }
  /// Seconds east of Greenwich at a moment.
  int offsetSecondsAt(TimeMicros utc) const;
  /// Gives the moment of a local time. In a gap the offset before it holds, in an overlap the one
  /// after, as in PostgreSQL.
  TimeMicros toUtc(TimeMicros local) const;
  TimeMicros toLocal(TimeMicros utc) const;
  /// Gives "CET", "CEST" or, where there is no short name, "+05:30".
  std::string abbreviationAt(TimeMicros utc) const;

 private:
  struct Rules;

  std::string m_name = "UTC";
  int m_fixedOffset = 0;          ///< seconds; used when there are no rules
  std::shared_ptr<Rules> m_zone;  ///< null: UTC or a fixed offset
};

/// Appends an offset as PostgreSQL prints it: "+00", "+05:30", "-00:25:21".
void appendOffset(std::string& out, int offsetSeconds);

}  // namespace drift::types
