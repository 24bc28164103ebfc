#include "timeline/time_axis.h"

#include <algorithm>
#include <array>

#include <QDateTime>
#include <QLocale>

namespace drift::gui::timeline {

namespace {

constexpr TimeMicros kSecond = 1'000'000;
constexpr TimeMicros kDay = 86'400 * kSecond;
constexpr double kMarginShare = 0.02;

enum class Unit { Millisecond, Second, Minute, Hour, Day, Month, Year };

struct Step {
  Unit unit;
  int count;
  TimeMicros micros;  // months and years: about
};

constexpr std::array kSteps{
    Step{Unit::Millisecond, 1, 1000},          Step{Unit::Millisecond, 10, 10'000},
    Step{Unit::Millisecond, 100, 100'000},     Step{Unit::Second, 1, kSecond},
    Step{Unit::Second, 5, 5 * kSecond},        Step{Unit::Second, 15, 15 * kSecond},
    Step{Unit::Minute, 1, 60 * kSecond},       Step{Unit::Minute, 5, 300 * kSecond},
    Step{Unit::Minute, 15, 900 * kSecond},     Step{Unit::Hour, 1, 3600 * kSecond},
    Step{Unit::Hour, 3, 10'800 * kSecond},     Step{Unit::Hour, 6, 21'600 * kSecond},
    Step{Unit::Day, 1, kDay},                  Step{Unit::Day, 2, 2 * kDay},
    Step{Unit::Day, 7, 7 * kDay},              Step{Unit::Month, 1, 30 * kDay},
    Step{Unit::Month, 3, 91 * kDay},           Step{Unit::Month, 6, 182 * kDay},
    Step{Unit::Year, 1, 365 * kDay},           Step{Unit::Year, 2, 730 * kDay},
    Step{Unit::Year, 5, 1826 * kDay},          Step{Unit::Year, 10, 3652 * kDay}};

QDateTime local(TimeMicros time) { return QDateTime::fromMSecsSinceEpoch(time / 1000); }

/// The last round time at or before `time`.
QDateTime roundDown(TimeMicros time, const Step& step) {
  const QDateTime at = local(time);
  const QDate date = at.date();
  const QTime clock = at.time();
  switch (step.unit) {
    case Unit::Millisecond: return QDateTime(date, QTime(clock.hour(), clock.minute(), clock.second(), clock.msec() / step.count * step.count));
    case Unit::Second: return QDateTime(date, QTime(clock.hour(), clock.minute(), clock.second() / step.count * step.count));
    case Unit::Minute: return QDateTime(date, QTime(clock.hour(), clock.minute() / step.count * step.count));
    case Unit::Hour: return QDateTime(date, QTime(clock.hour() / step.count * step.count, 0));
    // Days are counted from a Monday, so that steps of seven fall on Mondays.
    case Unit::Day: return QDateTime(QDate::fromJulianDay(date.toJulianDay() / step.count * step.count), QTime(0, 0));
    case Unit::Month: return QDateTime(QDate(date.year(), (date.month() - 1) / step.count * step.count + 1, 1), QTime(0, 0));
    case Unit::Year: return QDateTime(QDate(date.year() / step.count * step.count, 1, 1), QTime(0, 0));
  }
  return at;
}

QDateTime next(const QDateTime& at, const Step& step) {
  switch (step.unit) {
    case Unit::Millisecond: return at.addMSecs(step.count);
    case Unit::Second: return at.addSecs(step.count);
    case Unit::Minute: return at.addSecs(60LL * step.count);
    case Unit::Hour: return at.addSecs(3600LL * step.count);
    case Unit::Day: return at.addDays(step.count);
    case Unit::Month: return at.addMonths(step.count);
    case Unit::Year: return at.addYears(step.count);
  }
  return at;
}

bool startsLargerUnit(const QDateTime& at, Unit unit) {
  switch (unit) {
    case Unit::Millisecond: return at.time().msec() == 0;
    case Unit::Second: return at.time().second() == 0;
    case Unit::Minute:
    case Unit::Hour: return at.time() == QTime(0, 0);
    case Unit::Day: return false;
    case Unit::Month: return at.date().month() == 1;
    case Unit::Year: return false;
  }
  return false;
}

QString labelOf(const QDateTime& at, Unit unit, bool major) {
  const QLocale locale;
  switch (unit) {
    case Unit::Millisecond: return locale.toString(at.time(), major ? QStringLiteral("HH:mm:ss") : QStringLiteral("ss.zzz"));
    case Unit::Second: return locale.toString(at.time(), QStringLiteral("HH:mm:ss"));
    case Unit::Minute:
    case Unit::Hour:
      return major ? locale.toString(at.date(), QStringLiteral("d MMM")) : locale.toString(at.time(), QStringLiteral("HH:mm"));
    case Unit::Day: return locale.toString(at.date(), QStringLiteral("d MMM"));
    case Unit::Month: return locale.toString(at.date(), major ? QStringLiteral("yyyy") : QStringLiteral("MMM"));
    case Unit::Year: return locale.toString(at.date(), QStringLiteral("yyyy"));
  }
  return {};
}

}  // namespace

void TimeAxis::setView(TimeMicros from, TimeMicros to, int width) {
  m_from = from;
  m_to = std::max(to, from + kSpanMin);
  m_width = std::max(1, width);
}

double TimeAxis::positionOf(TimeMicros time) const {
  return static_cast<double>(time - m_from) / static_cast<double>(m_to - m_from) * m_width;
}

TimeMicros TimeAxis::timeAt(double position) const {
  return m_from + static_cast<TimeMicros>(position / m_width * static_cast<double>(m_to - m_from));
}

void TimeAxis::zoom(double factor, double position, TimeMicros first, TimeMicros last) {
  const TimeMicros anchor = timeAt(position);
  const double span = std::max(static_cast<double>(m_to - m_from) * factor, static_cast<double>(kSpanMin));
  const double share = position / m_width;
  m_from = anchor - static_cast<TimeMicros>(span * share);
  m_to = m_from + static_cast<TimeMicros>(span);
  keepWithin(first, last);
}

void TimeAxis::pan(double pixels, TimeMicros first, TimeMicros last) {
  const auto by = static_cast<TimeMicros>(pixels / m_width * static_cast<double>(m_to - m_from));
  m_from += by;
  m_to += by;
  keepWithin(first, last);
}

void TimeAxis::keepWithin(TimeMicros first, TimeMicros last) {
  const auto margin = static_cast<TimeMicros>(static_cast<double>(std::max(last - first, kSpanMin)) * kMarginShare);
  const TimeMicros least = first - margin;
  const TimeMicros most = last + margin;
  const TimeMicros span = std::min(m_to - m_from, most - least);
  m_from = std::clamp(m_from, least, most - span);
  m_to = m_from + span;
}

std::vector<Tick> TimeAxis::ticks(int spacingMin) const {
  const double span = static_cast<double>(m_to - m_from);
  const auto wanted = static_cast<TimeMicros>(span * spacingMin / m_width);
  const auto found = std::find_if(kSteps.begin(), kSteps.end(), [wanted](const Step& step) { return step.micros >= wanted; });
  const Step step = found == kSteps.end() ? kSteps.back() : *found;
  std::vector<Tick> ticks;
  // The spacing bounds the number of ticks; the last check guards against times beyond the calendar.
  for (QDateTime at = roundDown(m_from, step); at.isValid() && static_cast<int>(ticks.size()) <= m_width;) {
    const TimeMicros time = at.toMSecsSinceEpoch() * 1000;
    if (time >= m_to) break;
    const bool major = startsLargerUnit(at, step.unit);
    if (time >= m_from) ticks.push_back({time, labelOf(at, step.unit, major), major});
    const QDateTime after = next(at, step);
    if (after <= at) break;
    at = after;
  }
  return ticks;
}

}  // namespace drift::gui::timeline
