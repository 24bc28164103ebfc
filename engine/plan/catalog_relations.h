// Tables of information_schema and pg_catalog: views of the catalog of one moment, whose rows are known as a query is
// bound. Plain values and free functions.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "catalog/catalog.h"
#include "plan/node.h"
#include "types/value.h"

namespace drift::plan {

using CatalogRow = std::vector<types::Value>;

struct CatalogRelation {
  std::string_view name;
  std::vector<std::pair<const char*, types::TypeId>> columns;
  void (*addRows)(const catalog::CatalogView& view, std::vector<CatalogRow>& rows);
};

/// Those of pg_catalog (PostgreSQL 15, chapter 53), as far as there is something for them to tell.
const std::vector<CatalogRelation>& pgCatalogRelations();

/// A node that gives rows of those columns.
NodePtr rowsNode(std::vector<CatalogRow> rows, std::vector<Column> columns);

/// PostgreSQL's short name of a type: int4.
std::string_view shortTypeName(types::TypeId type);

}  // namespace drift::plan
