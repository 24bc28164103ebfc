#include "exec/evaluator.h"

#include <algorithm>
#include <numeric>

#include "exec/evaluator_kinds.h"
#include "types/key_encoding.h"

namespace drift::exec {

using plan::ExpressionKind;
using types::Chunk;
using types::Vector;

namespace {

class ColumnEvaluator final : public Evaluator {
 public:
  explicit ColumnEvaluator(std::size_t position) : m_position(position) {}
  Result<Vector> evaluate(const Chunk& input) override { return input.column(m_position); }

 private:
  const std::size_t m_position;
};

class ConstantEvaluator final : public Evaluator {
 public:
  explicit ConstantEvaluator(Vector value) : m_value(std::move(value)) {}
  Result<Vector> evaluate(const Chunk&) override { return m_value; }

 private:
  const Vector m_value;
};

class FunctionEvaluator final : public Evaluator {
 public:
  explicit FunctionEvaluator(EvaluatorParts parts)
      : m_arguments(std::move(parts.arguments)),
        m_function(parts.expression.function.function),
        m_type(parts.expression.type),
        m_span(parts.expression.span),
        m_context(parts.context) {}

  Result<Vector> evaluate(const Chunk& input) override {
    std::vector<Vector> arguments;
    arguments.reserve(m_arguments.size());
    bool constant = m_function->volatility != functions::Volatility::Volatile;
    for (const auto& argument : m_arguments) {
      DRIFT_ASSIGN(auto values, argument->evaluate(input));
      constant = constant && values.kind() == types::VectorKind::Constant;
      arguments.push_back(std::move(values));
    }
    const std::size_t rows = constant ? 1 : input.rowCount();
    Vector out(m_type, rows);
    if (auto status = m_function->kernel(m_context.functions, arguments, rows, out); !status.ok())
      return std::move(status).error().at(m_span);
    for (const auto& argument : arguments) out.keepHeapsOf(argument);
    return constant ? Vector::constant(out.get(0)) : std::move(out);
  }

 private:
  const std::vector<EvaluatorPtr> m_arguments;
  const functions::ScalarFunction* m_function;
  const types::Type m_type;
  const SourceSpan m_span;
  const OperatorContext& m_context;
};

class CastEvaluator final : public Evaluator {
 public:
  explicit CastEvaluator(EvaluatorParts parts)
      : m_argument(std::move(parts.arguments.front())),
        m_type(parts.expression.type),
        m_castContext(parts.expression.castContext),
        m_span(parts.expression.span),
        m_context(parts.context) {}

  Result<Vector> evaluate(const Chunk& input) override {
    DRIFT_ASSIGN(auto values, m_argument->evaluate(input));
    auto cast = types::cast(values, input.rowCount(), m_type, m_castContext, m_context.functions.text);
    if (!cast.ok()) return std::move(cast).error().at(m_span);
    return cast;
  }

 private:
  const EvaluatorPtr m_argument;
  const types::Type m_type;
  const types::CastContext m_castContext;
  const SourceSpan m_span;
  const OperatorContext& m_context;
};

/// Numbers behind the greatest key that a table ever had. Whoever commits such a number first has it; another
/// transaction that took it, too, conflicts and can be run again.
class NextKeyEvaluator final : public Evaluator {
 public:
  NextKeyEvaluator(TreeId table, types::Type type, OperatorContext& context)
      : m_table(table), m_type(type), m_context(context) {}

  Result<Vector> evaluate(const Chunk& input) override {
    if (!m_context.lastKeys.contains(m_table)) {
      DRIFT_ASSIGN(const auto highest, m_context.environment.transaction.highestKey(m_table));
      std::int64_t last = 0;
      if (!highest.empty()) {
        DRIFT_ASSIGN(const auto values, types::decodeKey(highest, std::span(&m_type, 1)));
        last = std::max(last, values.front().asInt());
      }
      m_context.lastKeys[m_table] = last;
    }
    auto& last = m_context.lastKeys[m_table];
    const std::int64_t most = m_type.id() == types::TypeId::SmallInt  ? INT16_MAX
                              : m_type.id() == types::TypeId::Integer ? INT32_MAX
                                                                      : INT64_MAX;
    Vector out(m_type, input.rowCount());
    for (std::size_t row = 0; row < input.rowCount(); ++row) {
      if (last >= most)
        return makeError(ErrorKind::SequenceLimit, "the identity column has reached its greatest number, {}", most);
      out.set(row, types::Value(m_type, std::int64_t{++last}));
    }
    return out;
  }

