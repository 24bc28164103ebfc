// Rows from several places of a table, for estimates: what a condition holds for among them, and how often values of a
// column come again. Whole leaves are looked at, since reading one row of a column costs about as much; their number is
// small, so that a plan waits for about as long as for one more look at the catalog.
#include <algorithm>
#include <unordered_map>

#include "exec/operator_kinds.h"
#include "exec/parallel_rows.h"
#include "exec/store_moments.h"
#include "plan/node_walk.h"
#include "storage/key_cuts.h"
#include "types/cast.h"

namespace drift::exec {

using types::Chunk;

namespace {

constexpr std::size_t kPlaces = 8;

/// Calls `take` with the first rows behind each of some keys from all over a table. `node` is a scan of some columns.
template <class Take>
Status sample(const plan::Node& node, OperatorContext& context, const Take& take) {
  const auto& scan = std::get<plan::Scan>(node.body);
  const auto& transaction = context.environment.transaction;
  auto snapshot = transaction.snapshot();
  if (scan.moment) {
    DRIFT_ASSIGN(snapshot, transaction.store().at(*scan.moment));
  }
  DRIFT_ASSIGN(auto keys, storage::cutKeys(snapshot, scan.table->id, {}, kPlaces - 1));
  keys.insert(keys.begin(), std::string());
  for (std::size_t place = 0; place < keys.size(); ++place) {
    auto part = scan;
    part.bounds = {keys[place], place + 1 < keys.size() ? std::optional(keys[place + 1]) : std::nullopt};
    DRIFT_ASSIGN(const auto rows, makeScan(node, part, context));
    Chunk chunk;
    DRIFT_ASSIGN(const bool any, rows->next(chunk));
    if (any) DRIFT_TRY(take(chunk));
  }
  return {};
}

/// A scan of the same rows with some of the columns, and nothing else; null where it has others than the table's own.
plan::NodePtr scanOf(const plan::Scan& scan, const std::vector<plan::Slot>& slots) {
  plan::Scan some;
  some.table = scan.table;
  some.moment = scan.moment;
  std::vector<plan::Column> columns;
  for (const auto slot : slots) {
    const auto found = std::ranges::find(scan.columns, slot, &plan::ScanColumn::slot);
    if (found == scan.columns.end() || !found->column) return nullptr;
    some.columns.push_back(*found);
    columns.push_back({slot, found->column->type, found->column->name, {}, {}});
  }
  return std::make_unique<plan::Node>(std::move(some), std::move(columns));
}

bool canSample(const plan::Scan& scan) { return scan.table && !scan.versions; }

}  // namespace

std::optional<plan::RowSample> StoreMoments::sampleCondition(const plan::Scan& scan,
                                                             const plan::Expression& condition) const {
  if (!canSample(scan) || !isParallelSafe(condition)) return std::nullopt;
  std::vector<plan::Slot> slots;
  plan::addSlots(condition, slots);
  std::ranges::sort(slots);
  slots.erase(std::ranges::unique(slots).begin(), slots.end());
  const auto node = scanOf(scan, slots);
  if (!node || slots.empty()) return std::nullopt;
  OperatorContext context{m_environment, plan::functionContext(m_environment.context)};
  const auto evaluator = makeEvaluator(condition, node->columns, context);
  if (!evaluator.ok()) return std::nullopt;
  plan::RowSample found;
  const auto status = sample(*node, context, [&](const Chunk& rows) -> Status {
    DRIFT_ASSIGN(const auto holds, (*evaluator)->evaluate(rows));
    found.rows += static_cast<double>(rows.rowCount());
    found.kept += static_cast<double>(trueRows(holds, rows.rowCount()).size());
    return {};
  });
  // What fails here, as a division by zero, is the statement's own error when it comes to that.
  if (!status.ok() || found.rows == 0) return std::nullopt;
  return found;
}

std::optional<plan::RowSample> StoreMoments::sampleColumn(const plan::Scan& scan, ColumnId column) const {
  if (!canSample(scan)) return std::nullopt;
  const auto read = std::ranges::find_if(scan.columns,
                                         [&](const auto& other) { return other.column && other.column->id == column; });
  if (read == scan.columns.end()) return std::nullopt;
  const auto node = scanOf(scan, {read->slot});
  OperatorContext context{m_environment, plan::functionContext(m_environment.context)};
  plan::RowSample found;
  std::unordered_map<std::uint64_t, std::uint32_t> met;  // by hash: two values with one are one, which is rare
  std::vector<std::uint64_t> hashes;
  const auto status = sample(*node, context, [&](const Chunk& rows) -> Status {
    hashes.assign(rows.rowCount(), 0);
    types::hashRows(rows.column(0), rows.rowCount(), hashes);
    const auto view = rows.column(0).view();
    for (std::size_t row = 0; row < rows.rowCount(); ++row)
      if (!view.isNull(row)) ++met[hashes[row]];
    found.rows += static_cast<double>(rows.rowCount());
    return {};
  });
  if (!status.ok() || found.rows == 0) return std::nullopt;
  found.values = static_cast<double>(met.size());
  found.once = static_cast<double>(std::ranges::count_if(met, [](const auto& value) { return value.second == 1; }));
  return found;
}

}  // namespace drift::exec
