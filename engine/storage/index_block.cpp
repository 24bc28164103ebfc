#include "storage/index_block.h"

#include <algorithm>
#include <cassert>
#include <limits>

namespace drift::storage {

namespace {

/// packedBytes() inlined: a block has at most kLeafItems numbers in a column.
constexpr std::size_t columnBytes(std::size_t count, unsigned width) { return (count * width + 7) / 8; }

constexpr std::uint64_t kOffsetMax = std::uint64_t{1} << 56;

Error malformed() { return Error(ErrorKind::DataCorrupted, "a block of the index of commits is malformed"); }

using Numbers = std::vector<std::uint64_t>;

/// A column unpacked. True from isExact() if it is what pack() writes: no wider than needed, zero bits behind it.
class Unpacked final {
 public:
  Unpacked(const PackedNumbers& column, std::size_t count) : m_column(column), m_count(count) {
    unpack(column.bytes(count), column.width(), std::uint64_t{0}, m_numbers.data(), count);
  }
  std::uint64_t operator[](std::size_t i) const { return m_numbers[i]; }
  bool rises(bool strictly) const {
    for (std::size_t i = 1; i < m_count; ++i)
      if (m_numbers[i] < m_numbers[i - 1] || (strictly && m_numbers[i] == m_numbers[i - 1])) return false;
    return true;
  }
  bool isExact(std::uint64_t largest) const {
    const auto bits = m_count * m_column.width();
    const auto bytes = m_column.bytes(m_count);
    const bool clean = bits % 8 == 0 || std::to_integer<unsigned>(bytes.back()) >> (bits % 8) == 0;
    return clean && packedWidth(largest) == m_column.width();
  }
  /// For numbers that rise.
  bool isExact() const { return isExact(m_numbers[m_count - 1]); }

