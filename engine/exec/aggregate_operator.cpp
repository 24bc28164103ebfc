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

#include "exec/aggregate_calls.h"
#include "exec/distinct_rows.h"
#include "exec/operator_kinds.h"
#include "exec/parallel_rows.h"
#include "exec/row_sorter.h"

namespace drift::exec {

using types::Chunk;
using types::kChunkRows;
using types::Selection;
using types::Vector;

namespace {

constexpr std::size_t kGroupsInBlock = 256;

/// What a call with DISTINCT or ORDER BY waits for before it counts its rows.
struct Waiting {
  bool isDistinct = false;
  std::vector<types::Type> argumentTypes;
  std::vector<EvaluatorPtr> keys;  ///< of ORDER BY
  std::vector<types::Type> keyTypes;
  std::vector<plan::KeyOrder> order;
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
  StateStore(const AggregateCalls& calls, const runtime::MemoryBudget& budget)
      : m_calls(calls), m_groupBytes(calls.blockBytes()), m_memory(budget) {}
  ~StateStore() {
    if (m_groupBytes == 0) return;
    for (std::size_t group = 0; group < m_groupCount; ++group) m_calls.destroy(block(group));
  }
  StateStore(const StateStore&) = delete;
  StateStore& operator=(const StateStore&) = delete;

  /// Makes the states of groups up to `count`.
  Status growTo(std::size_t count) {
    while (m_groupCount < count) {
      if (m_groupCount % kGroupsInBlock == 0 && m_groupBytes > 0) {
        DRIFT_TRY(m_memory.grow(kGroupsInBlock * m_groupBytes));
        constexpr std::align_val_t kAlignment{AggregateCalls::kAlignment};
        m_blocks.emplace_back(new (kAlignment) std::byte[kGroupsInBlock * m_groupBytes]);
      }
      ++m_groupCount;
      if (m_groupBytes > 0) m_calls.initialize(block(m_groupCount - 1));
    }
    return {};
  }

  std::size_t groupCount() const { return m_groupCount; }
  /// Where the states of a group begin; null where there are no aggregates.
  std::byte* block(std::size_t group) const {
    if (m_groupBytes == 0) return nullptr;
    return m_blocks[group / kGroupsInBlock].get() + group % kGroupsInBlock * m_groupBytes;
  }

 private:
  struct Free {
    void operator()(std::byte* block) const {
      ::operator delete[](block, std::align_val_t{AggregateCalls::kAlignment});
    }
  };

  const AggregateCalls& m_calls;
  const std::size_t m_groupBytes;
  std::vector<std::unique_ptr<std::byte[], Free>> m_blocks;
  std::size_t m_groupCount = 0;
  MemoryReservation m_memory;
};

class AggregateOperator final : public Operator {
 public:
  AggregateOperator(OperatorPtr input, std::vector<types::Type> inputTypes, std::vector<EvaluatorPtr> groups,
                    std::vector<types::Type> groupTypes, AggregateCalls calls, std::vector<Waiting> waiting,
                    std::vector<std::int32_t> always, const OperatorContext& context)
      : m_input(std::move(input)),
        m_inputTypes(std::move(inputTypes)),
        m_groups(std::move(groups)),
        m_groupTypes(std::move(groupTypes)),
        m_calls(std::move(calls)),
        m_waits(std::move(waiting)),
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
    std::vector<std::byte*> blocks(count);
    for (std::size_t at = 0; at < count; ++at) blocks[at] = m_states->block(m_at + at);
    DRIFT_TRY(m_calls.finalize(blocks, out));
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
    m_states = std::make_unique<StateStore>(m_calls, budget);
    for (auto& waiting : m_waits) waiting.start(m_context);
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
      for (std::size_t call = 0; call < m_calls.count(); ++call)
        for (std::size_t at = 0; at < numbers.size(); ++at)
          DRIFT_TRY(m_calls.merge(call, other.m_states->block(first + at), m_states->block(numbers[at])));
    }
    other.m_states.reset();
    other.m_keys.reset();
    return {};
  }

  bool isFull() const { return m_context.spill() && m_budget.isFull(); }

