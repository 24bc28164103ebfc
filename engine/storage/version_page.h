// VersionPage: a page of row versions as it lies in the file, sorted by key and commit.
// Format: docs/formats/tree.md.
//
// Two kinds of frames hold such pages. A base has the rows of a leaf as of one commit; a run has the versions
// that came after it, an update with the columns that it changed only. A base whose rows have the keys of an
// older base may refer to that page for its keys and for each column that did not change. A column with large values
// lies in a base of its own that has no keys. The head of a page says where the blocks of its columns are: each is read
// when it is asked for first, and checked by itself.
// Thread rule: immutable but for caches of blocks and decoded columns that are its own lock's; shared freely.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "storage/column_block.h"
#include "storage/frame_file.h"
#include "storage/number_sequence.h"
#include "storage/page_keys.h"
#include "storage/row.h"
#include "types/vector.h"

namespace drift::storage {

class InPlaceColumn;
class VersionPage;
using VersionPageRef = std::shared_ptr<const VersionPage>;

/// Where a page finds the pages that it refers to.
class PageSource {
 public:
  virtual ~PageSource() = default;
  /// Where the keys of a page may be: in another page, in itself only, or nowhere.
  enum class Keys : std::uint8_t { Anywhere, Within, Unneeded };
  /// Gives a base page. DataCorrupted, also where its keys are not where they may be; IoError.
  virtual Result<VersionPageRef> base(FrameRef ref, Keys keys = Keys::Anywhere) const = 0;
};

/// The values of one column of a page.
struct PageColumn {
  types::Vector values;
  bool partial = false;              ///< only some rows have a value
  std::vector<std::uint32_t> rows;   ///< partial: value i belongs to row rows[i], rising
};

class VersionPage final {
 public:
  ~VersionPage();
  /// Reads the page that lies at `self`; the blocks that `start` lacks are read from `file` when they are asked for.
  /// DataCorrupted. `file` and `pages` outlive it.
  static Result<VersionPageRef> decode(FrameStart start, FrameRef self, const FrameFile& file, const PageSource& pages,
                                       PageSource::Keys keys = PageSource::Keys::Anywhere);
  /// Reads a page whose whole payload is at hand.
  static Result<VersionPageRef> decode(FrameKind kind, Bytes payload, FrameRef self, const PageSource& pages,
                                       PageSource::Keys keys = PageSource::Keys::Anywhere);

  FrameRef self() const { return m_self; }
  std::size_t rowCount() const { return m_rowCount; }
  /// False for a page that only has columns for others: no keys, no commits, no operations.
  bool hasKeys() const { return m_keys != nullptr; }
  /// The key of a row; refers to this page where it is long.
  types::StringRef key(std::size_t row) const { return (*m_keys)[row]; }
  CommitNumber seq(std::size_t row) const { return m_seqs[row]; }
  RowOp op(std::size_t row) const { return static_cast<RowOp>(m_ops[row]); }
  /// Whether no two rows have the same key.
  bool hasKeysOnce() const { return m_keys->rises(); }
  /// The columns that rows of this page have, by id.
  const std::vector<LayoutColumn>& columns() const { return m_columns; }
  /// Values of a column, decoded when first asked for. Null where no row of the page has that column. DataCorrupted,
  /// IoError.
  Result<const PageColumn*> column(ColumnId id) const;
  /// The same for who needs them once: not kept unless they are already, or are texts, which their reader shares.
  Result<std::optional<PageColumn>> columnForOnce(ColumnId id) const;
  /// Value of one row of a column; nothing where the row has none. Decodes no column where the file's bytes tell it.
  /// DataCorrupted, IoError.
  Result<std::optional<types::Value>> value(std::size_t row, ColumnId id) const;
  /// Reads the blocks of columns that will be asked for, in as few pieces as may be. DataCorrupted, IoError.
  Status fetch(std::span<const LayoutColumn> columns) const;
  /// What can be said of a column without decoding it.
  struct Zone {
    const LayoutColumn& column;  ///< the page's
    ColumnZone bounds;
    bool hasValues = false;      ///< some may not be NULL
    bool partial = false;        ///< only some rows have a value: the bounds are about these
  };
  /// Nothing where no row of the page has that column. DataCorrupted, IoError.
  Result<std::optional<Zone>> zone(ColumnId id) const;
  /// Checks the blocks that came with the head, each by its checksum. DataCorrupted.
  Status checkBlocks() const;
  /// First row at or after (key, seq), from row `from` on.
  std::size_t lowerBound(const types::StringRef& key, CommitNumber seq, std::size_t from = 0) const;
  /// The newest row of a key with a commit up to `number`.
  std::optional<std::uint32_t> findLast(const SoughtKey& key, CommitNumber number) const;
  /// The newest and the oldest commit of all rows; 0 without rows.
  CommitNumber newestSeq() const { return m_newestSeq; }
  CommitNumber oldestSeq() const { return m_seqs.min(); }
  bool holdsNoDelete() const { return m_ops.max() < static_cast<std::uint64_t>(RowOp::Delete); }
  /// The page that holds the keys, or a column that this page has: itself or an older one.
  FrameRef keysAt() const { return m_keysAt ? m_keysAt : m_self; }
  FrameRef columnAt(ColumnId id) const;
  /// True if an update was written with that column, changed or not.
  bool updateHas(std::size_t row, ColumnId id) const;
  /// Bytes to count in a cache; they grow as columns are read.
  std::size_t sizeBytes() const {
    const auto keyBytes = m_keysAt || !m_keys ? 0 : m_keys->sizeBytes();
    return m_fixedBytes + keyBytes + m_readBytes.load(std::memory_order_relaxed);
  }

