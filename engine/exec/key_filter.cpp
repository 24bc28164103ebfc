#include "exec/key_filter.h"

#include <algorithm>
#include <utility>

#include "catalog/index_key.h"
#include "exec/operator_kinds.h"
#include "plan/node_walk.h"
#include "plan/optimizer.h"
#include "plan/row_order.h"
#include "types/key_encoding.h"

namespace drift::exec {

using types::Chunk;

namespace {

using Columns = std::vector<std::pair<plan::Slot, std::size_t>>;

/// Keys beyond this number are not looked up one by one.
constexpr std::size_t kKeysMax = 16 * 1024;
/// Keys whose entries are counted, to guess how many rows all have.
constexpr std::size_t kSampleMax = 16;
constexpr std::uint64_t kStepsMax = 256;
/// A range of keys that is looked up costs as much as so many rows that are found by an index.
constexpr double kRangeLookups = 4;

/// Index choice's rule for scans that may be read by other keys.
bool isFree(const plan::Scan& scan) {
  const bool needsEnd = std::ranges::any_of(scan.columns, [](const auto& column) {
    return column.system == plan::SystemColumn::End || column.system == plan::SystemColumn::EndSeq;
  });
  return !scan.versions && !(scan.moment && needsEnd) && !scan.key && !scan.points && !scan.index && !scan.backwards &&
         scan.skipRows == 0;
}

/// The columns that a Project or an Aggregate passes on, under their slots below it.
Columns below(const plan::Node& node, const std::vector<plan::ExpressionPtr>& expressions, const Columns& columns) {
  Columns mapped;
  for (const auto& [slot, key] : columns)
    for (std::size_t at = 0; at < expressions.size(); ++at)
      if (node.columns[at].slot == slot && expressions[at]->kind == plan::ExpressionKind::Column)
        mapped.emplace_back(expressions[at]->slot, key);
  return mapped;
}

class TargetSearch final {
 public:
  TargetSearch(OperatorContext& context, std::vector<KeyTarget>& found) : m_context(context), m_found(found) {}

  void search(const plan::Node& node, const Columns& columns, bool aggregated) {
    Columns own;
    for (const auto& column : columns)
      if (plan::produces(node, column.first)) own.push_back(column);
    if (own.empty()) return;
    if (const auto* scan = std::get_if<plan::Scan>(&node.body)) {
      if (isFree(*scan)) add(*scan, std::move(own), aggregated);
    } else if (const auto* project = std::get_if<plan::Project>(&node.body)) {
      search(*node.inputs[0], below(node, project->expressions, own), aggregated);
    } else if (const auto* aggregate = std::get_if<plan::Aggregate>(&node.body)) {
      const bool outside = std::exchange(m_ordered, plan::groupOrder(node, *aggregate).scan != nullptr);
      search(*node.inputs[0], below(node, aggregate->groups, own), true);
      m_ordered = outside;
    } else if (const auto* join = std::get_if<plan::Join>(&node.body)) {
      if (join->kind == plan::JoinKind::Full || !join->parameters.empty()) return;
      if (join->kind != plan::JoinKind::Right) search(*node.inputs[0], own, aggregated);
      if (join->kind == plan::JoinKind::Inner || join->kind == plan::JoinKind::Right)
        search(*node.inputs[1], own, aggregated);
    } else if (const auto* sort = std::get_if<plan::Sort>(&node.body)) {
      if (!sort->limit) search(*node.inputs[0], own, aggregated);
    } else if (std::holds_alternative<plan::Filter>(node.body)) {
      search(*node.inputs[0], own, aggregated);
    }
  }

 private:
  void add(const plan::Scan& scan, Columns columns, bool aggregated) {
    auto& filter = m_context.keyFilters[&scan];
    if (!filter) {
      filter = std::make_shared<KeyFilter>();
      filter->scan = &scan;
    }
    filter->ordered = filter->ordered || m_ordered;
    m_found.push_back({filter, std::move(columns), aggregated});
  }

