#include "exec/row_buffer.h"

#include <numeric>

#include "exec/vector_copy.h"

namespace drift::exec {

using types::kChunkRows;

namespace {

/// Copies rows of a column to row `at` and on, strings into the target's own heap, so that the buffer does
/// not keep whole pages alive for a few rows of them. Gives the bytes taken.
std::size_t copyPart(const types::Vector& from, std::span<const std::uint16_t> rows, types::Vector& to,
                     std::size_t at) {
  const auto view = from.view();
  const auto physical = to.type().physical();
  std::size_t bytes = rows.size() * types::physicalSize(physical);
  if (physical != types::PhysicalType::String) {
    for (std::size_t row = 0; row < rows.size(); ++row) copyRow(view, rows[row], to, at + row);
    return bytes;
  }
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (view.isNull(rows[row])) {
      to.setNull(at + row);
      continue;
    }
    const auto& text = view.at<types::StringRef>(rows[row]);
    to.setString(at + row, text.view());
    if (text.size() > types::StringRef::kInlineBytesMax) bytes += text.size();
  }
  return bytes;
}

}  // namespace

RowBuffer::RowBuffer(std::vector<types::Type> types, runtime::MemoryBudget& budget)
    : m_types(std::move(types)), m_memory(budget) {}

void RowBuffer::startChunk() {
  Stored stored;
  stored.chunk = types::Chunk(m_types, kChunkRows);
  stored.views.resize(m_types.size());
  m_chunks.push_back(std::move(stored));
}

Status RowBuffer::append(const types::Chunk& chunk, std::span<const std::uint16_t> rows) {
  for (std::size_t done = 0; done < rows.size();) {
    const auto at = m_rowCount % kChunkRows;
    const auto part = rows.subspan(done, std::min(rows.size() - done, kChunkRows - at));
    if (at == 0) startChunk();
    auto& stored = m_chunks.back();
    std::size_t bytes = 0;
    for (std::size_t column = 0; column < m_types.size(); ++column) {
      bytes += copyPart(chunk.column(column), part, stored.chunk.column(column), at);
      stored.views[column] = stored.chunk.column(column).view();  // a validity mask may have come into being
    }
    DRIFT_TRY(m_memory.grow(bytes));
    m_rowCount += part.size();
    done += part.size();
  }
  return {};
}

Status RowBuffer::append(const types::Chunk& chunk) {
  types::Selection all(chunk.rowCount());
  std::iota(all.begin(), all.end(), std::uint16_t{0});
  return append(chunk, all);
}

types::Vector gather(const RowBufferRef& buffer, std::size_t column, std::span<const std::uint32_t> rows) {
  types::Vector out(buffer->columnTypes()[column], rows.size());
  for (std::size_t at = 0; at < rows.size(); ++at) {
    if (rows[at] == kNoRow) out.setNull(at);
    else copyRow(buffer->view(column, rows[at]), rows[at] % kChunkRows, out, at);
  }
  if (out.type().physical() == types::PhysicalType::String) out.keep(buffer);
  return out;
}

types::Chunk chunkOf(const RowBufferRef& buffer, std::size_t first) {
  std::vector<std::uint32_t> rows(std::min(kChunkRows, buffer->rowCount() - std::min(first, buffer->rowCount())));
  std::iota(rows.begin(), rows.end(), static_cast<std::uint32_t>(first));
  types::Chunk chunk;
  for (std::size_t column = 0; column < buffer->columnTypes().size(); ++column)
    chunk.addColumn(gather(buffer, column, rows));
  chunk.setRowCount(rows.size());
  return chunk;
}

}  // namespace drift::exec
