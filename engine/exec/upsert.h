// INSERT … ON CONFLICT. Free function; one thread at a time.
#pragma once

#include "exec/returned_rows.h"
#include "exec/row_writer.h"

namespace drift::exec {

/// Inserts rows that have the table's columns; what is there already is left alone or updated. Gives the number of rows
/// inserted and updated. CardinalityViolation where one statement would change a row twice.
Result<std::uint64_t> upsertRows(const plan::BoundInsert& bound, const RowBufferRef& rows, RowWriter writer,
                                 Returned& returned, const WriteContext& context);

}  // namespace drift::exec
