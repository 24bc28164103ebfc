#include "timeline/ruler_ticks.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <QLocale>

#include "timeline/time_text.h"

namespace drift::gui::timeline {

namespace {

constexpr TimeMicros kSecond = 1'000'000;
constexpr TimeMicros kHour = 3600 * kSecond;
constexpr TimeMicros kDay = 24 * kHour;
constexpr double kLabelsOfCommits = 1.7;  // labels with number and day need more room than a time

enum class Unit { Millisecond, Second, Minute, Hour, Day, Month, Year };

struct Step {
  Unit unit;
  int count;
  TimeMicros micros;  // months and years: about
};

constexpr std::array kSteps{Step{Unit::Millisecond, 1, 1000},
                            Step{Unit::Millisecond, 10, 10'000},
                            Step{Unit::Millisecond, 100, 100'000},
                            Step{Unit::Second, 1, kSecond},
                            Step{Unit::Second, 5, 5 * kSecond},
                            Step{Unit::Second, 15, 15 * kSecond},
                            Step{Unit::Minute, 1, 60 * kSecond},
                            Step{Unit::Minute, 5, 300 * kSecond},
                            Step{Unit::Minute, 15, 900 * kSecond},
                            Step{Unit::Hour, 1, kHour},
                            Step{Unit::Hour, 3, 3 * kHour},
                            Step{Unit::Hour, 6, 6 * kHour},
                            Step{Unit::Day, 1, kDay},
                            Step{Unit::Day, 2, 2 * kDay},
                            Step{Unit::Day, 7, 7 * kDay},
                            Step{Unit::Month, 1, 30 * kDay},
                            Step{Unit::Month, 3, 91 * kDay},
                            Step{Unit::Month, 6, 182 * kDay},
                            Step{Unit::Year, 1, 365 * kDay},
                            Step{Unit::Year, 2, 730 * kDay},
                            Step{Unit::Year, 5, 1826 * kDay},
                            Step{Unit::Year, 10, 3652 * kDay}};

QDateTime atDate(const QDate& date, const QDateTime& like) { return QDateTime(date, QTime(0, 0), like.timeSpec()); }

/// Rounds down by the clock on the wall. In the hour that comes twice, both hours have their round times.
QDateTime roundDownClock(const QDateTime& at, qint64 stepMillis) {
  const qint64 offset = at.offsetFromUtc() * 1000LL;
  const qint64 wall = at.toMSecsSinceEpoch() + offset;
  const qint64 into = ((wall % stepMillis) + stepMillis) % stepMillis;
  const QDateTime rounded = QDateTime::fromMSecsSinceEpoch(wall - into - offset, at.timeSpec());
  // Where the offset changed since, the same wall time is another instant.
  return rounded.addSecs(at.offsetFromUtc() - rounded.offsetFromUtc());
}

/// The last round time at or before `at`.
QDateTime roundDown(const QDateTime& at, const Step& step) {
  const QDate date = at.date();
  switch (step.unit) {
    case Unit::Millisecond:
    case Unit::Second:
    case Unit::Minute:
    case Unit::Hour: return roundDownClock(at, step.micros / 1000);
    // Days are counted from a Monday, so that steps of seven fall on Mondays.
    case Unit::Day: return atDate(QDate::fromJulianDay(date.toJulianDay() / step.count * step.count), at);
    case Unit::Month: return atDate(QDate(date.year(), (date.month() - 1) / step.count * step.count + 1, 1), at);
    case Unit::Year: return atDate(QDate(date.year() / step.count * step.count, 1, 1), at);
  }
  return at;
}

QDateTime next(const QDateTime& at, const Step& step) {
  switch (step.unit) {
    case Unit::Millisecond:
    case Unit::Second:
    case Unit::Minute: return at.addMSecs(step.micros / 1000);
    case Unit::Hour: {
      // A day with 23 or 25 hours keeps its round times.
      const QDateTime after = roundDown(at.addMSecs(step.micros / 1000), step);
      return after > at ? after : roundDown(at.addMSecs((step.micros + kHour) / 1000), step);
    }
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
    case Unit::Day: return at.date().day() == 1;
    case Unit::Month: return at.date().month() == 1;
    case Unit::Year: return false;
  }
  return false;
}

bool clockChanges(const QDateTime& at) {
  return at.timeSpec() == Qt::LocalTime &&
         atDate(at.date(), at).offsetFromUtc() != atDate(at.date().addDays(1), at).offsetFromUtc();
}

QString labelOf(const QDateTime& at, Unit unit, bool major) {
  const QLocale locale;
  switch (unit) {
    case Unit::Millisecond: return major ? clockText(at, true) : locale.toString(at.time(), QStringLiteral("ss.zzz"));
    case Unit::Second: return clockText(at, true);
    case Unit::Minute:
    case Unit::Hour:
      if (major) return dayText(at);
      return clockChanges(at) ? clockText(at, false) + QLatin1Char(' ') + offsetText(at) : clockText(at, false);
    case Unit::Day: return dayText(at);
    case Unit::Month: return locale.toString(at.date(), major ? QStringLiteral("yyyy") : QStringLiteral("MMM"));
    case Unit::Year: return locale.toString(at.date(), QStringLiteral("yyyy"));
  }
  return {};
}

QString dayAndClock(const QDateTime& at, Unit unit) {
  return dayText(at) + QLatin1Char(' ') + clockText(at, unit < Unit::Minute);
}

const Step& stepFor(const TimeAxis& axis, int spacingMin) {
  const auto wanted = static_cast<TimeMicros>(static_cast<double>(axis.span()) * spacingMin / axis.width());
  const auto found =
      std::find_if(kSteps.begin(), kSteps.end(), [wanted](const Step& step) { return step.micros >= wanted; });
  return found == kSteps.end() ? kSteps.back() : *found;
}

/// Marks of one stretch without idle gaps.
void addStretch(std::vector<Tick>& ticks, const TimeAxis& axis, Zone zone, const Step& step, TimeMicros from,
                TimeMicros to, bool markStart, double spacingMin) {
  const auto far = [&ticks, spacingMin](double position) {
    // Months differ in length by a tenth.
    return ticks.empty() || position - ticks.back().position >= spacingMin * 0.85;
  };
  if (!far(axis.positionOf(to))) return;  // thousands of narrow stretches cost next to nothing
  bool any = false;
  // The spacing bounds the number of marks; the last check guards against times beyond the calendar.
  for (QDateTime at = roundDown(dateTimeOf(from, zone), step);
       at.isValid() && static_cast<int>(ticks.size()) <= axis.width();) {
    const TimeMicros time = at.toMSecsSinceEpoch() * 1000;
    if (time >= to) break;
    const double position = axis.positionOf(time);
    if (time >= from && far(position)) {
      // After a gap the day is another one, and has to be said.
      const bool named = markStart && !any && step.unit < Unit::Day;
      const bool major = named || startsLargerUnit(at, step.unit);
      ticks.push_back({position, named ? dayAndClock(at, step.unit) : labelOf(at, step.unit, major), major});
      any = true;
    }
    const QDateTime after = next(at, step);
    if (after <= at) break;
    at = after;
  }
  const double position = axis.positionOf(from);
  if (any || !markStart || !far(position)) return;
  const QDateTime start = dateTimeOf(from, zone);
  ticks.push_back({position, step.unit < Unit::Day ? dayAndClock(start, step.unit) : dayText(start), true});
}

std::vector<Tick> ticksOfCommits(const TimeAxis& axis, Zone zone, int spacingMin) {
  const CommitIndex& commits = *axis.scale().commits();
  const double wanted =
      static_cast<double>(axis.span()) * spacingMin * kLabelsOfCommits / axis.width() / AxisScale::kCommitStep;
  CommitNumber step = 1;
  while (static_cast<double>(step) < wanted) {
    if (static_cast<double>(step * 2) >= wanted) step *= 2;
    else if (static_cast<double>(step * 5) >= wanted) step *= 5;
    else step *= 10;
  }
  std::vector<Tick> ticks;
  const QLocale locale;
  const Place from = std::max<Place>(axis.fromPlace(), 0);
  for (CommitNumber at = static_cast<CommitNumber>(from / AxisScale::kCommitStep) / step * step; at <= commits.last();
       at += step) {
    const auto time = commits.timeOf(at);
    if (!time) continue;
    const double position = axis.positionOf(*time);
    if (position > axis.width()) break;
    if (position < 0) continue;
    const QString label =
        QStringLiteral("#%1  %2").arg(locale.toString(static_cast<qulonglong>(at)), dayText(dateTimeOf(*time, zone)));
    ticks.push_back({position, label, false});
  }
  return ticks;
}

}  // namespace

std::vector<Tick> rulerTicks(const TimeAxis& axis, Zone zone, int spacingMin) {
  if (axis.scale().commits()) return ticksOfCommits(axis, zone, spacingMin);
  const Step& step = stepFor(axis, spacingMin);
  std::vector<Tick> ticks;
  TimeMicros from = axis.from();
  const TimeMicros end = axis.to();
  bool afterGap = false;
  for (const Gap& gap : axis.scale().gaps()) {
    if (gap.end <= from) continue;
    if (gap.start >= end) break;
    addStretch(ticks, axis, zone, step, from, std::min(gap.start, end), afterGap, spacingMin);
    from = gap.end;
    afterGap = true;
  }
  if (from < end) addStretch(ticks, axis, zone, step, from, end, afterGap, spacingMin);
  return ticks;
}

QString rulerContext(const TimeAxis& axis, Zone zone, int spacingMin) {
  const QDateTime at = dateTimeOf(axis.from(), zone);
  if (axis.scale().commits()) return {};
  // At the left edge nothing happens: the first mark after the gap names its day.
  for (const Gap& gap : axis.scale().gaps())
    if (gap.start < axis.from() && axis.from() < gap.end) return {};
  switch (stepFor(axis, spacingMin).unit) {
    case Unit::Millisecond: return dateText(at) + QLatin1Char(' ') + clockText(at, true);
    case Unit::Second:
    case Unit::Minute:
    case Unit::Hour: return dateText(at);
    case Unit::Day:
    case Unit::Month: return QLocale().toString(at.date(), QStringLiteral("yyyy"));
    case Unit::Year: return {};
  }
  return {};
}

}  // namespace drift::gui::timeline
