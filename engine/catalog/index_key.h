// Keys and rows of index trees. On disk: do not change; see docs/formats/catalog.md.
// Free functions, thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "catalog/table.h"
#include "types/vector.h"

namespace drift::catalog {

/// The one column of an index tree: the key of the row that an entry stands for, BYTEA.
inline constexpr ColumnId kIndexRowKey = 1;

/// Layout of the rows of index trees.
const storage::RowLayoutRef& indexLayout();

/// Appends the part of an index key that stands for one column's value. NULL is the first or the last of all parts.
void appendIndexPart(std::string& key, const types::Value& value, const IndexColumn& column);
void appendIndexPart(std::string& key, const types::Vector& values, std::size_t row, const IndexColumn& column);

/// The part of NULL, one byte.
char nullPart(const IndexColumn& column);

}  // namespace drift::catalog
