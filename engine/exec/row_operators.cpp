// Operators that look at one row at a time: filter, project, limit, append, values.
#include <algorithm>
#include <numeric>

#include "exec/operator_kinds.h"
#include "exec/vector_copy.h"

namespace drift::exec {

using types::Chunk;
using types::kChunkRows;
using types::Vector;

namespace {

class FilterOperator final : public Operator {
 public:
  FilterOperator(OperatorPtr input, EvaluatorPtr condition, const OperatorContext& context)
      : m_input(std::move(input)), m_condition(std::move(condition)), m_cancel(context.query().cancel) {}

  Result<bool> next(Chunk& out) override {
    while (true) {
      DRIFT_TRY(m_cancel.check());
      Chunk input;
      DRIFT_ASSIGN(const bool more, m_input->next(input));
      if (!more) break;
      DRIFT_ASSIGN(const auto holds, m_condition->evaluate(input));
      const auto rows = trueRows(holds, input.rowCount());
      if (rows.empty()) continue;
      out = rows.size() == input.rowCount() ? std::move(input) : input.selected(rows);
      return true;
    }
    out.clear();
    return false;
  }

 private:
  const OperatorPtr m_input;
  const EvaluatorPtr m_condition;
  const runtime::CancelToken m_cancel;
};

class ProjectOperator final : public Operator {
 public:
  ProjectOperator(OperatorPtr input, std::vector<EvaluatorPtr> expressions, const OperatorContext& context)
      : m_input(std::move(input)), m_expressions(std::move(expressions)), m_cancel(context.query().cancel) {}

  Result<bool> next(Chunk& out) override {
    DRIFT_TRY(m_cancel.check());
    out.clear();
    Chunk input;
    DRIFT_ASSIGN(const bool more, m_input->next(input));
    if (!more) return false;
    for (const auto& expression : m_expressions) {
      DRIFT_ASSIGN(auto values, expression->evaluate(input));
      out.addColumn(std::move(values));
    }
    out.setRowCount(input.rowCount());
    return true;
  }

 private:
  const OperatorPtr m_input;
  const std::vector<EvaluatorPtr> m_expressions;
  const runtime::CancelToken m_cancel;
};

class LimitOperator final : public Operator {
 public:
  LimitOperator(const plan::Limit& limit, OperatorPtr input)
      : m_input(std::move(input)), m_skip(limit.offset), m_left(limit.count.value_or(UINT64_MAX)) {}

  Result<bool> next(Chunk& out) override {
    while (m_left > 0) {
      Chunk input;
      DRIFT_ASSIGN(const bool more, m_input->next(input));
      if (!more) break;
      const auto skipped = std::min<std::uint64_t>(m_skip, input.rowCount());
      const auto taken = std::min<std::uint64_t>(m_left, input.rowCount() - skipped);
      m_skip -= skipped;
      m_left -= taken;
      if (taken == 0) continue;
      if (taken == input.rowCount()) {
        out = std::move(input);
        return true;
      }
      types::Selection rows(taken);
      std::iota(rows.begin(), rows.end(), static_cast<std::uint16_t>(skipped));
      out = input.selected(rows);
      return true;
    }
    out.clear();
    return false;
  }

 private:
  const OperatorPtr m_input;
  std::uint64_t m_skip;
  std::uint64_t m_left;
};

class AppendOperator final : public Operator {
 public:
  explicit AppendOperator(std::vector<OperatorPtr> inputs) : m_inputs(std::move(inputs)) {}

  Result<bool> next(Chunk& out) override {
    for (; m_at < m_inputs.size(); ++m_at) {
      DRIFT_ASSIGN(const bool more, m_inputs[m_at]->next(out));
      if (more) return true;
      m_inputs[m_at].reset();
    }
    out.clear();
    return false;
  }

 private:
  std::vector<OperatorPtr> m_inputs;
  std::size_t m_at = 0;
};

class ValuesOperator final : public Operator {
 public:
  ValuesOperator(std::vector<types::Type> types, std::vector<std::vector<EvaluatorPtr>> rows,
                 const OperatorContext& context)
      : m_types(std::move(types)), m_rows(std::move(rows)), m_cancel(context.query().cancel) {}

  Result<bool> next(Chunk& out) override {
    DRIFT_TRY(m_cancel.check());
    out.clear();
    if (m_at == m_rows.size()) return false;
    const auto count = std::min(kChunkRows, m_rows.size() - m_at);
    Chunk oneRow;
    oneRow.setRowCount(1);
    out = Chunk(m_types, count);
    for (std::size_t row = 0; row < count; ++row) {
      for (std::size_t column = 0; column < m_types.size(); ++column) {
        DRIFT_ASSIGN(const auto value, m_rows[m_at + row][column]->evaluate(oneRow));
        // The value's heap ends with this round, so long strings are copied.
        out.column(column).set(row, value.get(0));
      }
    }
    out.setRowCount(count);
    m_at += count;
    return true;
  }

 private:
  const std::vector<types::Type> m_types;
  const std::vector<std::vector<EvaluatorPtr>> m_rows;
  const runtime::CancelToken m_cancel;
  std::size_t m_at = 0;
};

Result<std::vector<EvaluatorPtr>> makeEvaluators(const std::vector<plan::ExpressionPtr>& expressions,
                                                 std::span<const plan::Column> columns, OperatorContext& context) {
  std::vector<EvaluatorPtr> evaluators;
  for (const auto& expression : expressions) {
    DRIFT_ASSIGN(auto evaluator, makeEvaluator(*expression, columns, context));
    evaluators.push_back(std::move(evaluator));
  }
  return evaluators;
}

}  // namespace

Result<OperatorPtr> makeFilter(const plan::Node& node, const plan::Filter& filter, OperatorPtr input,
                               OperatorContext& context) {
  DRIFT_ASSIGN(auto condition, makeEvaluator(*filter.condition, node.inputs[0]->columns, context));
  return std::make_unique<FilterOperator>(std::move(input), std::move(condition), context);
}

Result<OperatorPtr> makeProject(const plan::Node& node, const plan::Project& project, OperatorPtr input,
                                OperatorContext& context) {
  DRIFT_ASSIGN(auto expressions, makeEvaluators(project.expressions, node.inputs[0]->columns, context));
  return std::make_unique<ProjectOperator>(std::move(input), std::move(expressions), context);
}

Result<OperatorPtr> makeLimit(const plan::Limit& limit, OperatorPtr input) {
  return std::make_unique<LimitOperator>(limit, std::move(input));
}

Result<OperatorPtr> makeAppend(std::vector<OperatorPtr> inputs) {
  return std::make_unique<AppendOperator>(std::move(inputs));
}

Result<OperatorPtr> makeValues(const plan::Node& node, const plan::Values& values, OperatorContext& context) {
  std::vector<std::vector<EvaluatorPtr>> rows;
  for (const auto& row : values.rows) {
    DRIFT_ASSIGN(auto evaluators, makeEvaluators(row, {}, context));
    rows.push_back(std::move(evaluators));
  }
  return std::make_unique<ValuesOperator>(typesOf(node.columns), std::move(rows), context);
}

}  // namespace drift::exec
