// Index check: each index of each table against the table's rows, at one moment.
//
// Rows and entries are summed up in one pass over each, and only where the sums differ is each looked up in the other.
// Memory: a chunk. One thread.
#pragma once

#include <functional>
#include <string>

#include "catalog/catalog.h"
#include "storage/store.h"

namespace drift::session {

/// Calls `note` with a sentence for each row that an index lacks, and for each entry that stands for no row; at most
/// 10 of an index. QueryCanceled, IoError; damaged pages too are sentences. `tables` are those of `catalog` at the
/// snapshot.
Status checkIndexes(storage::Store& store, const catalog::Catalog& catalog, const storage::Snapshot& snapshot,
                    const catalog::CatalogView& tables, const runtime::CancelToken& cancel,
                    const std::function<void(std::string)>& note);

}  // namespace drift::session
