#include "storage/version_page.h"

#include <algorithm>

#include "storage/column_block.h"
#include "storage/integer_block.h"
#include "storage/key_order.h"
#include "storage/value_copy.h"

namespace drift::storage {

namespace {

/// More versions in one page than any writer makes: a bound for readers of damaged files.
constexpr std::size_t kRowsMaxOnDisk = 1u << 20;

constexpr std::uint8_t kKeysHere = 0;
constexpr std::uint8_t kKeysElsewhere = 1;
constexpr std::uint8_t kNoKeys = 2;

constexpr std::uint8_t kValuesOfAllRows = 0;
constexpr std::uint8_t kValuesOfSomeRows = 1;
constexpr std::uint8_t kValuesElsewhere = 2;

Error malformed() { return Error(ErrorKind::DataCorrupted, "a page of rows in the file is malformed"); }

void writeOps(ByteWriter& writer, const std::vector<RowOp>& ops) {
  std::vector<std::int64_t> values;
  values.reserve(ops.size());
  for (const auto op : ops) values.push_back(static_cast<std::int64_t>(op));
  writeIntegerBlock(writer, values);
}

Result<std::vector<RowOp>> readOps(ByteReader& reader, std::size_t rows) {
  std::vector<std::int8_t> values(rows);
  DRIFT_TRY(readIntegerBlock(reader, std::span(values)));
  std::vector<RowOp> ops;
  ops.reserve(rows);
  for (const auto value : values) {
    if (value < 1 || value > 3) return malformed();
    ops.push_back(static_cast<RowOp>(value));
  }
  return ops;
}

/// The rows that have a value.
void writePresent(ByteWriter& writer, const std::vector<std::uint32_t>& rows) {
  writer.varint(rows.size());
  writeIntegers(writer, std::vector<std::uint64_t>(rows.begin(), rows.end()));
}

Result<std::vector<std::uint32_t>> readPresent(ByteReader& reader, std::size_t rowCount) {
  DRIFT_ASSIGN(const auto count, reader.varint());
  if (count > rowCount) return malformed();
  DRIFT_ASSIGN(const auto values, readIntegers(reader, count));
  std::vector<std::uint32_t> rows;
  rows.reserve(count);
  for (const auto value : values) {
    if (value >= rowCount || (!rows.empty() && value <= rows.back())) return malformed();
    rows.push_back(static_cast<std::uint32_t>(value));
  }
  return rows;
}

}  // namespace

Result<VersionPageRef> VersionPage::decode(Bytes payload, FrameRef self, const PageSource& pages,
                                           PageSource::Keys keys) {
  std::shared_ptr<VersionPage> page(new VersionPage());  // the constructor is private
  page->m_pages = &pages;
  page->m_self = self;
  page->m_payload = std::move(payload);
  ByteReader reader(page->m_payload);
  DRIFT_TRY(page->readRows(reader, pages, keys));
  DRIFT_TRY(page->readLayouts(reader));
  DRIFT_TRY(page->readPlaces(reader));
  page->m_fixedBytes = sizeof(VersionPage) + page->m_payload.size() +
                       page->rowCount() * (sizeof(CommitNumber) + sizeof(RowOp) + sizeof(std::uint64_t));
  return VersionPageRef(std::move(page));
}

Status VersionPage::readRows(ByteReader& reader, const PageSource& pages, PageSource::Keys keys) {
  DRIFT_ASSIGN(const auto keysPlace, reader.fixed<std::uint8_t>());
  DRIFT_ASSIGN(const auto rows, reader.varint());
  if (keysPlace > kNoKeys || rows > kRowsMaxOnDisk) return malformed();
  m_rowCount = rows;
  if (keysPlace == kNoKeys) return keys == PageSource::Keys::Unneeded ? Status() : malformed();
  if (keysPlace == kKeysElsewhere) {
    DRIFT_ASSIGN(m_keysAt, readRef(reader));
    // A page refers to one before it that has the thing itself: damage makes no circle and no long chain.
    if (keys == PageSource::Keys::Within || !m_keysAt || m_keysAt.offset >= m_self.offset) return malformed();
    DRIFT_ASSIGN(const auto owner, pages.base(m_keysAt, PageSource::Keys::Within));
    if (!owner->hasKeys() || owner->m_keysAt || owner->rowCount() != rows) return malformed();
    m_keys = owner->m_keys;
  } else {
    DRIFT_ASSIGN(auto keyArray, readKeys(reader, rows));
    m_keys = std::make_shared<const PageKeys>(std::move(keyArray));
  }
  DRIFT_ASSIGN(m_seqs, readIntegers(reader, rows));
  if (rows > 0) m_newestSeq = *std::ranges::max_element(m_seqs);
  DRIFT_ASSIGN(m_ops, readOps(reader, rows));
  return {};
}

Status VersionPage::readLayouts(ByteReader& reader) {
  DRIFT_ASSIGN(const auto layouts, reader.varint());
  for (std::uint64_t i = 0; i < layouts; ++i) {
    auto& layout = m_layouts.emplace_back();
    DRIFT_ASSIGN(const auto columns, reader.varint());
    for (std::uint64_t c = 0; c < columns; ++c) {
      DRIFT_ASSIGN(const auto id, reader.varint());
      if (id > UINT32_MAX || (!layout.empty() && layout.back() >= id)) return malformed();
      layout.push_back(static_cast<ColumnId>(id));
    }
  }
  if (layouts < 2) return {};
  DRIFT_ASSIGN(m_layoutOf, readIntegers(reader, rowCount()));
  if (std::ranges::any_of(m_layoutOf, [&](auto at) { return at >= layouts; })) return malformed();
  return {};
}

bool VersionPage::updateHas(std::size_t row, ColumnId id) const {
  if (m_layouts.empty()) return false;
  return std::ranges::binary_search(m_layouts[m_layoutOf.empty() ? 0 : m_layoutOf[row]], id);
}

Status VersionPage::readPlaces(ByteReader& reader) {
  DRIFT_ASSIGN(const auto columnCount, reader.varint());
  for (std::uint64_t i = 0; i < columnCount; ++i) {
    LayoutColumn column;
    DRIFT_ASSIGN(const auto id, reader.varint());
    column.id = static_cast<ColumnId>(id);
    if (id > UINT32_MAX || (!m_columns.empty() && m_columns.back().id >= column.id)) return malformed();
    DRIFT_ASSIGN(column.type, types::readType(reader));
    DRIFT_ASSIGN(column.missing, types::readValue(reader));
    DRIFT_ASSIGN(const auto kind, reader.fixed<std::uint8_t>());
    Place place;
    if (kind == kValuesElsewhere) {
      DRIFT_ASSIGN(place.elsewhere, readRef(reader));
      if (!place.elsewhere || place.elsewhere.offset >= m_self.offset) return malformed();
    } else if (kind == kValuesOfAllRows || kind == kValuesOfSomeRows) {
      place.partial = kind == kValuesOfSomeRows;
      DRIFT_ASSIGN(const auto size, reader.varint());
      place.offset = reader.position();
      DRIFT_TRY(reader.raw(size));
    } else {
      return malformed();
    }
    m_ids.push_back(column.id);
    m_columns.push_back(std::move(column));
    m_places.push_back(place);
  }
  if (!reader.atEnd()) return malformed();
  m_decoded = std::vector<Decoded>(m_columns.size());
  return {};
}

Result<VersionPageRef> VersionPage::ownerOf(const LayoutColumn& column, const Place& place) const {
  DRIFT_ASSIGN(auto owner, m_pages->base(place.elsewhere, PageSource::Keys::Unneeded));
  const auto position = owner->positionOf(column.id);
  if (!position || owner->m_columns[*position].type != column.type) return malformed();
  const auto& there = owner->m_places[*position];
  if (there.elsewhere || there.partial || owner->rowCount() != rowCount()) return malformed();
  return owner;
}

Result<PageColumn> VersionPage::decodeColumn(const LayoutColumn& column, const Place& place) const {
  PageColumn result;
  if (place.elsewhere) {
    DRIFT_ASSIGN(const auto owner, ownerOf(column, place));
    DRIFT_ASSIGN(const auto* values, owner->column(column.id));
    result.values = values->values;
    result.values.keep(owner);
    return result;
  }
  ByteReader reader(ByteSpan(m_payload).subspan(place.offset));
  auto valueCount = rowCount();
  if (place.partial) {
    result.partial = true;
    DRIFT_ASSIGN(result.rows, readPresent(reader, rowCount()));
    valueCount = result.rows.size();
  }
  DRIFT_ASSIGN(result.values, readColumn(reader, column.type, valueCount));
  return result;
}

std::optional<std::size_t> VersionPage::positionOf(ColumnId id) const {
  const auto found = std::ranges::lower_bound(m_ids, id);
  if (found == m_ids.end() || *found != id) return std::nullopt;
  return static_cast<std::size_t>(found - m_ids.begin());
}

Result<const PageColumn*> VersionPage::columnAt(std::size_t position) const {
  auto& decoded = m_decoded[position];
  if (const auto* ready = decoded.ready.load(std::memory_order_acquire)) return ready;
  const std::scoped_lock lock(m_mutex);
  if (!decoded.values) {
    DRIFT_ASSIGN(auto values, decodeColumn(m_columns[position], m_places[position]));
    decoded.values = std::make_unique<PageColumn>(std::move(values));
    m_decodedBytes += bytesOf(decoded.values->values) + decoded.values->rows.size() * sizeof(std::uint32_t);
    decoded.ready.store(decoded.values.get(), std::memory_order_release);
  }
  return static_cast<const PageColumn*>(decoded.values.get());
}

Result<const PageColumn*> VersionPage::column(ColumnId id) const {
  const auto position = positionOf(id);
  return position ? columnAt(*position) : static_cast<const PageColumn*>(nullptr);
}

Result<std::optional<types::Value>> VersionPage::value(std::size_t row, ColumnId id) const {
  const auto position = positionOf(id);
  if (!position) return std::optional<types::Value>();
  const auto& column = m_columns[*position];
  const auto& place = m_places[*position];
  if (place.elsewhere) {
    DRIFT_ASSIGN(const auto owner, ownerOf(column, place));
    return owner->value(row, id);
  }
  const auto* decoded = m_decoded[*position].ready.load(std::memory_order_acquire);
  if (!decoded && !place.partial) {
    const ByteReader block(ByteSpan(m_payload).subspan(place.offset));
    DRIFT_ASSIGN(auto value, readValueAt(block, column.type, rowCount(), row));
    if (value) return value;
  }
  if (!decoded) {
    DRIFT_ASSIGN(decoded, columnAt(*position));
  }
  if (!decoded->partial) return std::optional(decoded->values.get(row));
  const auto present = std::ranges::lower_bound(decoded->rows, row);
  if (present == decoded->rows.end() || *present != row) return std::optional<types::Value>();
  return std::optional(decoded->values.get(static_cast<std::size_t>(present - decoded->rows.begin())));
}

Result<std::optional<VersionPage::Zone>> VersionPage::zone(ColumnId id) const {
  const auto position = positionOf(id);
  if (!position) return std::optional<Zone>();
  const auto& column = m_columns[*position];
  const auto& place = m_places[*position];
  if (place.elsewhere) {
    DRIFT_ASSIGN(const auto owner, ownerOf(column, place));
    DRIFT_ASSIGN(auto there, owner->zone(id));
    return std::optional(Zone{column, std::move(there->bounds), there->hasValues});
  }
  ByteReader block(ByteSpan(m_payload).subspan(place.offset));
  auto count = rowCount();
  if (place.partial) {
    DRIFT_ASSIGN(const auto present, readPresent(block, rowCount()));
    count = present.size();
  }
  DRIFT_ASSIGN(auto bounds, readZone(block, column.type, count));
  const bool hasValues = bounds.nullCount < count;
  return std::optional(Zone{column, std::move(bounds), hasValues, place.partial});
}

std::size_t VersionPage::lowerBound(std::string_view wanted, CommitNumber wantedSeq) const {
  const types::StringRef wantedRef(wanted);
  std::size_t low = 0, high = rowCount();
  while (low < high) {
    const auto middle = (low + high) / 2;
    const auto order = compareKeys(keyRef(middle), wantedRef);
    if (order < 0 || (order == 0 && m_seqs[middle] < wantedSeq)) low = middle + 1;
    else high = middle;
  }
  return low;
}

std::optional<std::uint32_t> VersionPage::findLast(const SoughtKey& key, CommitNumber number) const {
  const auto last = m_keys->findLast(key);
  if (!last || m_seqs[*last] <= number) return last;
  // Most keys have few versions here; of many, the one is found by binary search.
  constexpr std::uint32_t kSteps = 4;
  auto row = *last;
  for (std::uint32_t step = 0; step < kSteps; ++step) {
    if (row == 0 || !(keyRef(row - 1) == key.ref)) return std::nullopt;
    if (m_seqs[--row] <= number) return row;
  }
  const auto after = lowerBound(key.ref.view(), number + 1);
  if (after == 0 || !(keyRef(after - 1) == key.ref)) return std::nullopt;
  return static_cast<std::uint32_t>(after - 1);
}

FrameRef VersionPage::columnAt(ColumnId id) const {
  const auto position = positionOf(id);
  if (!position) return {};
  return m_places[*position].elsewhere ? m_places[*position].elsewhere : m_self;
}

namespace {

void writeColumnHead(ByteWriter& writer, const LayoutColumn& column) {
  writer.varint(column.id);
  types::writeType(writer, column.type);
  types::writeValue(writer, column.missing);
}

}  // namespace

Bytes encodeColumnPage(const PageContents::Column& column, std::size_t rows) {
  Bytes payload, block;
  ByteWriter writer(payload), blockWriter(block);
  writer.fixed(kNoKeys);
  writer.varint(rows);
  writer.varint(0);  // layouts
  writer.varint(1);  // columns
  writeColumnHead(writer, column.column);
  writer.fixed(kValuesOfAllRows);
  writeColumn(blockWriter, column.values, rows);
  writer.string(asText(block));
  return payload;
}

Bytes encodePage(const PageContents& contents) {
  Bytes payload;
  ByteWriter writer(payload);
  const auto rowCount = contents.seqs.size();
  writer.fixed(contents.keysElsewhere ? kKeysElsewhere : kKeysHere);
  writer.varint(rowCount);
  if (contents.keysElsewhere) writeRef(writer, contents.keysElsewhere);
  else writeKeys(writer, contents.keys);
  writeIntegers(writer, contents.seqs);
  writeOps(writer, contents.ops);
  writer.varint(contents.layouts.size());
  for (const auto& layout : contents.layouts) {
    writer.varint(layout.size());
    for (const auto id : layout) writer.varint(id);
  }
  if (contents.layouts.size() > 1) writeIntegers(writer, contents.layoutOf);
  writer.varint(contents.columns.size());
  Bytes block;
  ByteWriter blockWriter(block);
  for (const auto& column : contents.columns) {
    writeColumnHead(writer, column.column);
    if (column.elsewhere) {
      writer.fixed(kValuesElsewhere);
      writeRef(writer, column.elsewhere);
      continue;
    }
    writer.fixed(column.partial ? kValuesOfSomeRows : kValuesOfAllRows);
    block.clear();
    if (column.partial) writePresent(blockWriter, column.rows);
    writeColumn(blockWriter, column.values, column.partial ? column.rows.size() : rowCount);
    writer.string(asText(block));
  }
  return payload;
}

}  // namespace drift::storage
