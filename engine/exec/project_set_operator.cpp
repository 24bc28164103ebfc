// Functions that give rows, over the rows of an input; and WITH ORDINALITY.
#include <algorithm>

#include "exec/operator_kinds.h"
#include "exec/vector_copy.h"

namespace drift::exec {

using types::Chunk;
using types::kChunkRows;
using types::Selection;
using types::Value;
using types::Vector;

namespace {

/// One call, and the rows that it gave for the input row at hand.
struct SetCall {
  const functions::SetFunction* function = nullptr;
  std::vector<EvaluatorPtr> arguments;
  std::vector<types::Type> types;
  SourceSpan span;
  functions::SetRows rows{{}};
  std::vector<Vector> values;  ///< of the arguments, for the input chunk at hand
};

class ProjectSetOperator final : public Operator {
 public:
  ProjectSetOperator(OperatorPtr input, std::vector<SetCall> calls, const OperatorContext& context)
      : m_input(std::move(input)), m_calls(std::move(calls)), m_context(context) {}

  Result<bool> next(Chunk& out) override {
    out.clear();
    Selection sources;
    std::vector<Vector> results;
    for (const auto& call : m_calls)
      for (const auto type : call.types) results.emplace_back(type);
    // A chunk of the output is made of one chunk of the input, whose values it shares.
    while (sources.size() < kChunkRows) {
      if (m_at < m_length) {
        copyRows(sources, results);
        continue;
      }
      if (m_row + 1 >= m_chunk.rowCount() && !sources.empty()) break;
      DRIFT_ASSIGN(const bool more, startRow());
      if (!more) break;
    }
    if (sources.empty()) return false;
    out = m_chunk.selected(sources);
    for (auto& values : results) out.addColumn(std::move(values));
    out.setRowCount(sources.size());
    return true;
  }

 private:
  /// Calls the functions for the next input row; gives false at the end.
  Result<bool> startRow() {
    DRIFT_TRY(m_context.query().cancel.check());
    if (m_ended) return false;
    if (++m_row >= m_chunk.rowCount()) {
      m_row = 0;
      m_chunk.clear();
      DRIFT_ASSIGN(const bool more, m_input->next(m_chunk));
      m_length = m_at = 0;
      if (!more) {
        m_ended = true;
        return false;
      }
      for (auto& call : m_calls) {
        call.values.clear();
        for (const auto& argument : call.arguments) {
          DRIFT_ASSIGN(auto values, argument->evaluate(m_chunk));
          call.values.push_back(std::move(values));
        }
      }
    }
    m_at = 0;
    m_length = 0;
    for (auto& call : m_calls) {
      std::vector<Value> arguments;
      for (const auto& values : call.values) arguments.push_back(values.get(m_row));
      call.rows.clear();
      if (auto status = call.function->rows(m_context.functions, arguments, call.rows); !status.ok())
        return std::move(status).error().at(call.span);
      m_length = std::max(m_length, call.rows.rowCount());
    }
    return true;
  }

  /// Copies as many rows of the calls as there is room for.
  void copyRows(Selection& sources, std::vector<Vector>& results) {
    const auto first = sources.size();
    const auto count = std::min(kChunkRows - first, m_length - m_at);
    sources.insert(sources.end(), count, static_cast<std::uint16_t>(m_row));
    std::size_t result = 0;
    for (const auto& call : m_calls) {
      for (std::size_t column = 0; column < call.types.size(); ++column, ++result) {
        auto& into = results[result];
        const Chunk* kept = nullptr;
        for (std::size_t at = 0; at < count; ++at) {
          const auto row = m_at + at;
          if (row >= call.rows.rowCount()) {
            into.setNull(first + at);
            continue;
          }
          const auto& from = call.rows.chunkOf(row);
          if (&from != kept) into.keepHeapsOf(from.column(column));
          kept = &from;
          copyRow(from.column(column).view(), row % kChunkRows, into, first + at);
        }
      }
    }
    m_at += count;
  }

  const OperatorPtr m_input;
  std::vector<SetCall> m_calls;
  const OperatorContext& m_context;
  Chunk m_chunk;
  std::size_t m_row = 0;     ///< of m_chunk, whose rows the calls gave
  std::size_t m_at = 0;      ///< rows of the calls that were given out
  std::size_t m_length = 0;  ///< rows of the longest call
  bool m_ended = false;
};

class OrdinalityOperator final : public Operator {
 public:
  explicit OrdinalityOperator(OperatorPtr input) : m_input(std::move(input)) {}

  Result<bool> next(Chunk& out) override {
    DRIFT_ASSIGN(const bool more, m_input->next(out));
    if (!more) return false;
    Vector numbers(types::TypeId::BigInt, out.rowCount());
    for (std::size_t row = 0; row < out.rowCount(); ++row) numbers.data<std::int64_t>()[row] = ++m_number;
    out.addColumn(std::move(numbers));
    return true;
  }

 private:
  const OperatorPtr m_input;
  std::int64_t m_number = 0;
};

}  // namespace

Result<OperatorPtr> makeProjectSet(const plan::Node& node, const plan::ProjectSet& set, OperatorPtr input,
                                   OperatorContext& context) {
  std::vector<SetCall> calls;
  for (const auto& expression : set.calls) {
    SetCall call;
    call.function = expression->set->function;
    call.span = expression->span;
    for (const auto& column : expression->set->columns) call.types.push_back(column.type);
    call.rows = functions::SetRows(call.types);
    for (const auto& argument : expression->arguments) {
      DRIFT_ASSIGN(auto evaluator, makeEvaluator(*argument, node.inputs[0]->columns, context));
      call.arguments.push_back(std::move(evaluator));
    }
    calls.push_back(std::move(call));
  }
  return std::make_unique<ProjectSetOperator>(std::move(input), std::move(calls), context);
}

Result<OperatorPtr> makeOrdinality(OperatorPtr input) { return std::make_unique<OrdinalityOperator>(std::move(input)); }

}  // namespace drift::exec
