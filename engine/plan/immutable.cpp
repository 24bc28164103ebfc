#include "plan/immutable.h"

#include <optional>

namespace drift::plan {

using types::TypeId;

namespace {

/// True for types of which texts are made, and read, by the session's settings.
bool isTemporal(types::Type type) {
  return type.id() == TypeId::Date || type.id() == TypeId::Timestamp || type.id() == TypeId::TimestampTz;
}

bool isImmutableCast(types::Type from, types::Type to) {
  if (from.id() == to.id()) return true;
  if (from.id() == TypeId::TimestampTz || to.id() == TypeId::TimestampTz) return false;
  if (isTemporal(from) && to.isText()) return false;
  return !(from.isText() && (isTemporal(to) || to.id() == TypeId::Interval));
}

/// Binds in another time zone, at another time. Null where something in it holds now only.
Result<ExpressionPtr> bindElsewhere(const BindEnvironment& environment,
                                    const std::function<Result<ExpressionPtr>(const BindEnvironment&)>& bind,
                                    const char* timeZone, TimeMicros time) {
  auto context = environment.context;
  context.timeZone = timeZone;
  context.transactionTime = time;
  PlanTraits traits;
  const BindEnvironment elsewhere{.moments = environment.moments,
                                  .registry = environment.registry,
                                  .context = context,
                                  .parameters = {},
                                  .moment = {},
                                  .traits = &traits};
  DRIFT_ASSIGN(auto bound, bind(elsewhere));
  return traits.lasting ? std::move(bound) : nullptr;
}

}  // namespace

bool isImmutable(const Expression& expression) {
  bool result = true;
  visit(expression, [&](const Expression& node) {
    switch (node.kind) {
      case ExpressionKind::Function:
      case ExpressionKind::NullIf:
      case ExpressionKind::ArrayAny:
        if (node.function.function->volatility != functions::Volatility::Immutable) result = false;
        break;
      case ExpressionKind::Cast:
        if (!isImmutableCast(node.arguments[0]->type, node.type)) result = false;
        break;
      case ExpressionKind::NextKey:
      case ExpressionKind::Sequence: result = false; break;
      default: break;  // these give the same for the same arguments
    }
  });
  return result;
}

Result<bool> isKeptSafely(const BindEnvironment& environment,
                          const std::function<Result<ExpressionPtr>(const BindEnvironment&)>& bind) {
  DRIFT_ASSIGN(const auto here, bindElsewhere(environment, bind, "UTC", 0));
  DRIFT_ASSIGN(const auto there, bindElsewhere(environment, bind, "Pacific/Kiritimati", 86'400'000'000));
  // Literals are read as the statement is bound: where that hangs on the settings, they are not the same later.
  return here && there && isImmutable(*here) && sameExpression(*here, *there);
}

bool hasSetFunction(const Expression& expression) {
  bool found = false;
  visit(expression, [&](const Expression& node) { found = found || node.kind == ExpressionKind::SetFunction; });
  return found;
}

}  // namespace drift::plan
