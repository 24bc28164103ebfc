#include "catalog/table.h"

#include <algorithm>

#include "txn/temporary_rows.h"

namespace drift::catalog {

const Column* Table::findColumn(std::string_view wanted) const {
  for (const auto& column : columns)
    if (column.name == wanted) return &column;
  return nullptr;
}

const Column* Table::findColumn(ColumnId wanted) const {
  for (const auto& column : columns)
    if (column.id == wanted) return &column;
  return nullptr;
}

bool Table::isTemporary() const { return txn::isTemporary(id); }

bool Index::hasExpressions() const { return std::ranges::any_of(columns, &IndexColumn::isExpression); }

std::vector<Index> Table::allIndexes() const {
  std::vector<Index> all;
  all.reserve(uniques.size() + indexes.size());
  for (const auto& constraint : uniques) {
    Index index{.name = constraint.name, .tree = constraint.index, .columns = {}, .unique = true};
    for (const auto column : constraint.columns) index.columns.push_back({.column = column});
    all.push_back(std::move(index));
  }
  all.insert(all.end(), indexes.begin(), indexes.end());
  return all;
}

storage::RowLayout Table::layout() const {
  storage::RowLayout result;
  result.columns.reserve(columns.size());
  for (const auto& column : columns) result.columns.push_back({column.id, column.type, column.missing});
  std::sort(result.columns.begin(), result.columns.end(),
            [](const auto& a, const auto& b) { return a.id < b.id; });
  return result;
}

}  // namespace drift::catalog
