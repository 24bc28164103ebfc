#include "storage/leaf.h"

#include <algorithm>
#include <cstring>

#include "storage/column_block.h"
#include "storage/value_copy.h"

namespace drift::storage {

namespace {

using types::Vector;

/// More versions in one page than any writer makes: a bound for readers of damaged files.
constexpr std::size_t kRowsMaxOnDisk = 1u << 20;

Error malformed() { return Error(ErrorKind::DataCorrupted, "a page of rows in the file is malformed"); }

Result<std::vector<CommitNumber>> readSeqs(ByteReader& reader, std::size_t rows) {
  DRIFT_ASSIGN(const auto raw, readBlock(reader));
  ByteReader values(raw);
  std::vector<CommitNumber> seqs;
  CommitNumber seq = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    DRIFT_ASSIGN(const auto step, values.zigzag());
    seq += static_cast<CommitNumber>(step);
    seqs.push_back(seq);
  }
  if (!values.atEnd()) return malformed();
  return seqs;
}

}  // namespace

Result<std::shared_ptr<const Leaf>> Leaf::decode(Bytes payload) {
  std::shared_ptr<Leaf> leaf(new Leaf());  // the constructor is private
  leaf->m_payload = std::move(payload);
  ByteReader reader(leaf->m_payload);
  DRIFT_ASSIGN(const auto rows, reader.varint());
  if (rows > kRowsMaxOnDisk) return malformed();
  DRIFT_ASSIGN(const auto keys, readBlock(reader));
  ByteReader keyReader(keys);
  leaf->m_heap = std::make_shared<types::StringHeap>();
  for (std::uint64_t row = 0; row < rows; ++row) {
    DRIFT_ASSIGN(const auto key, keyReader.string());
    leaf->m_keys.push_back(leaf->m_heap->add(key));
  }
  DRIFT_ASSIGN(leaf->m_seqs, readSeqs(reader, rows));
  DRIFT_ASSIGN(const auto ops, readBlock(reader));
  if (!keyReader.atEnd() || ops.size() != rows) return malformed();
  for (const auto op : ops) {
    if (op < std::byte{1} || op > std::byte{3}) return malformed();
    leaf->m_ops.push_back(static_cast<RowOp>(op));
  }
  DRIFT_ASSIGN(const auto columnCount, reader.varint());
  for (std::uint64_t i = 0; i < columnCount; ++i) {
    LayoutColumn column;
    DRIFT_ASSIGN(const auto id, reader.varint());
    column.id = static_cast<ColumnId>(id);
    DRIFT_ASSIGN(column.type, types::readType(reader));
    DRIFT_ASSIGN(column.missing, types::readValue(reader));
    DRIFT_ASSIGN(const auto size, reader.varint());
    leaf->m_columns.push_back(std::move(column));
    leaf->m_columnOffsets.push_back(reader.position());
    DRIFT_TRY(reader.raw(size));
  }
  if (!reader.atEnd()) return malformed();
  // Decoded columns are about as large again as the page is when unpacked; LZ4 halves typical rows.
  leaf->m_sizeBytes = 4 * leaf->m_payload.size() + rows * 32;
  return std::shared_ptr<const Leaf>(std::move(leaf));
}

std::size_t Leaf::lowerBound(std::string_view wanted, CommitNumber wantedSeq) const {
  std::size_t low = 0, high = rowCount();
  while (low < high) {
    const auto middle = (low + high) / 2;
    const int order = key(middle).compare(wanted);
    if (order < 0 || (order == 0 && m_seqs[middle] < wantedSeq)) low = middle + 1;
    else high = middle;
  }
  return low;
}

Result<const Vector*> Leaf::column(ColumnId id) const {
  const auto found = std::ranges::lower_bound(m_columns, id, {}, &LayoutColumn::id);
  if (found == m_columns.end() || found->id != id) return static_cast<const Vector*>(nullptr);
  const std::scoped_lock lock(m_mutex);
  auto& decoded = m_decoded[id];
  if (!decoded) {
    const auto at = m_columnOffsets[static_cast<std::size_t>(found - m_columns.begin())];
    ByteReader reader(ByteSpan(m_payload).subspan(at));
    DRIFT_ASSIGN(auto values, readColumn(reader, found->type, rowCount()));
    decoded = std::make_unique<Vector>(std::move(values));
  }
  return static_cast<const Vector*>(decoded.get());
}

