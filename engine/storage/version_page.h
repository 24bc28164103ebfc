// VersionPage: a page of row versions as it lies in the file, sorted by key and commit.
// Format: docs/formats/tree.md.
//
// Two kinds of frames hold such pages. A base has the rows of a leaf as of one commit; a run has the versions
// that came after it, an update with the columns that it changed only. A base whose rows have the keys of an
// older base may refer to that page for its keys and for each column that did not change. A column with large values
// lies in a base of its own that has no keys: who does not ask for the column does not read it.
// Thread rule: immutable but for a cache of decoded columns that is its own lock's; shared freely.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "storage/column_block.h"
#include "storage/frame.h"
#include "storage/page_keys.h"
#include "storage/row.h"
#include "types/vector.h"

namespace drift::storage {

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
  /// Reads the page that lies at `self`. DataCorrupted. `pages` outlives it.
  static Result<VersionPageRef> decode(Bytes payload, FrameRef self, const PageSource& pages,
                                       PageSource::Keys keys = PageSource::Keys::Anywhere);

  FrameRef self() const { return m_self; }
  std::size_t rowCount() const { return m_rowCount; }
  /// False for a page that only has columns for others: no keys, no commits, no operations.
  bool hasKeys() const { return m_keys != nullptr; }
  std::string_view key(std::size_t row) const { return keyRef(row).view(); }
  const types::StringRef& keyRef(std::size_t row) const { return (*m_keys)[row]; }
  const PageKeys& keys() const { return *m_keys; }
  const std::vector<CommitNumber>& seqs() const { return m_seqs; }
  const std::vector<RowOp>& ops() const { return m_ops; }
  /// The columns that rows of this page have, by id.
  const std::vector<LayoutColumn>& columns() const { return m_columns; }
  /// Values of a column, decoded when first asked for. Null where no row of the page has that column.
  Result<const PageColumn*> column(ColumnId id) const;
  /// Value of one row of a column; nothing where the row has none. Decodes no column where the file's bytes tell it.
  Result<std::optional<types::Value>> value(std::size_t row, ColumnId id) const;
  /// What can be said of a column without decoding it.
  struct Zone {
    const LayoutColumn& column;  ///< the page's
    ColumnZone bounds;
    bool hasValues = false;      ///< some are not NULL
    bool partial = false;        ///< only some rows have a value: the bounds are about these
  };
  /// Nothing where no row of the page has that column. DataCorrupted, IoError.
  Result<std::optional<Zone>> zone(ColumnId id) const;
  /// First row at or after (key, seq).
  std::size_t lowerBound(std::string_view key, CommitNumber seq) const;
  /// The newest row of a key with a commit up to `number`.
  std::optional<std::uint32_t> findLast(const SoughtKey& key, CommitNumber number) const;
  /// The newest commit of all rows.
  CommitNumber newestSeq() const { return m_newestSeq; }
  /// The page that holds the keys, or a column that this page has: itself or an older one.
  FrameRef keysAt() const { return m_keysAt ? m_keysAt : m_self; }
  FrameRef columnAt(ColumnId id) const;
  /// True if an update was written with that column, changed or not.
  bool updateHas(std::size_t row, ColumnId id) const;
  /// Bytes to count in a cache; they grow as columns are decoded.
  std::size_t sizeBytes() const {
    const auto keyBytes = m_keysAt || !m_keys ? 0 : m_keys->sizeBytes();
    return m_fixedBytes + keyBytes + m_decodedBytes.load(std::memory_order_relaxed);
  }

 private:
  struct Place {
    FrameRef elsewhere;        ///< none: in this page
    std::size_t offset = 0;    ///< of the column's bytes in the payload
    bool partial = false;
  };

  VersionPage() = default;
  Status readRows(ByteReader& reader, const PageSource& pages, PageSource::Keys keys);
  Status readLayouts(ByteReader& reader);
  Status readPlaces(ByteReader& reader);
  /// Position of a column in m_columns; nothing where the page lacks it.
  std::optional<std::size_t> positionOf(ColumnId id) const;
  Result<const PageColumn*> columnAt(std::size_t position) const;
  /// The page that has the values of a column which lies elsewhere, one a row of this page.
  Result<VersionPageRef> ownerOf(const LayoutColumn& column, const Place& place) const;
  Result<PageColumn> decodeColumn(const LayoutColumn& column, const Place& place) const;

  const PageSource* m_pages = nullptr;
  FrameRef m_self;
  Bytes m_payload;
  std::size_t m_rowCount = 0;
  FrameRef m_keysAt;           ///< none: in this page
  std::shared_ptr<const PageKeys> m_keys;   ///< null: hasKeys() is false
  std::vector<CommitNumber> m_seqs;
  CommitNumber m_newestSeq = 0;
  std::vector<RowOp> m_ops;
  std::vector<std::vector<ColumnId>> m_layouts;   ///< columns that updates were written with, by rising id
  std::vector<std::uint64_t> m_layoutOf;          ///< by row: position in m_layouts; empty where there is one
  std::vector<LayoutColumn> m_columns;
  std::vector<ColumnId> m_ids;              ///< of m_columns, close together
  std::vector<Place> m_places;              ///< by column
  std::size_t m_fixedBytes = 0;
  mutable std::atomic<std::size_t> m_decodedBytes{0};
  /// A column that was decoded: `ready` once `values` is there for good.
  struct Decoded {
    std::atomic<const PageColumn*> ready{nullptr};
    std::unique_ptr<PageColumn> values;
  };
  mutable std::mutex m_mutex;               // guards the making of values in m_decoded
  mutable std::vector<Decoded> m_decoded;   ///< by column
};

/// What a page shall hold.
struct PageContents {
  struct Column {
    LayoutColumn column;
    types::Vector values;              ///< one a row, or one for each of `rows`
    bool partial = false;
    std::vector<std::uint32_t> rows;
    FrameRef elsewhere;                ///< page that has the values already
  };

  std::vector<std::string_view> keys;  ///< these and the strings of `columns` outlive the call
  FrameRef keysElsewhere;              ///< page that has the keys already
  std::vector<CommitNumber> seqs;
  std::vector<RowOp> ops;
  std::vector<std::vector<ColumnId>> layouts{};    ///< runs: the columns that updates were written with
  std::vector<std::uint64_t> layoutOf{};           ///< runs: by row, position in `layouts`; any for other rows
  std::vector<Column> columns;         ///< by rising id
};

Bytes encodePage(const PageContents& contents);
/// A base without keys that has one column, with a value for each of `rows` rows.
Bytes encodeColumnPage(const PageContents::Column& column, std::size_t rows);

}  // namespace drift::storage
