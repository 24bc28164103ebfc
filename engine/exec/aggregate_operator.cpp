// Hash aggregation: each group has one block of memory with the states of all aggregates.
#include <algorithm>
#include <optional>

#include "exec/evaluator_kinds.h"
#include "exec/key_table.h"
#include "exec/operator_kinds.h"
#include "exec/ordered_rows.h"

namespace drift::exec {

using types::Chunk;
using types::kChunkRows;
using types::Selection;
using types::Vector;

namespace {

constexpr std::size_t kStateAlignment = 16;
constexpr std::size_t kGroupsInBlock = 256;

struct AggregateColumn {
  const functions::AggregateFunction* function = nullptr;
  std::vector<std::size_t> arguments;  ///< of the operator's arguments
  EvaluatorPtr filter;                 ///< null = all rows
  std::unique_ptr<KeyTable> distinct;  ///< (group, arguments) seen so far; null = not DISTINCT
  std::vector<EvaluatorPtr> keys;      ///< of ORDER BY
  std::unique_ptr<OrderedRows> ordered;  ///< rows to add at the end; null = no ORDER BY
  types::Type type;
  std::size_t offsetBytes = 0;  ///< within a group's block
  SourceSpan span;
};

/// The states of all groups, in stable places.
class StateStore final {
 public:
  StateStore(std::vector<AggregateColumn>& columns, runtime::MemoryBudget& budget)
      : m_columns(columns), m_memory(budget) {
    for (auto& column : m_columns) {
      column.offsetBytes = m_groupBytes;
      m_groupBytes += (column.function->stateBytes + kStateAlignment - 1) / kStateAlignment * kStateAlignment;
    }
  }
  ~StateStore() {
    for (std::size_t group = 0; group < m_groupCount; ++group)
      for (const auto& column : m_columns)
        if (column.function->destroy) column.function->destroy(state(group, column));
  }
  StateStore(const StateStore&) = delete;
  StateStore& operator=(const StateStore&) = delete;

  /// Makes the states of groups up to `count`.
  Status growTo(std::size_t count) {
    while (m_groupCount < count) {
      if (m_groupCount % kGroupsInBlock == 0 && m_groupBytes > 0) {
        DRIFT_TRY(m_memory.grow(kGroupsInBlock * m_groupBytes));
        m_blocks.emplace_back(new (std::align_val_t{kStateAlignment}) std::byte[kGroupsInBlock * m_groupBytes]);
      }
      ++m_groupCount;
      for (const auto& column : m_columns) column.function->initialize(state(m_groupCount - 1, column));
    }
    return {};
  }

  std::size_t groupCount() const { return m_groupCount; }
  std::byte* state(std::size_t group, const AggregateColumn& column) const { return block(group) + column.offsetBytes; }
  /// Where the states of a group begin; not to be asked where there are no aggregates.
  std::byte* block(std::size_t group) const {
    return m_blocks[group / kGroupsInBlock].get() + group % kGroupsInBlock * m_groupBytes;
  }

 private:
  struct Free {
    void operator()(std::byte* block) const { ::operator delete[](block, std::align_val_t{kStateAlignment}); }
  };

  std::vector<AggregateColumn>& m_columns;
  std::vector<std::unique_ptr<std::byte[], Free>> m_blocks;
  std::size_t m_groupBytes = 0;
  std::size_t m_groupCount = 0;
  MemoryReservation m_memory;
};

class AggregateOperator final : public Operator {
 public:
  AggregateOperator(OperatorPtr input, std::vector<EvaluatorPtr> groups, std::vector<types::Type> groupTypes,
                    std::vector<EvaluatorPtr> arguments, std::vector<AggregateColumn> columns,
                    const OperatorContext& context)
      : m_input(std::move(input)),
        m_groups(std::move(groups)),
        m_arguments(std::move(arguments)),
        m_columns(std::move(columns)),
        m_context(context),
        m_keys(std::move(groupTypes), context.query().memory),
        m_states(m_columns, context.query().memory) {}

  Result<bool> next(Chunk& out) override {
    if (!m_read) DRIFT_TRY(readAll());
    out.clear();
    const auto count = std::min(kChunkRows, m_states.groupCount() - m_at);
    if (count == 0) return false;
    std::vector<std::uint32_t> rows(count);
    for (std::size_t at = 0; at < count; ++at) rows[at] = static_cast<std::uint32_t>(m_at + at);
    for (std::size_t group = 0; group < m_groups.size(); ++group) out.addColumn(gather(m_keys.keys(), group, rows));
    for (const auto& column : m_columns) {
      std::vector<std::byte*> states(count);
      for (std::size_t at = 0; at < count; ++at) states[at] = m_states.state(m_at + at, column);
      Vector values(column.type, count);
      if (auto status = column.function->finalize(states.data(), count, values); !status.ok())
        return std::move(status).error().at(column.span);
      out.addColumn(std::move(values));
    }
    out.setRowCount(count);
    m_at += count;
    return true;
  }

