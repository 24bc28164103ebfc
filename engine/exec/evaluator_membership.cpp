// IN lists and uncorrelated subqueries in expressions. A subquery runs once, when its value is first asked
// for, so one in a branch that no row reaches does not run.
#include <unordered_set>

#include "exec/evaluator_kinds.h"
#include "exec/memory_reservation.h"
#include "exec/operator.h"
#include "types/key_encoding.h"

namespace drift::exec {

using plan::ExpressionKind;
using types::Chunk;
using types::Vector;

namespace {

/// What IN needs to know of its right side, as comparable bytes.
struct Members {
  std::unordered_set<std::string> keys;
  bool hasNull = false;

  void add(const Vector& values, std::size_t row) {
    if (values.isNull(row)) {
      hasNull = true;
      return;
    }
    std::string key;
    types::appendKey(key, values, row);
    keys.insert(std::move(key));
  }
};

/// Gives `left` [NOT] IN members: NULL where it is not found and a NULL is on either side.
Vector lookUp(const Vector& left, std::size_t rows, const Members& members, bool negated) {
  Vector out(types::TypeId::Boolean, rows);
  auto* values = out.data<std::uint8_t>();
  const auto view = left.view();
  const bool empty = members.keys.empty() && !members.hasNull;
  std::string key;
  for (std::size_t row = 0; row < rows; ++row) {
    if (empty) {
      values[row] = negated;
      continue;
    }
    if (view.isNull(row)) {
      out.setNull(row);
      continue;
    }
    key.clear();
    types::appendKey(key, left, row);
    if (members.keys.contains(key)) values[row] = !negated;
    else if (members.hasNull) out.setNull(row);
    else values[row] = negated;
  }
  return out;
}

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

/// One value of a subquery for all rows: its only row's first column, or whether it has rows.
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
      DRIFT_ASSIGN(auto value, m_exists ? runExists() : runScalar());
      m_value = Vector::constant(value);
    }
    return *m_value;
  }

 private:
  Result<types::Value> runExists() const {
    DRIFT_ASSIGN(auto rows, makeOperator(*m_query, m_context));
    Chunk chunk;
    DRIFT_ASSIGN(const bool any, rows->next(chunk));
    return types::Value::boolean(any != m_negated);
  }

  Result<types::Value> runScalar() const {
    DRIFT_ASSIGN(auto rows, makeOperator(*m_query, m_context));
    std::optional<types::Value> value;
    Chunk chunk;
    while (true) {
      DRIFT_ASSIGN(const bool more, rows->next(chunk));
      if (!more) break;
      if (value || chunk.rowCount() > 1)
        return Error(ErrorKind::CardinalityViolation, "more than one row returned by a subquery used as an expression")
            .at(m_span);
      value = chunk.column(0).get(0);
    }
    return value ? *value : types::Value::null(m_type);
  }

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

}  // namespace

Result<EvaluatorPtr> makeMembershipEvaluator(EvaluatorParts parts) {
  const auto& expression = parts.expression;
  if (expression.kind == ExpressionKind::InQuery) return std::make_unique<InQueryEvaluator>(std::move(parts));
  if (expression.kind != ExpressionKind::InList) return std::make_unique<ValueQueryEvaluator>(parts);
  const bool constant = std::all_of(expression.arguments.begin() + 1, expression.arguments.end(),
                                    [](const auto& item) { return item->kind == ExpressionKind::Constant; });
  if (constant) return std::make_unique<ConstantListEvaluator>(std::move(parts));
  return std::make_unique<ListEvaluator>(std::move(parts));
}

}  // namespace drift::exec
