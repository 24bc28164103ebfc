#include "storage/version_page.h"

#include <algorithm>

#include "base/checksum.h"
#include "storage/in_place_column.h"
#include "storage/integer_block.h"
#include "storage/key_block.h"
#include "storage/key_order.h"
#include "storage/page_format.h"
#include "storage/value_copy.h"

namespace drift::storage {

namespace {

/// More versions in one page than any writer makes: a bound for readers of damaged files.
constexpr std::size_t kRowsMaxOnDisk = 1u << 20;
/// Blocks no farther apart are read in one piece.
constexpr std::size_t kGapMax = 4096;

Error malformed() { return Error(ErrorKind::DataCorrupted, "a page of rows in the file is malformed"); }

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

VersionPage::~VersionPage() = default;

Result<VersionPageRef> VersionPage::decode(FrameStart start, FrameRef self, const FrameFile& file,
                                           const PageSource& pages, PageSource::Keys keys) {
  std::shared_ptr<VersionPage> page(new VersionPage());  // the constructor is private
  page->m_self = self;
  page->m_file = start.isWhole ? nullptr : &file;
  page->m_bytes = std::move(start.bytes);
  DRIFT_TRY(page->read(start.kind, pages, keys));
  return VersionPageRef(std::move(page));
}

Result<VersionPageRef> VersionPage::decode(FrameKind kind, Bytes payload, FrameRef self, const PageSource& pages,
                                           PageSource::Keys keys) {
  std::shared_ptr<VersionPage> page(new VersionPage());
  page->m_self = self;
  page->m_bytes = std::move(payload);
  DRIFT_TRY(page->read(kind, pages, keys));
  return VersionPageRef(std::move(page));
}

Status VersionPage::read(FrameKind kind, const PageSource& pages, PageSource::Keys keys) {
  m_pages = &pages;
  ByteReader reader(m_bytes);
  if (hasHead(kind)) {
    DRIFT_ASSIGN(const auto prefix, reader.raw(kHeadPrefixBytes));
    std::uint32_t headSize = 0;
    std::memcpy(&headSize, prefix.data() + kHeadPrefixBytes - sizeof headSize, sizeof headSize);
    if (headSize < kHeadPrefixBytes || headSize > m_bytes.size()) return malformed();
    if (m_file) m_bytes = Bytes(m_bytes.begin(), m_bytes.begin() + headSize);  // what follows is read when it is wanted
    reader = ByteReader(ByteSpan(m_bytes).first(headSize));
    DRIFT_TRY(reader.raw(kHeadPrefixBytes));
  }
  DRIFT_TRY(readRows(reader, pages, keys));
  DRIFT_TRY(readLayouts(reader));
  DRIFT_TRY(readPlaces(reader, hasHead(kind)));
  m_fixedBytes = sizeof(VersionPage) + m_bytes.size() + m_seqs.sizeBytes() + m_ops.sizeBytes() +
                 m_layoutOf.sizeBytes() + m_columns.size() * (sizeof(LayoutColumn) + sizeof(Place) + sizeof(Loaded));
  return {};
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
  DRIFT_ASSIGN(m_seqs, NumberSequence::read(reader, rows));
  m_newestSeq = m_seqs.max();
  DRIFT_ASSIGN(m_ops, NumberSequence::read(reader, rows));
  for (std::size_t row = 0; row < (m_ops.constant() ? 1 : rows); ++row)
    if (m_ops[row] < 1 || m_ops[row] > 3) return malformed();
  return checkOrder();
}

/// Rows are in order of key and commit, and no two have the same.
Status VersionPage::checkOrder() const {
  if (m_keys->rises()) return {};
  for (std::size_t row = 1; row < rowCount(); ++row) {
    const auto order = compareKeys(key(row - 1), key(row));
    if (order > 0 || (order == 0 && m_seqs[row - 1] >= m_seqs[row])) return malformed();
  }
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
  DRIFT_ASSIGN(m_layoutOf, NumberSequence::read(reader, rowCount()));
  if (m_layoutOf.max() >= layouts) return malformed();
  return {};
}

bool VersionPage::updateHas(std::size_t row, ColumnId id) const {
  if (m_layouts.empty()) return false;
  return std::ranges::binary_search(m_layouts[m_layoutOf.empty() ? 0 : m_layoutOf[row]], id);
}

Result<VersionPage::Place> VersionPage::readPlace(ByteReader& reader, bool inParts) const {
  Place place;
  DRIFT_ASSIGN(const auto kind, reader.fixed<std::uint8_t>());
  if (kind == kValuesElsewhere) {
    DRIFT_ASSIGN(place.elsewhere, readRef(reader));
    if (!place.elsewhere || place.elsewhere.offset >= m_self.offset) return malformed();
    return place;
  }
  if (kind != kValuesOfAllRows && kind != kValuesOfSomeRows) return malformed();
  place.partial = kind == kValuesOfSomeRows;
  DRIFT_ASSIGN(const auto size, reader.varint());
  place.size = size;
  if (inParts) {
    DRIFT_ASSIGN(place.checksum, reader.fixed<std::uint64_t>());
    DRIFT_ASSIGN(const auto zone, reader.string());
    place.zone = asBytes(zone);
  } else {
    place.offset = reader.position();
    DRIFT_TRY(reader.raw(size));
  }
  return place;
}

Status VersionPage::readPlaces(ByteReader& reader, bool inParts) {
  DRIFT_ASSIGN(const auto columnCount, reader.varint());
  for (std::uint64_t i = 0; i < columnCount; ++i) {
    LayoutColumn column;
    DRIFT_ASSIGN(const auto id, reader.varint());
    column.id = static_cast<ColumnId>(id);
    if (id > UINT32_MAX || (!m_columns.empty() && m_columns.back().id >= column.id)) return malformed();
    DRIFT_ASSIGN(column.type, types::readType(reader));
    DRIFT_ASSIGN(column.missing, types::readValue(reader));
    DRIFT_ASSIGN(auto place, readPlace(reader, inParts));
    m_ids.push_back(column.id);
    m_columns.push_back(std::move(column));
    m_places.push_back(place);
  }
  if (!reader.atEnd()) return malformed();
  const auto payloadBytes = m_file ? m_self.payloadBytes : m_bytes.size();
  auto end = reader.position();
  for (auto& place : m_places) {
    if (!inParts || place.elsewhere) continue;
    place.offset = end;
    if (place.size > payloadBytes - end) return malformed();
    end += place.size;
  }
  if (end != payloadBytes) return malformed();
  m_loaded = std::vector<Loaded>(m_columns.size());
  for (std::size_t at = 0; at < m_places.size(); ++at) {
    if (m_places[at].elsewhere) continue;
    if (m_file) m_unread.fetch_add(1, std::memory_order_relaxed);
    else m_loaded[at].block.store(m_bytes.data() + m_places[at].offset, std::memory_order_relaxed);
  }
  return {};
}

Status VersionPage::checkBlocks() const {
  for (std::size_t at = 0; at < m_places.size(); ++at) {
    const auto& place = m_places[at];
    const auto* bytes = m_loaded[at].block.load(std::memory_order_acquire);
    if (bytes && place.checksum && xxh3(ByteSpan(bytes, place.size)) != place.checksum) return malformed();
  }
  return {};
}

/// Reads the blocks of some columns, and those between them, in one piece; under the lock.
Status VersionPage::fetchPiece(std::span<const std::size_t> positions) const {
  const auto start = m_places[positions.front()].offset;
  const auto bytes = m_places[positions.back()].offset + m_places[positions.back()].size - start;
  auto piece = std::make_unique_for_overwrite<std::byte[]>(bytes);
  DRIFT_TRY(m_file->readPart(m_self, start, std::span(piece.get(), bytes)));
  for (const auto at : positions) {
    const auto& place = m_places[at];
    const auto* block = piece.get() + (place.offset - start);
    if (xxh3(ByteSpan(block, place.size)) != place.checksum) return m_file->damagedAt(m_self.offset);
  }
  m_pieces.push_back(std::move(piece));
  m_readBytes += bytes;
  for (const auto at : positions)
    m_loaded[at].block.store(m_pieces.back().get() + (m_places[at].offset - start), std::memory_order_release);
  m_unread.fetch_sub(positions.size(), std::memory_order_release);
  return {};
}

Status VersionPage::fetch(std::span<const LayoutColumn> columns) const {
  if (m_unread.load(std::memory_order_acquire) == 0) return {};
  std::vector<std::size_t> missing;
  for (const auto& column : columns) {
    const auto at = positionOf(column.id);
    if (at && !m_places[*at].elsewhere && !m_loaded[*at].block.load(std::memory_order_acquire)) missing.push_back(*at);
  }
  if (missing.empty()) return {};
  std::ranges::sort(missing);
  const std::scoped_lock lock(m_mutex);
  const auto [first, last] = std::ranges::unique(missing);
  missing.erase(first, last);
  std::erase_if(missing, [&](auto at) { return m_loaded[at].block.load(std::memory_order_relaxed) != nullptr; });
  for (std::size_t from = 0, to = 0; from < missing.size(); from = to) {
    const auto end = [&](std::size_t i) { return m_places[missing[i]].offset + m_places[missing[i]].size; };
    for (to = from + 1; to < missing.size() && m_places[missing[to]].offset - end(to - 1) <= kGapMax;) ++to;
    DRIFT_TRY(fetchPiece(std::span(missing).subspan(from, to - from)));
  }
  return {};
}

Result<ByteSpan> VersionPage::block(std::size_t position) const {
  const auto& place = m_places[position];
  auto& loaded = m_loaded[position];
  const auto* bytes = loaded.block.load(std::memory_order_acquire);
  if (!bytes) {
    const std::scoped_lock lock(m_mutex);
    if (!loaded.block.load(std::memory_order_relaxed)) DRIFT_TRY(fetchPiece({&position, 1}));
    bytes = loaded.block.load(std::memory_order_relaxed);
  }
  return ByteSpan(bytes, place.size);
}

Result<VersionPageRef> VersionPage::ownerOf(const LayoutColumn& column, const Place& place) const {
  DRIFT_ASSIGN(auto owner, m_pages->base(place.elsewhere, PageSource::Keys::Unneeded));
  const auto position = owner->positionOf(column.id);
  if (!position || owner->m_columns[*position].type != column.type) return malformed();
  const auto& there = owner->m_places[*position];
  if (there.elsewhere || there.partial || owner->rowCount() != rowCount()) return malformed();
  return owner;
}

Result<PageColumn> VersionPage::decodeColumn(std::size_t position) const {
  const auto& column = m_columns[position];
  const auto& place = m_places[position];
  PageColumn result;
  if (place.elsewhere) {
    DRIFT_ASSIGN(const auto owner, ownerOf(column, place));
    DRIFT_ASSIGN(const auto* values, owner->column(column.id));
    result.values = values->values;
    result.values.keep(owner);
    return result;
  }
  DRIFT_ASSIGN(const auto bytes, block(position));
  ByteReader reader(bytes);
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
  auto& loaded = m_loaded[position];
  if (const auto* ready = loaded.ready.load(std::memory_order_acquire)) return ready;
  // Where two threads decode the same, the first one's is kept.
  DRIFT_ASSIGN(auto values, decodeColumn(position));
  const std::scoped_lock lock(m_mutex);
  if (!loaded.values) {
    loaded.values = std::make_unique<PageColumn>(std::move(values));
    m_readBytes += bytesOf(loaded.values->values) + loaded.values->rows.size() * sizeof(std::uint32_t);
    loaded.ready.store(loaded.values.get(), std::memory_order_release);
  }
  return static_cast<const PageColumn*>(loaded.values.get());
}

Result<const InPlaceColumn*> VersionPage::inPlaceAt(std::size_t position) const {
  auto& loaded = m_loaded[position];
  if (const auto* inPlace = loaded.inPlace.load(std::memory_order_acquire)) return inPlace;
  DRIFT_ASSIGN(const auto bytes, block(position));
  DRIFT_ASSIGN(auto opened, InPlaceColumn::open(ByteReader(bytes), m_columns[position].type, rowCount()));
  if (!opened) return static_cast<const InPlaceColumn*>(nullptr);
  const std::scoped_lock lock(m_mutex);
  if (!loaded.opened) {
    loaded.opened = std::move(opened);
    m_readBytes += loaded.opened->sizeBytes();
    loaded.inPlace.store(loaded.opened.get(), std::memory_order_release);
  }
  return loaded.opened.get();
}

Result<const PageColumn*> VersionPage::column(ColumnId id) const {
  const auto position = positionOf(id);
  return position ? columnAt(*position) : static_cast<const PageColumn*>(nullptr);
}

Result<std::optional<PageColumn>> VersionPage::columnForOnce(ColumnId id) const {
  const auto position = positionOf(id);
  if (!position) return std::optional<PageColumn>();
  const bool isText = m_columns[*position].type.physical() == types::PhysicalType::String;
  if (!isText && !m_loaded[*position].ready.load(std::memory_order_acquire)) {
    DRIFT_ASSIGN(auto values, decodeColumn(*position));
    return std::optional(std::move(values));
  }
  DRIFT_ASSIGN(const auto* kept, columnAt(*position));
  return std::optional(*kept);
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
  const auto* decoded = m_loaded[*position].ready.load(std::memory_order_acquire);
  if (!decoded && !place.partial) {
    DRIFT_ASSIGN(const auto* inPlace, inPlaceAt(*position));
    if (inPlace) {
      DRIFT_ASSIGN(auto value, inPlace->get(row));
      return std::optional(std::move(value));
    }
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
    if (!there) return malformed();
    return std::optional(Zone{column, std::move(there->bounds), there->hasValues});
  }
  if (!place.zone.empty()) {
    // The head has the beginning of the block: a zone that goes on behind that is read below.
    auto bounds = readZone(ByteReader(place.zone), column.type, rowCount());
    if (bounds.ok()) {
      const bool hasValues = place.partial || bounds->nullCount < rowCount();
      return std::optional(Zone{column, std::move(*bounds), hasValues, place.partial});
    }
  }
  DRIFT_ASSIGN(const auto bytes, block(*position));
  ByteReader reader(bytes);
  auto count = rowCount();
  if (place.partial) {
    DRIFT_ASSIGN(const auto present, readPresent(reader, rowCount()));
    count = present.size();
  }
  DRIFT_ASSIGN(auto bounds, readZone(reader, column.type, count));
  const bool hasValues = bounds.nullCount < count;
  return std::optional(Zone{column, std::move(bounds), hasValues, place.partial});
}

std::size_t VersionPage::lowerBound(const types::StringRef& wanted, CommitNumber wantedSeq, std::size_t from) const {
  const auto isBefore = [&](std::size_t row) {
    const auto order = compareKeys(key(row), wanted);
    return order < 0 || (order == 0 && m_seqs[row] < wantedSeq);
  };
  // In steps that double, as most searches go on near where the last one ended.
  auto low = from, high = from;
  for (std::size_t step = 1; high < rowCount() && isBefore(high); step *= 2) {
    low = high + 1;
    high = std::min(high + step, rowCount());
  }
  while (low < high) {
    const auto middle = (low + high) / 2;
    if (isBefore(middle)) low = middle + 1;
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
    if (row == 0 || !(this->key(row - 1) == key.ref)) return std::nullopt;
    if (m_seqs[--row] <= number) return row;
  }
  const auto after = lowerBound(key.ref, number + 1);
  if (after == 0 || !(this->key(after - 1) == key.ref)) return std::nullopt;
  return static_cast<std::uint32_t>(after - 1);
}

FrameRef VersionPage::columnAt(ColumnId id) const {
  const auto position = positionOf(id);
  if (!position) return {};
  return m_places[*position].elsewhere ? m_places[*position].elsewhere : m_self;
}

}  // namespace drift::storage
