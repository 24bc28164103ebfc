#include "plan/collated.h"

#include "functions/collation.h"
#include "sql/call_names.h"

namespace drift::plan {

using types::TypeId;

std::optional<Collated> collatedBy(const sql::Expression& expression) {
  const auto* call = sql::getIf<sql::FunctionCall>(expression);
  if (!call || call->syntax != sql::CallSyntax::Plain || call->arguments.size() != 2) return std::nullopt;
  if (call->name.parts.size() != 1 || call->name.parts.front().text != sql::kCollateCall)
    return std::nullopt;
  const auto* name = sql::getIf<sql::Literal>(*call->arguments[1]);
  if (!name) return std::nullopt;
  return Collated{&withoutCollation(*call->arguments[0]), name->text};
}

const sql::Expression& withoutCollation(const sql::Expression& expression) {
  const auto collated = collatedBy(expression);
  return collated ? *collated->operand : expression;
}

Result<std::optional<std::string>> collationFor(std::string_view op, const sql::Expression& left,
                                                const sql::Expression& right, SourceSpan span) {
  const auto first = collatedBy(left);
  const auto second = collatedBy(right);
  std::optional<std::string> result;
  if (!first && !second) return result;
  result = first ? first->collation : second->collation;
  if (first && second && first->collation != second->collation)
    return makeError(ErrorKind::DatatypeMismatch, "collation mismatch between explicit collations \"{}\" and \"{}\"",
                     first->collation, second->collation)
        .at(span);
  DRIFT_TRY(functions::checkCollation(*result));
  const bool compares = op == "=" || op == "<>" || op == "<" || op == "<=" || op == ">" || op == ">=";
  if (!compares && !functions::isBytewiseCollation(*result))
    return makeError(ErrorKind::FeatureNotSupported, "operator {} is not supported under the collation \"{}\"", op,
                     *result)
        .at(span);
  return result;
}

Result<ExpressionPtr> orderedBy(ExpressionPtr value, const std::string& collation, SourceSpan span,
                                const BindEnvironment& environment) {
  if (auto known = functions::checkCollation(collation); !known.ok()) return std::move(known).error().at(span);
  DRIFT_ASSIGN(value, resolveUnknown(std::move(value), environment));
  if (!value->type.isText())
    return makeError(ErrorKind::DatatypeMismatch, "collations are not supported by type {}", value->type.name())
        .at(span);
  if (functions::isBytewiseCollation(collation)) return value;
  std::vector<ExpressionPtr> arguments;
  arguments.push_back(std::move(value));
  arguments.push_back(makeConstant(types::Value::text(collation), span));
  return makeOperatorCall(functions::kCollationKeyName, std::move(arguments), span, span, environment);
}

}  // namespace drift::plan
