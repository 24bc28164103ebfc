#include "plan/scope.h"

#include <algorithm>
#include <numeric>

namespace drift::plan {

std::size_t editDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const auto replaced = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

namespace {

const ScopeColumn* findIn(const std::vector<ScopeColumn>& columns, const std::string& name) {
  const auto found =
      std::find_if(columns.begin(), columns.end(), [&](const auto& column) { return column.name == name; });
  return found == columns.end() ? nullptr : &*found;
}

Error ambiguous(const std::string& name, SourceSpan span) {
  return makeError(ErrorKind::AmbiguousColumn, "column reference \"{}\" is ambiguous", name).at(span);
}

/// The schema that tables are in; there is one.
constexpr std::string_view kPublicSchema = "public";

}  // namespace

Status Scope::add(ScopeTable table, SourceSpan span) {
  if (!table.name.empty() && findTable(table.name))
    return makeError(ErrorKind::DuplicateAlias, "table name \"{}\" specified more than once", table.name).at(span);
  m_visible.insert(m_visible.end(), table.columns.begin(), table.columns.end());
  m_tables.push_back(std::move(table));
  return {};
}

Status Scope::merge(Scope other, SourceSpan span) {
  for (auto& table : other.m_tables) {
    if (!table.name.empty() && findTable(table.name))
      return makeError(ErrorKind::DuplicateAlias, "table name \"{}\" specified more than once", table.name).at(span);
    m_tables.push_back(std::move(table));
  }
  m_visible.insert(m_visible.end(), other.m_visible.begin(), other.m_visible.end());
  return {};
}

const ScopeTable* Scope::findTable(const std::string& name) const {
  const auto found =
      std::find_if(m_tables.begin(), m_tables.end(), [&](const auto& table) { return table.name == name; });
  return found == m_tables.end() ? nullptr : &*found;
}

bool Scope::owns(Slot slot) const {
  const auto has = [slot](const std::vector<ScopeColumn>& columns) {
    return std::ranges::find(columns, slot, &ScopeColumn::slot) != columns.end();
  };
  return std::ranges::any_of(m_tables, [&](const auto& table) { return has(table.columns) || has(table.hidden); });
}

Result<std::optional<ScopeColumn>> Scope::findVisible(const std::string& name, SourceSpan span) const {
  std::optional<ScopeColumn> match;
  for (const auto& column : m_visible) {
    if (column.name != name) continue;
    if (match) return ambiguous(name, span);
    match = column;
  }
  return match;
}

Result<std::optional<ScopeColumn>> Scope::findHidden(const std::string& name, SourceSpan span) const {
  std::optional<ScopeColumn> match;
  for (const auto& table : m_tables) {
    const auto* column = findIn(table.hidden, name);
    if (!column) continue;
    if (match) return ambiguous(name, span);
    match = *column;
  }
  return match;
}

Error Scope::undefinedColumn(const std::string& name, const std::string& shown, SourceSpan span) const {
  auto error = makeError(ErrorKind::UndefinedColumn, "column {} does not exist", shown).at(span);
  const ScopeColumn* nearest = nullptr;
  std::size_t distance = name.size() / 3 + 1;
  const ScopeTable* owner = nullptr;
  for (const auto& table : m_tables) {
    for (const auto& column : table.columns) {
      const auto edits = editDistance(name, column.name);
      if (edits >= distance) continue;
      distance = edits;
      nearest = &column;
      owner = &table;
    }
  }
  if (!nearest) return error;
  const auto qualified = owner->name.empty() ? nearest->name : owner->name + "." + nearest->name;
  return std::move(error).withHint(fmt::format("Perhaps you meant to reference the column \"{}\".", qualified));
}

Result<ScopeColumn> Scope::resolveQualified(const sql::QualifiedName& name, SourceSpan span) const {
  const auto& parts = name.parts;
  if (parts.size() > 3 || (parts.size() == 3 && parts[0].text != kPublicSchema))
    return makeError(ErrorKind::UndefinedTable, "missing FROM-clause entry for table \"{}\"", name.toString()).at(span);
  const auto& tableName = parts[parts.size() - 2].text;
  const auto& columnName = parts.back().text;
  const auto* table = findTable(tableName);
  if (!table) {
    for (const auto* outer = m_outer; outer; outer = outer->m_outer)
      if (outer->findTable(tableName)) return outer->resolveQualified(name, span);
    return makeError(ErrorKind::UndefinedTable, "missing FROM-clause entry for table \"{}\"", tableName).at(span);
  }
  if (const auto* column = findIn(table->columns, columnName)) return *column;
  if (const auto* column = findIn(table->hidden, columnName)) return *column;
  return undefinedColumn(columnName, tableName + "." + columnName, span);
}

Result<ScopeColumn> Scope::resolve(const sql::ColumnReference& reference, SourceSpan span) const {
  if (reference.name.parts.size() > 1) return resolveQualified(reference.name, span);
  const auto& name = reference.name.last().text;
  for (const auto* scope = this; scope; scope = scope->m_outer) {
    DRIFT_ASSIGN(const auto visible, scope->findVisible(name, span));
    if (visible) return *visible;
    DRIFT_ASSIGN(const auto hidden, scope->findHidden(name, span));
    if (hidden) return *hidden;
  }
  return undefinedColumn(name, "\"" + name + "\"", span);
}

}  // namespace drift::plan
