// LeafPages: the pages of one state of a leaf, for reads of a few keys: nothing is merged, and no column is decoded
// that can be read in place. Whole leaves are read as a storage/leaf.h.
// Thread rule: thread-safe; a page is read when it is needed first, and stays.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "storage/version_page.h"

namespace drift::storage {

class PageCache;
struct LeafState;

class LeafPages final {
 public:
  /// A version: which page, which row of it.
  struct Version {
    std::uint32_t page = 0;
    std::uint32_t row = 0;
  };

  /// `cache` outlives this.
  LeafPages(const PageCache& cache, const LeafState& state);

  /// The newest version of a key up to a commit, which may be a delete. O(runs), or O(runs * log rows) at first.
  Result<std::optional<Version>> find(const SoughtKey& key, CommitNumber number) const;
  CommitNumber seq(Version at) const { return page(at).seq(at.row); }
  RowOp op(Version at) const { return page(at).op(at.row); }
  /// A version whose values are known.
  struct Known {
    const LeafPages& pages;
    Version version;
    std::span<const types::Value> values;
  };
  /// The values of a version that is no delete: those of `columns` that no commit makes, at their places in `values`.
  /// What it did not change since `older`, another version of the row, is copied from there. DataCorrupted, IoError.
  Status read(Version at, std::span<const LayoutColumn> columns, std::span<types::Value> values,
              const Known* older = nullptr) const;
  /// Calls `take(key)` for each version of commits (after, through], in no order.
  template <class Take>
  Status eachOf(CommitNumber after, CommitNumber through, const Take& take) const {
    for (std::uint32_t which = 0; which < m_slots.size(); ++which) {
      DRIFT_ASSIGN(const auto* page, load(which));
      if (page->newestSeq() <= after) continue;
      for (std::size_t row = 0; row < page->rowCount(); ++row) {
        if (const auto seq = page->seq(row); seq > after && seq <= through) {
          const auto key = page->key(row);
          take(key.view());
        }
      }
    }
    return {};
  }
  /// Bytes to count in a cache, those of the pages left out.
  std::size_t sizeBytes() const { return sizeof(LeafPages) + m_slots.size() * sizeof(Slot); }

 private:
  /// Runs from new to old, then the base; `ready` once `page` is there for good.
  struct Slot {
    FrameRef ref;
    VersionPageRef page;
    std::atomic<const VersionPage*> ready{nullptr};
  };

  const VersionPage& page(Version at) const { return *m_slots[at.page].ready.load(std::memory_order_acquire); }
  Result<const VersionPage*> load(std::uint32_t which) const;
  Result<std::optional<Version>> versionBefore(Version at) const;
  Result<std::optional<Version>> findFrom(std::uint32_t which, const SoughtKey& key, CommitNumber number) const;

  const PageCache& m_cache;
  mutable std::mutex m_mutex;          // guards the setting of pages; held for no other lock
  mutable std::vector<Slot> m_slots;
};

using LeafPagesRef = std::shared_ptr<const LeafPages>;

}  // namespace drift::storage
