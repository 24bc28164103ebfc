#include "storage/leaf_pages.h"

#include "storage/page_cache.h"
#include "storage/store.h"

namespace drift::storage {

using types::Value;

namespace {

Value missingValue(const LayoutColumn& column) {
  return column.missing.isNull() ? Value::null(column.type) : column.missing;
}

}  // namespace

LeafPages::LeafPages(const PageCache& cache, const LeafState& state) : m_cache(cache), m_slots(state.runs.size() + 1) {
  for (std::size_t run = 0; run < state.runs.size(); ++run) m_slots[run].ref = state.runs[state.runs.size() - 1 - run];
  m_slots.back().ref = state.base;
}

Result<const VersionPage*> LeafPages::load(std::uint32_t which) const {
  auto& slot = m_slots[which];
  if (const auto* ready = slot.ready.load(std::memory_order_acquire)) return ready;
  const bool isBase = which + 1 == m_slots.size();
  DRIFT_ASSIGN(auto page, isBase ? m_cache.base(slot.ref) : m_cache.run(slot.ref));
  const std::scoped_lock lock(m_mutex);
  if (!slot.page) {
    slot.page = std::move(page);
    slot.ready.store(slot.page.get(), std::memory_order_release);
  }
  return static_cast<const VersionPage*>(slot.page.get());
}

Result<std::optional<LeafPages::Version>> LeafPages::find(const SoughtKey& key, CommitNumber number) const {
  return findFrom(0, key, number);
}

Result<std::optional<LeafPages::Version>> LeafPages::findFrom(std::uint32_t which, const SoughtKey& key,
                                                              CommitNumber number) const {
  // A key's versions in one page are newer than those in the pages behind it.
  for (; which < m_slots.size(); ++which) {
    DRIFT_ASSIGN(const auto* page, load(which));
    if (const auto row = page->findLast(key, number)) return std::optional(Version{which, *row});
  }
  return std::optional<Version>();
}

Result<std::optional<LeafPages::Version>> LeafPages::versionBefore(Version at) const {
  const auto& page = this->page(at);
  const auto key = page.key(at.row);
  if (at.row > 0 && page.key(at.row - 1) == key) return std::optional(Version{at.page, at.row - 1});
  return findFrom(at.page + 1, SoughtKey(key), kNoCommit);
}

Status LeafPages::read(Version at, std::span<const LayoutColumn> columns, std::span<Value> values,
                       const Known* older) const {
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
    DRIFT_TRY(page.fetch(columns));
    std::size_t kept = 0;
    for (const auto i : wanted) {
      const auto& column = columns[i];
      DRIFT_ASSIGN(auto value, page.value(version->row, column.id));
      if (value) {
        if (value->type().physical() != column.type.physical())
          return makeError(ErrorKind::DataCorrupted, "column {} of a page has another type than its table", column.id);
        values[i] = value->type() == column.type ? std::move(*value) : value->withType(column.type);
      } else if (page.op(version->row) == RowOp::Update && page.updateHas(version->row, column.id)) {
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
