// Hash aggregation: each group has one block of memory with the states of all aggregates.
//
// Once the groups do not fit in memory, no new ones are made: rows of those that are there go on being added, and all
// others are written to disk, parted by their groups. When the groups in memory were given out, each part is aggregated
// in the same way. States are never written, so that they may be of any shape.
//
// Where several threads pull the rows, each has groups of its own, which are put together at the end. Should they not
// fit in memory, they are put together earlier, and one thread goes on.
#include <algorithm>
#include <deque>
#include <optional>

#include "exec/distinct_rows.h"
#include "exec/evaluator_kinds.h"
#include "exec/operator_kinds.h"
#include "exec/parallel_rows.h"
#include "exec/row_sorter.h"

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
  std::vector<types::Type> argumentTypes;
  EvaluatorPtr filter;               ///< null = all rows
  bool isDistinct = false;
  std::vector<EvaluatorPtr> keys;    ///< of ORDER BY
  std::vector<types::Type> keyTypes;
  std::vector<plan::KeyOrder> order;
  types::Type type;
  std::size_t offsetBytes = 0;  ///< within a group's block
  SourceSpan span;
  std::unique_ptr<DistinctRows> distinct;  ///< group, arguments and keys; set if isDistinct
  std::unique_ptr<RowSorter> ordered;      ///< group and arguments of rows to add at the end; set if there are keys

  bool waits() const { return isDistinct || !keys.empty(); }
  /// Forgets the rows of other groups.
  void start(const OperatorContext& context) {
    std::vector<types::Type> types{types::TypeId::BigInt};
    types.insert(types.end(), argumentTypes.begin(), argumentTypes.end());
    if (!keys.empty()) {
      std::vector<plan::KeyOrder> all{{}};
      all.insert(all.end(), order.begin(), order.end());
      ordered = std::make_unique<RowSorter>(types, std::move(all), std::nullopt, context);
    }
    if (!isDistinct) return;
    const auto compared = types.size();
    types.insert(types.end(), keyTypes.begin(), keyTypes.end());
    distinct = std::make_unique<DistinctRows>(std::move(types), compared, context);
  }
};

