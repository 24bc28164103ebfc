// LeafPages: the pages of one state of a leaf, for reads of a few keys: nothing is merged, and no column is decoded
// that can be read in place. One thread. Whole leaves are read as a storage/leaf.h.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "storage/page_cache.h"
#include "storage/store.h"

namespace drift::storage {

class LeafPages final {
 public:
  /// A version: which page, which row of it.
  struct Version {
    std::uint32_t page = 0;
    std::uint32_t row = 0;
  };

  /// `cache` outlives this.
  LeafPages(const PageCache& cache, const LeafState& state);

  /// The newest version of a key up to a commit, which may be a delete. O(runs * log rows).
  Result<std::optional<Version>> find(std::string_view key, CommitNumber number);
  CommitNumber seq(Version at) const { return page(at).seqs()[at.row]; }
  RowOp op(Version at) const { return page(at).ops()[at.row]; }
  /// A version whose values are known.
  struct Known {
    const LeafPages& pages;
    Version version;
    std::span<const types::Value> values;
  };
  /// The values of a version that is no delete: those of `columns` that no commit makes, at their places in `values`.
  /// What it did not change since `older`, another version of the row, is copied from there. DataCorrupted, IoError.
  Status read(Version at, std::span<const LayoutColumn> columns, std::span<types::Value> values,
              const Known* older = nullptr);
  /// Calls `take(key)` for each version of commits (after, through], in no order.
  template <class Take>
  Status eachOf(CommitNumber after, CommitNumber through, const Take& take) {
    for (std::uint32_t which = 0; which < m_refs.size(); ++which) {
      DRIFT_TRY(load(which));
      const auto& page = *m_pages[which];
      for (std::size_t row = 0; row < page.rowCount(); ++row)
        if (page.seqs()[row] > after && page.seqs()[row] <= through) take(page.key(row));
    }
    return {};
  }

 private:
  const VersionPage& page(Version at) const { return *m_pages[at.page]; }
  Status load(std::uint32_t which);
  Result<std::optional<Version>> versionBefore(Version at);
  Result<std::optional<Version>> findFrom(std::uint32_t which, std::string_view key, CommitNumber number);

  const PageCache& m_cache;
  std::vector<FrameRef> m_refs;          ///< runs from new to old, then the base
  std::vector<VersionPageRef> m_pages;   ///< null until it is needed
};

}  // namespace drift::storage
