// WindowAggregate: an aggregate over the frame of each row.
//
// Where all frames begin with their partition, each row's state is made of the one before. Otherwise a tree of states
// over the rows answers for any interval with O(log n) of them (V. Leis et al., Efficient Processing of Window
// Functions in Analytical SQL Queries, VLDB 2015, section 4.3: the segment tree). Both need no more of an aggregate
// than merge().
//
// One thread at a time.
#pragma once

#include <optional>

#include "exec/operator_context.h"
#include "exec/window_frames.h"

namespace drift::exec {

/// An aggregate with its inputs, as columns of a batch.
struct WindowAggregate {
  const functions::AggregateFunction* function = nullptr;
  std::vector<std::size_t> arguments;
  std::optional<std::size_t> filter;
  types::Type type;
  SourceSpan span;

  /// Gives a vector for each chunk of the batch. OutOfMemory, QueryCanceled, errors of the aggregate.
  Result<std::vector<types::Vector>> compute(const WindowBatch& batch, const FrameShape& shape,
                                             const OperatorContext& context) const;
};

}  // namespace drift::exec
