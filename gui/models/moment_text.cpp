#include "models/moment_text.h"

#include <array>

#include <QCoreApplication>
#include <QLocale>
#include <QRegularExpression>

namespace drift::gui::models {

namespace {

class MomentText {
  Q_DECLARE_TR_FUNCTIONS(MomentText)
 public:
  static QString ago(qint64 seconds);
  static QString words(const api::TableCounts& counts);
};

TimeMicros microsOf(const QDateTime& time) { return time.toMSecsSinceEpoch() * 1000; }

std::optional<qint64> unitSeconds(const QString& unit) {
  struct Unit {
    const char* prefix;
    qint64 seconds;
  };
  static constexpr std::array units{
      Unit{"s", 1},       Unit{"sec", 1},       Unit{"second", 1},      Unit{"min", 60},     Unit{"m", 60},
      Unit{"minute", 60}, Unit{"h", 3600},      Unit{"hour", 3600},     Unit{"d", 86400},    Unit{"day", 86400},
      Unit{"w", 604800},  Unit{"week", 604800}, Unit{"month", 2629746}, Unit{"y", 31556952}, Unit{"year", 31556952}};
  const QString singular = unit.size() > 3 && unit.endsWith(QLatin1Char('s')) ? unit.chopped(1) : unit;
  for (const auto& known : units)
    if (singular == QLatin1String(known.prefix)) return known.seconds;
  return std::nullopt;
}

std::optional<QTime> parseClock(const QString& text) {
  for (const char* format : {"H:mm:ss.zzz", "H:mm:ss", "H:mm"}) {
    const QTime time = QTime::fromString(text, QLatin1String(format));
    if (time.isValid()) return time;
  }
  return std::nullopt;
}

std::optional<QDate> parseDay(const QString& text, const QDateTime& now) {
  if (text == QLatin1String("today")) return now.date();
  if (text == QLatin1String("yesterday")) return now.date().addDays(-1);
  // Qt reads an ISO date also where a time follows it.
  QDate date = text.size() == 10 ? QDate::fromString(text, Qt::ISODate) : QDate();
  if (date.isValid()) return date;
  for (const QLocale& locale : {QLocale(), QLocale::c()}) {
    for (const char* format : {"d MMM yyyy", "d MMMM yyyy"}) {
      date = locale.toDate(text, QLatin1String(format));
      if (date.isValid()) return date;
    }
  }
  return std::nullopt;
}

std::optional<MomentRequest> parseAgo(const QString& text, const QDateTime& now) {
  static const QRegularExpression ago(QStringLiteral("^(\\d{1,5})\\s*([a-z]+)(?:\\s+ago)?$"));
  const auto match = ago.match(text);
  if (!match.hasMatch()) return std::nullopt;
  const auto seconds = unitSeconds(match.captured(2));
  if (!seconds) return std::nullopt;
  return MomentRequest(microsOf(now) - match.captured(1).toLongLong() * *seconds * 1'000'000);
}

std::optional<MomentRequest> parseDayAndClock(const QString& text, const QDateTime& now) {
  if (const auto day = parseDay(text, now)) return MomentRequest(microsOf(QDateTime(*day, QTime(0, 0))));
  if (const auto clock = parseClock(text)) return MomentRequest(microsOf(QDateTime(now.date(), *clock)));
  const QString separated =
      QString(text).replace(QRegularExpression(QStringLiteral("(?<=\\d)[tT](?=\\d)")), QStringLiteral(" "));
  const auto at = separated.lastIndexOf(QLatin1Char(' '));
  if (at < 0) return std::nullopt;
  const auto day = parseDay(separated.left(at).trimmed(), now);
  const auto clock = parseClock(separated.mid(at + 1));
  if (!day || !clock) return std::nullopt;
  return MomentRequest(microsOf(QDateTime(*day, *clock)));
}

}  // namespace

QString MomentText::ago(qint64 seconds) {
  if (seconds < 45) return tr("just now");
  if (seconds < 3600) return tr("%1 min ago").arg((seconds + 30) / 60);
  if (seconds < 86400) return tr("%1 h ago").arg((seconds + 1800) / 3600);
  if (seconds < 86400 * 2) return tr("1 day ago");
  if (seconds < 86400 * 45) return tr("%1 days ago").arg((seconds + 43200) / 86400);
  if (seconds < 86400 * 548) return tr("%1 months ago").arg((seconds + 1314873) / 2629746);
  if (seconds < 31556952 * 2) return tr("1.5 years ago");
  return tr("%1 years ago").arg(seconds / 31556952);
}

QString MomentText::words(const api::TableCounts& counts) {
  const auto number = [](std::uint32_t count) { return QLocale().toString(count); };
  QStringList parts;
  if (counts.inserted)
    parts << (counts.inserted == 1 ? tr("1 row inserted") : tr("%1 rows inserted").arg(number(counts.inserted)));
  if (counts.updated)
    parts << (counts.updated == 1 ? tr("1 row updated") : tr("%1 rows updated").arg(number(counts.updated)));
  if (counts.deleted)
    parts << (counts.deleted == 1 ? tr("1 row deleted") : tr("%1 rows deleted").arg(number(counts.deleted)));
  if (parts.isEmpty()) return {};
  return tr("%1 in %2", "3 rows updated in orders")
      .arg(parts.join(QStringLiteral(", ")), bridge::fromEngine(counts.name));
}

std::optional<MomentRequest> parseMoment(const QString& input, const QDateTime& now) {
  const QString text = input.simplified().toLower();
  if (text == QLatin1String("live") || text == QLatin1String("now")) return MomentRequest(LiveMoment{});
  if (text.startsWith(QLatin1Char('#'))) {
    bool number = false;
    const CommitNumber commit = QStringView(text).mid(1).trimmed().toULongLong(&number);
    return number && commit > 0 ? std::optional(MomentRequest(commit)) : std::nullopt;
  }
  if (const auto ago = parseAgo(text, now)) return ago;
  return parseDayAndClock(text, now);
}

QString momentTime(TimeMicros time) {
  const QDateTime local = QDateTime::fromMSecsSinceEpoch(time / 1000);
  return QLocale().toString(local, QStringLiteral("d MMM yyyy HH:mm:ss"));
}

QString relativeTime(TimeMicros time, const QDateTime& now) {
  return MomentText::ago(std::max<qint64>(0, now.toSecsSinceEpoch() - time / 1'000'000));
}

QString commitLabel(CommitNumber commit) {
  return QLatin1Char('#') + QLocale().toString(static_cast<qulonglong>(commit));
}

QString countsText(const api::Commit& commit) {
  QStringList parts;
  for (const auto& table : commit.tables) {
    if (parts.size() == 3) {
      parts << QStringLiteral("\u2026");
      break;
    }
    QStringList counts;
    if (table.inserted) counts << QStringLiteral("+%1").arg(table.inserted);
    if (table.updated) counts << QStringLiteral("~%1").arg(table.updated);
    if (table.deleted) counts << QStringLiteral("\u2212%1").arg(table.deleted);
    if (counts.isEmpty()) continue;
    parts << QStringLiteral("%1 %2").arg(counts.join(QLatin1Char(' ')), bridge::fromEngine(table.name));
  }
  return parts.join(QStringLiteral(", "));
}

QString countsInWords(const api::Commit& commit) {
  QStringList parts;
  for (const auto& table : commit.tables) {
    if (parts.size() == 3) break;
    const QString words = MomentText::words(table);
    if (!words.isEmpty()) parts << words;
  }
  return parts.join(QStringLiteral(", "));
}

}  // namespace drift::gui::models
