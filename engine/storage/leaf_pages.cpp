#include "storage/leaf_pages.h"

namespace drift::storage {

using types::Value;

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

Result<Value> LeafPages::value(Version at, const LayoutColumn& column) {
  std::optional<Version> version = at;
  while (version) {
    DRIFT_ASSIGN(auto value, page(*version).value(version->row, column.id));
    if (value) {
      if (value->type() == column.type) return std::move(*value);
      if (value->type().physical() != column.type.physical())
        return makeError(ErrorKind::DataCorrupted, "column {} of a page has another type than its table", column.id);
      return Value(column.type, value->storage());
    }
    // An update that did not change the column shows the value of the version before it.
    if (op(*version) != RowOp::Update || !page(*version).updateHas(version->row, column.id)) break;
    const auto key = page(*version).key(version->row);
    if (version->row > 0 && page(*version).key(version->row - 1) == key) {
      --version->row;
    } else {
      DRIFT_ASSIGN(version, findFrom(version->page + 1, key, kNoCommit));
    }
  }
  return column.missing.isNull() ? Value::null(column.type) : column.missing;
}

}  // namespace drift::storage
