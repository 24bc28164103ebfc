#include "plan/row_order.h"

#include <algorithm>

namespace drift::plan {

namespace {

/// The slot below a Project that `slot` merely renames; nothing where it is computed.
std::optional<Slot> throughProject(const Node& node, const Project& project, Slot slot) {
  for (std::size_t at = 0; at < project.expressions.size(); ++at)
    if (node.columns[at].slot == slot && project.expressions[at]->kind == ExpressionKind::Column)
      return project.expressions[at]->slot;
  return std::nullopt;
}

/// Goes down to a scan through nodes that keep the order, and turns slots into its own; null where there is none, or
/// where a slot is computed.
const Scan* scanBelow(const Node& node, std::vector<Slot>& slots) {
  const auto* at = &node;
  while (!std::holds_alternative<Scan>(at->body)) {
    if (const auto* project = std::get_if<Project>(&at->body)) {
      for (auto& slot : slots) {
        const auto below = throughProject(*at, *project, slot);
        if (!below) return nullptr;
        slot = *below;
      }
    } else if (!std::holds_alternative<Filter>(at->body)) {
      return nullptr;
    }
    at = at->inputs[0].get();
  }
  const auto& scan = std::get<Scan>(at->body);
  return scan.versions || scan.table->primaryKey.empty() ? nullptr : &scan;
}

/// The column of a scan that has a slot, if it is one of the table's.
std::optional<ColumnId> columnOf(const Scan& scan, Slot slot) {
  const auto column = std::ranges::find(scan.columns, slot, &ScanColumn::slot);
  if (column == scan.columns.end() || !column->column) return std::nullopt;
  return column->column->id;
}

}  // namespace

bool isSortedBy(const Node& node, const std::vector<SortKey>& keys) {
  std::vector<Slot> slots;
  for (const auto& key : keys) {
    if (key.expression->kind != ExpressionKind::Column || key.descending) return false;
    slots.push_back(key.expression->slot);
  }
  const auto* scan = scanBelow(node, slots);
  if (!scan) return false;
  // Keys are unique, so whatever is sorted by after all their columns does not matter.
  const auto& primaryKey = scan->table->primaryKey;
  for (std::size_t key = 0; key < std::min(slots.size(), primaryKey.size()); ++key)
    if (columnOf(*scan, slots[key]) != primaryKey[key]) return false;
  return true;
}

GroupOrder groupOrder(const Node& node, const Aggregate& aggregate) {
  if (aggregate.groups.empty() || !aggregate.always.empty()) return {};
  std::vector<Slot> slots;
  for (const auto& group : aggregate.groups) {
    if (group->kind != ExpressionKind::Column) return {};
    slots.push_back(group->slot);
  }
  const auto* scan = scanBelow(*node.inputs[0], slots);
  if (!scan || scan->index || scan->key) return {};
  std::vector<ColumnId> grouped;
  for (const auto slot : slots) {
    const auto column = columnOf(*scan, slot);
    if (!column) return {};
    if (std::ranges::find(grouped, *column) == grouped.end()) grouped.push_back(*column);
  }
  // The groups are the leading columns in any order; other columns beside all of the key tell nothing more apart.
  const auto& primaryKey = scan->table->primaryKey;
  std::size_t leading = 0;
  while (leading < primaryKey.size() && std::ranges::find(grouped, primaryKey[leading]) != grouped.end()) ++leading;
  const bool one = leading == grouped.size() || leading == primaryKey.size();
  return one && leading > 0 ? GroupOrder{scan, leading} : GroupOrder{};
}

}  // namespace drift::plan