  OperatorContext& m_context;
  std::vector<KeyTarget>& m_found;
  bool m_ordered = false;  ///< below an aggregation whose groups come in the order of a scan
};

/// The number of rows of a tree within a range, at the moment of a scan.
Result<double> countRows(const plan::Scan& scan, TreeId tree, const storage::KeyRange& range,
                         const OperatorContext& context) {
  const auto& transaction = context.environment.transaction;
  if (!scan.moment) {
    DRIFT_ASSIGN(const auto rows, transaction.estimateRows(tree, range, kStepsMax));
    return static_cast<double>(rows);
  }
  DRIFT_ASSIGN(const auto past, transaction.store().at(*scan.moment));
  DRIFT_ASSIGN(const auto rows, past.estimateRows(tree, range, kStepsMax));
  return static_cast<double>(rows);
}

/// A way to find the rows: the first columns of a key, and which of the join's keys they are.
struct Way {
  const catalog::Index* index = nullptr;  ///< null: the primary key
  std::vector<std::size_t> keys;
  std::size_t columnCount = 0;  ///< of the whole key
};

std::optional<std::size_t> keyOf(const KeyTarget& target, ColumnId column) {
  for (const auto& scanned : target.filter->scan->columns) {
    if (!scanned.column || scanned.column->id != column) continue;
    for (const auto& [slot, key] : target.columns)
      if (slot == scanned.slot) return key;
  }
  return std::nullopt;
}

/// The prefixes of a key for all rows of a table, rising, each once.
std::vector<std::string> prefixesOf(const Way& way, const std::vector<Chunk>& keys) {
  std::vector<std::string> prefixes;
  for (const auto& chunk : keys) {
    for (std::size_t row = 0; row < chunk.rowCount(); ++row) {
      std::string prefix;
      bool null = false;
      for (std::size_t part = 0; part < way.keys.size(); ++part) {
        const auto& values = chunk.column(way.keys[part]);
        null = null || values.isNull(row);
        if (null) break;
        if (way.index) catalog::appendIndexPart(prefix, values, row, way.index->columns[part]);
        else types::appendKey(prefix, values, row);
      }
      if (!null) prefixes.push_back(std::move(prefix));
    }
  }
  if (!std::ranges::is_sorted(prefixes)) std::ranges::sort(prefixes);
  const auto [first, last] = std::ranges::unique(prefixes);
  prefixes.erase(first, last);
  return prefixes;
}

plan::KeyBounds boundsOf(const std::string& prefix) {
  auto after = types::keyAfterPrefix(prefix);
  return {prefix, after.empty() ? std::nullopt : std::optional(std::move(after))};
}

/// The keys of a table that is complete, computed when they are first asked for.
class TableKeys final {
 public:
  TableKeys(const JoinTable& table, const std::vector<EvaluatorPtr>& evaluators)
      : m_table(table), m_evaluators(evaluators) {}

  std::size_t columnCount() const { return m_evaluators.size(); }
  std::size_t keysAtLeast() const { return m_table.keysAtLeast(); }
  Result<const std::vector<Chunk>*> values() {
    const auto rows = m_table.rows()->rowCount();
    for (std::size_t first = m_values.size() * types::kChunkRows; first < rows; first += types::kChunkRows) {
      const auto chunk = chunkOf(m_table.rows(), first);
      DRIFT_ASSIGN(auto some, m_table.keysOf(chunk, m_evaluators));
      m_values.push_back(std::move(some.columns));
    }
    return &m_values;
  }

