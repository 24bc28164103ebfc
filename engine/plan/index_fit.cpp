#include "plan/index_fit.h"

#include <algorithm>
#include <limits>

#include "plan/bound_index.h"
#include "plan/implication.h"

namespace drift::plan {

namespace {

/// Slots that no statement comes to.
Slot slotOfPart(std::size_t part) { return std::numeric_limits<Slot>::max() - static_cast<Slot>(part); }

/// Puts the scan's slots for those of the table's columns; gives whether the scan reads all that are there.
bool putScanSlots(ExpressionPtr& expression, const std::vector<Column>& inputs, const Scan& scan) {
  bool all = true;
  const auto status = rewrite(expression, [&](Expression& node) -> Result<ExpressionPtr> {
    if (node.kind != ExpressionKind::Column) return ExpressionPtr();
    const auto input = std::ranges::find(inputs, node.slot, &Column::slot);
    const auto read = std::ranges::find_if(
        scan.columns, [&](const auto& column) { return column.column && column.column->id == input->column; });
    if (read == scan.columns.end()) all = false;
    else return makeColumn(read->slot, node.type, node.name, node.span);
    return ExpressionPtr();
  });
  return status.ok() && all;
}

}  // namespace

std::optional<Slot> IndexFit::slotOf(const Expression& expression) const {
  if (expression.kind == ExpressionKind::Column) return expression.slot;
  for (std::size_t at = 0; at < m_expressions.size(); ++at)
    if (m_expressions[at] && sameExpression(*m_expressions[at], expression)) return m_parts[at].slot;
  return std::nullopt;
}

Result<std::optional<IndexFit>> IndexFit::of(const Scan& scan, const catalog::Index& index,
                                             const std::vector<const Expression*>& conditions,
                                             const BindEnvironment& environment) {
  IndexFit fit;
  fit.m_parts = partsOf(scan, index);
  fit.m_conditions = conditions;
  if (!index.hasExpressions() && !index.isPartial()) return std::optional(std::move(fit));
  DRIFT_ASSIGN(auto bound, bindIndex(*scan.table, index, environment));
  if (bound.predicate) {
    if (!putScanSlots(bound.predicate, bound.inputs, scan) || !implies(conditions, *bound.predicate))
      return std::optional<IndexFit>();
    std::vector<const Expression*> held;
    addConditions(*bound.predicate, held);
    std::erase_if(fit.m_conditions, [&](const auto* condition) {
      return std::ranges::any_of(held, [&](const auto* own) { return sameExpression(*condition, *own); });
    });
  }
  for (std::size_t at = 0; at < bound.parts.size(); ++at) {
    auto& expression = fit.m_expressions.emplace_back();
    if (!index.columns[at].isExpression()) continue;
    fit.m_parts[at].type = bound.parts[at]->type;
    if (!putScanSlots(bound.parts[at], bound.inputs, scan)) continue;
    fit.m_parts[at].slot = slotOfPart(at);
    expression = std::move(bound.parts[at]);
  }
  for (auto& condition : fit.m_conditions) {
    bool found = false;
    auto rewritten = clone(*condition);
    DRIFT_TRY(rewrite(rewritten, [&](Expression& node) -> Result<ExpressionPtr> {
      const auto slot = node.kind == ExpressionKind::Column ? std::nullopt : fit.slotOf(node);
      if (!slot) return ExpressionPtr();
      found = true;
      return makeColumn(*slot, node.type, node.name, node.span);
    }));
    if (!found) continue;
    condition = rewritten.get();
    fit.m_rewritten.push_back(std::move(rewritten));
  }
  return std::optional(std::move(fit));
}

}  // namespace drift::plan
