#include "exec/generated_columns.h"

#include "plan/bound_generated.h"

namespace drift::exec {

Result<GeneratedColumns> GeneratedColumns::open(const catalog::Table& table, const plan::BindEnvironment& binding,
                                                OperatorContext& context) {
  GeneratedColumns generated;
  DRIFT_ASSIGN(const auto bound, plan::bindGenerated(table, binding));
  for (const auto& column : bound.columns) {
    DRIFT_ASSIGN(auto value, makeEvaluator(*column.value, bound.inputs, context));
    generated.m_columns.push_back({column.position, std::move(value)});
  }
  return generated;
}

Status GeneratedColumns::compute(types::Chunk& rows) const {
  if (rows.rowCount() == 0) return {};
  for (const auto& column : m_columns) {
    auto values = column.value->evaluate(rows);
    if (!values.ok()) {
      // Places within a stored text mean nothing in the statement.
      const auto& error = values.error();
      return Error(error.kind(), error.message()).withHint(error.hint()).withDetail(error.detail());
    }
    rows.column(column.position) = std::move(values).value();
  }
  return {};
}

}  // namespace drift::exec