LeafBuilder::ColumnBuffer& LeafBuilder::buffer(const LayoutColumn& column) {
  auto found = m_buffers.find(column.id);
  if (found == m_buffers.end())
    found = m_buffers.emplace(column.id, ColumnBuffer{column, Vector(column.type, kLeafRowsMax)}).first;
  auto& buffer = found->second;
  reserve(buffer, m_seqs.size());
  fillAbsent(buffer, m_seqs.size() - 1);
  buffer.rows = m_seqs.size();
  return buffer;
}

void LeafBuilder::reserve(ColumnBuffer& buffer, std::size_t rows) {
  if (rows <= buffer.values.capacity()) return;
  Vector grown(buffer.column.type, std::max(rows, 2 * buffer.values.capacity()));
  for (std::size_t row = 0; row < buffer.rows; ++row) copyValue(buffer.values, row, grown, row);
  buffer.values = std::move(grown);
}

void LeafBuilder::fillAbsent(ColumnBuffer& buffer, std::size_t rows) {
  reserve(buffer, rows);
  for (; buffer.rows < rows; ++buffer.rows) buffer.values.set(buffer.rows, buffer.column.missing);
}

void LeafBuilder::begin(std::string_view key, CommitNumber seq, RowOp op) {
  m_keys.append(key);
  m_keyEnds.push_back(m_keys.size());
  m_seqs.push_back(seq);
  m_ops.push_back(op);
  m_bytes += key.size() + 9;
}

Status LeafBuilder::add(const Leaf& leaf, std::size_t row) {
  begin(leaf.key(row), leaf.seq(row), leaf.op(row));
  for (const auto& column : leaf.columns()) {
    DRIFT_ASSIGN(const auto* values, leaf.column(column.id));
    copyValue(*values, row, buffer(column).values, m_seqs.size() - 1);
    m_bytes += values->type().physical() == types::PhysicalType::String && !values->isNull(row)
                   ? values->view().at<types::StringRef>(row).size()
                   : 8;
  }
  return {};
}

Status LeafBuilder::add(std::string_view key, CommitNumber seq, RowOp op, const RowLayout* layout, std::string_view row) {
  begin(key, seq, op);
  if (!layout) return {};
  std::vector<Vector*> targets;
  std::vector<std::size_t> wanted;
  for (std::size_t i = 0; i < layout->columns.size(); ++i) {
    targets.push_back(&buffer(layout->columns[i]).values);
    wanted.push_back(i);
  }
  m_bytes += row.size();
  return decodeRow(*layout, asBytes(row), wanted, targets, m_seqs.size() - 1);
}

Bytes LeafBuilder::finish() {
  for (auto& [id, buffer] : m_buffers) fillAbsent(buffer, m_seqs.size());
  Bytes payload;
  ByteWriter writer(payload);
  writer.varint(m_seqs.size());
  Bytes block;
  ByteWriter blockWriter(block);
  for (std::size_t row = 0, start = 0; row < m_keyEnds.size(); start = m_keyEnds[row++])
    blockWriter.string(std::string_view(m_keys).substr(start, m_keyEnds[row] - start));
  writeBlock(writer, block);
  block.clear();
  CommitNumber before = 0;
  for (const auto seq : m_seqs) {
    blockWriter.zigzag(static_cast<std::int64_t>(seq - before));
    before = seq;
  }
  writeBlock(writer, block);
  writeBlock(writer, std::as_bytes(std::span(m_ops)));
  writer.varint(m_buffers.size());
  for (const auto& [id, buffer] : m_buffers) {
    writer.varint(id);
    types::writeType(writer, buffer.column.type);
    types::writeValue(writer, buffer.column.missing);
    block.clear();
    writeColumn(blockWriter, buffer.values, m_seqs.size());
    writer.string(asText(block));
  }
  *this = LeafBuilder();
  return payload;
}

}  // namespace drift::storage
