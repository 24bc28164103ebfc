#include <QTest>

#include "models/moment_text.h"

using namespace drift;
using namespace drift::gui::models;

namespace {

const QDateTime kNow(QDate(2025, 11, 12), QTime(14, 2, 11));

TimeMicros at(int year, int month, int day, int hour, int minute, int second = 0) {
  return QDateTime(QDate(year, month, day), QTime(hour, minute, second)).toMSecsSinceEpoch() * 1000;
}

}  // namespace

class TestMomentText final : public QObject {
  Q_OBJECT

 private slots:
  void readsCommits();
  void readsLive();
  void readsTimes_data();
  void readsTimes();
  void refuses_data();
  void refuses();
  void saysHowLongAgo_data();
  void saysHowLongAgo();
  void countsChanges();
};

void TestMomentText::readsCommits() {
  const auto request = parseMoment(QStringLiteral(" #18231 "), kNow);
  QVERIFY(request && std::holds_alternative<CommitNumber>(*request));
  QCOMPARE(std::get<CommitNumber>(*request), CommitNumber{18231});
}

void TestMomentText::readsLive() {
  for (const char* word : {"live", "NOW"})
    QVERIFY(std::holds_alternative<LiveMoment>(parseMoment(QLatin1String(word), kNow).value()));
}

void TestMomentText::readsTimes_data() {
  QTest::addColumn<QString>("text");
  QTest::addColumn<qint64>("micros");
  const qint64 now = kNow.toMSecsSinceEpoch() * 1000;
  QTest::newRow("iso") << "2025-11-12T14:02" << qint64{at(2025, 11, 12, 14, 2)};
  QTest::newRow("iso with a blank") << "2025-11-12 14:02:11" << qint64{at(2025, 11, 12, 14, 2, 11)};
  QTest::newRow("day") << "2024-02-29" << qint64{at(2024, 2, 29, 0, 0)};
  QTest::newRow("written day") << "9 Oct 2025" << qint64{at(2025, 10, 9, 0, 0)};
  QTest::newRow("written day and time") << "9 Oct 2025 18:30" << qint64{at(2025, 10, 9, 18, 30)};
  QTest::newRow("clock") << "9:30" << qint64{at(2025, 11, 12, 9, 30)};
  QTest::newRow("today") << "today 9:00" << qint64{at(2025, 11, 12, 9, 0)};
  QTest::newRow("yesterday") << "Yesterday 14:30" << qint64{at(2025, 11, 11, 14, 30)};
  QTest::newRow("hours") << "2 h ago" << now - 7'200'000'000;
  QTest::newRow("short") << "90min" << now - 5'400'000'000;
  QTest::newRow("days") << "3 days ago" << now - 3 * 86'400'000'000;
  QTest::newRow("far") << "99999 y ago" << now - qint64{99'999} * 31'556'952 * 1'000'000;
}

void TestMomentText::readsTimes() {
  QFETCH(QString, text);
  QFETCH(qint64, micros);
  const auto request = parseMoment(text, kNow);
  QVERIFY(request && std::holds_alternative<TimeMicros>(*request));
  QCOMPARE(qint64{std::get<TimeMicros>(*request)}, micros);
}

void TestMomentText::refuses_data() {
  QTest::addColumn<QString>("text");
  for (const char* text : {"", "#", "#0", "#-4", "#12x", "12", "soon", "2025-13-40", "25:00", "3 sheep ago", "yesterday noonish"})
    QTest::newRow(*text ? text : "empty") << QString::fromLatin1(text);
}

void TestMomentText::refuses() {
  QFETCH(QString, text);
  QVERIFY(!parseMoment(text, kNow));
}

void TestMomentText::saysHowLongAgo_data() {
  QTest::addColumn<qint64>("seconds");
  QTest::addColumn<QString>("text");
  QTest::newRow("future") << qint64{-5} << "just now";
  QTest::newRow("now") << qint64{10} << "just now";
  QTest::newRow("minutes") << qint64{600} << "10 min ago";
  QTest::newRow("hours") << qint64{10'800} << "3 h ago";
  QTest::newRow("a day") << qint64{100'000} << "1 day ago";
  QTest::newRow("days") << qint64{86'400 * 12} << "12 days ago";
  QTest::newRow("months") << qint64{86'400 * 90} << "3 months ago";
  QTest::newRow("years") << qint64{86'400 * 365 * 4 + 90'000} << "4 years ago";
}

void TestMomentText::saysHowLongAgo() {
  QFETCH(qint64, seconds);
  QFETCH(QString, text);
  QCOMPARE(relativeTime(kNow.addSecs(-seconds).toMSecsSinceEpoch() * 1000, kNow), text);
}

void TestMomentText::countsChanges() {
  api::Commit commit;
  QCOMPARE(countsText(commit), QString());
  commit.tables = {{64, "orders", 3, 1, 0}, {65, "events", 0, 0, 2}, {66, "quiet", 0, 0, 0}};
  QCOMPARE(countsText(commit), QStringLiteral("+3 ~1 orders, \u22122 events"));
}

QTEST_GUILESS_MAIN(TestMomentText)
#include "tst_moment_text.moc"