 private:
  PackedNumbers m_column;
  std::size_t m_count;
  std::array<std::uint64_t, kLeafItems> m_numbers;
};

}  // namespace

ChangeSums& ChangeSums::operator+=(const ChangeSums& other) {
  commits += other.commits;
  inserted += other.inserted;
  updated += other.updated;
  deleted += other.deleted;
  return *this;
}

ChangeSums operator-(const ChangeSums& a, const ChangeSums& b) {
  return {a.commits - b.commits, a.inserted - b.inserted, a.updated - b.updated, a.deleted - b.deleted};
}

Bytes encodeBlock(unsigned level, std::uint64_t first, std::span<const IndexItem> items) {
  assert(!items.empty());
  struct Change {
    TreeId tree;
    std::size_t item;
    const ChangeSums* sums;
  };
  Numbers keys, offsets, payloads;
  std::vector<Change> changes;
  const auto keyBase = static_cast<std::uint64_t>(items.front().key);
  const auto offsetBase = std::ranges::min(items, {}, [](const IndexItem& i) { return i.frame.offset; }).frame.offset;
  for (std::size_t i = 0; i < items.size(); ++i) {
    keys.push_back(static_cast<std::uint64_t>(items[i].key) - keyBase);
    offsets.push_back(items[i].frame.offset - offsetBase);
    payloads.push_back(items[i].frame.payloadBytes);
    for (const auto& tree : items[i].trees) changes.push_back({tree.tree, i, &tree.sums});
  }
  std::ranges::stable_sort(changes, {}, &Change::tree);

  Bytes bytes;
  ByteWriter writer(bytes);
  const auto column = [&](const Numbers& numbers) {
    const auto width = packedWidth(std::ranges::max(numbers));
    writer.fixed(static_cast<std::uint8_t>(width));
    pack(bytes, numbers, width);
  };
  writer.fixed(static_cast<std::uint8_t>(level));
  writer.varint(first);
  writer.varint(items.size());
  writer.zigzag(items.front().key);
  column(keys);
  writer.varint(offsetBase);
  column(offsets);
  column(payloads);
  std::size_t trees = 0;
  for (std::size_t i = 0; i < changes.size(); ++i) trees += i == 0 || changes[i].tree != changes[i - 1].tree;
  writer.varint(trees);
  TreeId previous = 0;
  std::array<Numbers, 5> columns;
  auto& [positions, commits, inserted, updated, deleted] = columns;
  for (auto from = changes.begin(); from != changes.end();) {
    const auto to = std::find_if(from, changes.end(), [&](const Change& c) { return c.tree != from->tree; });
    for (auto& numbers : columns) numbers.clear();
    ChangeSums sums;
    for (auto change = from; change != to; ++change) {
      sums += *change->sums;
      positions.push_back(change->item);
      commits.push_back(sums.commits);
      inserted.push_back(sums.inserted);
      updated.push_back(sums.updated);
      deleted.push_back(sums.deleted);
    }
    writer.varint(from->tree - previous);
    writer.varint(positions.size());
    if (positions.size() == items.size()) positions.clear();
    if (level == 0) commits.clear();
    // The numbers rise, so the last one is the widest.
    for (const auto& numbers : columns)
      if (!numbers.empty()) writer.fixed(static_cast<std::uint8_t>(packedWidth(numbers.back())));
    for (const auto& numbers : columns)
      if (!numbers.empty()) pack(bytes, numbers, packedWidth(numbers.back()));
    previous = from->tree;
    from = to;
  }
  return bytes;
}

Result<IndexBlockRef> IndexBlock::decode(Bytes bytes) {
  const std::shared_ptr<IndexBlock> block(new IndexBlock);
  block->m_bytes = std::move(bytes);
  block->m_bytes.resize(block->m_bytes.size() + kPackedSlackBytes);
  DRIFT_TRY(block->parse());
  DRIFT_TRY(block->check());
  return IndexBlockRef(block);
}

IndexBlockRef IndexBlock::make(unsigned level, std::uint64_t first, std::span<const IndexItem> items,
                               std::vector<IndexBlockRef> pins) {
  const std::shared_ptr<IndexBlock> block(new IndexBlock);
  block->m_bytes = encodeBlock(level, first, items);
  block->m_bytes.resize(block->m_bytes.size() + kPackedSlackBytes);
  if (std::ranges::any_of(pins, [](const IndexBlockRef& pin) { return pin != nullptr; })) block->m_pins = std::move(pins);
  [[maybe_unused]] const auto status = block->parse();
  assert(status.ok());
  return block;
}

/// Finds the columns. What they hold is check()'s.
Status IndexBlock::parse() {
  ByteReader reader(bytes());
  DRIFT_ASSIGN(const auto level, reader.fixed<std::uint8_t>());
  DRIFT_ASSIGN(m_first, reader.varint());
  DRIFT_ASSIGN(const auto size, reader.varint());
  if (level > kIndexLevelsMax || size == 0 || size > (level == 0 ? kLeafItems : kNodeItems)) return malformed();
  m_level = level;
  m_size = static_cast<std::size_t>(size);
  if (m_first % itemsBelow(m_level) != 0 || m_first > std::numeric_limits<std::uint64_t>::max() - itemsBelow(m_level))
    return malformed();
  const auto column = [&](PackedNumbers& numbers) -> Status {
    DRIFT_ASSIGN(const auto width, reader.fixed<std::uint8_t>());
    if (!canUnpack(width, 64)) return malformed();
    DRIFT_ASSIGN(const auto data, reader.raw(columnBytes(m_size, width)));
    numbers = PackedNumbers(data.data(), width);
    return {};
  };
  DRIFT_ASSIGN(m_keyBase, reader.zigzag());
  DRIFT_TRY(column(m_keys));
  DRIFT_ASSIGN(m_offsetBase, reader.varint());
  DRIFT_TRY(column(m_offsets));
  DRIFT_TRY(column(m_payloads));
  DRIFT_ASSIGN(const auto trees, reader.varint());
  constexpr std::size_t kTreeBytesMin = 6;
  m_trees.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(trees, reader.remaining() / kTreeBytesMin)));
  for (std::uint64_t i = 0; i < trees; ++i) DRIFT_TRY(parseTree(reader, i == 0 ? kAllTrees : m_trees.back().id));
  return reader.atEnd() ? Status() : malformed();
}

