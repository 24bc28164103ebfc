// nextval(), currval(), lastval() and setval().
#include "exec/evaluator_kinds.h"

namespace drift::exec {

using types::Chunk;
using types::Value;
using types::Vector;

namespace {

class SequenceEvaluator final : public Evaluator {
 public:
  SequenceEvaluator(EvaluatorParts parts, catalog::TableRef sequence)
      : m_call(parts.expression.name),
        m_arguments(std::move(parts.arguments)),
        m_context(parts.context),
        m_sequence(std::move(sequence)) {}

  Result<Vector> evaluate(const Chunk& input) override {
    if (input.rowCount() == 0) return Vector(types::TypeId::BigInt, 0);
    if (m_call == "nextval") return next(input.rowCount());
    if (m_call == "setval") return set(input);
    const auto* values = m_context.environment.sequenceValues;
    const auto tree = m_sequence ? m_sequence->id : values ? values->newest : 0;
    if (!values || !values->last.contains(tree)) {
      if (m_sequence)
        return makeError(ErrorKind::WrongObjectState, "currval of sequence \"{}\" is not yet defined in this session",
                         m_sequence->name);
      return Error(ErrorKind::WrongObjectState, "lastval is not yet defined in this session");
    }
    return Vector::constant(Value::bigInt(values->last.at(tree)));
  }

 private:
  void remember(std::int64_t value) {
    auto* values = m_context.environment.sequenceValues;
    if (!values) return;
    values->last[m_sequence->id] = value;
    values->newest = m_sequence->id;
  }

  Result<Vector> next(std::size_t rows) {
    DRIFT_ASSIGN(const auto numbers,
                 m_context.environment.catalog.sequences().take(*m_sequence, rows, m_context.environment.transaction));
    Vector out(types::TypeId::BigInt, rows);
    for (std::size_t row = 0; row < rows; ++row) out.data<std::int64_t>()[row] = numbers[row];
    remember(numbers.back());
    return out;
  }

  Result<Vector> set(const Chunk& input) {
    std::vector<Vector> arguments;
    for (const auto& argument : m_arguments) {
      DRIFT_ASSIGN(auto values, argument->evaluate(input));
      arguments.push_back(std::move(values));
    }
    Vector out(types::TypeId::BigInt, input.rowCount());
    const auto& limits = *m_sequence->sequence;
    for (std::size_t row = 0; row < input.rowCount(); ++row) {
      const auto value = arguments[0].get(row);
      const auto called = arguments.size() > 1 ? arguments[1].get(row) : Value::boolean(true);
      if (value.isNull() || called.isNull()) {
        out.setNull(row);
        continue;
      }
      if (value.asInt() < limits.min || value.asInt() > limits.max)
        return makeError(ErrorKind::NumericValueOutOfRange,
                         "setval: value {} is out of bounds for sequence \"{}\" ({}..{})", value.asInt(),
                         m_sequence->name, limits.min, limits.max);
      DRIFT_TRY(m_context.environment.catalog.sequences().set(*m_sequence, value.asInt(), called.asBool(),
                                                              m_context.environment.transaction));
      if (called.asBool()) remember(value.asInt());
      out.data<std::int64_t>()[row] = value.asInt();
    }
    return out;
  }

  const std::string m_call;
  const std::vector<EvaluatorPtr> m_arguments;
  const OperatorContext& m_context;
  const catalog::TableRef m_sequence;  ///< null: lastval()
};

}  // namespace

Result<EvaluatorPtr> makeSequenceEvaluator(EvaluatorParts parts) {
  const auto& expression = parts.expression;
  const auto& environment = parts.context.environment;
  const bool writes = expression.name == "nextval" || expression.name == "setval";
  if (writes && (environment.moment || environment.readOnly || environment.transaction.store().readOnly()))
    return makeError(environment.moment ? ErrorKind::WriteInThePast : ErrorKind::ReadOnlyTransaction,
                     "cannot execute {}() {}", expression.name,
                     environment.moment ? "while looking at the past" : "in a read-only transaction")
        .at(expression.span);
  catalog::TableRef sequence;
  if (expression.name != "lastval") {
    DRIFT_ASSIGN(const auto view, environment.catalog.viewOf(environment.transaction));
    sequence = view->find(expression.slot);
    if (!sequence || !sequence->isSequence())
      return Error(ErrorKind::UndefinedTable, "the sequence of a column is not there any more").at(expression.span);
  }
  return std::make_unique<SequenceEvaluator>(std::move(parts), std::move(sequence));
}

}  // namespace drift::exec
