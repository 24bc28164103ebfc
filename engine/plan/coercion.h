// Conversions that the binder puts in by itself (PostgreSQL chapter 10), and calls on typed arguments.
// Constants are computed at once, where that cannot fail. Free functions; one thread at a time.
#pragma once

#include "plan/environment.h"
#include "plan/expression.h"

namespace drift::plan {

/// Converts an expression to a type as an assignment, an explicit cast or a call would. An untyped literal
/// is read as the type; errors of that have its place. CannotCoerce where there is no such cast.
Result<ExpressionPtr> coerce(ExpressionPtr expression, types::Type to, types::CastContext context,
                             const BindEnvironment& environment);
/// Converts a condition: `clause` names it in the sentence "argument of WHERE must be type boolean, …".
Result<ExpressionPtr> coerceCondition(ExpressionPtr expression, std::string_view clause,
                                      const BindEnvironment& environment);
/// Converts expressions to the type they share; `clause` names the place: "CASE types … cannot be matched".
Status coerceToCommon(std::vector<ExpressionPtr*> expressions, std::string_view clause,
                      const BindEnvironment& environment);
/// Gives untyped literals the type text.
Result<ExpressionPtr> resolveUnknown(ExpressionPtr expression, const BindEnvironment& environment);

/// Makes a call with its arguments converted; computed at once where all are constants.
Result<ExpressionPtr> makeCall(const functions::ScalarMatch& match, std::vector<ExpressionPtr> arguments,
                               SourceSpan span, const BindEnvironment& environment);
Result<ExpressionPtr> makeOperatorCall(std::string_view op, std::vector<ExpressionPtr> arguments, SourceSpan opSpan,
                                       SourceSpan span, const BindEnvironment& environment);
Result<ExpressionPtr> makeFunctionCall(std::string_view name, std::vector<ExpressionPtr> arguments, SourceSpan span,
                                       const BindEnvironment& environment);

std::vector<types::Type> typesOf(const std::vector<ExpressionPtr>& expressions);

}  // namespace drift::plan
