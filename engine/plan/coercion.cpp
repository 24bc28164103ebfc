#include "plan/coercion.h"

#include <algorithm>

#include "types/calendar.h"

namespace drift::plan {

using types::CastContext;
using types::Type;
using types::TypeId;
using types::Value;

namespace {

/// True if values of `from` already are values of `to`: the same type, without modifiers to hold them to.
bool isSubtype(Type from, Type to) { return from == to || (from.bare() == to.bare() && to == to.bare()); }

/// Computes a call whose arguments are all constants. Where that fails the call stays: it may stand in a
/// branch that no row reaches.
/// A constant that was computed of another one by a cast.
ExpressionPtr converted(Value value, const Expression& from, Type to, CastContext context) {
  auto made = makeConstant(std::move(value), from.span);
  if (!from.parameter) return made;
  auto use = std::make_shared<ParameterUse>(*from.parameter);
  use->casts.emplace_back(to, context);
  made->parameter = std::move(use);
  return made;
}

ExpressionPtr fold(ExpressionPtr call, const BindEnvironment& environment) {
  const auto& function = *call->function.function;
  if (function.volatility == functions::Volatility::Volatile) return call;
  std::vector<types::Vector> arguments;
  for (const auto& argument : call->arguments) {
    if (argument->kind != ExpressionKind::Constant) return call;
    arguments.push_back(types::Vector::constant(argument->value));
  }
  types::Vector out(call->type, 1);
  if (!function.kernel(functionContext(environment.context), arguments, 1, out).ok()) return call;
  if (function.volatility == functions::Volatility::Stable && environment.traits) environment.traits->lasting = false;
  return makeConstant(out.get(0), call->span);
}

/// A date that is compared with a constant time: gives the comparison of the date with a date, which is computed faster
/// and of which key ranges can be made; null where the call is no such thing.
ExpressionPtr comparedAsDate(const Expression& call, const BindEnvironment& environment) {
  constexpr std::int64_t kMicrosOfDay = 86'400'000'000;
  std::string_view op = call.function.function->name;
  const bool compares = op == "=" || op == "<>" || op == "<" || op == "<=" || op == ">" || op == ">=";
  if (!compares || call.arguments.size() != 2) return nullptr;
  for (const std::size_t side : {0, 1}) {
    const auto& cast = *call.arguments[side];
    const auto& constant = *call.arguments[1 - side];
    if (cast.kind != ExpressionKind::Cast || cast.type.id() != TypeId::Timestamp ||
        cast.arguments[0]->type.id() != TypeId::Date)
      continue;
    if (constant.kind != ExpressionKind::Constant || constant.value.isNull() || constant.parameter) return nullptr;
    const auto time = constant.value.asInt();
    auto day = time / kMicrosOfDay - (time % kMicrosOfDay < 0);
    if (day < types::kDateMin || day > types::kDateMax) return nullptr;  // infinity, and what is no date
    if (time != day * kMicrosOfDay) {
      // Between two days: what is before the time is the day or before it.
      if (op == "=" || op == "<>") return nullptr;
      const bool below = op[0] == '<';
      if (side == 0) op = below ? "<=" : ">";
      else op = below ? "<" : ">=";
    }
    const Type dates[] = {TypeId::Date, TypeId::Date};
    auto match = environment.registry.resolveOperator(op, dates);
    if (!match.ok()) return nullptr;
    auto compared = std::make_unique<Expression>(ExpressionKind::Function, call.type, call.span);
    compared->function = std::move(match).value();
    compared->arguments.resize(2);
    compared->arguments[side] = clone(*cast.arguments[0]);
    compared->arguments[1 - side] = makeConstant(Value(TypeId::Date, day), constant.span);
    return compared;
  }
  return nullptr;
}

Result<ExpressionPtr> coerceLiteral(ExpressionPtr literal, Type to, CastContext context,
                                    const BindEnvironment& environment) {
  if (literal->value.isNull()) return converted(Value::null(to), *literal, to, context);
  const types::TextStyle style{environment.context.timeZone};
  // The text is read as the bare type first, so that length and scale are held to by the rules of a cast.
  auto parsed = types::parseText(literal->value.asString(), to.bare(), style);
  if (!parsed.ok()) return std::move(parsed).error().at(literal->span);
  if (to == to.bare()) return converted(std::move(parsed).value(), *literal, to, context);
  auto cast = types::cast(parsed.value(), to, context, style);
  if (!cast.ok()) return std::move(cast).error().at(literal->span);
  return converted(std::move(cast).value(), *literal, to, context);
}

}  // namespace

functions::FunctionContext functionContext(const runtime::QueryContext& context) {
  functions::FunctionContext result;
  result.transactionTime = context.transactionTime;
  result.statementTime = context.clock.now();
  result.clock = &context.clock;
  result.clockNow = [](const void* clock) { return static_cast<const Clock*>(clock)->now(); };
  result.text.timeZone = context.timeZone;
  return result;
}

std::vector<Type> typesOf(const std::vector<ExpressionPtr>& expressions) {
  std::vector<Type> types;
  for (const auto& expression : expressions) types.push_back(expression->type);
  return types;
}

Result<ExpressionPtr> coerce(ExpressionPtr expression, Type to, CastContext context,
                             const BindEnvironment& environment) {
  if (expression->type.id() == TypeId::Unknown && expression->kind == ExpressionKind::Constant)
    return coerceLiteral(std::move(expression), to, context, environment);
  if (isSubtype(expression->type, to)) return expression;
  if (!types::canCast(expression->type, to, context))
    return makeError(ErrorKind::CannotCoerce, "cannot cast type {} to {}", expression->type.name(), to.name())
        .at(expression->span);
  if (expression->kind == ExpressionKind::Constant) {
    auto value = types::cast(expression->value, to, context, types::TextStyle{environment.context.timeZone});
    if (value.ok()) return converted(std::move(value).value(), *expression, to, context);
  }
  auto cast = std::make_unique<Expression>(ExpressionKind::Cast, to, expression->span);
  cast->castContext = context;
  cast->arguments.push_back(std::move(expression));
  return cast;
}

Result<ExpressionPtr> coerceCondition(ExpressionPtr expression, std::string_view clause,
                                      const BindEnvironment& environment) {
  const bool literal = expression->type.id() == TypeId::Unknown && expression->kind == ExpressionKind::Constant;
  if (expression->type.id() != TypeId::Boolean && !literal)
    return makeError(ErrorKind::DatatypeMismatch, "argument of {} must be type boolean, not type {}", clause,
                     expression->type.name())
        .at(expression->span);
  return coerce(std::move(expression), TypeId::Boolean, CastContext::Implicit, environment);
}

Status coerceToCommon(std::vector<ExpressionPtr*> expressions, std::string_view clause,
                      const BindEnvironment& environment) {
  std::vector<Type> types;
  for (const auto* expression : expressions) types.push_back((*expression)->type);
  const auto common = types::commonType(types);
  if (!common) {
    // PostgreSQL names the first two that do not go together.
    for (std::size_t at = 1; at < types.size(); ++at) {
      const Type pair[] = {types[0], types[at]};
      if (!types::commonType(pair))
        return makeError(ErrorKind::DatatypeMismatch, "{} types {} and {} cannot be matched", clause, types[0].name(),
                         types[at].name())
            .at((*expressions[at])->span);
    }
    return makeError(ErrorKind::DatatypeMismatch, "{} types cannot be matched", clause).at((*expressions[0])->span);
  }
  for (auto* expression : expressions) {
    DRIFT_ASSIGN(*expression, coerce(std::move(*expression), *common, CastContext::Implicit, environment));
  }
  return {};
}

Result<ExpressionPtr> resolveUnknown(ExpressionPtr expression, const BindEnvironment& environment) {
  if (expression->type.id() != TypeId::Unknown) return expression;
  return coerce(std::move(expression), TypeId::Text, CastContext::Implicit, environment);
}

Result<ExpressionPtr> makeCall(const functions::ScalarMatch& match, std::vector<ExpressionPtr> arguments,
                               SourceSpan span, const BindEnvironment& environment) {
  for (std::size_t at = 0; at < arguments.size(); ++at) {
    const auto parameter = match.parameters[at];
    // A parameter of type unknown takes anything; an untyped literal there is text.
    const auto wanted = parameter.id() != TypeId::Unknown             ? parameter
                        : arguments[at]->type.id() == TypeId::Unknown ? Type(TypeId::Text)
                                                                      : arguments[at]->type;
    DRIFT_ASSIGN(arguments[at], coerce(std::move(arguments[at]), wanted, CastContext::Implicit, environment));
  }
  auto call = std::make_unique<Expression>(ExpressionKind::Function, match.result, span);
  call->function = match;
  call->arguments = std::move(arguments);
  if (auto compared = comparedAsDate(*call, environment)) return compared;
  return fold(std::move(call), environment);
}

Result<ExpressionPtr> makeOperatorCall(std::string_view op, std::vector<ExpressionPtr> arguments, SourceSpan opSpan,
                                       SourceSpan span, const BindEnvironment& environment) {
  auto match = environment.registry.resolveOperator(op, typesOf(arguments));
  if (!match.ok()) return std::move(match).error().at(opSpan);
  return makeCall(*match, std::move(arguments), span, environment);
}

Result<ExpressionPtr> makeFunctionCall(std::string_view name, std::vector<ExpressionPtr> arguments, SourceSpan span,
                                       const BindEnvironment& environment) {
  auto match = environment.registry.resolveScalar(name, typesOf(arguments));
  if (!match.ok()) return std::move(match).error().at(span);
  return makeCall(*match, std::move(arguments), span, environment);
}

}  // namespace drift::plan
