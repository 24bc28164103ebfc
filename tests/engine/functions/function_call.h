// Calls of functions as SQL makes them, for tests: arguments as "type:text", results as text.
#pragma once

#include <QString>
#include <QStringList>
#include <QtTest>

#include <array>

#include "functions/registry.h"
#include "types/cast.h"

namespace drift::functions::testing {

/// Value of "integer:5", "unknown:x", "text:NULL" (a NULL of that type).
inline types::Value argumentOf(const QString& text) {
  const auto colon = text.indexOf(':');
  const auto type = *types::typeFromName(text.left(colon).toStdString());
  const auto body = text.mid(colon + 1);
  if (body == "NULL") return types::Value::null(type);
  const auto value = types::parseText(body.toStdString(), type);
  if (!value) qFatal("bad test argument %s: %s", qPrintable(text), value.error().message().c_str());
  return *value;
}

inline FunctionContext testContext(const std::string& zone = "UTC") {
  FunctionContext context;
  context.transactionTime = 1'762'956'131'208'000;  // 2025-11-12 14:02:11.208 UTC
  context.statementTime = context.transactionTime + 1'000'000;
  context.clockNow = [](const void*) -> TimeMicros { return 1'762'956'140'000'000; };
  context.text.timeZone = zone;
  return context;
}

inline QString shown(const Result<types::Value>& value, const FunctionContext& context) {
  if (!value) return QString::fromStdString(value.error().message());
  if (value->isNull()) return "NULL";
  return QString::fromStdString(types::toText(*value, context.text));
}

/// A function with its arguments, as a binder prepares it.
struct Prepared {
  ScalarMatch match;
  std::vector<types::Value> values;  ///< cast to the parameters
};

/// Resolves a function or operator for arguments and casts these.
inline Result<Prepared> prepare(const Registry& registry, const QString& name, const QStringList& arguments,
                                const FunctionContext& context) {
  Prepared result;
  std::vector<types::Type> types;
  for (const auto& argument : arguments) {
    result.values.push_back(argumentOf(argument));
    types.push_back(result.values.back().type());
  }
  const bool isOperator = !name[0].isLetter() && name[0] != '_';
  DRIFT_ASSIGN(result.match, isOperator ? registry.resolveOperator(name.toStdString(), types)
                                        : registry.resolveScalar(name.toStdString(), types));
  for (std::size_t i = 0; i < types.size(); ++i) {
    DRIFT_ASSIGN(result.values[i],
                 types::cast(result.values[i], result.match.parameters[i], types::CastContext::Implicit, context.text));
  }
  return result;
}

inline Result<types::Vector> run(const Prepared& prepared, std::span<const types::Vector> vectors, std::size_t rows,
                                 const FunctionContext& context) {
  types::Vector out(prepared.match.result, rows);
  DRIFT_TRY(prepared.match.function->kernel(context, vectors, rows, out));
  return out;
}

/// Runs a prepared call over constants.
inline Result<types::Value> runConstant(const Prepared& prepared, const FunctionContext& context) {
  std::vector<types::Vector> vectors;
  for (const auto& value : prepared.values) vectors.push_back(types::Vector::constant(value));
  DRIFT_ASSIGN(const auto out, run(prepared, vectors, 1, context));
  return out.get(0);
}

/// Columns and rows of a table of calls: name, arguments, the type and the text of the result. For
/// an error the type is empty and the text its sentence.
inline void addCallColumns() {
  QTest::addColumn<QString>("name");
  QTest::addColumn<QStringList>("arguments");
  QTest::addColumn<QString>("type");
  QTest::addColumn<QString>("expected");
}

inline void addCall(const char* name, std::initializer_list<const char*> arguments, const char* type,
                    const char* expected) {
  QStringList list;
  for (const auto* argument : arguments) list << argument;
  QTest::newRow(qPrintable(QString("%1(%2)").arg(name, list.join(", ")))) << name << list << type << expected;
}

/// Functions that see NULLs instead of giving NULL for them.
inline bool seesNulls(const QString& name) {
  return QStringList{"concat", "concat_ws", "pg_typeof", "num_nulls", "num_nonnulls"}.contains(name);
}

/// Runs the current row of such a table, over constants and over the other kinds of vectors.
inline void checkCall(const Registry& registry) {
  QFETCH(QString, name);
  QFETCH(QStringList, arguments);
  QFETCH(QString, type);
  QFETCH(QString, expected);
  const auto context = testContext();
  const auto prepared = prepare(registry, name, arguments, context);
  const auto result = prepared ? runConstant(*prepared, context) : prepared.error();
  QCOMPARE(shown(result, context), expected);
  QCOMPARE(result ? QString::fromStdString(result->type().name()) : QString(), type);
  if (!prepared || arguments.isEmpty()) return;

  // Rows: the arguments, NULLs, the arguments.
  std::vector<types::Vector> flat;
  std::vector<types::Vector> picked;
  std::vector<types::Vector> mixed;  // the first flat, the others constant
  for (const auto& value : prepared->values) {
    types::Vector vector(value.type(), 3);
    vector.set(0, value);
    vector.setNull(1);
    vector.set(2, value);
    picked.push_back(types::Vector::select(vector, std::array<std::uint16_t, 3>{2, 1, 0}));
    mixed.push_back(mixed.empty() ? vector : types::Vector::constant(value));
    flat.push_back(std::move(vector));
  }
  for (const auto* vectors : {&flat, &picked, &mixed}) {
    const auto out = run(*prepared, *vectors, 3, context);
    if (!out) {
      QCOMPARE(QString::fromStdString(out.error().message()), expected);
      continue;
    }
    QCOMPARE(shown(out->get(0), context), expected);
    QCOMPARE(shown(out->get(2), context), expected);
    if (!seesNulls(name)) QVERIFY(out->isNull(1));
  }
}

}  // namespace drift::functions::testing
