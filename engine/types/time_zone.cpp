#include "types/time_zone.h"

#include <algorithm>
#include <map>
#include <optional>

#include <fmt/format.h>
#include <unicode/basictz.h>
#include <unicode/locid.h>
#include <unicode/strenum.h>
#include <unicode/timezone.h>
#include <unicode/unistr.h>

#include "types/ascii.h"
#include "types/calendar.h"

namespace drift::types {

namespace {

constexpr int kOffsetHoursMax = 15;
/// Zones that a thread keeps. The whole database has about 600 names.
constexpr std::size_t kCachedZonesMax = 1000;

icu::UnicodeString toUnicode(std::string_view text) {
  return icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
}

UDate toUDate(TimeMicros micros) { return static_cast<double>(floorDivide(micros, 1000)); }

/// The rules go on for ever, beyond what microseconds reach.
TimeMicros toMicros(UDate millis) {
  if (millis >= static_cast<double>(kTimeInfinity / 1000)) return kTimeInfinity;
  if (millis <= static_cast<double>(kTimeMinusInfinity / 1000)) return kTimeMinusInfinity;
  return static_cast<TimeMicros>(millis) * 1000;
}

/// Reads "+02:00", "-0530", "+2" as seconds.
std::optional<int> parseFixedOffset(std::string_view text) {
  if (text.size() < 2 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  int digits[4] = {0, 0, 0, 0};
  int count = 0;
  bool colon = false;
  for (const char c : text.substr(1)) {
    if (c == ':' && !colon && (count == 1 || count == 2)) {
      if (count == 1) digits[1] = std::exchange(digits[0], 0);
      count = 2;
      colon = true;
    } else if (isDigit(c) && count < 4) {
      digits[count++] = c - '0';
    } else {
      return std::nullopt;
    }
  }
  if (count == 1) digits[1] = std::exchange(digits[0], 0);
  if (count == 3 || (colon && count != 4)) return std::nullopt;
  const int hours = digits[0] * 10 + digits[1];
  const int minutes = digits[2] * 10 + digits[3];
  if (hours > kOffsetHoursMax || minutes > 59) return std::nullopt;
  return (text[0] == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
}

}  // namespace

struct TimeZone::Rules {
  std::unique_ptr<icu::BasicTimeZone> zone;
  // The offset of the last moment asked for holds from one transition to the next; rows of a column
  // mostly lie close to each other.
  TimeMicros from = 0;
  TimeMicros end = 0;
  int offset = 0;
};

Result<TimeZone> TimeZone::find(std::string_view name) {
  const auto key = lowerAscii(trimBlanks(name));
  if (key == "utc" || key == "z" || key == "zulu" || key == "gmt" || key == "etc/utc") return TimeZone();
  if (const auto offset = parseFixedOffset(key)) {
    TimeZone zone;
    zone.m_fixedOffset = *offset;
    zone.m_name = key;
    return zone;
  }
  thread_local std::map<std::string, TimeZone, std::less<>> cache;
  if (const auto known = cache.find(key); known != cache.end()) return known->second;

  std::unique_ptr<icu::TimeZone> found(icu::TimeZone::createTimeZone(toUnicode(trimBlanks(name))));
  // ICU compares ids exactly and answers with an "unknown" zone, so the canonical spelling is
  // sought.
  if (*found == icu::TimeZone::getUnknown()) {
    UErrorCode status = U_ZERO_ERROR;
    const std::unique_ptr<icu::StringEnumeration> ids(icu::TimeZone::createEnumeration(status));
    while (U_SUCCESS(status) && ids) {
      std::int32_t size = 0;
      const char* id = ids->next(&size, status);
      if (!id) break;
      if (equalsIgnoringCase({id, static_cast<std::size_t>(size)}, key)) {
        found.reset(icu::TimeZone::createTimeZone(id));
        break;
      }
    }
  }
  auto* rules = dynamic_cast<icu::BasicTimeZone*>(found.get());
  if (!rules || *found == icu::TimeZone::getUnknown())
    return makeError(ErrorKind::InvalidParameterValue, "time zone \"{}\" not recognized", name);
  TimeZone zone;
  icu::UnicodeString id;
  zone.m_name.clear();
  found->getID(id).toUTF8String(zone.m_name);
  zone.m_zone = std::make_shared<Rules>();
  static_cast<void>(found.release());
  zone.m_zone->zone.reset(rules);
  if (cache.size() >= kCachedZonesMax) cache.clear();
  cache.emplace(key, zone);
  return zone;
}

int TimeZone::offsetSecondsAt(TimeMicros utc) const {
  if (!m_zone) return m_fixedOffset;
  auto& rules = *m_zone;
  if (utc >= rules.from && utc < rules.end) return rules.offset;
  const UDate moment = toUDate(utc);
  std::int32_t raw = 0;
  std::int32_t saving = 0;
  UErrorCode status = U_ZERO_ERROR;
  rules.zone->getOffset(moment, false, raw, saving, status);
  rules.offset = U_SUCCESS(status) ? (raw + saving) / 1000 : 0;
  icu::TimeZoneTransition transition;
  const bool before = rules.zone->getPreviousTransition(moment, true, transition);
  rules.from = before ? toMicros(transition.getTime()) : kTimeMinusInfinity;
  const bool after = rules.zone->getNextTransition(moment, false, transition);
  rules.end = after ? toMicros(transition.getTime()) : kTimeInfinity;
  return rules.offset;
}

TimeMicros TimeZone::toLocal(TimeMicros utc) const {
  return isInfiniteTime(utc) ? utc : utc + offsetSecondsAt(utc) * kMicrosPerSecond;
}

TimeMicros TimeZone::toUtc(TimeMicros local) const {
  if (isInfiniteTime(local)) return local;
  if (!m_zone) return local - m_fixedOffset * kMicrosPerSecond;
  std::int32_t raw = 0;
  std::int32_t saving = 0;
  UErrorCode status = U_ZERO_ERROR;
  m_zone->zone->getOffsetFromLocal(toUDate(local), UCAL_TZ_LOCAL_FORMER, UCAL_TZ_LOCAL_LATTER, raw, saving, status);
  const std::int64_t offset = U_SUCCESS(status) ? (raw + saving) / 1000 : 0;
  return local - offset * kMicrosPerSecond;
}

std::string TimeZone::abbreviationAt(TimeMicros utc) const {
  if (isUtc()) return "UTC";
  const int offset = offsetSecondsAt(utc);
  std::string result;
  if (m_zone) {
    UErrorCode status = U_ZERO_ERROR;
    std::int32_t raw = 0;
    std::int32_t saving = 0;
    m_zone->zone->getOffset(toUDate(utc), false, raw, saving, status);
    icu::UnicodeString name;
    m_zone->zone->getDisplayName(saving != 0, icu::TimeZone::SHORT, icu::Locale::getUS(), name);
    name.toUTF8String(result);
    if (!result.starts_with("GMT") || result == "GMT") return result;
    result.clear();  // ICU's "GMT+1" stands for a name it does not have
  }
  appendOffset(result, offset);
  return result;
}

void appendOffset(std::string& out, int offsetSeconds) {
  const int magnitude = std::abs(offsetSeconds);
  auto to = std::back_inserter(out);
  fmt::format_to(to, "{}{:02}", offsetSeconds < 0 ? '-' : '+', magnitude / 3600);
  if (magnitude % 3600) fmt::format_to(to, ":{:02}", magnitude / 60 % 60);
  if (magnitude % 60) fmt::format_to(to, ":{:02}", magnitude % 60);
}

}  // namespace drift::types
