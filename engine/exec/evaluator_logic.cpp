// Three-valued logic (SQL:2016, 8.22; PostgreSQL 9.1 and 9.2).
#include <algorithm>

#include "exec/evaluator_kinds.h"

namespace drift::exec {

using plan::ExpressionKind;
using types::Chunk;
using types::Selection;
using types::Vector;

namespace {

/// AND and OR. An argument is evaluated only for rows that the ones before it leave undecided.
class ChainEvaluator final : public Evaluator {
 public:
  explicit ChainEvaluator(EvaluatorParts parts)
      : m_arguments(std::move(parts.arguments)), m_decisive(parts.expression.kind == ExpressionKind::Or) {
    for (const auto& argument : parts.expression.arguments) {
      std::vector<plan::Slot> slots;
      plan::addSlots(*argument, slots);
      auto& reads = m_reads.emplace_back();
      for (const auto& column : parts.columns) reads.push_back(std::ranges::find(slots, column.slot) != slots.end());
    }
  }

  Result<Vector> evaluate(const Chunk& input) override {
    const auto rows = input.rowCount();
    Vector out(types::TypeId::Boolean, rows);
    auto* values = out.data<std::uint8_t>();
    std::fill_n(values, rows, std::uint8_t{!m_decisive});
    std::vector<std::uint8_t> unknown(rows, 0);
    auto open = allRows(rows);
    for (std::size_t at = 0; at < m_arguments.size() && !open.empty(); ++at) {
      DRIFT_ASSIGN(const auto part,
                   m_arguments[at]->evaluate(open.size() == rows ? input : selected(input, open, m_reads[at])));
      open = decide(part, open, values, unknown);
    }
    for (const auto row : open)
      if (unknown[row]) out.setNull(row);
    return out;
  }

 private:
  /// Takes in one argument's values for the rows `open`; gives those that are still undecided.
  Selection decide(const Vector& part, const Selection& open, std::uint8_t* values,
                   std::vector<std::uint8_t>& unknown) const {
    const auto view = part.view();
    if (view.isFlat() && !view.mayHaveNulls()) {
      // Without branches: which rows are decided is hard to foresee.
      Selection left(open.size());
      const auto* holds = view.data<std::uint8_t>();
      std::size_t count = 0;
      for (std::size_t at = 0; at < open.size(); ++at) {
        const auto row = open[at];
        const bool value = holds[at] != 0;
        values[row] = value;
        left[count] = row;
        count += value != m_decisive;
      }
      left.resize(count);
      return left;
    }
    Selection left;
    left.reserve(open.size());
    for (std::size_t at = 0; at < open.size(); ++at) {
      const auto row = open[at];
      if (view.isNull(at)) {
        unknown[row] = 1;
        left.push_back(row);
      } else if ((view.at<std::uint8_t>(at) != 0) == m_decisive) {
        values[row] = m_decisive;
      } else {
        left.push_back(row);
      }
    }
    return left;
  }

  /// The rows of a chunk in the columns that are read; the others are there, and empty.
  static Chunk selected(const Chunk& input, const Selection& rows, const std::vector<bool>& reads) {
    Chunk part;
    for (std::size_t column = 0; column < input.columnCount(); ++column)
      part.addColumn(reads[column] ? Vector::select(input.column(column), rows) : Vector());
    part.setRowCount(rows.size());
    return part;
  }

  const std::vector<EvaluatorPtr> m_arguments;
  std::vector<std::vector<bool>> m_reads;  ///< of each argument: which columns it reads
  const bool m_decisive;                   ///< the value that decides: true for OR, false for AND
};

class NotEvaluator final : public Evaluator {
 public:
  explicit NotEvaluator(EvaluatorParts parts) : m_argument(std::move(parts.arguments.front())) {}

  Result<Vector> evaluate(const Chunk& input) override {
    DRIFT_ASSIGN(const auto argument, m_argument->evaluate(input));
    Vector out(types::TypeId::Boolean, input.rowCount());
    const auto view = argument.view();
    for (std::size_t row = 0; row < input.rowCount(); ++row) {
      if (view.isNull(row)) out.setNull(row);
      else out.data<std::uint8_t>()[row] = !view.at<std::uint8_t>(row);
    }
    return out;
  }

 private:
  const EvaluatorPtr m_argument;
};

/// IS [NOT] NULL, and IS [NOT] TRUE, FALSE, UNKNOWN. Never NULL itself.
class IsEvaluator final : public Evaluator {
 public:
  explicit IsEvaluator(EvaluatorParts parts)
      : m_argument(std::move(parts.arguments.front())),
        m_truth(parts.expression.truth),
        m_negated(parts.expression.negated) {}

  Result<Vector> evaluate(const Chunk& input) override {
    DRIFT_ASSIGN(const auto argument, m_argument->evaluate(input));
    Vector out(types::TypeId::Boolean, input.rowCount());
    auto* values = out.data<std::uint8_t>();
    const auto view = argument.view();
    for (std::size_t row = 0; row < input.rowCount(); ++row) {
      const bool null = view.isNull(row);
      const bool holds = m_truth ? !null && (view.at<std::uint8_t>(row) != 0) == *m_truth : null;
      values[row] = holds != m_negated;
    }
    return out;
  }

 private:
  const EvaluatorPtr m_argument;
  const std::optional<bool> m_truth;  ///< absent: NULL, which is also UNKNOWN
  const bool m_negated;
};

class IsDistinctEvaluator final : public Evaluator {
 public:
  explicit IsDistinctEvaluator(EvaluatorParts parts)
      : m_left(std::move(parts.arguments[0])),
        m_right(std::move(parts.arguments[1])),
        m_physical(parts.expression.arguments[0]->type.physical()),
        m_negated(parts.expression.negated) {}

  Result<Vector> evaluate(const Chunk& input) override {
    DRIFT_ASSIGN(const auto left, m_left->evaluate(input));
    DRIFT_ASSIGN(const auto right, m_right->evaluate(input));
    Vector out(types::TypeId::Boolean, input.rowCount());
    const auto a = left.view();
    const auto b = right.view();
    for (std::size_t row = 0; row < input.rowCount(); ++row) {
      const bool distinct = a.isNull(row) || b.isNull(row)
                                ? a.isNull(row) != b.isNull(row)
                                : types::compareRows(a, row, b, row, m_physical) != std::strong_ordering::equal;
      out.data<std::uint8_t>()[row] = distinct != m_negated;
    }
    return out;
  }

 private:
  const EvaluatorPtr m_left;
  const EvaluatorPtr m_right;
  const types::PhysicalType m_physical;
  const bool m_negated;
};

}  // namespace

Result<EvaluatorPtr> makeLogicEvaluator(EvaluatorParts parts) {
  const auto kind = parts.expression.kind;
  if (kind == ExpressionKind::And || kind == ExpressionKind::Or)
    return std::make_unique<ChainEvaluator>(std::move(parts));
  if (kind == ExpressionKind::Not) return std::make_unique<NotEvaluator>(std::move(parts));
  if (kind == ExpressionKind::IsDistinct) return std::make_unique<IsDistinctEvaluator>(std::move(parts));
  return std::make_unique<IsEvaluator>(std::move(parts));
}

}  // namespace drift::exec
