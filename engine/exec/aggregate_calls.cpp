#include "exec/aggregate_calls.h"

#include <algorithm>

#include "exec/evaluator_kinds.h"

namespace drift::exec {

using types::Chunk;
using types::Vector;

Result<GroupKeys> makeGroupKeys(const plan::Aggregate& aggregate, std::span<const plan::Column> columns,
                                OperatorContext& context) {
  GroupKeys keys;
  for (const auto& group : aggregate.groups) {
    DRIFT_ASSIGN(auto evaluator, makeEvaluator(*group, columns, context));
    keys.evaluators.push_back(std::move(evaluator));
    keys.types.push_back(group->type);
  }
  return keys;
}

Result<AggregateCalls> AggregateCalls::make(std::span<const plan::ExpressionPtr> aggregates,
                                            std::span<const plan::Column> columns, OperatorContext& context) {
  AggregateCalls made;
  std::vector<const plan::Expression*> known;
  for (const auto& aggregate : aggregates) DRIFT_TRY(made.addCall(*aggregate, columns, known, context));
  return made;
}

Status AggregateCalls::addCall(const plan::Expression& aggregate, std::span<const plan::Column> columns,
                               std::vector<const plan::Expression*>& known, OperatorContext& context) {
  AggregateCall call;
  call.function = aggregate.aggregate.function;
  call.type = aggregate.type;
  call.span = aggregate.span;
  call.offsetBytes = m_blockBytes;
  m_blockBytes += (call.function->stateBytes + kAlignment - 1) / kAlignment * kAlignment;
  const auto own = aggregate.arguments.size() - aggregate.order.size();
  for (std::size_t at = 0; at < own; ++at) {
    const auto& argument = *aggregate.arguments[at];
    call.argumentTypes.push_back(argument.type);
    const auto same = std::ranges::find_if(known, [&](const auto* other) {
      return plan::sameExpression(*other, argument);
    });
    call.arguments.push_back(static_cast<std::size_t>(same - known.begin()));
    if (same != known.end()) continue;
    DRIFT_ASSIGN(auto evaluator, makeEvaluator(argument, columns, context));
    known.push_back(&argument);
    m_arguments.push_back(std::move(evaluator));
  }
  if (aggregate.filter) {
    DRIFT_ASSIGN(call.filter, makeEvaluator(*aggregate.filter, columns, context));
  }
  m_calls.push_back(std::move(call));
  return {};
}

void AggregateCalls::initialize(std::byte* block) const {
  for (const auto& call : m_calls) call.function->initialize(block + call.offsetBytes);
}

void AggregateCalls::destroy(std::byte* block) const {
  for (const auto& call : m_calls)
    if (call.function->destroy) call.function->destroy(block + call.offsetBytes);
}

Status AggregateCalls::update(std::size_t call, const Chunk& chunk, std::span<std::byte* const> blocks) {
  const auto& own = m_calls[call];
  std::vector<std::byte*> states;
  if (own.filter) {
    DRIFT_ASSIGN(const auto some, rowsOf(call, chunk));
    states.reserve(some.rows.size());
    for (const auto row : some.rows) states.push_back(blocks[row] + own.offsetBytes);
    return add(call, some.arguments, states);
  }
  std::vector<Vector> arguments;
  for (const auto at : own.arguments) {
    if (!m_values[at]) {
      DRIFT_ASSIGN(m_values[at], m_arguments[at]->evaluate(chunk));
    }
    arguments.push_back(*m_values[at]);
  }
  states.resize(blocks.size());
  for (std::size_t row = 0; row < blocks.size(); ++row) states[row] = blocks[row] + own.offsetBytes;
  return add(call, arguments, states);
}

Result<CallRows> AggregateCalls::rowsOf(std::size_t call, const Chunk& chunk) {
  const auto& own = m_calls[call];
  CallRows some;
  if (own.filter) {
    DRIFT_ASSIGN(const auto holds, own.filter->evaluate(chunk));
    some.rows = trueRows(holds, chunk.rowCount());
    if (some.rows.empty()) return some;
  } else {
    some.rows = allRows(chunk.rowCount());
  }
  some.chunk = some.rows.size() == chunk.rowCount() ? chunk : chunk.selected(some.rows);
  for (const auto at : own.arguments) {
    DRIFT_ASSIGN(auto values, m_arguments[at]->evaluate(some.chunk));
    some.arguments.push_back(std::move(values));
  }
  return some;
}

Status AggregateCalls::add(std::size_t call, std::span<const Vector> arguments,
                           std::span<std::byte* const> states) const {
  if (states.empty()) return {};
  const auto& own = m_calls[call];
  if (auto status = own.function->update(arguments, states.size(), states.data()); !status.ok())
    return std::move(status).error().at(own.span);
  return {};
}

Status AggregateCalls::merge(std::size_t call, const std::byte* from, std::byte* into) const {
  const auto& own = m_calls[call];
  if (auto status = own.function->merge(from + own.offsetBytes, into + own.offsetBytes); !status.ok())
    return std::move(status).error().at(own.span);
  return {};
}

Status AggregateCalls::finalize(std::span<std::byte* const> blocks, Chunk& out) const {
  std::vector<std::byte*> states(blocks.size());
  for (const auto& call : m_calls) {
    for (std::size_t at = 0; at < blocks.size(); ++at) states[at] = blocks[at] + call.offsetBytes;
    Vector values(call.type, blocks.size());
    if (auto status = call.function->finalize(states.data(), states.size(), values); !status.ok())
      return std::move(status).error().at(call.span);
    out.addColumn(std::move(values));
  }
  return {};
}

}  // namespace drift::exec
