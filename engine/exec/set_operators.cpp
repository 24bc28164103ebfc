// Operators on whole rows as keys: DISTINCT, INTERSECT, EXCEPT. NULLs are equal to each other here
// (SQL:2016, 7.17).
#include "exec/key_table.h"
#include "exec/operator_kinds.h"

namespace drift::exec {

using types::Chunk;
using types::Selection;

namespace {

class DistinctOperator final : public Operator {
 public:
  /// `on`: what rows are compared by; none = all their columns.
  DistinctOperator(OperatorPtr input, std::vector<EvaluatorPtr> on, std::vector<types::Type> types,
                   const OperatorContext& context)
      : m_input(std::move(input)),
        m_on(std::move(on)),
        m_context(context),
        m_seen(std::move(types), context.query().memory) {}

  Result<bool> next(Chunk& out) override {
    while (true) {
      DRIFT_TRY(m_context.query().cancel.check());
      Chunk input;
      DRIFT_ASSIGN(const bool more, m_input->next(input));
      if (!more) break;
      auto fresh = m_seen.keyCount();
      std::vector<std::uint32_t> numbers;
      if (m_on.empty()) {
        DRIFT_TRY(m_seen.findOrAdd(input, numbers));
      } else {
        Chunk keys;
        for (const auto& key : m_on) {
          DRIFT_ASSIGN(auto values, key->evaluate(input));
          keys.addColumn(std::move(values));
        }
        keys.setRowCount(input.rowCount());
        DRIFT_TRY(m_seen.findOrAdd(keys, numbers));
      }
      Selection rows;
      for (std::size_t row = 0; row < numbers.size(); ++row) {
        if (numbers[row] != fresh) continue;
        ++fresh;
        rows.push_back(static_cast<std::uint16_t>(row));
      }
      if (rows.empty()) continue;
      out = rows.size() == input.rowCount() ? std::move(input) : input.selected(rows);
      return true;
    }
    out.clear();
    return false;
  }

 private:
  const OperatorPtr m_input;
  const std::vector<EvaluatorPtr> m_on;
  const OperatorContext& m_context;
  KeyTable m_seen;
};

/// INTERSECT and EXCEPT. The right input is counted first; each left row then takes one from the count.
class SetOperator final : public Operator {
 public:
  SetOperator(const plan::SetOperation& operation, OperatorPtr left, OperatorPtr right,
              const std::vector<types::Type>& types, const OperatorContext& context)
      : m_operation(operation),
        m_left(std::move(left)),
        m_right(std::move(right)),
        m_context(context),
        m_keys(types, context.query().memory),
        m_given(types, context.query().memory) {}

  Result<bool> next(Chunk& out) override {
    if (!m_counted) DRIFT_TRY(countRight());
    while (true) {
      DRIFT_TRY(m_context.query().cancel.check());
      Chunk input;
      DRIFT_ASSIGN(const bool more, m_left->next(input));
      if (!more) break;
      DRIFT_ASSIGN(const auto rows, m_operation.all ? keptOfAll(input) : keptOnce(input));
      if (rows.empty()) continue;
      out = input.selected(rows);
      return true;
    }
    out.clear();
    return false;
  }

 private:
  Status countRight() {
    Chunk chunk;
    std::vector<std::uint32_t> numbers;
    while (true) {
      DRIFT_TRY(m_context.query().cancel.check());
      DRIFT_ASSIGN(const bool more, m_right->next(chunk));
      if (!more) break;
      DRIFT_TRY(m_keys.findOrAdd(chunk, numbers));
      m_counts.resize(m_keys.keyCount(), 0);
      for (const auto number : numbers) ++m_counts[number];
    }
    m_counted = true;
    return {};
  }

  /// Without ALL: each row once, by whether the right input has it at all.
  Result<Selection> keptOnce(const Chunk& input) {
    std::vector<std::uint32_t> numbers;
    m_keys.find(input, numbers);
    auto fresh = m_given.keyCount();
    std::vector<std::uint32_t> given;
    DRIFT_TRY(m_given.findOrAdd(input, given));
    Selection rows;
    for (std::size_t row = 0; row < numbers.size(); ++row) {
      if (given[row] != fresh) continue;
      ++fresh;
      if ((numbers[row] != kNoRow) == wantsFound()) rows.push_back(static_cast<std::uint16_t>(row));
    }
    return rows;
  }

  /// With ALL: a row of the right input stands for one of the left.
  Result<Selection> keptOfAll(const Chunk& input) {
    std::vector<std::uint32_t> numbers;
    m_keys.find(input, numbers);
    Selection rows;
    for (std::size_t row = 0; row < numbers.size(); ++row) {
      const bool found = numbers[row] != kNoRow && m_counts[numbers[row]] > 0;
      if (found) --m_counts[numbers[row]];
      if (found == wantsFound()) rows.push_back(static_cast<std::uint16_t>(row));
    }
    return rows;
  }

  bool wantsFound() const { return m_operation.kind == plan::SetKind::Intersect; }

  const plan::SetOperation m_operation;
  const OperatorPtr m_left;
  const OperatorPtr m_right;
  const OperatorContext& m_context;
  KeyTable m_keys;
  KeyTable m_given;
  std::vector<std::uint64_t> m_counts;
  bool m_counted = false;
};

}  // namespace

Result<OperatorPtr> makeDistinct(const plan::Node& node, const plan::Distinct& distinct, OperatorPtr input,
                                 OperatorContext& context) {
  std::vector<EvaluatorPtr> on;
  std::vector<types::Type> types;
  for (const auto& expression : distinct.on) {
    DRIFT_ASSIGN(auto evaluator, makeEvaluator(*expression, node.inputs[0]->columns, context));
    on.push_back(std::move(evaluator));
    types.push_back(expression->type);
  }
  if (on.empty()) types = typesOf(node.columns);
  return std::make_unique<DistinctOperator>(std::move(input), std::move(on), std::move(types), context);
}

Result<OperatorPtr> makeSetOperation(const plan::Node& node, const plan::SetOperation& operation, OperatorPtr left,
                                     OperatorPtr right, OperatorContext& context) {
  return std::make_unique<SetOperator>(operation, std::move(left), std::move(right), typesOf(node.columns), context);
}

}  // namespace drift::exec
