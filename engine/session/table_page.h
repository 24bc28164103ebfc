// Pages of a table for grids, and its description for trees of objects.
//
// Thread rule: free functions without shared state.
#pragma once

#include "api/database.h"
#include "catalog/table.h"
#include "storage/store.h"

namespace drift::session {

/// Describes a table; the row count is left to the caller.
api::TableInfo tableInfo(const catalog::Table& table);

/// Reads one page; the name in the request has been looked up. InvalidParameterValue for more than
/// types::kChunkRows rows.
Result<api::Page> readPage(const storage::Snapshot& snapshot, const catalog::Table& table,
                           const api::PageRequest& request);

}  // namespace drift::session
