#include "plan/coercion.h"

#include <algorithm>

namespace drift::plan {

using types::CastContext;
using types::Type;
using types::TypeId;

namespace {

/// True if values of `from` already are values of `to`: the same type, without modifiers to hold them to.
bool isSubtype(Type from, Type to) { return from == to || (from.id() == to.id() && to == Type(to.id())); }

/// Computes a call whose arguments are all constants. Where that fails the call stays: it may stand in a
/// branch that no row reaches.
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
  return makeConstant(out.get(0), call->span);
}

Result<ExpressionPtr> coerceLiteral(ExpressionPtr literal, Type to, CastContext context,
                                    const BindEnvironment& environment) {
  if (literal->value.isNull()) return makeConstant(types::Value::null(to), literal->span);
  const types::TextStyle style{environment.context.timeZone};
  // The text is read as the bare type first, so that length and scale are held to by the rules of a cast.
  auto parsed = types::parseText(literal->value.asString(), Type(to.id()), style);
  if (!parsed.ok()) return std::move(parsed).error().at(literal->span);
  if (to == Type(to.id())) return makeConstant(std::move(parsed).value(), literal->span);
  auto cast = types::cast(parsed.value(), to, context, style);
  if (!cast.ok()) return std::move(cast).error().at(literal->span);
  return makeConstant(std::move(cast).value(), literal->span);
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
  const auto span = expression->span;
  if (expression->kind == ExpressionKind::Constant) {
    auto value = types::cast(expression->value, to, context, types::TextStyle{environment.context.timeZone});
    if (value.ok()) return makeConstant(std::move(value).value(), span);
  }
  auto cast = std::make_unique<Expression>(ExpressionKind::Cast, to, span);
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
