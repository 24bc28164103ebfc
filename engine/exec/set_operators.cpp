// Operators on whole rows as keys: DISTINCT, INTERSECT, EXCEPT. NULLs are equal to each other here
// (SQL:2016, 7.17).
#include <deque>

#include "exec/distinct_rows.h"
#include "exec/operator_kinds.h"
#include "exec/row_sorter.h"

namespace drift::exec {

using types::Chunk;
using types::Selection;
using types::Vector;

namespace {

/// DISTINCT: rows come out as they are found to be new.
class DistinctOperator final : public Operator {
 public:
  DistinctOperator(OperatorPtr input, const std::vector<types::Type>& types, const OperatorContext& context)
      : m_input(std::move(input)), m_context(context), m_rows(types, types.size(), context) {}

  Result<bool> next(Chunk& out) override {
    while (!m_read) {
      DRIFT_TRY(m_context.query().cancel.check());
      Chunk input;
      DRIFT_ASSIGN(const bool more, m_input->next(input));
      if (!more) {
        m_read = true;
        break;
      }
      Selection fresh;
      DRIFT_TRY(m_rows.add(input, fresh));
      if (fresh.empty()) continue;
      out = fresh.size() == input.rowCount() ? std::move(input) : input.selected(fresh);
      return true;
    }
    return m_rows.next(out);
  }

 private:
  const OperatorPtr m_input;
  const OperatorContext& m_context;
  DistinctRows m_rows;
  bool m_read = false;
};

/// DISTINCT ON: keeps the order of its input. What had to be put by has the number of its row with it and is sorted by
/// that at the end: all of it came after the rows that were given at once.
class DistinctOnOperator final : public Operator {
 public:
  DistinctOnOperator(OperatorPtr input, std::vector<EvaluatorPtr> on, const std::vector<types::Type>& onTypes,
                     const std::vector<types::Type>& types, const OperatorContext& context)
      : m_input(std::move(input)),
        m_on(std::move(on)),
        m_context(context),
        m_rows(withKeys(onTypes, types), onTypes.size(), context),
        m_sorter(numbered(types), {{}}, std::nullopt, context) {}

  Result<bool> next(Chunk& out) override {
    while (!m_read) {
      DRIFT_TRY(m_context.query().cancel.check());
      Chunk input;
      DRIFT_ASSIGN(const bool more, m_input->next(input));
      if (!more) {
        DRIFT_TRY(sortOthers());
        m_read = true;
        break;
      }
      Chunk rows;
      for (const auto& key : m_on) {
        DRIFT_ASSIGN(auto values, key->evaluate(input));
        rows.addColumn(std::move(values));
      }
      Vector numbers(types::TypeId::BigInt, input.rowCount());
      for (std::size_t row = 0; row < input.rowCount(); ++row) numbers.data<std::int64_t>()[row] = m_number++;
      rows.addColumn(std::move(numbers));
      for (std::size_t column = 0; column < input.columnCount(); ++column) rows.addColumn(input.column(column));
      rows.setRowCount(input.rowCount());
      Selection fresh;
      DRIFT_TRY(m_rows.add(rows, fresh));
      if (fresh.empty()) continue;
      out = fresh.size() == input.rowCount() ? std::move(input) : input.selected(fresh);
      return true;
    }
    DRIFT_ASSIGN(const bool more, m_sorter.next(out));
    if (more) out = without(out, 1);
    return more;
  }

 private:
  static std::vector<types::Type> numbered(std::vector<types::Type> types) {
    types.insert(types.begin(), types::TypeId::BigInt);
    return types;
  }
  static std::vector<types::Type> withKeys(std::vector<types::Type> keys, const std::vector<types::Type>& types) {
    const auto rest = numbered(types);
    keys.insert(keys.end(), rest.begin(), rest.end());
    return keys;
  }
  static Chunk without(const Chunk& rows, std::size_t first) {
    Chunk rest;
    for (auto column = first; column < rows.columnCount(); ++column) rest.addColumn(rows.column(column));
    rest.setRowCount(rows.rowCount());
    return rest;
  }

