#include "exec/row_buffer.h"

#include <numeric>

namespace drift::exec {

using types::kChunkRows;

namespace {

/// Calls `run` with a value of the C++ type of a physical type.
template <class Run>
auto withType(types::PhysicalType physical, const Run& run) {
  switch (physical) {
    case types::PhysicalType::Bool: return run(std::uint8_t{});
    case types::PhysicalType::Int16: return run(std::int16_t{});
    case types::PhysicalType::Int32: return run(std::int32_t{});
    case types::PhysicalType::Int64: return run(std::int64_t{});
    case types::PhysicalType::Double: return run(double{});
    case types::PhysicalType::Decimal: return run(types::Decimal{});
    case types::PhysicalType::String: return run(types::StringRef{});
    case types::PhysicalType::Uuid: return run(types::Uuid{});
    case types::PhysicalType::Interval: break;
  }
  return run(types::Interval{});
}

/// Copies rows of a column to row `at` and on, strings into the target's own heap, so that the buffer does
/// not keep whole pages alive for a few rows of them. Gives the bytes taken.
std::size_t copyPart(const types::Vector& from, std::span<const std::uint16_t> rows, types::Vector& to,
                     std::size_t at) {
  const auto view = from.view();
  std::size_t bytes = rows.size() * types::physicalSize(to.type().physical());
  if (view.mayHaveNulls())
    for (std::size_t row = 0; row < rows.size(); ++row)
      if (view.isNull(rows[row])) to.setNull(at + row);
  withType(to.type().physical(), [&]<class T>(T) {
    auto* target = to.data<T>() + at;
    const auto* source = view.data<T>();
    if constexpr (std::is_same_v<T, types::StringRef>) {
      for (std::size_t row = 0; row < rows.size(); ++row) {
        const auto& text = source[view.index(rows[row])];
        if (text.size() <= types::StringRef::kInlineBytesMax) {
          target[row] = text;
        } else if (!view.isNull(rows[row])) {
          target[row] = to.heap().add(text.view());
          bytes += text.size();
        }
      }
    } else {
      for (std::size_t row = 0; row < rows.size(); ++row) target[row] = source[view.index(rows[row])];
    }
  });
  return bytes;
}

}  // namespace

RowBuffer::RowBuffer(std::vector<types::Type> types, const runtime::MemoryBudget& budget)
    : m_types(std::move(types)), m_arrays(m_types.size()), m_hasNulls(m_types.size(), 0), m_memory(budget) {}

void RowBuffer::startChunk() {
  Stored stored;
  stored.chunk = types::Chunk(m_types, kChunkRows);
  stored.views.resize(m_types.size());
  for (std::size_t column = 0; column < m_types.size(); ++column) {
    stored.views[column] = stored.chunk.column(column).view();
    m_arrays[column].push_back(stored.views[column].data<std::byte>());
  }
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
      m_hasNulls[column] |= stored.views[column].mayHaveNulls();
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
  const bool nulls = buffer->hasNulls(column);
  withType(out.type().physical(), [&]<class T>(T) {
    auto* target = out.data<T>();
    for (std::size_t at = 0; at < rows.size(); ++at) {
      if (rows[at] == kNoRow) {
        out.setNull(at);
        continue;
      }
      target[at] = buffer->value<T>(column, rows[at]);
      if (nulls && buffer->view(column, rows[at]).isNull(rows[at] % kChunkRows)) out.setNull(at);
    }
  });
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