 private:
  struct Place {
    FrameRef elsewhere;           ///< none: in this page
    std::size_t offset = 0;       ///< of the block in the payload
    std::size_t size = 0;
    std::optional<std::uint64_t> checksum;   ///< of the block; none in a page that is one part
    ByteSpan zone;                ///< first bytes of the column block, in the head
    bool partial = false;
  };
  /// What was made of a column: `ready` once `values` is there for good, `inPlace` once `opened` is, `block` once its
  /// bytes are.
  struct Loaded {
    std::atomic<const std::byte*> block{nullptr};
    std::atomic<const PageColumn*> ready{nullptr};
    std::atomic<const InPlaceColumn*> inPlace{nullptr};
    std::unique_ptr<PageColumn> values;
    std::unique_ptr<const InPlaceColumn> opened;
  };

  VersionPage() = default;
  Status read(FrameKind kind, const PageSource& pages, PageSource::Keys keys);
  Status readRows(ByteReader& reader, const PageSource& pages, PageSource::Keys keys);
  Status checkOrder() const;
  Status readLayouts(ByteReader& reader);
  Status readPlaces(ByteReader& reader, bool inParts);
  Result<Place> readPlace(ByteReader& reader, bool inParts) const;
  /// Position of a column in m_columns; nothing where the page lacks it.
  std::optional<std::size_t> positionOf(ColumnId id) const;
  Result<ByteSpan> block(std::size_t position) const;
  Status fetchPiece(std::span<const std::size_t> positions) const;
  Result<const PageColumn*> columnAt(std::size_t position) const;
  /// The column for reads of single values; null where these take decoding it.
  Result<const InPlaceColumn*> inPlaceAt(std::size_t position) const;
  /// The page that has the values of a column which lies elsewhere, one a row of this page.
  Result<VersionPageRef> ownerOf(const LayoutColumn& column, const Place& place) const;
  Result<PageColumn> decodeColumn(std::size_t position) const;

  const PageSource* m_pages = nullptr;
  const FrameFile* m_file = nullptr;        ///< null: m_bytes is the whole payload
  FrameRef m_self;
  Bytes m_bytes;                            ///< of the payload, from its first
  std::size_t m_rowCount = 0;
  FrameRef m_keysAt;                        ///< none: in this page
  std::shared_ptr<const PageKeys> m_keys;   ///< null: hasKeys() is false
  NumberSequence m_seqs;
  CommitNumber m_newestSeq = 0;
  NumberSequence m_ops;
  std::vector<std::vector<ColumnId>> m_layouts;   ///< columns that updates were written with, by rising id
  NumberSequence m_layoutOf;                      ///< by row: position in m_layouts; empty where there is one
  std::vector<LayoutColumn> m_columns;
  std::vector<ColumnId> m_ids;              ///< of m_columns, close together
  std::vector<Place> m_places;              ///< by column
  std::size_t m_fixedBytes = 0;
  mutable std::atomic<std::size_t> m_readBytes{0};
  mutable std::atomic<std::size_t> m_unread{0};   ///< blocks of this page that are not read yet
  mutable std::mutex m_mutex;               // guards m_pieces, and the setting of what is in m_loaded
  mutable std::vector<std::unique_ptr<std::byte[]>> m_pieces;   ///< of the payload, behind m_bytes
  mutable std::vector<Loaded> m_loaded;     ///< by column
};

}  // namespace drift::storage
