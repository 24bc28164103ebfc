// AggregateCalls: the aggregate calls of one operator. The states of all of them for one group lie in one block of
// memory, which the operator owns.
//
// Thread rule: one thread at a time.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "exec/evaluator.h"
#include "functions/registry.h"

namespace drift::exec {

struct AggregateCall {
  const functions::AggregateFunction* function = nullptr;
  std::vector<std::size_t> arguments;       ///< numbers of argument expressions; calls share those that are alike
  std::vector<types::Type> argumentTypes;
  EvaluatorPtr filter;                      ///< null = all rows
  types::Type type;
  std::size_t offsetBytes = 0;              ///< of its state within a block
  SourceSpan span;
};

/// The rows of a chunk that a call counts, and its arguments for them.
struct CallRows {
  types::Selection rows;
  types::Chunk chunk;                     ///< these rows alone
  std::vector<types::Vector> arguments;
};

/// What rows are grouped by.
struct GroupKeys {
  std::vector<EvaluatorPtr> evaluators;
  std::vector<types::Type> types;
};
/// InternalError for a slot that is not among the columns.
Result<GroupKeys> makeGroupKeys(const plan::Aggregate& aggregate, std::span<const plan::Column> columns,
                                OperatorContext& context);

class AggregateCalls final {
 public:
  /// Blocks start at multiples of this.
  static constexpr std::size_t kAlignment = 16;

  /// `aggregates` are calls over `columns`. InternalError for a slot that is not among them.
  static Result<AggregateCalls> make(std::span<const plan::ExpressionPtr> aggregates,
                                     std::span<const plan::Column> columns, OperatorContext& context);

  std::size_t count() const { return m_calls.size(); }
  const AggregateCall& operator[](std::size_t call) const { return m_calls[call]; }
  std::size_t blockBytes() const { return m_blockBytes; }
  void initialize(std::byte* block) const;
  void destroy(std::byte* block) const;

  /// Begins with another chunk, of which each argument is computed once.
  void startChunk() { m_values.assign(m_arguments.size(), std::nullopt); }
  /// Adds rows of that chunk to one call's states, row by row in the block of its group.
  Status update(std::size_t call, const types::Chunk& chunk, std::span<std::byte* const> blocks);
  /// Gives the rows of a chunk that pass the filter; its arguments are empty where there are none.
  Result<CallRows> rowsOf(std::size_t call, const types::Chunk& chunk);
  /// Adds arguments whose rows belong to `states`.
  Status add(std::size_t call, std::span<const types::Vector> arguments, std::span<std::byte* const> states) const;
  /// Adds the states of one block to another.
  Status merge(std::size_t call, const std::byte* from, std::byte* into) const;
  /// Appends one column a call: the results of blocks.
  Status finalize(std::span<std::byte* const> blocks, types::Chunk& out) const;

 private:
  Status addCall(const plan::Expression& aggregate, std::span<const plan::Column> columns,
                 std::vector<const plan::Expression*>& known, OperatorContext& context);

  std::vector<AggregateCall> m_calls;
  std::vector<EvaluatorPtr> m_arguments;
  std::vector<std::optional<types::Vector>> m_values;  ///< of m_arguments, for the chunk at hand
  std::size_t m_blockBytes = 0;
};

}  // namespace drift::exec
