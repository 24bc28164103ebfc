#include "timeline/time_text.h"

#include <QCoreApplication>
#include <QLocale>

namespace drift::gui::timeline {

namespace {

class TimeText {
  Q_DECLARE_TR_FUNCTIONS(TimeText)
};

bool monthFirst(const QLocale& locale) {
  const QString order = locale.dateFormat(QLocale::ShortFormat);
  return order.indexOf(QLatin1Char('M')) < order.indexOf(QLatin1Char('d'));
}

bool twelveHours(const QLocale& locale) {
  return locale.timeFormat(QLocale::ShortFormat).contains(QLatin1String("AP"), Qt::CaseInsensitive);
}

}  // namespace

QDateTime dateTimeOf(TimeMicros time, Zone zone) {
  // Rounded down also before 1970.
  const qint64 millis = time >= 0 ? time / 1000 : -((-time + 999) / 1000);
  return QDateTime::fromMSecsSinceEpoch(millis, zone == Zone::Utc ? Qt::UTC : Qt::LocalTime);
}

QString dayText(const QDateTime& at) {
  const QLocale locale;
  return locale.toString(at.date(), monthFirst(locale) ? QStringLiteral("MMM d") : QStringLiteral("d MMM"));
}

QString dateText(const QDateTime& at) {
  const QLocale locale;
  return locale.toString(at.date(), monthFirst(locale) ? QStringLiteral("MMM d, yyyy") : QStringLiteral("d MMM yyyy"));
}

QString clockText(const QDateTime& at, bool seconds) {
  const QLocale locale;
  if (twelveHours(locale))
    return locale.toString(at.time(), seconds ? QStringLiteral("h:mm:ss AP") : QStringLiteral("h:mm AP"));
  return locale.toString(at.time(), seconds ? QStringLiteral("HH:mm:ss") : QStringLiteral("HH:mm"));
}

QString offsetText(const QDateTime& at) {
  const int minutes = std::abs(at.offsetFromUtc()) / 60;
  return QStringLiteral("%1%2:%3")
      .arg(at.offsetFromUtc() < 0 ? QStringLiteral("\u2212") : QStringLiteral("+"))
      .arg(minutes / 60, 2, 10, QLatin1Char('0'))
      .arg(minutes % 60, 2, 10, QLatin1Char('0'));
}

QString momentText(TimeMicros time, Zone zone) {
  const QDateTime at = dateTimeOf(time, zone);
  const QLocale locale;
  QString clock = clockText(at, true);
  const QString millis = QStringLiteral(".%1").arg(at.time().msec(), 3, 10, QLatin1Char('0'));
  const auto end = twelveHours(locale) ? clock.lastIndexOf(QLatin1Char(' ')) : clock.size();
  clock.insert(end < 0 ? clock.size() : end, millis);
  return QStringLiteral("%1 %2 %3")
      .arg(dateText(at), clock, zone == Zone::Utc ? QStringLiteral("UTC") : offsetText(at));
}

QString durationText(TimeMicros duration) {
  const double seconds = static_cast<double>(duration) / 1e6;
  const auto whole = [](double value) { return static_cast<int>(value + 0.5); };
  if (seconds < 1) return TimeText::tr("%1 ms").arg(whole(seconds * 1000));
  if (seconds < 120) return TimeText::tr("%1 s").arg(whole(seconds));
  if (seconds < 2 * 3600) return TimeText::tr("%1 min").arg(whole(seconds / 60));
  if (seconds < 2 * 86400) return TimeText::tr("%1 h").arg(whole(seconds / 3600));
  if (seconds < 60 * 86400.0) return TimeText::tr("%1 days").arg(whole(seconds / 86400));
  if (seconds < 730 * 86400.0) return TimeText::tr("%1 months").arg(whole(seconds / 2629746));
  return TimeText::tr("%1 years").arg(whole(seconds / 31556952));
}

}  // namespace drift::gui::timeline
