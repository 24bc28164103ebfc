#include "exec/spill_stream.h"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace drift::exec {

using types::Chunk;
using types::kChunkRows;
using types::PhysicalType;
using types::StringRef;
using types::VectorView;

namespace {

Error damaged() {
  return Error(ErrorKind::DataCorrupted, "the temporary file of the statement reads back damaged");
}

void encodeNulls(const VectorView& view, std::span<const std::uint16_t> rows, Bytes& out) {
  out.push_back(static_cast<std::byte>(view.mayHaveNulls()));
  if (!view.mayHaveNulls()) return;
  const auto first = out.size();
  out.resize(first + (rows.size() + 7) / 8);
  for (std::size_t at = 0; at < rows.size(); ++at)
    if (view.isNull(rows[at])) out[first + at / 8] |= std::byte{1} << (at % 8);
}

void encodeFixed(const VectorView& view, std::span<const std::uint16_t> rows, std::size_t size, Bytes& out) {
  const auto first = out.size();
  out.resize(first + rows.size() * size);
  const auto* values = view.data<std::byte>();
  auto* to = out.data() + first;
  for (const auto row : rows) {
    if (!view.isNull(row)) std::memcpy(to, values + view.index(row) * size, size);
    to += size;
  }
}

void encodeStrings(const VectorView& view, std::span<const std::uint16_t> rows, Bytes& out) {
  ByteWriter writer(out);
  for (const auto row : rows) writer.fixed(view.isNull(row) ? std::uint32_t{0} : view.at<StringRef>(row).size());
  for (const auto row : rows)
    if (!view.isNull(row)) writer.raw(asBytes(view.at<StringRef>(row).view()));
}

Status decodeColumn(ByteReader& reader, types::Vector& out, std::size_t at, std::size_t rows) {
  DRIFT_ASSIGN(const auto hasNulls, reader.fixed<std::uint8_t>());
  if (hasNulls) {
    DRIFT_ASSIGN(const auto bits, reader.raw((rows + 7) / 8));
    for (std::size_t row = 0; row < rows; ++row)
      if ((bits[row / 8] >> (row % 8) & std::byte{1}) != std::byte{0}) out.setNull(at + row);
  }
  const auto physical = out.type().physical();
  if (physical != PhysicalType::String) {
    const auto size = types::physicalSize(physical);
    DRIFT_ASSIGN(const auto values, reader.raw(rows * size));
    std::memcpy(out.data<std::byte>() + at * size, values.data(), values.size());
    return {};
  }
  DRIFT_ASSIGN(const auto sizes, reader.raw(rows * sizeof(std::uint32_t)));
  for (std::size_t row = 0; row < rows; ++row) {
    std::uint32_t size = 0;
    std::memcpy(&size, sizes.data() + row * sizeof size, sizeof size);
    DRIFT_ASSIGN(const auto text, reader.raw(size));
    out.setString(at + row, asText(text));
  }
  return {};
}

}  // namespace

SpillStream::SpillStream(std::vector<types::Type> types, SpillSpace& space)
    : m_types(std::move(types)), m_space(space) {}

SpillStream::~SpillStream() {
  const auto first = m_reading == Reading::LastTime ? m_nextBlock : 0;
  for (auto at = first; at < m_blocks.size(); ++at) m_space.free(m_blocks[at]);
}

Status SpillStream::append(const Chunk& chunk) {
  types::Selection all(chunk.rowCount());
  std::iota(all.begin(), all.end(), std::uint16_t{0});
  return append(chunk, all);
}

Status SpillStream::append(const Chunk& chunk, std::span<const std::uint16_t> rows) {
  std::size_t fixedBytes = 0;
  std::vector<VectorView> strings;
  for (std::size_t column = 0; column < m_types.size(); ++column) {
    fixedBytes += m_types[column].physical() == PhysicalType::String
                      ? sizeof(std::uint32_t)
                      : types::physicalSize(m_types[column].physical());
    if (m_types[column].physical() == PhysicalType::String) strings.push_back(chunk.column(column).view());
  }
  const auto most = m_space.blockBytes() / 2;
  while (!rows.empty()) {
    std::size_t count = 0;
    for (std::size_t bytes = 0; count < rows.size(); ++count) {
      bytes += fixedBytes;
      for (const auto& view : strings)
        if (!view.isNull(rows[count])) bytes += view.at<StringRef>(rows[count]).size();
      if (bytes > most && count > 0) break;
    }
    DRIFT_TRY(appendPiece(chunk, rows.first(count)));
    rows = rows.subspan(count);
  }
  return {};
}

