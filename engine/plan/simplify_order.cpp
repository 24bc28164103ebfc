// What order and limits give for free: rows of a scan come by key already, and LIMIT needs few of a sort.
#include <algorithm>

#include "plan/optimizer.h"
#include "plan/row_order.h"

namespace drift::plan {

namespace {

/// A sort keeps this many rows at most for a LIMIT; beyond it sorts all of them.
constexpr std::uint64_t kTopRowsMax = 1u << 20;

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
