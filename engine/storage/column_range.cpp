#include "storage/column_range.h"

#include <algorithm>

#include "storage/page_cache.h"

namespace drift::storage {

namespace {

/// True if some version of a page may show the value of rows without the column. A version that shows what an older one
/// had is none of these.
bool mayLack(const VersionPage& page, const std::optional<VersionPage::Zone>& zone, ColumnId column) {
  if (zone && !zone->partial) return false;
  for (std::size_t row = 0; row < page.rowCount(); ++row) {
    const auto op = page.op(row);
    if (op == RowOp::Insert || (op == RowOp::Update && !page.updateHas(row, column))) return true;
  }
  return false;
}

/// True if some version of a page may show a wanted value, by what the page itself says.
Result<bool> mayHave(const VersionPage& page, const ColumnRange& range) {
  DRIFT_ASSIGN(const auto zone, page.zone(range.column.id));
  if (zone) {
    if (!range.wanted.fits(zone->column.type)) return true;
    if (range.wanted.nulls && zone->bounds.nullCount > 0) return true;
    if (zone->hasValues && range.wanted.meets(zone->bounds.min, zone->bounds.max)) return true;
  }
  if (!mayLack(page, zone, range.column.id)) return false;
  // The value is the same wherever it is written down; where it is not, both may be shown.
  const auto& missing = range.column.missing;
  if (zone && !(zone->column.missing.isNull() && missing.isNull()) && !(zone->column.missing == missing)) return true;
  return missing.isNull() ? range.wanted.nulls : !range.wanted.fits(missing.type()) || range.wanted.has(missing);
}

/// The base first: most often it has such a row, and then no run is asked.
Result<bool> mayHave(const PageCache& cache, const LeafState& state, const ColumnRange& range) {
  DRIFT_ASSIGN(const auto base, cache.base(state.base));
  DRIFT_ASSIGN(const bool inBase, mayHave(*base, range));
  if (inBase) return true;
  for (const auto ref : state.runs) {
    DRIFT_ASSIGN(const auto run, cache.run(ref));
    DRIFT_ASSIGN(const bool inRun, mayHave(*run, range));
    if (inRun) return true;
  }
  return false;
}

}  // namespace

Result<bool> mayHave(const PageCache& cache, const LeafState& state, std::span<const ColumnRange> ranges) {
  for (const auto& range : ranges) {
    DRIFT_ASSIGN(const bool may, mayHave(cache, state, range));
    if (!may) return false;
  }
  return true;
}

}  // namespace drift::storage