Status SpillStream::appendPiece(const Chunk& chunk, std::span<const std::uint16_t> rows) {
  m_piece.clear();
  for (std::size_t column = 0; column < m_types.size(); ++column) {
    const auto view = chunk.column(column).view();
    encodeNulls(view, rows, m_piece);
    const auto physical = m_types[column].physical();
    if (physical == PhysicalType::String) encodeStrings(view, rows, m_piece);
    else encodeFixed(view, rows, types::physicalSize(physical), m_piece);
  }
  Bytes header;
  ByteWriter writer(header);
  writer.fixed(static_cast<std::uint32_t>(rows.size()));
  writer.fixed(static_cast<std::uint64_t>(m_piece.size()));
  DRIFT_TRY(put(header));
  DRIFT_TRY(put(m_piece));
  m_rowCount += rows.size();
  return {};
}

Status SpillStream::put(ByteSpan bytes) {
  while (!bytes.empty()) {
    const auto count = std::min(bytes.size(), m_space.blockBytes() - m_block.size());
    m_block.insert(m_block.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count));
    bytes = bytes.subspan(count);
    if (m_block.size() == m_space.blockBytes()) DRIFT_TRY(flush());
  }
  return {};
}

Status SpillStream::flush() {
  DRIFT_ASSIGN(const auto block, m_space.write(m_block));
  m_blocks.push_back(block);
  m_lastBlockBytes = m_block.size();
  m_block.clear();
  return {};
}

Status SpillStream::finish() {
  if (!m_block.empty()) DRIFT_TRY(flush());
  m_block = {};
  m_piece = {};
  rewind(Reading::Again);
  return {};
}

void SpillStream::rewind(Reading reading) {
  m_reading = reading;
  m_nextBlock = 0;
  m_block.clear();
  m_at = 0;
  m_rowsRead = 0;
  m_pieceRows = 0;
}

Status SpillStream::take(std::span<std::byte> bytes) {
  while (!bytes.empty()) {
    if (m_at == m_block.size()) {
      if (m_nextBlock == m_blocks.size()) return damaged();
      m_block.resize(m_nextBlock + 1 == m_blocks.size() ? m_lastBlockBytes : m_space.blockBytes());
      DRIFT_TRY(m_space.read(m_blocks[m_nextBlock], m_block));
      if (m_reading == Reading::LastTime) m_space.free(m_blocks[m_nextBlock]);
      ++m_nextBlock;
      m_at = 0;
    }
    const auto count = std::min(bytes.size(), m_block.size() - m_at);
    std::memcpy(bytes.data(), m_block.data() + m_at, count);
    m_at += count;
    bytes = bytes.subspan(count);
  }
  return {};
}

Result<bool> SpillStream::readPiece() {
  if (m_pieceRows > 0) return true;
  if (m_rowsRead == m_rowCount) return false;
  Bytes header(sizeof(std::uint32_t) + sizeof(std::uint64_t));
  DRIFT_TRY(take(header));
  ByteReader reader(header);
  DRIFT_ASSIGN(m_pieceRows, reader.fixed<std::uint32_t>());
  DRIFT_ASSIGN(const auto size, reader.fixed<std::uint64_t>());
  if (m_pieceRows == 0 || m_pieceRows > kChunkRows || size > m_blocks.size() * m_space.blockBytes()) return damaged();
  m_piece.resize(size);
  DRIFT_TRY(take(m_piece));
  m_rowsRead += m_pieceRows;
  return true;
}

Status SpillStream::decodePiece(Chunk& out, std::size_t at) {
  ByteReader reader(m_piece);
  for (std::size_t column = 0; column < m_types.size(); ++column)
    DRIFT_TRY(decodeColumn(reader, out.column(column), at, m_pieceRows));
  out.setRowCount(at + m_pieceRows);
  m_pieceRows = 0;
  return {};
}

Result<bool> SpillStream::next(Chunk& out) {
  out.clear();
  DRIFT_ASSIGN(bool more, readPiece());
  if (!more) return false;
  out = Chunk(m_types, kChunkRows);
  std::size_t bytes = 0;
  while (more && out.rowCount() + m_pieceRows <= kChunkRows && bytes < 4 * m_space.blockBytes()) {
    bytes += m_piece.size();
    DRIFT_TRY(decodePiece(out, out.rowCount()));
    DRIFT_ASSIGN(more, readPiece());
  }
  return true;
}

Result<bool> SpillStream::nextPiece(Chunk& out) {
  out.clear();
  DRIFT_ASSIGN(const bool more, readPiece());
  if (!more) return false;
  out = Chunk(m_types, m_pieceRows);
  DRIFT_TRY(decodePiece(out, 0));
  return true;
}

}  // namespace drift::exec
