#include "plan/bound_generated.h"

#include <algorithm>

#include "plan/binder_write.h"
#include "plan/immutable.h"
#include "sql/parser.h"

namespace drift::plan {

namespace {

Result<ExpressionPtr> bindColumn(const catalog::Table& table, const catalog::Column& column,
                                 const BindEnvironment& environment, std::vector<Column>& inputs) {
  Binder binder(environment);
  inputs = rowColumns(table, binder);
  DRIFT_ASSIGN(const auto tree, sql::parseExpression(column.generatedSql));
  DRIFT_ASSIGN(const auto scope, scopeOf(inputs, table.name));
  DRIFT_ASSIGN(auto value, binder.bindExpression(*tree, scope, Clause::Generated));
  if (value->type.id() != types::TypeId::Unknown &&
      !types::canCast(value->type, column.type, types::CastContext::Assignment))
    return makeError(ErrorKind::DatatypeMismatch, "column \"{}\" is of type {} but default expression is of type {}",
                     column.name, column.type.name(), value->type.name())
        .withHint("You will need to rewrite or cast the expression.");
  return coerceToColumn(std::move(value), column, environment);
}

Result<ExpressionPtr> bindWithoutPlace(const catalog::Table& table, const catalog::Column& column,
                                       const BindEnvironment& environment, std::vector<Column>& inputs) {
  auto value = bindColumn(table, column, environment, inputs);
  if (value.ok()) return value;
  const auto& error = value.error();
  return Error(error.kind(), error.message()).withHint(error.hint()).withDetail(error.detail());
}

}  // namespace

Result<BoundGenerated> bindGenerated(const catalog::Table& table, const BindEnvironment& environment) {
  BoundGenerated bound;
  for (std::size_t at = 0; at < table.columns.size(); ++at) {
    if (!table.columns[at].isGenerated()) continue;
    // Slots are given out by the order of columns, so the inputs are the same for each.
    DRIFT_ASSIGN(auto value, bindWithoutPlace(table, table.columns[at], environment, bound.inputs));
    bound.columns.push_back({at, std::move(value)});
  }
  return bound;
}

Result<std::set<ColumnId>> columnsOfGenerated(const catalog::Table& table, const catalog::Column& column,
                                              const BindEnvironment& environment) {
  std::vector<Column> inputs;
  DRIFT_ASSIGN(const auto value, bindWithoutPlace(table, column, environment, inputs));
  std::vector<Slot> slots;
  addSlots(*value, slots);
  std::set<ColumnId> columns;
  for (const auto& input : inputs)
    if (std::ranges::find(slots, input.slot) != slots.end()) columns.insert(*input.column);
  return columns;
}

Status checkGenerated(const catalog::Table& table, const catalog::Column& column, const BindEnvironment& environment) {
  DRIFT_ASSIGN(const auto read, columnsOfGenerated(table, column, environment));
  for (const auto id : read)
    if (const auto& other = *table.findColumn(id); other.isGenerated())
      return makeError(ErrorKind::InvalidObjectDefinition,
                       "cannot use generated column \"{}\" in column generation expression", other.name)
          .withDetail("A generated column cannot reference another generated column.");
  bool givesRows = false;
  DRIFT_ASSIGN(const bool kept, isKeptSafely(environment, [&](const BindEnvironment& elsewhere) {
                 std::vector<Column> inputs;
                 auto value = bindWithoutPlace(table, column, elsewhere, inputs);
                 givesRows = givesRows || (value.ok() && hasSetFunction(**value));
                 return value;
               }));
  if (givesRows)
    return Error(ErrorKind::FeatureNotSupported,
                 "set-returning functions are not allowed in column generation expressions");
  if (kept) return {};
  return Error(ErrorKind::InvalidObjectDefinition, "generation expression is not immutable")
      .withDetail("What it gives would depend on the time, on a setting such as the time zone, or on chance.");
}

}  // namespace drift::plan
