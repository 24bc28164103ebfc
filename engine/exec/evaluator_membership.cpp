// IN lists.
#include "exec/members.h"

namespace drift::exec {

using plan::ExpressionKind;
using types::Chunk;
using types::Vector;

namespace {

/// x IN (constants).
class ConstantListEvaluator final : public Evaluator {
 public:
  explicit ConstantListEvaluator(EvaluatorParts parts)
      : m_left(std::move(parts.arguments.front())), m_negated(parts.expression.negated) {
    for (std::size_t at = 1; at < parts.expression.arguments.size(); ++at)
      m_members.add(Vector::constant(parts.expression.arguments[at]->value), 0);
  }

  Result<Vector> evaluate(const Chunk& input) override {
    DRIFT_ASSIGN(const auto left, m_left->evaluate(input));
    return lookUp(left, input.rowCount(), m_members, m_negated);
  }

 private:
  const EvaluatorPtr m_left;
  const bool m_negated;
  Members m_members;
};

/// x IN (expressions): x = a OR x = b …, an item evaluated only for rows that matched none before it.
class ListEvaluator final : public Evaluator {
 public:
  explicit ListEvaluator(EvaluatorParts parts)
      : m_arguments(std::move(parts.arguments)),
        m_physical(parts.expression.arguments.front()->type.physical()),
        m_negated(parts.expression.negated) {}

  Result<Vector> evaluate(const Chunk& input) override {
    const auto rows = input.rowCount();
    DRIFT_ASSIGN(const auto left, m_arguments.front()->evaluate(input));
    const auto wanted = left.view();
    Vector out(types::TypeId::Boolean, rows);
    std::fill_n(out.data<std::uint8_t>(), rows, std::uint8_t{m_negated});
    std::vector<std::uint8_t> unknown(rows, 0);
    auto open = allRows(rows);
    for (std::size_t item = 1; item < m_arguments.size() && !open.empty(); ++item) {
      DRIFT_ASSIGN(const auto values, m_arguments[item]->evaluate(open.size() == rows ? input : input.selected(open)));
      const auto view = values.view();
      types::Selection unmatched;
      for (std::size_t at = 0; at < open.size(); ++at) {
        const auto row = open[at];
        const bool null = wanted.isNull(row) || view.isNull(at);
        const bool equal = !null && types::compareRows(wanted, row, view, at, m_physical) == 0;
        unknown[row] |= null;
        if (equal) out.data<std::uint8_t>()[row] = !m_negated;
        else unmatched.push_back(row);
      }
      open = std::move(unmatched);
    }
    for (const auto row : open)
      if (unknown[row]) out.setNull(row);
    return out;
  }

 private:
  const std::vector<EvaluatorPtr> m_arguments;
  const types::PhysicalType m_physical;
  const bool m_negated;
};

}  // namespace

Result<EvaluatorPtr> makeMembershipEvaluator(EvaluatorParts parts) {
  const auto& expression = parts.expression;
  const bool constant = std::all_of(expression.arguments.begin() + 1, expression.arguments.end(),
                                    [](const auto& item) { return item->kind == ExpressionKind::Constant; });
  if (constant) return std::make_unique<ConstantListEvaluator>(std::move(parts));
  return std::make_unique<ListEvaluator>(std::move(parts));
}

}  // namespace drift::exec
