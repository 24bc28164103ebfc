// What the fault tests share of Qt Test: VERIFY_OK fails with the sentence of an error, FAULT_TEST_MAIN is main().
#pragma once

#include <QtTest>

#include "base/result.h"

#define VERIFY_OK(expression)                                                       \
  do {                                                                              \
    const ::drift::Status status_ = (expression);                                   \
    QVERIFY2(status_.ok(), status_.ok() ? "" : status_.error().toString().c_str()); \
  } while (false)

/// As QTEST_APPLESS_MAIN, but without Qt's five minutes a function: DRIFT_ROUNDS may ask for hours.
#define FAULT_TEST_MAIN(TestObject)                \
  int main(int argc, char** argv) {                \
    qputenv("QTEST_FUNCTION_TIMEOUT", "86400000"); \
    TestObject test;                               \
    return QTest::qExec(&test, argc, argv);        \
  }
