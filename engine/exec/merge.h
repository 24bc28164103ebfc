// MERGE: does to each row what was chosen for it. Free function; one thread at a time.
#pragma once

#include "exec/executions.h"
#include "exec/row_writer.h"

namespace drift::exec {

/// Drops, changes and adds rows that a plan::BoundMerge's source gave, in this order; gives their number.
/// CardinalityViolation where a row of the table comes twice.
Result<std::uint64_t> mergeRows(const plan::BoundMerge& bound, const RowBufferRef& rows, RowWriter& writer,
                                const WriteContext& context);

}  // namespace drift::exec
