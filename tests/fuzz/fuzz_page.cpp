// Pages and what they are made of: bases, runs, inner nodes, epochs, commit indexes, column blocks, key blocks. The
// first byte says which.
#include "platform/memory_file_system.h"
#include "seeds.h"
#include "storage/column_block.h"
#include "storage/epoch_list.h"
#include "storage/index_tree.h"
#include "storage/key_block.h"
#include "storage/leaf.h"
#include "storage/page_encoder.h"
#include "target.h"
#include "types/key_encoding.h"

using namespace drift;
using namespace drift::storage;
using fuzz::Piece;
using fuzz::require;

namespace {

/// The one page that others may refer to.
class OnePage final : public PageSource {
 public:
  Result<VersionPageRef> base(FrameRef ref, Keys) const override {
    if (ref == fuzz::kBaseRef) return m_page;
    return Error(ErrorKind::DataCorrupted, "there is no such page");
  }
  void set(VersionPageRef page) { m_page = std::move(page); }

 private:
  VersionPageRef m_page;
};

const OnePage& onePage() {
  static const auto kPage = [] {
    PageContents contents;
    std::vector<std::string> keys(fuzz::kBaseRows);
    for (std::size_t row = 0; row < keys.size(); ++row) {
      types::appendKey(keys[row], types::Value::bigInt(static_cast<std::int64_t>(row) * 11 - 300));
      contents.keys.push_back(keys[row]);
      contents.seqs.push_back(1);
      contents.ops.push_back(RowOp::Insert);
    }
    types::Vector values(types::TypeId::BigInt, fuzz::kBaseRows);
    for (std::size_t row = 0; row < keys.size(); ++row) values.set(row, types::Value::bigInt(5));
    contents.columns.push_back(
        {{1, types::TypeId::BigInt, types::Value::null(types::TypeId::BigInt)}, values, false, {}, {}});
    static OnePage page;
    auto decoded = VersionPage::decode(FrameKind::Base, encodePage(contents), fuzz::kBaseRef, page);
    require(decoded.ok(), "the page that others refer to can be read");
    page.set(std::move(*decoded));
    return &page;
  }();
  return *kPage;
}

void readLeaf(VersionPageRef base, std::vector<VersionPageRef> runs) {
  const auto merged = Leaf::merge(std::move(base), std::move(runs));
  if (!merged.ok()) return;
  const auto& leaf = **merged;
  std::size_t keyBytes = 0;
  for (std::size_t row = 0; row < leaf.rowCount(); ++row) {
    const auto key = leaf.key(row);
    keyBytes += key.size();
    require(leaf.lowerBound(key.view(), leaf.seq(row)) == row, "a row is found in its place");
  }
  (void)keyBytes;
  for (const CommitNumber at : {CommitNumber{0}, CommitNumber{3}, kNoCommit}) {
    std::vector<std::uint32_t> rows;
    leaf.findVisible(at, 0, leaf.rowCount(), rows);
    require(rows.size() == leaf.countVisible(at), "the count is that of the rows");
    for (const auto row : rows) require(row < leaf.rowCount(), "a visible row lies in the leaf");
  }
  for (const auto& column : leaf.columns()) {
    const auto values = leaf.column(column.id);
    if (!values.ok() || !*values) continue;
    for (std::size_t row = 0; row < leaf.rowCount(); ++row) (void)(*values)->get(row).isNull();
  }
}

void readPage(ByteSpan payload, FrameKind kind, bool asRun) {
  const FrameRef self{1u << 20, static_cast<std::uint32_t>(payload.size())};
  const auto page = VersionPage::decode(kind, Bytes(payload.begin(), payload.end()), self, onePage());
  if (!page.ok()) return;
  (void)(*page)->checkBlocks();
  for (const auto& column : (*page)->columns()) {
    const auto values = (*page)->column(column.id);
    if (!values.ok() || !*values) continue;
    const auto count = (*values)->partial ? (*values)->rows.size() : (*page)->rowCount();
    for (std::size_t i = 0; i < count; ++i) (void)(*values)->values.get(i).isNull();
  }
  if (asRun) readLeaf(*onePage().base(fuzz::kBaseRef, PageSource::Keys::Anywhere), {*page});
  else readLeaf(*page, {});
}

/// The very same values, whichever way they are written.
void readColumnBlock(ByteSpan input) {
  ByteReader reader(input);
  const auto id = reader.fixed<std::uint8_t>();
  const auto rows = reader.fixed<std::uint16_t>();
  if (!rows.ok() || *id < 1 || *id > 14 || *rows > 4096) return;
  const types::Type type(static_cast<types::TypeId>(*id));
  (void)readZone(reader, type, *rows).ok();
  const auto column = readColumn(reader, type, *rows);
  if (!column.ok()) return;
  Bytes block;
  ByteWriter writer(block);
  writeColumn(writer, *column, *rows);
  ByteReader again(block);
  const auto zone = readZone(again, type, *rows);
  const auto reread = readColumn(again, type, *rows);
  require(reread.ok() && again.atEnd() && zone.ok(), "a block that was just written can be read");
  std::uint64_t nulls = 0;
  for (std::size_t row = 0; row < *rows; ++row) {
    const auto value = column->get(row);
    require(value == reread->get(row), "a value comes back from its block");
    nulls += value.isNull();
  }
  require(nulls == zone->nullCount, "the zone counts the NULLs");
  Bytes second;
  ByteWriter secondWriter(second);
  writeColumn(secondWriter, *reread, *rows);
  require(second == block, "equal values give equal bytes");
}

void readKeyBlock(ByteSpan input) {
  ByteReader reader(input);
  const auto count = reader.fixed<std::uint16_t>();
  if (!count.ok()) return;
  const auto keys = readKeys(reader, *count);
  if (!keys.ok()) return;
  std::vector<types::StringRef> refs;
  for (std::size_t i = 0; i < *count; ++i) refs.push_back((*keys)[i]);
  std::vector<std::string_view> views;
  for (const auto& key : refs) views.push_back(key.view());
  Bytes block;
  ByteWriter writer(block);
  writeKeys(writer, views);
  ByteReader again(block);
  const auto reread = readKeys(again, *count);
  require(reread.ok() && reread->size() == *count, "keys that were just written can be read");
  for (std::size_t i = 0; i < *count; ++i)
    require((*reread)[i] == refs[i], "a key comes back from its block");
}

/// A block of the index of commits, or the root that holds its open ones.
void readIndex(ByteSpan payload) {
  if (const auto block = IndexBlock::decode(Bytes(payload.begin(), payload.end())); block.ok()) {
    for (std::size_t item = 0; item < (*block)->size(); ++item) {
      require((*block)->countUpTo((*block)->keyAt(item)) > item, "a key is counted");
      (void)(*block)->frameAt(item);
    }
  }
  platform::MemoryFileSystem files;
  auto file = files.open("x", platform::OpenMode::CreateNew);
  const FrameFile frames(std::move(*file), "x", 1);
  IndexTree tree(frames, FrameKind::CommitIndex, true, 1u << 16);
  if (!tree.open(payload).ok()) return;
  const auto view = tree.view();
  // Full blocks are in frames that are not there: an error, not more.
  for (const auto number : {std::uint64_t{0}, view.size / 2}) {
    if (number < view.size) (void)tree.itemAt(view, number).ok();
  }
  (void)tree.countUpTo(view, 5).ok();
}

/// The list of earlier epochs in an epoch; their frames are not there.
void readEpochList(const EpochRoots& epoch) {
  platform::MemoryFileSystem files;
  auto file = files.open("x", platform::OpenMode::CreateNew);
  const FrameFile frames(std::move(*file), "x", 1);
  EpochList list(frames, 1u << 16);
  if (!list.open(epoch.earlier).ok()) return;
  const auto view = list.view();
  for (const auto position : {std::uint64_t{0}, view.size / 2, view.size}) (void)list.entryAt(view, position).ok();
  (void)list.countBefore(view, epoch.lastCommit).ok();
  // As recovery does, only what follows is entered.
  if (view.size > 0) {
    const auto last = list.entryAt(view, view.size - 1);
    if (!last.ok() || last->lastCommit != epoch.previousCommit) return;
  }
  const auto newest = std::make_shared<const EpochRoots>(epoch);
  list.append(epoch);
  require(Epochs(list, newest).reaching(epoch.lastCommit).ok(), "the newest epoch is in memory");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto rest = fuzz::inputOf(data, size).subspan(1);
  switch (static_cast<Piece>(data[0] % fuzz::kPieces)) {
    case Piece::Base: readPage(rest, FrameKind::Base, false); break;
    case Piece::Run: readPage(rest, FrameKind::Run, true); break;
    case Piece::WholeBase: readPage(rest, FrameKind::WholeBase, false); break;
    case Piece::WholeRun: readPage(rest, FrameKind::WholeRun, true); break;
    case Piece::Inner: {
      const auto node = decodeInner(rest);
      if (node.ok()) require(decodeInner(encodeInner(*node)).ok(), "a node can be written again");
      break;
    }
    case Piece::Epoch: {
      const auto epoch = decodeEpoch(rest);
      if (epoch.ok()) {
        require(decodeEpoch(encodeEpoch(*epoch)).ok(), "an epoch can be written again");
        readEpochList(*epoch);
      }
      break;
    }
    case Piece::CommitIndex: readIndex(rest); break;
    case Piece::Column: readColumnBlock(rest); break;
    case Piece::Keys: readKeyBlock(rest); break;
  }
  return 0;
}