  Status sortOthers() {
    Chunk rows;
    while (true) {
      DRIFT_ASSIGN(const bool more, m_rows.next(rows));
      if (!more) return m_sorter.finish();
      const auto numbered = without(rows, m_on.size());
      DRIFT_TRY(m_sorter.append(numbered, std::span(&numbered.column(0), 1)));
    }
  }

  const OperatorPtr m_input;
  const std::vector<EvaluatorPtr> m_on;
  const OperatorContext& m_context;
  DistinctRows m_rows;
  RowSorter m_sorter;
  std::int64_t m_number = 0;
  bool m_read = false;
};

/// INTERSECT and EXCEPT: the rows of the left input that are, or are not, in the right one. That is counted first; with
/// ALL each left row takes one from the count, and INTERSECT gives each row once. What EXCEPT gives more than once is
/// left to a DISTINCT above.
///
/// Where the right rows do not fit in memory, both inputs are parted by their rows, and each pair of parts is done alone.
class SetOperator final : public Operator {
 public:
  SetOperator(const plan::SetOperation& operation, OperatorPtr left, OperatorPtr right,
              const std::vector<types::Type>& types, const OperatorContext& context)
      : m_operation(operation),
        m_types(types),
        m_context(context),
        m_budget(context.query().memory, context.workBytes()) {
    m_pair = {std::move(left), std::move(right), 0};
  }

  Result<bool> next(Chunk& out) override {
    while (true) {
      DRIFT_TRY(m_context.query().cancel.check());
      if (!m_counted) DRIFT_TRY(countRight());
      Chunk input;
      DRIFT_ASSIGN(const bool more, m_pair.left->next(input));
      if (!more) {
        if (m_waiting.empty()) break;
        m_pair = std::move(m_waiting.front());
        m_waiting.pop_front();
        m_counted = false;
        continue;
      }
      const auto rows = kept(input);
      if (rows.empty()) continue;
      out = input.selected(rows);
      return true;
    }
    out.clear();
    return false;
  }

 private:
  /// Rows of both inputs; from the second level on, the right ones are with their count.
  struct Pair {
    OperatorPtr left;
    OperatorPtr right;
    unsigned level = 0;
  };

  Chunk plain(const Chunk& rows) const {
    Chunk values;
    for (std::size_t column = 0; column < m_types.size(); ++column) values.addColumn(rows.column(column));
    values.setRowCount(rows.rowCount());
    return values;
  }

  Status countRight() {
    m_keys.reset();
    m_keys = std::make_unique<KeyTable>(m_types, m_budget);
    m_counts.clear();
    Chunk chunk;
    std::vector<std::uint32_t> numbers;
    while (true) {
      DRIFT_TRY(m_context.query().cancel.check());
      DRIFT_ASSIGN(const bool more, m_pair.right->next(chunk));
      if (!more) break;
      DRIFT_TRY(m_keys->findOrAdd(plain(chunk), numbers));
      m_counts.resize(m_keys->keyCount(), 0);
      for (std::size_t row = 0; row < numbers.size(); ++row) m_counts[numbers[row]] += countOf(chunk, row);
      if (m_context.spill() && m_budget.isFull() && m_pair.level < SpillPartitions::kLevelsMax) return partBoth();
    }
    m_counted = true;
    return {};
  }

  std::uint64_t countOf(const Chunk& rows, std::size_t row) const {
    if (rows.columnCount() == m_types.size()) return 1;
    return static_cast<std::uint64_t>(rows.column(m_types.size()).view().at<std::int64_t>(row));
  }

