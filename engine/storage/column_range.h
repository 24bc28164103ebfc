// ColumnRange: what a scan wants of one column, and whether a leaf can have a row with it. Told from the zones of the
// column's blocks (storage/column_block.h), so that a leaf without wanted rows is passed by and no column of it is
// decoded: small materialized aggregates (Moerkotte, VLDB 1998), here over a base and the runs on top of it.
// Free function; thread-safe.
#pragma once

#include <span>

#include "storage/row.h"
#include "types/value_range.h"

namespace drift::storage {

class PageCache;
struct LeafState;

struct ColumnRange {
  LayoutColumn column;
  types::ValueRange wanted;
};

/// False if no version of a leaf shows a value that is wanted in each of the columns: then no moment that the leaf
/// serves has such a row there. Changes that are not in its pages yet are the caller's. Reads pages, up to all of the
/// leaf's. DataCorrupted, IoError.
Result<bool> mayHave(const PageCache& cache, const LeafState& state, std::span<const ColumnRange> ranges);

}  // namespace drift::storage
