// Leaf: the row versions of one leaf of a tree, merged from its base and its runs, sorted by key and commit.
//
// A leaf of an epoch answers exactly for any moment of its epoch: it has the rows that lived when its base was
// made, and every version since. Older moments have leaves of older epochs.
// Thread rule: immutable but for a cache of merged columns that is its own lock's; shared freely.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "storage/leaf_view.h"
#include "storage/version_page.h"

namespace drift::storage {

/// Live rows after which a leaf is split; a leaf of live rows is one chunk.
inline constexpr std::size_t kLeafRowsMax = types::kChunkRows;
/// Bytes of keys and values after which a leaf is split however few rows it has.
inline constexpr std::size_t kLeafBytesMax = 4u << 20;

class Leaf final {
 public:
  /// Merges a base and the runs made since, from old to new. DataCorrupted where they do not fit together.
  static Result<std::shared_ptr<const Leaf>> merge(VersionPageRef base, std::vector<VersionPageRef> runs);

  std::size_t rowCount() const { return isPlain() ? base()->rowCount() : m_sources.size(); }
  /// The key of a row; refers to the leaf where it is long.
  types::StringRef key(std::size_t row) const { const auto at = source(row); return m_pages[at.page()]->key(at.row()); }
  CommitNumber seq(std::size_t row) const { const auto at = source(row); return m_pages[at.page()]->seq(at.row()); }
  RowOp op(std::size_t row) const { const auto at = source(row); return m_pages[at.page()]->op(at.row()); }
  /// True where the row is the oldest version of its key in this leaf.
  bool startsKey(std::size_t row) const { return isPlain() || m_sources[row].startsKey(); }
  /// First row at or after (key, seq).
  std::size_t lowerBound(std::string_view key, CommitNumber seq) const;

  /// Sets `rows` to those of [from, to) that are live at a commit: of each key the newest version up to it, unless
  /// that is a delete. `from` starts a key, and so does `to` or it is the end.
  void findVisible(CommitNumber number, std::size_t from, std::size_t to, std::vector<std::uint32_t>& rows) const;
  /// First and last commit around `number`, half-open, between which no version came or went.
  std::pair<CommitNumber, CommitNumber> momentsAround(CommitNumber number) const;
  /// The rows that are live at a commit, kept from the last time that they were asked for.
  std::shared_ptr<const LeafView> viewAt(CommitNumber number) const;
  /// Live rows at a commit.
  std::uint64_t countVisible(CommitNumber number) const;

  /// Values of a column, one a version, made when first asked for. Null where no row of the leaf has that column.
  /// What an update did not change is taken from the version before it.
  Result<const types::Vector*> column(ColumnId id) const;
  /// The values of a column at some rows, one behind the other, where it pays to merge these alone; nothing where
  /// column() had better have them: it has them already, the rows are many, or few were asked for again and again.
  Result<std::optional<types::Vector>> columnOfFew(ColumnId id, std::span<const std::uint32_t> rows) const;
  /// The columns that rows of this leaf have, by id.
  const std::vector<LayoutColumn>& columns() const { return m_columns; }
  const VersionPageRef& base() const { return m_pages.front(); }
  std::span<const VersionPageRef> runs() const { return std::span(m_pages).subspan(1); }
  /// Bytes to count in a cache, those of its pages left out; they grow as columns are merged.
  std::size_t sizeBytes() const;

 private:
  /// Where a version lies: in which page, in which row of it; and whether it is the first of its key.
  class Source {
   public:
    static constexpr unsigned kRowBits = 20;
    static constexpr std::size_t kPagesMax = 1u << 11;
    Source() = default;
    Source(std::size_t page, std::size_t row)
        : m_bits(static_cast<std::uint32_t>(1u << 31 | page << kRowBits | row)) {}
    std::size_t page() const { return m_bits >> kRowBits & (kPagesMax - 1); }
    std::size_t row() const { return m_bits & ((1u << kRowBits) - 1); }
    bool startsKey() const { return m_bits >> 31 != 0; }
    void followsItsKey() { m_bits &= ~(1u << 31); }

   private:
    std::uint32_t m_bits = 0;
  };
  /// A version that is not simply there since the base was made: when it begins and ends, half-open, by timeOf().
  struct Span {
    std::uint32_t row = 0;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;  ///< 0 for a delete
  };

  Leaf() = default;
  Status mergeRows();
  void mergeColumns();
  std::vector<Source> mergeRuns() const;
  std::vector<std::uint32_t> mergeSources();
  Source source(std::size_t row) const { return isPlain() ? Source(0, row) : m_sources[row]; }
  Status findSpans(const std::vector<std::uint32_t>& rows);
  std::uint32_t timeOf(CommitNumber number) const;
  /// Null where no row has that column.
  const LayoutColumn* findColumn(ColumnId id) const;
  /// The values of rows [from, to); `from` starts a key.
  Result<types::Vector> mergeColumn(const LayoutColumn& column, std::size_t from, std::size_t to) const;
  bool hasRuns() const { return m_pages.size() > 1; }
  /// Whether the leaf is its base, whose keys have one version each, which is no delete.
  bool isPlain() const { return m_sources.empty(); }

  std::vector<VersionPageRef> m_pages;     ///< base, then runs
  std::vector<Source> m_sources;           ///< by version; empty where the leaf is plain
  std::vector<Span> m_spans;               ///< by row; all others are rows of the base that nothing replaced
  // The scale of spans: commits from m_firstSeq on, or positions in m_seqs where they lie too far apart for that.
  CommitNumber m_firstSeq = kNoCommit;
  std::vector<CommitNumber> m_seqs;
  CommitNumber m_newestSeq = 0;
  std::vector<LayoutColumn> m_columns;
  mutable std::atomic<std::size_t> m_mergedBytes{0};
  mutable std::atomic<std::size_t> m_mergedForFew{0};  ///< values that were merged and not kept
  mutable std::mutex m_viewMutex;          // guards m_view; held for no other lock: a cache asks for sizes under its own
  mutable std::shared_ptr<LeafView> m_view;
  mutable std::mutex m_mutex;              // guards m_merged
  mutable std::map<ColumnId, std::unique_ptr<types::Vector>> m_merged;
};

}  // namespace drift::storage