 private:
  const JoinTable& m_table;
  const std::vector<EvaluatorPtr>& m_evaluators;
  std::vector<Chunk> m_values;
};

/// True if the way looks up all of the join's keys.
bool hasAll(const Way& way, const TableKeys& keys) {
  for (std::size_t key = 0; key < keys.columnCount(); ++key)
    if (std::ranges::find(way.keys, key) == way.keys.end()) return false;
  return true;
}

/// Looks whether finding rows by a key costs less than `filter.cost`, and lets the scan do so then.
Status tryWay(const Way& way, TableKeys& keys, KeyFilter& filter, const OperatorContext& context) {
  const bool one = way.keys.size() == way.columnCount && (!way.index || way.index->unique);
  const bool points = one && !way.index;  // these need no cursor each
  const auto costOf = [&](double lookups, double rows) {
    return (lookups * (points ? 1 : kRangeLookups) + (way.index ? rows : 0)) * static_cast<double>(plan::kLookupCost) +
           rows;
  };
  // Most often there are far too many, which is seen without looking at any.
  if (hasAll(way, keys) && costOf(static_cast<double>(keys.keysAtLeast()), 0) >= filter.cost) return {};
  DRIFT_ASSIGN(const auto* values, keys.values());
  const auto prefixes = prefixesOf(way, *values);
  if (costOf(static_cast<double>(prefixes.size()), 0) >= filter.cost) return {};
  const auto tree = way.index ? way.index->tree : filter.scan->table->id;
  double rows = 0;
  if (one) {
    rows = static_cast<double>(prefixes.size());
  } else if (!prefixes.empty()) {
    const auto step = (prefixes.size() + kSampleMax - 1) / kSampleMax;
    std::size_t samples = 0;
    for (std::size_t at = 0; at < prefixes.size(); at += step, ++samples) {
      const auto bounds = boundsOf(prefixes[at]);
      DRIFT_ASSIGN(const auto some, countRows(*filter.scan, tree, {bounds.from, bounds.to}, context));
      rows += some;
    }
    rows *= static_cast<double>(prefixes.size()) / static_cast<double>(samples);
  }
  const auto cost = costOf(static_cast<double>(prefixes.size()), rows);
  if (cost >= filter.cost) return {};
  auto narrowed = *filter.scan;
  narrowed.bounds = {};
  narrowed.ranges.clear();
  std::vector<plan::KeyBounds> ranges;
  for (const auto& prefix : prefixes) ranges.push_back(boundsOf(prefix));
  if (way.index) {
    narrowed.index = plan::IndexUse{*way.index, std::move(ranges), false};
  } else {
    narrowed.points = points;
    narrowed.ranges = std::move(ranges);
  }
  filter.narrowed = std::move(narrowed);
  filter.cost = cost;
  return {};
}

Status narrowOne(const KeyTarget& target, TableKeys& keys, const OperatorContext& context) {
  auto& filter = *target.filter;
  const auto& table = *filter.scan->table;
  if (!filter.narrowed) {
    DRIFT_ASSIGN(filter.cost,
                 countRows(*filter.scan, table.id, {filter.scan->bounds.from, filter.scan->bounds.to}, context));
  }
  std::vector<Way> ways;
  const auto addWay = [&](const catalog::Index* index, const auto& columns, const auto& idOf) {
    Way way{index, {}, columns.size()};
    for (const auto& column : columns) {
      const auto key = keyOf(target, idOf(column));
      if (!key) break;
      way.keys.push_back(*key);
    }
    if (!way.keys.empty()) ways.push_back(std::move(way));
  };
  addWay(nullptr, table.primaryKey, [](ColumnId id) { return id; });
  const auto indexes = table.allIndexes();
  for (const auto& index : indexes)
    if (!index.building && !index.isPartial() && !filter.ordered)
      addWay(&index, index.columns, [](const auto& column) { return column.column; });
  for (const auto& way : ways) DRIFT_TRY(tryWay(way, keys, filter, context));
  return {};
}

/// Rows of a scan that opens late, and without those that a join cannot use.
class FilteredScan final : public Operator {
 public:
  FilteredScan(const plan::Node& node, std::shared_ptr<KeyFilter> filter, OperatorContext& context)
      : m_node(node), m_filter(std::move(filter)), m_context(context) {}

