#include "plan/conversion.h"

#include <algorithm>

#include "plan/binder_write.h"
#include "sql/string_literal.h"

namespace drift::plan {

using types::CastContext;

Result<ExpressionPtr> bindColumnDefault(const catalog::Table& table, const catalog::Column& column,
                                        const BindEnvironment& environment) {
  return defaultOf(table, column, environment);
}

namespace {

Result<ExpressionPtr> bindUsing(const sql::Expression& expression, const Scope& scope, const catalog::Column& to,
                                Binder& binder) {
  DRIFT_ASSIGN(auto value, binder.bindExpression(expression, scope, Clause::Update));
  bool hasQuery = false;
  visit(*value, [&](const Expression& part) { hasQuery = hasQuery || part.query; });
  if (hasQuery)
    return Error(ErrorKind::FeatureNotSupported, "cannot use subquery in transform expression").at(expression.span);
  if (value->type.id() != types::TypeId::Unknown && !types::canCast(value->type, to.type, CastContext::Assignment))
    return makeError(ErrorKind::DatatypeMismatch,
                     "result of USING clause for column \"{}\" cannot be cast automatically to type {}", to.name,
                     to.type.name())
        .withHint("You might need to add an explicit cast.")
        .at(expression.span);
  return value;
}

}  // namespace

Result<RowValue> bindConversion(const catalog::Table& table, const catalog::Column& from, const catalog::Column& to,
                                const sql::Expression* usingValue, const BindEnvironment& environment) {
  Binder binder(environment);
  RowValue row;
  row.inputs = rowColumns(table, binder);
  DRIFT_ASSIGN(const auto scope, scopeOf(row.inputs, table.name));
  if (usingValue) {
    DRIFT_ASSIGN(row.value, bindUsing(*usingValue, scope, to, binder));
  } else {
    if (!types::canCast(from.type, to.type, CastContext::Assignment))
      return makeError(ErrorKind::DatatypeMismatch, "column \"{}\" cannot be cast automatically to type {}", to.name,
                       to.type.name())
          .withHint(fmt::format("You might need to specify \"USING {}::{}\".", sql::quotedIdentifier(to.name),
                                to.type.name()));
    const auto input = std::ranges::find(row.inputs, from.name, &Column::name);
    row.value = makeColumn(input->slot, input->type, input->name, SourceSpan{});
  }
  DRIFT_ASSIGN(row.value, coerce(std::move(row.value), to.type, CastContext::Assignment, environment));
  return row;
}

}  // namespace drift::plan