Status IndexBlock::parseTree(ByteReader& reader, TreeId previous) {
  Tree tree;
  DRIFT_ASSIGN(const auto delta, reader.varint());
  DRIFT_ASSIGN(const auto rows, reader.varint());
  // The first is kAllTrees, the others rise.
  if ((delta == 0) != m_trees.empty() || delta > std::numeric_limits<TreeId>::max() - previous) return malformed();
  if (rows == 0 || rows > m_size) return malformed();
  tree.id = previous + static_cast<TreeId>(delta);
  tree.rows = static_cast<std::uint16_t>(rows);
  std::size_t size = 0;
  for (std::size_t i = 0; i < kColumns; ++i) {
    if ((i == Positions && rows == m_size) || (i == Commits && m_level == 0)) continue;
    DRIFT_ASSIGN(tree.widths[i], reader.fixed<std::uint8_t>());
    if (!canUnpack(tree.widths[i], 64)) return malformed();
    size += columnBytes(tree.rows, tree.widths[i]);
  }
  tree.start = static_cast<std::uint32_t>(reader.position());
  DRIFT_TRY(reader.raw(size));
  m_trees.push_back(tree);
  return {};
}

Status IndexBlock::check() const {
  constexpr auto kKeyMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  const auto last = m_size - 1;
  const Unpacked keys(m_keys, m_size);
  if (!keys.rises(true) || !keys.isExact() || keys[0] != 0 || keys[last] > kKeyMax - static_cast<std::uint64_t>(m_keyBase))
    return malformed();
  const Unpacked offsets(m_offsets, m_size);
  if (!offsets.rises(true) || !offsets.isExact() || offsets[0] != 0 || m_offsetBase == 0 ||
      m_offsetBase > kOffsetMax || offsets[last] > kOffsetMax - m_offsetBase)
    return malformed();
  const Unpacked payloads(m_payloads, m_size);
  std::uint64_t largest = 0;
  for (std::size_t i = 0; i < m_size; ++i) {
    if (payloads[i] == 0) return malformed();
    largest = std::max(largest, payloads[i]);
  }
  if (largest > kPayloadBytesMax || !payloads.isExact(largest)) return malformed();
  for (const auto& tree : m_trees) DRIFT_TRY(checkTree(tree));
  return {};
}

Status IndexBlock::checkTree(const Tree& tree) const {
  if (tree.rows < m_size) {
    const Unpacked positions(column(tree, Positions), tree.rows);
    if (tree.id == kAllTrees || !positions.rises(true) || !positions.isExact() || positions[tree.rows - 1u] >= m_size)
      return malformed();
  }
  for (const auto kind : {Inserted, Updated, Deleted}) {
    const auto numbers = column(tree, kind);
    if (numbers.width() == 0) continue;
    if (const Unpacked sums(numbers, tree.rows); !sums.rises(false) || !sums.isExact()) return malformed();
  }
  if (m_level == 0) return {};
  const Unpacked commits(column(tree, Commits), tree.rows);
  if (!commits.isExact()) return malformed();
  std::uint64_t before = 0;
  for (std::size_t row = 0; row < tree.rows; ++row) {
    const auto own = commits[row] - before;
    if (own == 0 || own > step() || (tree.id == kAllTrees && own != step())) return malformed();
    before = commits[row];
  }
  return {};
}

FrameRef IndexBlock::frameAt(std::size_t item) const {
  return {m_offsetBase + m_offsets[item], static_cast<std::uint32_t>(m_payloads[item])};
}

std::size_t IndexBlock::countUpTo(std::int64_t key) const {
  if (key < m_keyBase) return 0;
  const auto delta = static_cast<std::uint64_t>(key) - static_cast<std::uint64_t>(m_keyBase);
  std::size_t low = 0;
  for (auto count = m_size; count > 0;) {
    const auto half = count / 2;
    if (m_keys[low + half] <= delta) {
      low += half + 1;
      count -= half + 1;
    } else {
      count = half;
    }
  }
  return low;
}