 private:
  Status readAll() {
    if (m_groups.empty()) DRIFT_TRY(m_states.growTo(1));
    Chunk chunk;
    while (true) {
      DRIFT_TRY(m_context.query().cancel.check());
      DRIFT_ASSIGN(const bool more, m_input->next(chunk));
      if (!more) break;
      DRIFT_ASSIGN(const auto numbers, groupNumbers(chunk));
      if (m_columns.empty()) continue;
      std::vector<std::byte*> blocks(numbers.size());
      for (std::size_t row = 0; row < numbers.size(); ++row) blocks[row] = m_states.block(numbers[row]);
      m_values.assign(m_arguments.size(), std::nullopt);
      for (auto& column : m_columns) DRIFT_TRY(update(column, chunk, numbers, blocks));
    }
    for (auto& column : m_columns)
      if (column.ordered) DRIFT_TRY(updateOrdered(column));
    m_read = true;
    return {};
  }

  /// The rows that waited for their order.
  Status updateOrdered(AggregateColumn& column) {
    column.ordered->sort();
    std::vector<std::uint32_t> groups;
    Chunk values;
    while (column.ordered->next(groups, values)) {
      DRIFT_TRY(m_context.query().cancel.check());
      std::vector<Vector> arguments;
      for (std::size_t at = 0; at < values.columnCount(); ++at) arguments.push_back(values.column(at));
      std::vector<std::byte*> states;
      for (const auto group : groups) states.push_back(m_states.state(group, column));
      if (auto status = column.function->update(arguments, groups.size(), states.data()); !status.ok())
        return std::move(status).error().at(column.span);
    }
    column.ordered.reset();
    return {};
  }

  /// Puts rows by until all are there.
  static Status wait(AggregateColumn& column, const std::vector<Vector>& arguments, std::vector<Vector> keys,
                     const std::vector<std::uint32_t>& numbers, const Selection& rows) {
    std::vector<std::uint32_t> groups;
    for (const auto row : rows) groups.push_back(numbers[row]);
    Chunk values;
    for (const auto& argument : arguments) values.addColumn(argument);
    values.setRowCount(rows.size());
    return column.ordered->append(groups, values, keys);
  }

  Result<std::vector<std::uint32_t>> groupNumbers(const Chunk& chunk) {
    std::vector<std::uint32_t> numbers(chunk.rowCount(), 0);
    if (m_groups.empty()) return numbers;
    Chunk keys;
    keys.setRowCount(chunk.rowCount());
    for (const auto& group : m_groups) {
      DRIFT_ASSIGN(auto values, group->evaluate(chunk));
      keys.addColumn(std::move(values));
    }
    DRIFT_TRY(m_keys.findOrAdd(keys, numbers));
    DRIFT_TRY(m_states.growTo(m_keys.keyCount()));
    return numbers;
  }

  /// The values of an argument for the whole chunk; aggregates that share it evaluate it once.
  Result<Vector> argument(std::size_t at, const Chunk& chunk) {
    if (!m_values[at]) {
      DRIFT_ASSIGN(m_values[at], m_arguments[at]->evaluate(chunk));
    }
    return *m_values[at];
  }

  Status update(AggregateColumn& column, const Chunk& chunk, const std::vector<std::uint32_t>& numbers,
                const std::vector<std::byte*>& blocks) {
    std::vector<std::byte*> states;
    if (!column.filter && !column.distinct && !column.ordered) {
      std::vector<Vector> arguments;
      for (const auto at : column.arguments) {
        DRIFT_ASSIGN(auto values, argument(at, chunk));
        arguments.push_back(std::move(values));
      }
      states.resize(blocks.size());
      for (std::size_t row = 0; row < blocks.size(); ++row) states[row] = blocks[row] + column.offsetBytes;
      if (auto status = column.function->update(arguments, blocks.size(), states.data()); !status.ok())
        return std::move(status).error().at(column.span);
      return {};
    }
    Selection rows = allRows(chunk.rowCount());
    if (column.filter) {
      DRIFT_ASSIGN(const auto holds, column.filter->evaluate(chunk));
      rows = trueRows(holds, chunk.rowCount());
      if (rows.empty()) return {};
    }
    const bool all = rows.size() == chunk.rowCount();
    const Chunk part = all ? chunk : chunk.selected(rows);
    std::vector<Vector> arguments;
    for (const auto at : column.arguments) {
      DRIFT_ASSIGN(auto values, m_arguments[at]->evaluate(part));
      arguments.push_back(std::move(values));
    }
    std::vector<Vector> keys;
    for (const auto& key : column.keys) {
      DRIFT_ASSIGN(auto values, key->evaluate(part));
      keys.push_back(std::move(values));
    }
    if (column.distinct) DRIFT_TRY(keepFirst(*column.distinct, numbers, arguments, keys, rows));
    if (column.ordered) return wait(column, arguments, std::move(keys), numbers, rows);
    states.reserve(rows.size());
    for (const auto row : rows) states.push_back(blocks[row] + column.offsetBytes);
    if (auto status = column.function->update(arguments, rows.size(), states.data()); !status.ok())
      return std::move(status).error().at(column.span);
    return {};
  }

