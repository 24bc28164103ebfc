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
    for (std::size_t at = 1; at < parts.expression.arguments.size(); ++at) {
      m_constants.push_back(Vector::constant(parts.expression.arguments[at]->value));
      m_members.add(m_constants.back(), 0);
    }
    const auto physical = parts.expression.arguments.front()->type.physical();
    m_isShort = m_constants.size() <= kShortMax && !m_members.hasNull;
    if (m_isShort && physical == types::PhysicalType::String) takeConstants(m_texts);
    else if (m_isShort && physical == types::PhysicalType::Int32) takeConstants(m_integers);
    else m_isShort = false;
  }

  Result<Vector> evaluate(const Chunk& input) override {
    DRIFT_ASSIGN(const auto left, m_left->evaluate(input));
    if (!m_isShort) return lookUp(left, input.rowCount(), m_members, m_negated);
    return m_texts.empty() ? compareAll(left, input.rowCount(), m_integers)
                           : compareAll(left, input.rowCount(), m_texts);
  }

 private:
  static constexpr std::size_t kShortMax = 16;

  template <class T>
  void takeConstants(std::vector<T>& values) const {
    for (const auto& constant : m_constants) values.push_back(constant.view().at<T>(0));
  }

  /// Few values are compared one after the other.
  template <class T>
  Vector compareAll(const Vector& left, std::size_t rows, const std::vector<T>& values) const {
    Vector out(types::TypeId::Boolean, rows);
    auto* result = out.data<std::uint8_t>();
    const auto view = left.view();
    for (std::size_t row = 0; row < rows; ++row) {
      const auto& wanted = view.at<T>(row);
      bool found = false;
      for (const auto& value : values) found = found || wanted == value;
      result[row] = found != m_negated;
      if (view.isNull(row)) out.setNull(row);
    }
    return out;
  }

  const EvaluatorPtr m_left;
  const bool m_negated;
  Members m_members;
  std::vector<Vector> m_constants;
  bool m_isShort = false;  ///< then one of the two below has the values
  std::vector<types::StringRef> m_texts;
  std::vector<std::int32_t> m_integers;
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
