#include <QtTest>

#include "base/out_of_memory.h"

using namespace drift;

namespace {

Result<int> half(int value) {
  if (value % 2) return makeError(ErrorKind::InvalidParameterValue, "{} is odd", value);
  return value / 2;
}

Result<int> quarter(int value) {
  DRIFT_ASSIGN(const int once, half(value));
  return half(once);
}

Status checkEven(int value) {
  DRIFT_TRY(half(value));
  return {};
}

}  // namespace

class TestResult : public QObject {
  Q_OBJECT

 private slots:
  void carriesValue() {
    const auto result = quarter(12);
    QVERIFY(result.ok());
    QCOMPARE(*result, 3);
  }

  void badAllocBecomesAnError() {
    const auto work = [](bool fails) {
      return catchBadAlloc([fails]() -> Result<int> {
        if (fails) throw std::bad_alloc();
        return 3;
      });
    };
    QCOMPARE(work(false).value(), 3);
    const auto result = work(true);
    QCOMPARE(result.error().kind(), ErrorKind::OutOfMemory);
    QCOMPARE(result.error().sqlState(), "53200");
    QVERIFY(result.error().message().starts_with("memory has run out"));
    QCOMPARE(result.error().toString(), result.error().message());
  }

  void carriesErrorThroughMacros() {
    const auto result = quarter(6);
    QVERIFY(!result.ok());
    QCOMPARE(result.error().kind(), ErrorKind::InvalidParameterValue);
    QCOMPARE(result.error().message(), std::string("3 is odd"));
    QVERIFY(!checkEven(3).ok());
    QVERIFY(checkEven(4).ok());
  }

  void innermostSpanStays() {
    const auto error = Error(ErrorKind::SyntaxError, "x").at({5, 1, 2, 3}).at({0, 0, 1, 1});
    QCOMPARE(error.span()->line, 2u);
    QCOMPARE(error.toString(), std::string("line 2, column 3: x"));
  }

  void everyKindHasAnSqlState() {
    for (int kind = 0; kind <= static_cast<int>(ErrorKind::InternalError); ++kind)
      QCOMPARE(sqlState(static_cast<ErrorKind>(kind)).size(), std::size_t{5});
  }
};

QTEST_APPLESS_MAIN(TestResult)
#include "tst_result.moc"