  /// Leaves in `rows`, `arguments` and `keys` the rows whose arguments their group sees for the first time.
  static Status keepFirst(KeyTable& seen, const std::vector<std::uint32_t>& numbers, std::vector<Vector>& arguments,
                          std::vector<Vector>& sortKeys, Selection& rows) {
    Vector groups(types::TypeId::BigInt, rows.size());
    for (std::size_t at = 0; at < rows.size(); ++at) groups.data<std::int64_t>()[at] = numbers[rows[at]];
    Chunk keys;
    keys.addColumn(std::move(groups));
    for (const auto& argument : arguments) keys.addColumn(argument);
    keys.setRowCount(rows.size());
    auto next = seen.keyCount();
    std::vector<std::uint32_t> found;
    DRIFT_TRY(seen.findOrAdd(keys, found));
    Selection first;
    Selection firstRows;
    for (std::size_t at = 0; at < found.size(); ++at) {
      if (found[at] != next) continue;
      ++next;
      first.push_back(static_cast<std::uint16_t>(at));
      firstRows.push_back(rows[at]);
    }
    for (auto& argument : arguments) argument = Vector::select(argument, first);
    for (auto& key : sortKeys) key = Vector::select(key, first);
    rows = std::move(firstRows);
    return {};
  }

  const OperatorPtr m_input;
  const std::vector<EvaluatorPtr> m_groups;
  const std::vector<EvaluatorPtr> m_arguments;  ///< of all aggregates, each once
  std::vector<std::optional<Vector>> m_values;  ///< of m_arguments, for the chunk at hand
  std::vector<AggregateColumn> m_columns;
  const OperatorContext& m_context;
  KeyTable m_keys;
  StateStore m_states;
  bool m_read = false;
  std::size_t m_at = 0;
};

/// The arguments of all aggregates of an operator, each once.
struct Arguments {
  std::vector<const plan::Expression*> expressions;
  std::vector<EvaluatorPtr> evaluators;
};

Result<AggregateColumn> makeColumn(const plan::Expression& aggregate, std::span<const plan::Column> columns,
                                   Arguments& all, OperatorContext& context) {
  AggregateColumn column;
  column.function = aggregate.aggregate.function;
  column.type = aggregate.type;
  column.span = aggregate.span;
  std::vector<types::Type> keyTypes{types::TypeId::BigInt};
  std::vector<types::Type> argumentTypes;
  const auto own = aggregate.arguments.size() - aggregate.order.size();
  for (std::size_t at = 0; at < aggregate.arguments.size(); ++at) {
    const auto& argument = *aggregate.arguments[at];
    if (at >= own) {
      DRIFT_ASSIGN(auto key, makeEvaluator(argument, columns, context));
      column.keys.push_back(std::move(key));
      continue;
    }
    keyTypes.push_back(argument.type);
    argumentTypes.push_back(argument.type);
    const auto same = std::ranges::find_if(all.expressions,
                                           [&](const auto* other) { return plan::sameExpression(*other, argument); });
    column.arguments.push_back(static_cast<std::size_t>(same - all.expressions.begin()));
    if (same != all.expressions.end()) continue;
    DRIFT_ASSIGN(auto evaluator, makeEvaluator(argument, columns, context));
    all.expressions.push_back(&argument);
    all.evaluators.push_back(std::move(evaluator));
  }
  if (!aggregate.order.empty())
    column.ordered = std::make_unique<OrderedRows>(std::move(argumentTypes), aggregate.order, context.query().memory);
  if (aggregate.filter) {
    DRIFT_ASSIGN(column.filter, makeEvaluator(*aggregate.filter, columns, context));
  }
  if (aggregate.distinct) column.distinct = std::make_unique<KeyTable>(std::move(keyTypes), context.query().memory);
  return column;
}

}  // namespace

Result<OperatorPtr> makeAggregate(const plan::Node& node, const plan::Aggregate& aggregate, OperatorPtr input,
                                  OperatorContext& context) {
  const auto& inputColumns = node.inputs[0]->columns;
  std::vector<EvaluatorPtr> groups;
  std::vector<types::Type> groupTypes;
  for (const auto& group : aggregate.groups) {
    DRIFT_ASSIGN(auto evaluator, makeEvaluator(*group, inputColumns, context));
    groups.push_back(std::move(evaluator));
    groupTypes.push_back(group->type);
  }
  std::vector<AggregateColumn> columns;
  Arguments arguments;
  for (const auto& expression : aggregate.aggregates) {
    DRIFT_ASSIGN(auto column, makeColumn(*expression, inputColumns, arguments, context));
    columns.push_back(std::move(column));
  }
  return std::make_unique<AggregateOperator>(std::move(input), std::move(groups), std::move(groupTypes),
                                             std::move(arguments.evaluators), std::move(columns), context);
}

}  // namespace drift::exec
