// What order and limits give for free: rows of a scan come by key already, and LIMIT needs few of a sort.
#include <algorithm>

#include "plan/optimizer.h"

namespace drift::plan {

namespace {

/// A sort keeps this many rows at most for a LIMIT; beyond it sorts all of them.
constexpr std::uint64_t kTopRowsMax = 1u << 20;

/// The slot below a Project that `slot` merely renames; nothing where it is computed.
std::optional<Slot> throughProject(const Node& node, const Project& project, Slot slot) {
  for (std::size_t at = 0; at < project.expressions.size(); ++at)
    if (node.columns[at].slot == slot && project.expressions[at]->kind == ExpressionKind::Column)
      return project.expressions[at]->slot;
  return std::nullopt;
}

/// True if the rows of `node` come in the order of these keys.
bool isSortedBy(const Node& node, const std::vector<SortKey>& keys) {
  std::vector<Slot> slots;
  for (const auto& key : keys) {
    if (key.expression->kind != ExpressionKind::Column || key.descending) return false;
    slots.push_back(key.expression->slot);
  }
  const auto* at = &node;
  while (!std::holds_alternative<Scan>(at->body)) {
    if (const auto* project = std::get_if<Project>(&at->body)) {
      for (auto& slot : slots) {
        const auto below = throughProject(*at, *project, slot);
        if (!below) return false;
        slot = *below;
      }
    } else if (!std::holds_alternative<Filter>(at->body)) {
      return false;
    }
    at = at->inputs[0].get();
  }
  const auto& scan = std::get<Scan>(at->body);
  if (scan.versions) return false;
  const auto& primaryKey = scan.table->primaryKey;
  if (primaryKey.empty()) return false;
  // Keys are unique, so whatever is sorted by after all their columns does not matter.
  for (std::size_t key = 0; key < std::min(slots.size(), primaryKey.size()); ++key) {
    const auto column = std::find_if(scan.columns.begin(), scan.columns.end(),
                                     [&](const auto& other) { return other.slot == slots[key]; });
    if (column == scan.columns.end() || !column->column || column->column->id != primaryKey[key]) return false;
  }
  return true;
}

/// True if storage can leave out rows by number: where it reads the rows of one moment, not versions.
bool skips(const Scan& scan) {
  const bool needsEnd = std::any_of(scan.columns.begin(), scan.columns.end(), [](const auto& column) {
    return column.system == SystemColumn::End || column.system == SystemColumn::EndSeq;
  });
  return !scan.versions && !scan.key && !(scan.moment && needsEnd);
}

/// Tells what is below a limit how many rows count, through nodes that keep their number and order.
void pushLimit(Limit& limit, Node& input) {
  auto* at = &input;
  while (std::holds_alternative<Project>(at->body)) at = at->inputs[0].get();
  if (auto* sort = std::get_if<Sort>(&at->body)) {
    if (limit.count && *limit.count <= kTopRowsMax && limit.offset <= kTopRowsMax)
      sort->limit = limit.offset + *limit.count;
  } else if (auto* scan = std::get_if<Scan>(&at->body); scan && skips(*scan)) {
    scan->skipRows = limit.offset;
    limit.offset = 0;
  }
}

}  // namespace

void simplifyOrder(NodePtr& node) {
  for (auto& input : node->inputs) simplifyOrder(input);
  if (const auto* sort = std::get_if<Sort>(&node->body); sort && isSortedBy(*node->inputs[0], sort->keys)) {
    auto input = std::move(node->inputs[0]);
    node = std::move(input);
  }
  if (auto* limit = std::get_if<Limit>(&node->body)) pushLimit(*limit, *node->inputs[0]);
}

}  // namespace drift::plan
