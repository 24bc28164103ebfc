// The difference of two schemas, for diff_schema(): what came, went, was renamed or changed. Tables are told apart by
// their ids, columns too, so a new name is not a new table. Free function, thread-safe.
#pragma once

#include "plan/catalog_relations.h"

namespace drift::plan {

/// Rows of table_name, object ('table', 'view', 'sequence', 'column', 'primary key', 'index', 'unique', 'check',
/// 'foreign key'), name, change ('created', 'dropped', 'renamed', 'changed'), old and new (texts; NULL where there is
/// none). Those of a table or view that came or went stand for all that it has.
std::vector<CatalogRow> schemaDifference(const catalog::CatalogView& from, const catalog::CatalogView& to);

}  // namespace drift::plan
