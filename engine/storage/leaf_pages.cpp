#include "storage/leaf_pages.h"

namespace drift::storage {

using types::Value;

namespace {

Value missingValue(const LayoutColumn& column) {
  return column.missing.isNull() ? Value::null(column.type) : column.missing;
}

}  // namespace

LeafPages::LeafPages(const PageCache& cache, const LeafState& state)
    : m_cache(cache), m_refs(state.runs.rbegin(), state.runs.rend()) {
  m_refs.push_back(state.base);
  m_pages.resize(m_refs.size());
}

Status LeafPages::load(std::uint32_t which) {
  if (m_pages[which]) return {};
  const bool isBase = which + 1 == m_refs.size();
  DRIFT_ASSIGN(m_pages[which], isBase ? m_cache.base(m_refs[which]) : m_cache.run(m_refs[which]));
  return {};
}

Result<std::optional<LeafPages::Version>> LeafPages::find(std::string_view key, CommitNumber number) {
  return findFrom(0, key, number);
}

Result<std::optional<LeafPages::Version>> LeafPages::findFrom(std::uint32_t which, std::string_view key,
                                                              CommitNumber number) {
  // A key's versions in one page are newer than those in the pages behind it.
  for (; which < m_refs.size(); ++which) {
    DRIFT_TRY(load(which));
    const auto& page = *m_pages[which];
    const auto after = page.lowerBound(key, number == kNoCommit ? number : number + 1);
    if (after > 0 && page.key(after - 1) == key)
      return std::optional(Version{which, static_cast<std::uint32_t>(after - 1)});
  }
  return std::optional<Version>();
}

Result<std::optional<LeafPages::Version>> LeafPages::versionBefore(Version at) {
  const auto key = page(at).key(at.row);
  if (at.row > 0 && page(at).key(at.row - 1) == key) return std::optional(Version{at.page, at.row - 1});
  return findFrom(at.page + 1, key, kNoCommit);
}

Status LeafPages::read(Version at, std::span<const LayoutColumn> columns, std::span<Value> values,
                       const Known* older) {
  std::vector<std::size_t> wanted;
  wanted.reserve(columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (!isSystemColumn(columns[i].id)) wanted.push_back(i);
  for (std::optional<Version> version = at; version && !wanted.empty();) {
    const auto& page = this->page(*version);
    if (older && version->row == older->version.row && page.self() == older->pages.page(older->version).self()) {
      for (const auto i : wanted) values[i] = older->values[i];
      return {};
    }
    std::size_t kept = 0;
    for (const auto i : wanted) {
      const auto& column = columns[i];
      DRIFT_ASSIGN(auto value, page.value(version->row, column.id));
      if (value) {
        if (value->type().physical() != column.type.physical())
          return makeError(ErrorKind::DataCorrupted, "column {} of a page has another type than its table", column.id);
        values[i] = value->type() == column.type ? std::move(*value) : value->withType(column.type);
      } else if (page.ops()[version->row] == RowOp::Update && page.updateHas(version->row, column.id)) {
        wanted[kept++] = i;  // not changed by this version: the one before has it
      } else {
        values[i] = missingValue(column);
      }
    }
    wanted.resize(kept);
    if (!wanted.empty()) {
      DRIFT_ASSIGN(version, versionBefore(*version));
    }
  }
  for (const auto i : wanted) values[i] = missingValue(columns[i]);
  return {};
}

}  // namespace drift::storage