  /// Adds the rows of a chunk. `spills`: those of new groups are put by where memory is full.
  Status add(Chunk& chunk, bool spills) {
    DRIFT_ASSIGN(const auto numbers, groupNumbers(chunk, spills));
    if (m_calls.count() == 0 || numbers.empty()) return {};
    std::vector<std::byte*> blocks(numbers.size());
    for (std::size_t row = 0; row < numbers.size(); ++row) blocks[row] = m_states->block(numbers[row]);
    m_calls.startChunk();
    for (std::size_t call = 0; call < m_calls.count(); ++call)
      DRIFT_TRY(m_waits[call].waits() ? wait(call, chunk, numbers) : m_calls.update(call, chunk, blocks));
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
    for (std::size_t call = 0; call < m_calls.count(); ++call) DRIFT_TRY(updateWaiting(call));
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

  /// Adds rows to a call: of each its group, then the arguments.
  Status updateRows(std::size_t call, const Chunk& rows) {
    const auto groups = rows.column(0).view();
    std::vector<Vector> arguments;
    for (std::size_t at = 0; at < m_calls[call].arguments.size(); ++at) arguments.push_back(rows.column(at + 1));
    std::vector<std::byte*> states;
    for (std::size_t row = 0; row < rows.rowCount(); ++row)
      states.push_back(m_states->block(static_cast<std::size_t>(groups.at<std::int64_t>(row))) +
                       m_calls[call].offsetBytes);
    return m_calls.add(call, arguments, states);
  }

  /// Adds rows of a call that waits, or puts them by until all are there: group, arguments, keys.
  Status order(std::size_t call, const Chunk& rows) {
    if (!m_waits[call].ordered) return updateRows(call, rows);
    Chunk values;
    std::vector<Vector> keys{rows.column(0)};
    for (std::size_t at = 0; at < rows.columnCount(); ++at) {
      if (at <= m_calls[call].arguments.size()) values.addColumn(rows.column(at));
      else keys.push_back(rows.column(at));
    }
    values.setRowCount(rows.rowCount());
    return m_waits[call].ordered->append(values, keys);
  }

  /// The rows that waited for their order, or to be known as new.
  Status updateWaiting(std::size_t call) {
    auto& waiting = m_waits[call];
    Chunk rows;
    while (waiting.distinct) {
      DRIFT_ASSIGN(const bool more, waiting.distinct->next(rows));
      if (!more) break;
      DRIFT_TRY(order(call, rows));
    }
    waiting.distinct.reset();
    if (!waiting.ordered) return {};
    DRIFT_TRY(waiting.ordered->finish());
    while (true) {
      DRIFT_TRY(m_context.query().cancel.check());
      DRIFT_ASSIGN(const bool more, waiting.ordered->next(rows));
      if (!more) break;
      DRIFT_TRY(updateRows(call, rows));
    }
    waiting.ordered.reset();
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

  /// Hands the rows of a call that waits on: those that are not known to be new are left out.
  Status wait(std::size_t call, const Chunk& chunk, const std::vector<std::uint32_t>& numbers) {
    auto& waiting = m_waits[call];
    DRIFT_ASSIGN(auto some, m_calls.rowsOf(call, chunk));
    if (some.rows.empty()) return {};
    Vector groups(types::TypeId::BigInt, some.rows.size());
    for (std::size_t at = 0; at < some.rows.size(); ++at) groups.data<std::int64_t>()[at] = numbers[some.rows[at]];
    Chunk values;
    values.addColumn(std::move(groups));
    for (auto& argument : some.arguments) values.addColumn(std::move(argument));
    for (const auto& key : waiting.keys) {
      DRIFT_ASSIGN(auto keyValues, key->evaluate(some.chunk));
      values.addColumn(std::move(keyValues));
    }
    values.setRowCount(some.rows.size());
    if (!waiting.distinct) return order(call, values);
    Selection fresh;
    DRIFT_TRY(waiting.distinct->add(values, fresh));
    if (fresh.empty()) return {};
    return order(call, fresh.size() == some.rows.size() ? values : values.selected(fresh));
  }

  const OperatorPtr m_input;
  const std::vector<types::Type> m_inputTypes;
  const std::vector<EvaluatorPtr> m_groups;
  const std::vector<types::Type> m_groupTypes;
  AggregateCalls m_calls;
  std::vector<Waiting> m_waits;  ///< by call
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

Result<Waiting> makeWaiting(const plan::Expression& aggregate, const AggregateCall& call,
                            std::span<const plan::Column> columns, OperatorContext& context) {
  Waiting waiting;
  waiting.isDistinct = aggregate.distinct;
  waiting.argumentTypes = call.argumentTypes;
  waiting.order = aggregate.order;
  for (auto at = call.arguments.size(); at < aggregate.arguments.size(); ++at) {
    DRIFT_ASSIGN(auto key, makeEvaluator(*aggregate.arguments[at], columns, context));
    waiting.keys.push_back(std::move(key));
    waiting.keyTypes.push_back(aggregate.arguments[at]->type);
  }
  return waiting;
}

Result<std::unique_ptr<AggregateOperator>> makeOne(const plan::Node& node, const plan::Aggregate& aggregate,
                                                   OperatorPtr input, OperatorContext& context) {
  const auto& inputColumns = node.inputs[0]->columns;
  DRIFT_ASSIGN(auto keys, makeGroupKeys(aggregate, inputColumns, context));
  DRIFT_ASSIGN(auto calls, AggregateCalls::make(aggregate.aggregates, inputColumns, context));
  std::vector<Waiting> waits;
  for (std::size_t call = 0; call < calls.count(); ++call) {
    DRIFT_ASSIGN(auto waiting, makeWaiting(*aggregate.aggregates[call], calls[call], inputColumns, context));
    waits.push_back(std::move(waiting));
  }
  return std::make_unique<AggregateOperator>(std::move(input), typesOf(inputColumns), std::move(keys.evaluators),
                                             std::move(keys.types), std::move(calls), std::move(waits),
                                             aggregate.always, context);
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
