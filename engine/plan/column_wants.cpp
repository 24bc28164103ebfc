// Conditions on columns as ranges of values, for scans that pass by leaves without them.
#include <algorithm>

#include "plan/column_rule.h"
#include "plan/key_ranges.h"
#include "plan/optimizer.h"
#include "types/cast.h"

namespace drift::plan {

using types::Value;
using types::ValueRange;

namespace {

ValueRange rangeOf(ColumnRule rule, types::Type type) {
  ValueRange range;
  switch (rule.kind) {
    case ColumnRule::Kind::Null:
      range.values = false;
      range.nulls = true;
      break;
    case ColumnRule::Kind::NotNull: break;
    case ColumnRule::Kind::Lower: range.lower = {std::move(rule.bound.value), rule.bound.inclusive}; break;
    case ColumnRule::Kind::Upper: range.upper = {std::move(rule.bound.value), rule.bound.inclusive}; break;
    case ColumnRule::Kind::Prefix:
      // Up to the prefix with its last byte raised: no byte of a text is ff.
      range.lower = {Value(type, rule.prefix), true};
      rule.prefix.back() = static_cast<char>(rule.prefix.back() + 1);
      range.upper = {Value(type, std::move(rule.prefix)), false};
      break;
    case ColumnRule::Kind::Values:
      std::ranges::sort(rule.values, [](const Value& a, const Value& b) { return types::compareValues(a, b) < 0; });
      range.oneOf = std::move(rule.values);
      break;
  }
  return range;
}

}  // namespace

void tellWants(Scan& scan, const std::vector<ExpressionPtr>& conditions) {
  std::vector<const Expression*> all;
  for (const auto& condition : conditions) addConditions(*condition, all);
  tellWants(scan, all);
}

void tellWants(Scan& scan, const std::vector<const Expression*>& conditions) {
  scan.wanted.clear();
  if (!scan.table || scan.key || scan.points || scan.versions) return;
  for (const auto* condition : conditions) {
    auto rule = ruleOf(*condition);
    if (!rule) continue;
    const auto column = std::ranges::find(scan.columns, rule->slot, &ScanColumn::slot);
    if (column == scan.columns.end() || !column->column) continue;
    // Rows lie in the order of the key: its ranges say more.
    if (!scan.table->primaryKey.empty() && scan.table->primaryKey.front() == column->column->id) continue;
    scan.wanted.push_back({*column->column, rangeOf(std::move(*rule), column->column->type)});
  }
}

}  // namespace drift::plan