/// The states of all groups, in stable places.
class StateStore final {
 public:
  StateStore(std::vector<AggregateColumn>& columns, const runtime::MemoryBudget& budget)
      : m_columns(columns), m_memory(budget) {
    for (auto& column : columns) {
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
  AggregateOperator(OperatorPtr input, std::vector<types::Type> inputTypes, std::vector<EvaluatorPtr> groups,
                    std::vector<types::Type> groupTypes, std::vector<EvaluatorPtr> arguments,
                    std::vector<AggregateColumn> columns, std::vector<std::int32_t> always,
                    const OperatorContext& context)
      : m_input(std::move(input)),
        m_inputTypes(std::move(inputTypes)),
        m_groups(std::move(groups)),
        m_groupTypes(std::move(groupTypes)),
        m_arguments(std::move(arguments)),
        m_columns(std::move(columns)),
        m_always(std::move(always)),
        m_context(context),
        m_budget(context.query().memory, context.workBytes()) {}

  /// Takes what further threads work with: operators without an input, of the same plan.
  void addWorkers(std::vector<std::unique_ptr<AggregateOperator>> workers) { m_workers = std::move(workers); }

  Result<bool> next(Chunk& out) override {
    out.clear();
    if (!m_states) {
      DRIFT_TRY(readAll(*m_input));
    }
    while (m_at == m_states->groupCount()) {
      if (m_waiting.empty()) return false;
      m_level = m_waiting.front().level;
      StreamRows rows(std::move(m_waiting.front().rows));
      m_waiting.pop_front();
      DRIFT_TRY(readAll(rows));
    }
    const auto count = std::min(kChunkRows, m_states->groupCount() - m_at);
    std::vector<std::uint32_t> rows(count);
    for (std::size_t at = 0; at < count; ++at) rows[at] = static_cast<std::uint32_t>(m_at + at);
    for (std::size_t group = 0; group < m_groups.size(); ++group) out.addColumn(gather(m_keys->keys(), group, rows));
    for (const auto& column : m_columns) {
      std::vector<std::byte*> states(count);
      for (std::size_t at = 0; at < count; ++at) states[at] = m_states->state(m_at + at, column);
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
  struct Part {
    SpillStreamPtr rows;
    unsigned level = 0;
  };

  /// Begins with no groups.
  Status start(const runtime::MemoryBudget& budget) {
    m_states.reset();
    m_keys.reset();
    m_keys = std::make_unique<KeyTable>(m_groupTypes, budget);
    m_states = std::make_unique<StateStore>(m_columns, budget);
    for (auto& column : m_columns) column.start(m_context);
    m_at = 0;
    return m_groups.empty() ? m_states->growTo(1) : Status();
  }

  /// Aggregates rows on several threads, until they end or memory does.
  Status readInParallel(ParallelRows& rows) {
    for (const auto& worker : m_workers) DRIFT_TRY(worker->start(m_budget));
    const auto consume = [&](std::size_t worker, Chunk& chunk) -> Result<bool> {
      DRIFT_TRY((worker == 0 ? *this : *m_workers[worker - 1]).add(chunk, false));
      return !isFull();
    };
    DRIFT_TRY(rows.run(consume));
    for (const auto& worker : m_workers) DRIFT_TRY(takeIn(*worker));
    return {};
  }

  /// Adds the groups of another thread to these, and leaves it none.
  Status takeIn(AggregateOperator& other) {
    const auto count = other.m_states->groupCount();
    for (std::size_t first = 0; first < count; first += kChunkRows) {
      DRIFT_TRY(m_context.query().cancel.check());
      std::vector<std::uint32_t> numbers(std::min(kChunkRows, count - first), 0);
      if (!m_groups.empty()) {
        DRIFT_TRY(m_keys->findOrAdd(chunkOf(other.m_keys->keys(), first), numbers));
        DRIFT_TRY(m_states->growTo(m_keys->keyCount()));
      }
      for (std::size_t column = 0; column < m_columns.size(); ++column) {
        const auto& own = m_columns[column];
        for (std::size_t at = 0; at < numbers.size(); ++at) {
          const auto* from = other.m_states->state(first + at, other.m_columns[column]);
          if (auto status = own.function->merge(from, m_states->state(numbers[at], own)); !status.ok())
            return std::move(status).error().at(own.span);
        }
      }
    }
    other.m_states.reset();
    other.m_keys.reset();
    return {};
  }

  bool isFull() const { return m_context.spill() && m_budget.isFull(); }

  /// Adds the rows of a chunk. `spills`: those of new groups are put by where memory is full.
  Status add(Chunk& chunk, bool spills) {
    DRIFT_ASSIGN(const auto numbers, groupNumbers(chunk, spills));
    if (m_columns.empty() || numbers.empty()) return {};
    std::vector<std::byte*> blocks(numbers.size());
    for (std::size_t row = 0; row < numbers.size(); ++row) blocks[row] = m_states->block(numbers[row]);
    m_values.assign(m_arguments.size(), std::nullopt);
    for (auto& column : m_columns) DRIFT_TRY(update(column, chunk, numbers, blocks));
    return {};
  }

  /// Aggregates rows; those whose groups do not fit become parts that wait.
  Status readAll(Operator& input) {
    DRIFT_TRY(start(m_budget));
    if (m_level == 0) DRIFT_TRY(addAlways());
    if (auto* rows = input.parallel()) DRIFT_TRY(readInParallel(*rows));
    Chunk chunk;
    while (true) {
      DRIFT_TRY(m_context.query().cancel.check());
      DRIFT_ASSIGN(const bool more, input.next(chunk));
      if (!more) break;
      DRIFT_TRY(add(chunk, true));
    }
    for (auto& column : m_columns) DRIFT_TRY(updateWaiting(column));
    if (!m_parts) return {};
    DRIFT_ASSIGN(auto parts, m_parts->finish());
    m_parts.reset();
    for (auto& part : parts)
      if (part->rowCount() > 0) m_waiting.push_front({std::move(part), m_level + 1});
    return {};
  }

  /// Makes the groups that are there without any row.
  Status addAlways() {
    if (m_always.empty()) return {};
    Chunk keys(m_groupTypes, m_always.size());
    for (std::size_t row = 0; row < m_always.size(); ++row) {
      for (std::size_t at = 0; at + 1 < m_groupTypes.size(); ++at) keys.column(at).setNull(row);
      keys.column(m_groupTypes.size() - 1).set(row, types::Value::integer(m_always[row]));
    }
    keys.setRowCount(m_always.size());
    std::vector<std::uint32_t> numbers(m_always.size(), 0);
    DRIFT_TRY(m_keys->findOrAdd(keys, numbers));
    return m_states->growTo(m_keys->keyCount());
  }

  /// Adds rows to a column: of each its group, then the arguments.
  Status updateRows(const AggregateColumn& column, const Chunk& rows) {
    const auto groups = rows.column(0).view();
    std::vector<Vector> arguments;
    for (std::size_t at = 0; at < column.arguments.size(); ++at) arguments.push_back(rows.column(at + 1));
    std::vector<std::byte*> states;
    for (std::size_t row = 0; row < rows.rowCount(); ++row)
      states.push_back(m_states->state(static_cast<std::size_t>(groups.at<std::int64_t>(row)), column));
    if (auto status = column.function->update(arguments, rows.rowCount(), states.data()); !status.ok())
      return std::move(status).error().at(column.span);
    return {};
  }

  /// Adds rows of a column that waits, or puts them by until all are there: group, arguments, keys.
  Status order(AggregateColumn& column, const Chunk& rows) {
    if (!column.ordered) return updateRows(column, rows);
    Chunk values;
    std::vector<Vector> keys{rows.column(0)};
    for (std::size_t at = 0; at < rows.columnCount(); ++at) {
      if (at <= column.arguments.size()) values.addColumn(rows.column(at));
      else keys.push_back(rows.column(at));
    }
    values.setRowCount(rows.rowCount());
    return column.ordered->append(values, keys);
  }

  /// The rows that waited for their order, or to be known as new.
  Status updateWaiting(AggregateColumn& column) {
    Chunk rows;
    while (column.distinct) {
      DRIFT_ASSIGN(const bool more, column.distinct->next(rows));
      if (!more) break;
      DRIFT_TRY(order(column, rows));
    }
    column.distinct.reset();
    if (!column.ordered) return {};
    DRIFT_TRY(column.ordered->finish());
    while (true) {
      DRIFT_TRY(m_context.query().cancel.check());
      DRIFT_ASSIGN(const bool more, column.ordered->next(rows));
      if (!more) break;
      DRIFT_TRY(updateRows(column, rows));
    }
    column.ordered.reset();
    return {};
  }

  /// Gives the groups of a chunk's rows; rows that have to wait are taken out of it.
  Result<std::vector<std::uint32_t>> groupNumbers(Chunk& chunk, bool spills) {
    std::vector<std::uint32_t> numbers(chunk.rowCount(), 0);
    if (m_groups.empty()) return numbers;
    Chunk keys;
    keys.setRowCount(chunk.rowCount());
    for (const auto& group : m_groups) {
      DRIFT_ASSIGN(auto values, group->evaluate(chunk));
      keys.addColumn(std::move(values));
    }
    if (m_parts) {
      DRIFT_TRY(putBy(chunk, keys, numbers));
      return numbers;
    }
    DRIFT_TRY(m_keys->findOrAdd(keys, numbers));
    DRIFT_TRY(m_states->growTo(m_keys->keyCount()));
    if (spills && isFull())
      m_parts = std::make_unique<SpillPartitions>(m_inputTypes, *m_context.spill(),
                                                  m_level % SpillPartitions::kLevelsMax);
    return numbers;
  }

  Status putBy(Chunk& chunk, const Chunk& keys, std::vector<std::uint32_t>& numbers) {
    m_keys->find(keys, numbers);
    Selection here;
    Selection others;
    for (std::size_t row = 0; row < numbers.size(); ++row)
      (numbers[row] == kNoRow ? others : here).push_back(static_cast<std::uint16_t>(row));
    if (others.empty()) return {};
    DRIFT_TRY(m_parts->add(chunk, keys, others));
    chunk = chunk.selected(here);
    std::erase(numbers, kNoRow);
    return {};
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
    if (!column.filter && !column.waits()) {
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
    if (column.waits()) return wait(column, part, std::move(arguments), numbers, rows);
    states.reserve(rows.size());
    for (const auto row : rows) states.push_back(blocks[row] + column.offsetBytes);
    if (auto status = column.function->update(arguments, rows.size(), states.data()); !status.ok())
      return std::move(status).error().at(column.span);
    return {};
  }

  /// Hands the rows of a column that waits on: those that are not known to be new are left out.
  Status wait(AggregateColumn& column, const Chunk& part, std::vector<Vector> arguments,
              const std::vector<std::uint32_t>& numbers, const Selection& rows) {
    Vector groups(types::TypeId::BigInt, rows.size());
    for (std::size_t at = 0; at < rows.size(); ++at) groups.data<std::int64_t>()[at] = numbers[rows[at]];
    Chunk values;
    values.addColumn(std::move(groups));
    for (auto& argument : arguments) values.addColumn(std::move(argument));
    for (const auto& key : column.keys) {
      DRIFT_ASSIGN(auto keyValues, key->evaluate(part));
      values.addColumn(std::move(keyValues));
    }
    values.setRowCount(rows.size());
    if (!column.distinct) return order(column, values);
    Selection fresh;
    DRIFT_TRY(column.distinct->add(values, fresh));
    if (fresh.empty()) return {};
    return order(column, fresh.size() == rows.size() ? values : values.selected(fresh));
  }

  const OperatorPtr m_input;
  const std::vector<types::Type> m_inputTypes;
  const std::vector<EvaluatorPtr> m_groups;
  const std::vector<types::Type> m_groupTypes;
  const std::vector<EvaluatorPtr> m_arguments;  ///< of all aggregates, each once
  std::vector<std::optional<Vector>> m_values;  ///< of m_arguments, for the chunk at hand
  std::vector<AggregateColumn> m_columns;
  const std::vector<std::int32_t> m_always;  ///< plan::Aggregate::always
  const OperatorContext& m_context;
  const runtime::MemoryBudget m_budget;
  std::vector<std::unique_ptr<AggregateOperator>> m_workers;  ///< for the threads but the first
  std::unique_ptr<KeyTable> m_keys;
  std::unique_ptr<StateStore> m_states;      ///< null: nothing was read yet
  std::unique_ptr<SpillPartitions> m_parts;  ///< set: no new groups are made
  std::deque<Part> m_waiting;
  unsigned m_level = 0;
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
  column.isDistinct = aggregate.distinct;
  column.order = aggregate.order;
  const auto own = aggregate.arguments.size() - aggregate.order.size();
  for (std::size_t at = 0; at < aggregate.arguments.size(); ++at) {
    const auto& argument = *aggregate.arguments[at];
    if (at >= own) {
      DRIFT_ASSIGN(auto key, makeEvaluator(argument, columns, context));
      column.keys.push_back(std::move(key));
      column.keyTypes.push_back(argument.type);
      continue;
    }
    column.argumentTypes.push_back(argument.type);
    const auto same = std::ranges::find_if(all.expressions,
                                           [&](const auto* other) { return plan::sameExpression(*other, argument); });
    column.arguments.push_back(static_cast<std::size_t>(same - all.expressions.begin()));
    if (same != all.expressions.end()) continue;
    DRIFT_ASSIGN(auto evaluator, makeEvaluator(argument, columns, context));
    all.expressions.push_back(&argument);
    all.evaluators.push_back(std::move(evaluator));
  }
  if (aggregate.filter) {
    DRIFT_ASSIGN(column.filter, makeEvaluator(*aggregate.filter, columns, context));
  }
  return column;
}

Result<std::unique_ptr<AggregateOperator>> makeOne(const plan::Node& node, const plan::Aggregate& aggregate,
                                                   OperatorPtr input, OperatorContext& context) {
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
  return std::make_unique<AggregateOperator>(std::move(input), typesOf(inputColumns), std::move(groups),
                                             std::move(groupTypes), std::move(arguments.evaluators),
                                             std::move(columns), aggregate.always, context);
}

}  // namespace

bool aggregatesInParts(const plan::Aggregate& aggregate) {
  const auto mergeable = [](const auto& call) {
    const auto* function = call->aggregate.function;
    return isParallelSafe(*call) && !call->distinct && call->order.empty() && !function->ordered && function->merge &&
           (!call->filter || isParallelSafe(*call->filter));
  };
  return std::ranges::all_of(aggregate.aggregates, mergeable) &&
         std::ranges::all_of(aggregate.groups, [](const auto& group) { return isParallelSafe(*group); });
}

Result<OperatorPtr> makeAggregate(const plan::Node& node, const plan::Aggregate& aggregate, OperatorPtr input,
                                  OperatorContext& context) {
  const auto* rows = input->parallel();
  std::vector<std::unique_ptr<AggregateOperator>> workers;
  for (std::size_t worker = 1; rows && worker < rows->workerCount(); ++worker) {
    DRIFT_ASSIGN(auto made, makeOne(node, aggregate, nullptr, context));
    workers.push_back(std::move(made));
  }
  DRIFT_ASSIGN(auto made, makeOne(node, aggregate, std::move(input), context));
  made->addWorkers(std::move(workers));
  return made;
}

}  // namespace drift::exec