  /// Writes both inputs to parts, and goes on with the first pair of them.
  Status partBoth() {
    auto counted = m_types;
    counted.push_back(types::TypeId::BigInt);
    SpillPartitions rightParts(counted, *m_context.spill(), m_pair.level);
    const auto addCounted = [&](Chunk rows, auto count) {
      const auto keys = plain(rows);
      Vector counts(types::TypeId::BigInt, rows.rowCount());
      for (std::size_t row = 0; row < rows.rowCount(); ++row)
        counts.data<std::int64_t>()[row] = static_cast<std::int64_t>(count(row));
      auto with = keys;
      with.addColumn(std::move(counts));
      return rightParts.add(with, keys);
    };
    for (std::size_t first = 0; first < m_keys->keyCount(); first += types::kChunkRows)
      DRIFT_TRY(addCounted(chunkOf(m_keys->keys(), first), [&](std::size_t row) { return m_counts[first + row]; }));
    m_keys.reset();
    m_counts = {};
    Chunk chunk;
    while (true) {
      DRIFT_TRY(m_context.query().cancel.check());
      DRIFT_ASSIGN(const bool more, m_pair.right->next(chunk));
      if (!more) break;
      DRIFT_TRY(addCounted(chunk, [&](std::size_t row) { return countOf(chunk, row); }));
    }
    DRIFT_ASSIGN(auto right, rightParts.finish());
    SpillPartitions leftParts(m_types, *m_context.spill(), m_pair.level);
    while (true) {
      DRIFT_TRY(m_context.query().cancel.check());
      DRIFT_ASSIGN(const bool more, m_pair.left->next(chunk));
      if (!more) break;
      DRIFT_TRY(leftParts.add(chunk, chunk));
    }
    DRIFT_ASSIGN(auto left, leftParts.finish());
    for (std::size_t part = 0; part < left.size(); ++part)
      m_waiting.push_front({std::make_unique<StreamRows>(std::move(left[part])),
                            std::make_unique<StreamRows>(std::move(right[part])), m_pair.level + 1});
    m_pair = std::move(m_waiting.front());
    m_waiting.pop_front();
    return countRight();
  }

  Selection kept(const Chunk& input) {
    std::vector<std::uint32_t> numbers;
    m_keys->find(input, numbers);
    const bool intersects = m_operation.kind == plan::SetKind::Intersect;
    Selection rows;
    for (std::size_t row = 0; row < numbers.size(); ++row) {
      const bool found = numbers[row] != kNoRow && m_counts[numbers[row]] > 0;
      if (found && m_operation.all) --m_counts[numbers[row]];
      else if (found && intersects) m_counts[numbers[row]] = 0;
      if (found == intersects) rows.push_back(static_cast<std::uint16_t>(row));
    }
    return rows;
  }

  const plan::SetOperation m_operation;
  const std::vector<types::Type> m_types;
  const OperatorContext& m_context;
  const runtime::MemoryBudget m_budget;
  Pair m_pair;  ///< at work
  std::deque<Pair> m_waiting;
  std::unique_ptr<KeyTable> m_keys;
  std::vector<std::uint64_t> m_counts;
  bool m_counted = false;
};

}  // namespace

Result<OperatorPtr> makeDistinct(const plan::Node& node, const plan::Distinct& distinct, OperatorPtr input,
                                 OperatorContext& context) {
  const auto types = typesOf(node.columns);
  if (distinct.on.empty()) return std::make_unique<DistinctOperator>(std::move(input), types, context);
  std::vector<EvaluatorPtr> on;
  std::vector<types::Type> onTypes;
  for (const auto& expression : distinct.on) {
    DRIFT_ASSIGN(auto evaluator, makeEvaluator(*expression, node.inputs[0]->columns, context));
    on.push_back(std::move(evaluator));
    onTypes.push_back(expression->type);
  }
  return std::make_unique<DistinctOnOperator>(std::move(input), std::move(on), onTypes, types, context);
}

Result<OperatorPtr> makeSetOperation(const plan::Node& node, const plan::SetOperation& operation, OperatorPtr left,
                                     OperatorPtr right, OperatorContext& context) {
  const auto types = typesOf(node.columns);
  auto rows = std::make_unique<SetOperator>(operation, std::move(left), std::move(right), types, context);
  if (operation.all || operation.kind == plan::SetKind::Intersect) return rows;
  return std::make_unique<DistinctOperator>(std::move(rows), types, context);
}

}  // namespace drift::exec