  Result<bool> next(Chunk& out) override {
    if (!m_rows) {
      const auto& scan = m_filter->narrowed ? *m_filter->narrowed : *m_filter->scan;
      DRIFT_ASSIGN(m_rows, makeAnyScan(m_node, scan, m_context));
      DRIFT_ASSIGN(m_test, KeyTest::of(*m_filter, m_node, m_context));
    }
    while (true) {
      DRIFT_ASSIGN(const bool more, m_rows->next(out));
      if (!more) return false;
      if (m_test) DRIFT_TRY(m_test->keepMet(out));
      if (out.rowCount() > 0) return true;
    }
  }

 private:
  const plan::Node& m_node;
  const std::shared_ptr<KeyFilter> m_filter;
  OperatorContext& m_context;
  OperatorPtr m_rows;  ///< null: not open yet
  std::optional<KeyTest> m_test;
};

}  // namespace

Result<std::optional<KeyTest>> KeyTest::of(const KeyFilter& filter, const plan::Node& scan, OperatorContext& context) {
  if (!filter.table) return std::optional<KeyTest>();
  KeyTest test(*filter.table);
  for (const auto slot : filter.tableSlots) {
    const auto column = std::ranges::find(scan.columns, slot, &plan::Column::slot);
    const auto expression = plan::makeColumn(slot, column->type, column->name, SourceSpan{});
    DRIFT_ASSIGN(auto key, makeEvaluator(*expression, scan.columns, context));
    test.m_keys.push_back(std::move(key));
  }
  return std::optional(std::move(test));
}

Status KeyTest::keepMet(Chunk& rows) {
  DRIFT_ASSIGN(const auto keys, m_table->keysOf(rows, m_keys));
  m_table->firstRows(keys, m_first);
  types::Selection kept;
  for (std::size_t row = 0; row < m_first.size(); ++row)
    if (m_first[row] != kNoRow) kept.push_back(static_cast<std::uint16_t>(row));
  if (kept.size() < rows.rowCount()) rows = rows.selected(kept);
  return {};
}

std::vector<KeyTarget> findKeyTargets(const plan::Node& node, const plan::Join& join, bool readsLeft,
                                      OperatorContext& context) {
  std::vector<KeyTarget> found;
  if (!context.environment.indexScans || !join.parameters.empty()) return found;
  if (!readsLeft && join.kind != plan::JoinKind::Inner && join.kind != plan::JoinKind::Right &&
      join.kind != plan::JoinKind::Semi)
    return found;
  Columns columns;
  for (std::size_t at = 0; at < join.keys.size(); ++at) {
    const auto& key = readsLeft ? join.keys[at].second : join.keys[at].first;
    if (key->kind == plan::ExpressionKind::Column) columns.emplace_back(key->slot, at);
  }
  TargetSearch(context, found).search(*node.inputs[readsLeft ? 1 : 0], columns, false);
  return found;
}

Status narrow(const std::vector<KeyTarget>& targets, const JoinTable& table, const std::vector<EvaluatorPtr>& keys,
              const OperatorContext& context) {
  const auto rows = table.rows()->rowCount();
  if (targets.empty() || rows == 0) return {};
  TableKeys values(table, keys);
  for (const auto& target : targets) {
    if (rows <= kKeysMax) DRIFT_TRY(narrowOne(target, values, context));
    // Below an aggregation each row that is left out saves more than it costs to look.
    if (!target.aggregated || target.filter->narrowed) continue;
    std::vector<plan::Slot> slots(keys.size(), 0);
    for (const auto& [slot, key] : target.columns) slots[key] = slot;
    if (std::ranges::find(slots, plan::Slot{0}) != slots.end()) continue;
    target.filter->table = &table;
    target.filter->tableSlots = std::move(slots);
  }
  return {};
}

Result<OperatorPtr> makeFilteredScan(const plan::Node& node, std::shared_ptr<KeyFilter> filter,
                                     OperatorContext& context) {
  return std::make_unique<FilteredScan>(node, std::move(filter), context);
}

}  // namespace drift::exec
