// Expressions that choose: CASE, COALESCE, NULLIF, GREATEST, LEAST (PostgreSQL 9.18). A branch is evaluated
// only for the rows that reach it.
#include "exec/evaluator_kinds.h"
#include "exec/vector_copy.h"

namespace drift::exec {

using plan::ExpressionKind;
using types::Chunk;
using types::Selection;
using types::Vector;

namespace {

/// Evaluates `evaluator` for the rows `where` and stores the results in these rows of `out`.
Status evaluateInto(Evaluator& evaluator, const Chunk& input, const Selection& where, Vector& out) {
  if (where.empty()) return {};
  DRIFT_ASSIGN(const auto values, evaluator.evaluate(where.size() == input.rowCount() ? input : input.selected(where)));
  scatter(values, where, out);
  return {};
}

class CaseEvaluator final : public Evaluator {
 public:
  explicit CaseEvaluator(EvaluatorParts parts)
      : m_arguments(std::move(parts.arguments)), m_type(parts.expression.type) {}

  Result<Vector> evaluate(const Chunk& input) override {
    const auto rows = input.rowCount();
    Vector out(m_type, rows);
    auto open = allRows(rows);
    std::size_t at = 0;
    for (; at + 1 < m_arguments.size() && !open.empty(); at += 2) {
      DRIFT_ASSIGN(const auto condition, m_arguments[at]->evaluate(open.size() == rows ? input : input.selected(open)));
      Selection taken;
      open = split(condition, open, taken);
      DRIFT_TRY(evaluateInto(*m_arguments[at + 1], input, taken, out));
    }
    DRIFT_TRY(evaluateInto(*m_arguments.back(), input, open, out));
    return out;
  }

 private:
  /// Moves the rows of `open` where the condition holds to `taken` and gives the others.
  static Selection split(const Vector& condition, const Selection& open, Selection& taken) {
    const auto view = condition.view();
    Selection left;
    for (std::size_t at = 0; at < open.size(); ++at) {
      const bool holds = !view.isNull(at) && view.at<std::uint8_t>(at);
      (holds ? taken : left).push_back(open[at]);
    }
    return left;
  }

  const std::vector<EvaluatorPtr> m_arguments;
  const types::Type m_type;
};

class CoalesceEvaluator final : public Evaluator {
 public:
  explicit CoalesceEvaluator(EvaluatorParts parts)
      : m_arguments(std::move(parts.arguments)), m_type(parts.expression.type) {}

  Result<Vector> evaluate(const Chunk& input) override {
    const auto rows = input.rowCount();
    Vector out(m_type, rows);
    auto open = allRows(rows);
    for (const auto& argument : m_arguments) {
      if (open.empty()) break;
      DRIFT_ASSIGN(const auto values, argument->evaluate(open.size() == rows ? input : input.selected(open)));
      const auto view = values.view();
      Selection left;
      for (std::size_t at = 0; at < open.size(); ++at) {
        if (view.isNull(at)) left.push_back(open[at]);
        else copyRow(view, at, out, open[at]);
      }
      out.keepHeapsOf(values);
      open = std::move(left);
    }
    for (const auto row : open) out.setNull(row);
    return out;
  }

 private:
  const std::vector<EvaluatorPtr> m_arguments;
  const types::Type m_type;
};

class NullIfEvaluator final : public Evaluator {
 public:
  explicit NullIfEvaluator(EvaluatorParts parts)
      : m_arguments(std::move(parts.arguments)),
        m_type(parts.expression.type),
        m_equal(parts.expression.function),
        m_span(parts.expression.span),
        m_context(parts.context) {}

  Result<Vector> evaluate(const Chunk& input) override {
    const auto rows = input.rowCount();
    DRIFT_ASSIGN(const auto first, m_arguments[0]->evaluate(input));
    DRIFT_ASSIGN(auto second, m_arguments[1]->evaluate(input));
    auto compared = first;
    if (first.type() != m_equal.parameters[0]) {
      auto cast =
          types::cast(first, rows, m_equal.parameters[0], types::CastContext::Implicit, m_context.functions.text);
      if (!cast.ok()) return std::move(cast).error().at(m_span);
      compared = std::move(cast).value();
    }
    const std::vector<Vector> arguments{std::move(compared), std::move(second)};
    Vector equal(types::TypeId::Boolean, rows);
    if (auto status = m_equal.function->kernel(m_context.functions, arguments, rows, equal); !status.ok())
      return std::move(status).error().at(m_span);
    Vector out(m_type, rows);
    scatter(first, allRows(rows), out);
    for (const auto row : trueRows(equal, rows)) out.setNull(row);
    return out;
  }

 private:
  const std::vector<EvaluatorPtr> m_arguments;
  const types::Type m_type;
  const functions::ScalarMatch m_equal;
  const SourceSpan m_span;
  const OperatorContext& m_context;
};

/// GREATEST and LEAST: NULLs are passed over; NULL only where all are.
class ExtremeEvaluator final : public Evaluator {
 public:
  explicit ExtremeEvaluator(EvaluatorParts parts)
      : m_arguments(std::move(parts.arguments)),
        m_type(parts.expression.type),
        m_wanted(parts.expression.kind == ExpressionKind::Greatest ? std::strong_ordering::greater
                                                                   : std::strong_ordering::less) {}

  Result<Vector> evaluate(const Chunk& input) override {
    const auto rows = input.rowCount();
    std::vector<Vector> values;
    for (const auto& argument : m_arguments) {
      DRIFT_ASSIGN(auto part, argument->evaluate(input));
      values.push_back(std::move(part));
    }
    std::vector<types::VectorView> views;
    for (const auto& part : values) views.push_back(part.view());
    Vector out(m_type, rows);
    for (std::size_t row = 0; row < rows; ++row) {
      const auto* best = choose(views, row);
      if (best) copyRow(*best, row, out, row);
      else out.setNull(row);
    }
    for (const auto& part : values) out.keepHeapsOf(part);
    return out;
  }

 private:
  const types::VectorView* choose(const std::vector<types::VectorView>& views, std::size_t row) const {
    const types::VectorView* best = nullptr;
    for (const auto& view : views) {
      if (view.isNull(row)) continue;
      if (!best || types::compareRows(view, row, *best, row, m_type.physical()) == m_wanted) best = &view;
    }
    return best;
  }

  const std::vector<EvaluatorPtr> m_arguments;
  const types::Type m_type;
  const std::strong_ordering m_wanted;
};

}  // namespace

Result<EvaluatorPtr> makeBranchEvaluator(EvaluatorParts parts) {
  const auto kind = parts.expression.kind;
  if (kind == ExpressionKind::Case) return std::make_unique<CaseEvaluator>(std::move(parts));
  if (kind == ExpressionKind::Coalesce) return std::make_unique<CoalesceEvaluator>(std::move(parts));
  if (kind == ExpressionKind::NullIf) return std::make_unique<NullIfEvaluator>(std::move(parts));
  return std::make_unique<ExtremeEvaluator>(std::move(parts));
}

}  // namespace drift::exec