 private:
  const TreeId m_table;
  const types::Type m_type;
  OperatorContext& m_context;
};

Result<EvaluatorPtr> makeColumnEvaluator(const plan::Expression& expression, std::span<const plan::Column> columns,
                                         const OperatorContext& context) {
  const auto found =
      std::find_if(columns.begin(), columns.end(), [&](const auto& column) { return column.slot == expression.slot; });
  if (found == columns.end()) {
    if (const auto* value = context.parameters ? context.parameters->find(expression.slot) : nullptr)
      return std::make_unique<ConstantEvaluator>(Vector::constant(*value));
    return makeError(ErrorKind::InternalError, "a plan reads the column \"{}\", which its input lacks", expression.name)
        .at(expression.span);
  }
  return std::make_unique<ColumnEvaluator>(static_cast<std::size_t>(found - columns.begin()));
}

}  // namespace

const types::Value* ParameterFrame::find(plan::Slot slot) const {
  for (const auto* frame = this; frame; frame = frame->outer) {
    const auto found = std::ranges::find(frame->columns, slot);
    if (found != frame->columns.end()) return &frame->values[static_cast<std::size_t>(found - frame->columns.begin())];
  }
  return nullptr;
}

Result<EvaluatorPtr> makeEvaluator(const plan::Expression& expression, std::span<const plan::Column> columns,
                                   OperatorContext& context) {
  EvaluatorParts parts{expression, {}, context, columns};
  for (const auto& argument : expression.arguments) {
    DRIFT_ASSIGN(auto evaluator, makeEvaluator(*argument, columns, context));
    parts.arguments.push_back(std::move(evaluator));
  }
  switch (expression.kind) {
    case ExpressionKind::Column: return makeColumnEvaluator(expression, columns, context);
    case ExpressionKind::Constant: return std::make_unique<ConstantEvaluator>(Vector::constant(expression.value));
    case ExpressionKind::NextKey: return std::make_unique<NextKeyEvaluator>(expression.slot, expression.type, context);
    case ExpressionKind::Sequence: return makeSequenceEvaluator(std::move(parts));
    case ExpressionKind::Function: return std::make_unique<FunctionEvaluator>(std::move(parts));
    case ExpressionKind::Cast: return std::make_unique<CastEvaluator>(std::move(parts));
    case ExpressionKind::And:
    case ExpressionKind::Or:
    case ExpressionKind::Not:
    case ExpressionKind::IsNull:
    case ExpressionKind::IsTruth:
    case ExpressionKind::IsDistinct: return makeLogicEvaluator(std::move(parts));
    case ExpressionKind::Case:
    case ExpressionKind::Coalesce:
    case ExpressionKind::NullIf:
    case ExpressionKind::Greatest:
    case ExpressionKind::Least: return makeBranchEvaluator(std::move(parts));
    case ExpressionKind::InList: return makeMembershipEvaluator(std::move(parts));
    case ExpressionKind::ArrayAny: return makeArrayAnyEvaluator(std::move(parts));
    case ExpressionKind::ScalarQuery:
    case ExpressionKind::Exists:
    case ExpressionKind::InQuery: return makeSubqueryEvaluator(std::move(parts));
    case ExpressionKind::Aggregate:
    case ExpressionKind::Grouping:
    case ExpressionKind::SetFunction:
    case ExpressionKind::Window: break;
  }
  return Error(ErrorKind::InternalError, "an aggregate stands outside of an aggregation").at(expression.span);
}

types::Selection allRows(std::size_t rows) {
  types::Selection selection(rows);
  std::iota(selection.begin(), selection.end(), std::uint16_t{0});
  return selection;
}

types::Selection trueRows(const Vector& condition, std::size_t rows) {
  const auto view = condition.view();
  if (view.isFlat() && !view.mayHaveNulls()) {
    // Without branches: which rows hold is hard to foresee.
    types::Selection selection(rows);
    const auto* values = view.data<std::uint8_t>();
    std::size_t count = 0;
    for (std::size_t row = 0; row < rows; ++row) {
      selection[count] = static_cast<std::uint16_t>(row);
      count += values[row] != 0;
    }
    selection.resize(count);
    return selection;
  }
  types::Selection selection;
  selection.reserve(rows);
  for (std::size_t row = 0; row < rows; ++row)
    if (!view.isNull(row) && view.at<std::uint8_t>(row)) selection.push_back(static_cast<std::uint16_t>(row));
  return selection;
}

Result<types::Value> evaluateConstant(const plan::Expression& expression, OperatorContext& context) {
  DRIFT_ASSIGN(auto evaluator, makeEvaluator(expression, {}, context));
  Chunk oneRow;
  oneRow.setRowCount(1);
  DRIFT_ASSIGN(auto values, evaluator->evaluate(oneRow));
  return values.get(0);
}

}  // namespace drift::exec
