// VERIFY_OK: fails the test with the sentence of an error. For tests.
#pragma once

#include <QtTest>

#include "base/result.h"

#define VERIFY_OK(expression)                                                       \
  do {                                                                              \
    const ::drift::Status status_ = (expression);                                   \
    QVERIFY2(status_.ok(), status_.ok() ? "" : status_.error().toString().c_str()); \
  } while (false)
