// Subqueries in expressions. One that is not correlated runs once, when its value is first asked for, so one in a
// branch that no row reaches does not run. A correlated one that the planner could not make a join of runs once for
// each set of values that it refers to; what it gave is remembered.
#include "exec/key_table.h"
#include "exec/members.h"
#include "exec/memory_reservation.h"
#include "exec/operator.h"

namespace drift::exec {

using plan::ExpressionKind;
using types::Chunk;
using types::Value;
using types::Vector;

namespace {

/// Answers that are remembered at once; then all are forgotten.
constexpr std::size_t kAnswersMax = 64 * 1024;

Result<Value> existsValue(const plan::Node& query, bool negated, OperatorContext& context) {
  DRIFT_ASSIGN(auto rows, makeOperator(query, context));
  Chunk chunk;
  DRIFT_ASSIGN(const bool any, rows->next(chunk));
  return Value::boolean(any != negated);
}

/// The only row's first column; NULL where there is no row. CardinalityViolation where there are more.
Result<Value> scalarValue(const plan::Node& query, types::Type type, SourceSpan span, OperatorContext& context) {
  DRIFT_ASSIGN(auto rows, makeOperator(query, context));
  std::optional<Value> value;
  Chunk chunk;
  while (true) {
    DRIFT_ASSIGN(const bool more, rows->next(chunk));
    if (!more) break;
    if (value || chunk.rowCount() > 1)
      return Error(ErrorKind::CardinalityViolation, "more than one row returned by a subquery used as an expression")
          .at(span);
    value = chunk.column(0).get(0);
  }
  return value ? *value : Value::null(type);
}

/// Row `row` of `left` [NOT] IN the query's rows.
Result<Value> inValue(const plan::Node& query, const Vector& left, std::size_t row, bool negated,
                      OperatorContext& context) {
  DRIFT_ASSIGN(auto rows, makeOperator(query, context));
  const auto wanted = left.view();
  const bool isNull = wanted.isNull(row);
  bool unknown = false;
  Chunk chunk;
  while (true) {
    DRIFT_ASSIGN(const bool more, rows->next(chunk));
    if (!more) break;
    const auto values = chunk.column(0).view();
    for (std::size_t at = 0; at < chunk.rowCount(); ++at) {
      if (isNull || values.isNull(at)) unknown = true;
      else if (types::compareRows(wanted, row, values, at, left.type().physical()) == 0)
        return Value::boolean(!negated);
    }
    if (isNull) break;
  }
  return unknown ? Value::null(types::TypeId::Boolean) : Value::boolean(negated);
}

/// One value for all rows: EXISTS or a scalar subquery.
class ValueQueryEvaluator final : public Evaluator {
 public:
  explicit ValueQueryEvaluator(const EvaluatorParts& parts)
      : m_query(parts.expression.query),
        m_exists(parts.expression.kind == ExpressionKind::Exists),
        m_negated(parts.expression.negated),
        m_type(parts.expression.type),
        m_span(parts.expression.span),
        m_context(parts.context) {}

  Result<Vector> evaluate(const Chunk&) override {
    if (!m_value) {
      DRIFT_ASSIGN(const auto value, m_exists ? existsValue(*m_query, m_negated, m_context)
                                              : scalarValue(*m_query, m_type, m_span, m_context));
      m_value = Vector::constant(value);
    }
    return *m_value;
  }

 private:
  const std::shared_ptr<plan::Node> m_query;
  const bool m_exists;
  const bool m_negated;
  const types::Type m_type;
  const SourceSpan m_span;
  OperatorContext& m_context;
  std::optional<Vector> m_value;
};

/// x [NOT] IN (subquery).
class InQueryEvaluator final : public Evaluator {
 public:
  explicit InQueryEvaluator(EvaluatorParts parts)
      : m_left(std::move(parts.arguments.front())),
        m_query(parts.expression.query),
        m_negated(parts.expression.negated),
        m_context(parts.context),
        m_memory(parts.context.query().memory) {}

  Result<Vector> evaluate(const Chunk& input) override {
    if (!m_members) DRIFT_TRY(run());
    DRIFT_ASSIGN(const auto left, m_left->evaluate(input));
    return lookUp(left, input.rowCount(), *m_members, m_negated);
  }