const IndexBlock::Tree* IndexBlock::find(TreeId tree) const {
  const auto found = std::ranges::lower_bound(m_trees, tree, {}, &Tree::id);
  return found != m_trees.end() && found->id == tree ? &*found : nullptr;
}

PackedNumbers IndexBlock::column(const Tree& tree, Column column) const {
  std::size_t at = tree.start;
  for (std::size_t i = 0; i < column; ++i) at += columnBytes(tree.rows, tree.widths[i]);
  return PackedNumbers(m_bytes.data() + at, tree.widths[column]);
}

std::size_t IndexBlock::positionAt(const Tree& tree, std::size_t row) const {
  return tree.rows == m_size ? row : static_cast<std::size_t>(column(tree, Positions)[row]);
}

/// Number of the tree's rows for items before `item`.
std::size_t IndexBlock::rankOf(const Tree& tree, std::size_t item) const {
  if (tree.rows == m_size) return std::min(item, m_size);
  const auto positions = column(tree, Positions);
  std::size_t low = 0;
  for (std::size_t count = tree.rows; count > 0;) {
    const auto half = count / 2;
    if (positions[low + half] < item) {
      low += half + 1;
      count -= half + 1;
    } else {
      count = half;
    }
  }
  return low;
}

ChangeSums IndexBlock::sumsUpTo(const Tree& tree, std::size_t rows) const {
  if (rows == 0) return {};
  const auto* data = m_bytes.data() + tree.start;
  std::array<std::uint64_t, kColumns> numbers{};
  for (std::size_t i = 0; i < kColumns; ++i) {
    if (tree.widths[i] == 0) continue;
    if (i != Positions) numbers[i] = PackedNumbers(data, tree.widths[i])[rows - 1];
    data += columnBytes(tree.rows, tree.widths[i]);
  }
  return {m_level == 0 ? rows : numbers[Commits], numbers[Inserted], numbers[Updated], numbers[Deleted]};
}

std::optional<std::size_t> IndexBlock::nextChange(TreeId tree, std::size_t item) const {
  const auto* found = find(tree);
  if (!found) return std::nullopt;
  const auto row = rankOf(*found, item);
  return row < found->rows ? std::optional(positionAt(*found, row)) : std::nullopt;
}

std::optional<std::size_t> IndexBlock::lastChange(TreeId tree, std::size_t item) const {
  const auto* found = find(tree);
  if (!found) return std::nullopt;
  const auto row = rankOf(*found, item);
  return row > 0 ? std::optional(positionAt(*found, row - 1)) : std::nullopt;
}

ChangeSums IndexBlock::sumsBefore(TreeId tree, std::size_t item) const {
  const auto* found = find(tree);
  return found ? sumsUpTo(*found, rankOf(*found, item)) : ChangeSums();
}

ChangeSums IndexBlock::sumsOf(TreeId tree, std::size_t item) const {
  const auto* found = find(tree);
  if (!found) return {};
  const auto row = rankOf(*found, item);
  const bool changes = row < found->rows && positionAt(*found, row) == item;
  return changes ? sumsUpTo(*found, row + 1) - sumsUpTo(*found, row) : ChangeSums();
}

std::vector<TreeSums> IndexBlock::totals() const {
  std::vector<TreeSums> totals;
  totals.reserve(m_trees.size());
  for (const auto& tree : m_trees) totals.push_back({tree.id, sumsUpTo(tree, tree.rows)});
  return totals;
}

std::vector<IndexItem> IndexBlock::items() const {
  std::vector<IndexItem> items(m_size);
  for (std::size_t i = 0; i < m_size; ++i) {
    items[i].key = keyAt(i);
    items[i].frame = frameAt(i);
  }
  for (const auto& tree : m_trees) {
    ChangeSums before;
    for (std::size_t row = 0; row < tree.rows; ++row) {
      const auto sums = sumsUpTo(tree, row + 1);
      items[positionAt(tree, row)].trees.push_back({tree.id, sums - before});
      before = sums;
    }
  }
  return items;
}

}  // namespace drift::storage
