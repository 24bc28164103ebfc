#include "storage/page_encoder.h"

#include "base/checksum.h"
#include "storage/column_block.h"
#include "storage/integer_block.h"
#include "storage/key_block.h"
#include "storage/page_format.h"

namespace drift::storage {

namespace {

void writeOps(ByteWriter& writer, const std::vector<RowOp>& ops) {
  std::vector<std::int64_t> values;
  values.reserve(ops.size());
  for (const auto op : ops) values.push_back(static_cast<std::int64_t>(op));
  writeIntegerBlock(writer, values);
}

/// The rows that have a value.
void writePresent(ByteWriter& writer, const std::vector<std::uint32_t>& rows) {
  writer.varint(rows.size());
  writeIntegers(writer, std::vector<std::uint64_t>(rows.begin(), rows.end()));
}

/// The columns of a page: their head, and the blocks that follow it.
class ColumnWriter final {
 public:
  explicit ColumnWriter(Bytes& head) : m_head(head) {}

  void write(const PageContents::Column& column, std::size_t rows, DensePacker* dense = nullptr) {
    m_head.varint(column.column.id);
    types::writeType(m_head, column.column.type);
    types::writeValue(m_head, column.column.missing);
    if (column.elsewhere) {
      m_head.fixed(kValuesElsewhere);
      writeRef(m_head, column.elsewhere);
      return;
    }
    m_head.fixed(column.partial ? kValuesOfSomeRows : kValuesOfAllRows);
    m_block.clear();
    ByteWriter block(m_block);
    if (column.partial) writePresent(block, column.rows);
    const auto valuesAt = m_block.size();
    writeColumn(block, column.values, column.partial ? column.rows.size() : rows, dense);
    m_head.varint(m_block.size());
    m_head.fixed(xxh3(m_block));
    const auto zone = m_block.size() < kZoneFrom ? 0 : std::min(kZoneBytes, m_block.size() - valuesAt);
    m_head.string(asText(ByteSpan(m_block).subspan(valuesAt, zone)));
    m_blocks.insert(m_blocks.end(), m_block.begin(), m_block.end());
  }
  ByteSpan blocks() const { return m_blocks; }

 private:
  ByteWriter m_head;
  Bytes m_block;
  Bytes m_blocks;
};

/// Puts the blocks behind a head, and its size into it.
Bytes finish(Bytes head, ByteSpan blocks) {
  const auto size = static_cast<std::uint32_t>(head.size());
  std::memcpy(head.data() + kHeadPrefixBytes - sizeof size, &size, sizeof size);
  head.insert(head.end(), blocks.begin(), blocks.end());
  return head;
}

}  // namespace

Bytes encodeColumnPage(const PageContents::Column& column, std::size_t rows, DensePacker& packer) {
  Bytes head(kHeadPrefixBytes);
  ByteWriter writer(head);
  writer.fixed(kNoKeys);
  writer.varint(rows);
  writer.varint(0);  // layouts
  writer.varint(1);  // columns
  ColumnWriter columns(head);
  columns.write(column, rows, &packer);
  return finish(std::move(head), columns.blocks());
}

Bytes encodePage(const PageContents& contents) {
  Bytes head(kHeadPrefixBytes);
  ByteWriter writer(head);
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
  ColumnWriter columns(head);
  for (const auto& column : contents.columns) columns.write(column, rowCount);
  return finish(std::move(head), columns.blocks());
}

}  // namespace drift::storage