 private:
  Status run() {
    DRIFT_ASSIGN(auto rows, makeOperator(*m_query, m_context));
    Members members;
    Chunk chunk;
    while (true) {
      DRIFT_ASSIGN(const bool more, rows->next(chunk));
      if (!more) break;
      const auto before = members.keys.size();
      for (std::size_t row = 0; row < chunk.rowCount(); ++row) members.add(chunk.column(0), row);
      DRIFT_TRY(m_memory.grow((members.keys.size() - before) * kMemberBytes));
    }
    m_members = std::move(members);
    return {};
  }

  static constexpr std::size_t kMemberBytes = 64;  ///< a set node with its key, roughly

  const EvaluatorPtr m_left;
  const std::shared_ptr<plan::Node> m_query;
  const bool m_negated;
  OperatorContext& m_context;
  std::optional<Members> m_members;
  MemoryReservation m_memory;
};

/// A correlated subquery of any kind.
class CorrelatedEvaluator final : public Evaluator {
 public:
  explicit CorrelatedEvaluator(EvaluatorParts parts)
      : m_arguments(std::move(parts.arguments)),
        m_query(parts.expression.query),
        m_kind(parts.expression.kind),
        m_negated(parts.expression.negated),
        m_type(parts.expression.type),
        m_span(parts.expression.span),
        m_context(parts.context) {
    m_frame.columns = parts.expression.parameters;
    m_frame.outer = m_context.parameters;
    m_context.parameters = &m_frame;
    for (const auto& argument : parts.expression.arguments) m_keyTypes.push_back(argument->type);
  }

  Result<Vector> evaluate(const Chunk& input) override {
    Chunk keys;
    keys.setRowCount(input.rowCount());
    for (const auto& argument : m_arguments) {
      DRIFT_ASSIGN(auto values, argument->evaluate(input));
      keys.addColumn(std::move(values));
    }
    if (!m_known || m_answers.size() > kAnswersMax) {
      m_known = std::make_unique<KeyTable>(m_keyTypes, m_context.query().memory);
      m_answers.clear();
    }
    std::vector<std::uint32_t> numbers;
    DRIFT_TRY(m_known->findOrAdd(keys, numbers));
    Vector out(m_type, input.rowCount());
    for (std::size_t row = 0; row < input.rowCount(); ++row) {
      // Keys get rising numbers, so the first row with a new key is the one to run for.
      if (numbers[row] == m_answers.size()) {
        DRIFT_TRY(m_context.query().cancel.check());
        DRIFT_ASSIGN(auto answer, run(keys, row));
        m_answers.push_back(std::move(answer));
      }
      out.set(row, m_answers[numbers[row]]);
    }
    return out;
  }

 private:
  Result<Value> run(const Chunk& keys, std::size_t row) {
    const auto first = keys.columnCount() - m_frame.columns.size();
    m_frame.values.clear();
    for (std::size_t at = first; at < keys.columnCount(); ++at) m_frame.values.push_back(keys.column(at).get(row));
    if (m_kind == ExpressionKind::Exists) return existsValue(*m_query, m_negated, m_context);
    if (m_kind == ExpressionKind::InQuery) return inValue(*m_query, keys.column(0), row, m_negated, m_context);
    return scalarValue(*m_query, m_type, m_span, m_context);
  }

  const std::vector<EvaluatorPtr> m_arguments;
  const std::shared_ptr<plan::Node> m_query;
  const ExpressionKind m_kind;
  const bool m_negated;
  const types::Type m_type;
  const SourceSpan m_span;
  OperatorContext m_context;  ///< with m_frame
  ParameterFrame m_frame;
  std::vector<types::Type> m_keyTypes;
  std::unique_ptr<KeyTable> m_known;  ///< the arguments that were met
  std::vector<Value> m_answers;       ///< by the numbers of m_known
};

}  // namespace

Result<EvaluatorPtr> makeSubqueryEvaluator(EvaluatorParts parts) {
  if (!parts.expression.parameters.empty()) return std::make_unique<CorrelatedEvaluator>(std::move(parts));
  if (parts.expression.kind == ExpressionKind::InQuery) return std::make_unique<InQueryEvaluator>(std::move(parts));
  return std::make_unique<ValueQueryEvaluator>(parts);
}

}  // namespace drift::exec
