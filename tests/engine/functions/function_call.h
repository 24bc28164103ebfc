// Calls of functions as SQL makes them, for tests: arguments as "type:text", results as text.
#pragma once

#include <QString>
#include <QStringList>

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

/// Resolves and runs a function or operator over constant arguments.
inline Result<types::Value> call(const Registry& registry, const QString& name, const QStringList& arguments,
                                 const FunctionContext& context) {
  std::vector<types::Value> values;
  std::vector<types::Type> types;
  for (const auto& argument : arguments) {
    values.push_back(argumentOf(argument));
    types.push_back(values.back().type());
  }
  const bool isOperator = !name[0].isLetter() && name[0] != '_';
  DRIFT_ASSIGN(const auto match, isOperator ? registry.resolveOperator(name.toStdString(), types)
                                            : registry.resolveScalar(name.toStdString(), types));
  std::vector<types::Vector> vectors;
  for (std::size_t i = 0; i < values.size(); ++i) {
    DRIFT_ASSIGN(auto vector, types::cast(types::Vector::constant(values[i]), 1, match.parameters[i],
                                          types::CastContext::Implicit, context.text));
    vectors.push_back(std::move(vector));
  }
  types::Vector out(match.result, 1);
  DRIFT_TRY(match.function->kernel(context, vectors, 1, out));
  return out.get(0);
}

}  // namespace drift::functions::testing
