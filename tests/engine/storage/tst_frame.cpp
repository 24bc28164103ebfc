// The bytes of the format: test vectors, the same as in docs/formats, and what readers must refuse.
#include <QFile>

#include "platform/memory_file_system.h"
#include "storage/commit_frame.h"
#include "storage/commit_index.h"
#include "storage/epoch.h"
#include "storage/kept_history.h"
#include "storage/page_encoder.h"
#include "storage/version_page.h"
#include "store_fixture.h"

using namespace drift;
using namespace drift::storage;
using namespace drift::storage::fixture;

namespace {

FileId fileId() {
  FileId id;
  for (std::size_t i = 0; i < id.size(); ++i) id[i] = static_cast<std::byte>(i);
  return id;
}

Superblock superblock() {
  return {.generation = 2, .fileId = fileId(), .created = 1'000'000, .epoch = {8192, 100}, .durableOrdinal = 7};
}

RowLayout rowLayout() {
  auto layout = RowLayout{columns()};
  layout.columns.push_back({3, types::TypeId::Integer, types::Value::integer(5)});
  return layout;
}

Bytes row() {
  const std::vector<types::Value> values{types::Value::bigInt(7), types::Value::text("ab"),
                                         types::Value::null(types::TypeId::Integer)};
  Bytes bytes;
  encodeRow(rowLayout(), values, bytes);
  return bytes;
}

Bytes commit() {
  RowChange change;
  change.tree = kTree;
  change.key = keyOf(7);
  change.layout = std::make_shared<const RowLayout>(rowLayout());
  change.row = std::string(asText(row()));
  CommitHead head;
  head.number = 1;
  head.time = 1'000'000;
  head.previousHash = must(chainStart(fileId()));
  head.author = "anna";
  head.message = "first";
  head.counts = {{.tree = kTree, .inserted = 1}};
  DensePacker packer;
  return encodeCommit(head, {change}, packer);
}

/// So small that no encoding makes a block smaller: the vector does not depend on a library's version.
Bytes base() {
  const auto layout = rowLayout();
  PageContents contents;
  const auto key = keyOf(7);
  contents.keys = {key};
  contents.seqs = {1};
  contents.ops = {RowOp::Insert};
  const auto values = must(decodeRow(layout, row()));
  for (std::size_t i = 0; i < layout.columns.size(); ++i) {
    types::Vector column(layout.columns[i].type, 1);
    column.set(0, values[i]);
    contents.columns.push_back({layout.columns[i], std::move(column), false, {}, {}});
  }
  return encodePage(contents);
}

/// An update of column 3 and a delete.
Bytes run() {
  const auto layout = rowLayout();
  PageContents contents;
  const auto updated = keyOf(7), deleted = keyOf(8);
  contents.keys = {updated, deleted};
  contents.seqs = {2, 3};
  contents.ops = {RowOp::Update, RowOp::Delete};
  types::Vector column(layout.columns[2].type, 1);
  column.set(0, must(decodeRow(layout, row()))[2]);
  contents.columns.push_back({layout.columns[2], std::move(column), true, {0}, {}});
  return encodePage(contents);
}

NodeEntry nodeEntry(bool isLeaf, std::string lowKey) {
  NodeEntry entry;
  entry.isLeaf = isLeaf;
  entry.lowKey = std::move(lowKey);
  entry.liveRows = 3;
  entry.newestSeq = 2;
  entry.newestCount = 1;
  return entry;
}

NodeEntry entry() {
  auto entry = nodeEntry(true, keyOf(7));
  entry.slices.push_back({kNoCommit, {.baseCommit = 1, .base = {8192, 100}, .runs = {{8356, 50}}, .baseRows = 3,
                                      .runRows = 2, .bytes = 300}});
  return entry;
}

NodeEntry innerEntry() {
  auto entry = nodeEntry(false, {});
  entry.page = {9000, 60};
  return entry;
}

Bytes epoch() {
  EpochRoots epoch;
  epoch.number = 1;
  epoch.lastCommit = 2;
  epoch.hash = must(chainStart(fileId()));
  epoch.commitIndex = {8400, 12};
  epoch.logStart = {8356, 2};
  epoch.trees[kTree] = {entry(), keyOf(9)};
  return encodeEpoch(epoch);
}

/// The epoch after it, which holds the list of that one.
Bytes listedEpoch() {
  EpochRoots epoch;
  epoch.number = 2;
  epoch.previousCommit = 2;
  epoch.lastCommit = 3;
  epoch.hash = must(chainStart(fileId()));
  epoch.previousEpoch = {8500, 68};
  epoch.commitIndex = {8700, 12};
  epoch.logStart = {8660, 8};
  epoch.trees[kTree] = {entry(), keyOf(9)};
  const std::vector<IndexItem> items{{2, epoch.previousEpoch, {}}};
  ByteWriter writer(epoch.earlier);
  writer.varint(items.size());
  writer.string(asText(encodeBlock(0, 0, items)));
  return encodeEpoch(epoch);
}

/// The commit of commit(), and one without rows a second later.
std::vector<IndexItem> indexItems() {
  const ChangeSums one{.commits = 1, .inserted = 1};
  return {{1'000'000, {8192, 100}, {{kAllTrees, one}, {kTree, one}}}, {2'000'000, {8356, 60}, {{kAllTrees, {.commits = 1}}}}};
}

Bytes commitIndexRoot() {
  platform::MemoryFileSystem files;
  const FrameFile file(must(files.open("x", platform::OpenMode::CreateNew)), "x", 0);
  CommitIndex index(file, 0);
  index.append({.time = 1'000'000, .frame = {8192, 100}, .counts = {{.tree = kTree, .inserted = 1}}, .indexTrees = {}});
  index.append({.time = 2'000'000, .frame = {8356, 60}});
  FrameFile out(must(files.open("y", platform::OpenMode::CreateNew)), "y", 0);
  out.setEnd(8192, 0, 0);
  PacedWriter writer(out, [] { return Status(); });
  return must(index.write(writer, 2)).blocks.root;
}

Bytes frame() {
  Bytes bytes;
  encodeFrame({FrameKind::Commit, 5, 3, 2}, asBytes("drift"), superblock().frameSeed(), 8192, bytes);
  return bytes;
}

KeptHistory keptHistory() {
  auto commits = must(KeptCommits::fromRuns({{.first = 3}, {.first = 10, .position = 2, .gapTime = 1'000'000}}));
  return {std::move(commits), {{kTree, 11}}};
}

QByteArray hexOf(ByteSpan bytes) {
  return QByteArray(reinterpret_cast<const char*>(bytes.data()), static_cast<qsizetype>(bytes.size())).toHex();
}

Bytes bytesOf(const QByteArray& hex) {
  const auto raw = QByteArray::fromHex(hex);
  const auto span = asBytes(std::string_view(raw.constData(), static_cast<std::size_t>(raw.size())));
  return Bytes(span.begin(), span.end());
}

}  // namespace

class TestFrame : public QObject {
  Q_OBJECT

 private slots:
  void vectorsAreAsDocumented_data() {
    QTest::addColumn<QByteArray>("encoded");
    QTest::addColumn<QString>("page");
    const auto super = encodeSuperblock(superblock());
    QTest::newRow("superblock, fields") << hexOf(ByteSpan(super).first(68)) << "file.md";
    QTest::newRow("superblock, checksum") << hexOf(ByteSpan(super).last(8)) << "file.md";
    QTest::newRow("frame") << hexOf(frame()) << "frames.md";
    QTest::newRow("kept history") << hexOf(encodeKeptHistory(keptHistory())) << "kept_history.md";
    QTest::newRow("row") << hexOf(row()) << "rows.md";
    QTest::newRow("commit") << hexOf(commit()) << "log.md";
    QTest::newRow("commit index, block") << hexOf(encodeBlock(0, 0, indexItems())) << "commit_index.md";
    QTest::newRow("commit index, root") << hexOf(commitIndexRoot()) << "commit_index.md";
    QTest::newRow("base") << hexOf(base()) << "tree.md";
    QTest::newRow("run") << hexOf(run()) << "tree.md";
    QTest::newRow("node above leaves") << hexOf(encodeInner({entry()})) << "tree.md";
    QTest::newRow("node above nodes") << hexOf(encodeInner({innerEntry()})) << "tree.md";
    QTest::newRow("epoch") << hexOf(epoch()) << "tree.md";
    QTest::newRow("epoch with a list") << hexOf(listedEpoch()) << "tree.md";
  }
  /// Each page of docs/formats lists its vectors as lines "name: hex", wrapped lines being indented.
  void vectorsAreAsDocumented() {
    QFETCH(QByteArray, encoded);
    QFETCH(QString, page);
    QFile file(QString(DRIFT_SOURCE_DIR "/docs/formats/") + page);
    QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(file.fileName()));
    const auto name = QByteArray(QTest::currentDataTag()) + ':';
    QByteArray documented;
    bool found = false;
    while (!file.atEnd()) {
      const auto line = file.readLine();
      if (line.startsWith(name)) found = true, documented = line.mid(name.size());
      else if (found && line.startsWith("  ")) documented += line;
      else if (found) break;
    }
    QVERIFY(found);
    QVERIFY2(documented.simplified().replace(" ", "") == encoded, encoded.constData());
  }

  void headersAreReadBack() {
    const auto header = must(decodeFrameHeader(frame()));
    QCOMPARE(header.kind, FrameKind::Commit);
    QCOMPARE(header.payloadBytes, 5u);
    QCOMPARE(header.ordinal, std::uint64_t{3});
    QCOMPARE(header.durableOrdinal, std::uint64_t{2});
    QVERIFY(checkFrame(frame(), superblock().frameSeed(), 8192));
    QVERIFY(!checkFrame(frame(), superblock().frameSeed() + 1, 8192));  // another file's
    QVERIFY(!checkFrame(frame(), superblock().frameSeed(), 8193));      // from another place
  }

  void badHeadersAreRefused_data() {
    QTest::addColumn<int>("at");
    QTest::addColumn<QByteArray>("hex");
    QTest::newRow("magic") << 0 << QByteArray("00");
    QTest::newRow("kind 0") << 4 << QByteArray("00");
    QTest::newRow("kind beyond the last") << 4 << QByteArray("0c");
    QTest::newRow("flags") << 5 << QByteArray("01");
    QTest::newRow("reserved") << 7 << QByteArray("80");
    QTest::newRow("no payload") << 8 << QByteArray("00000000");
    QTest::newRow("64 MiB and one byte") << 8 << QByteArray("01000004");
    QTest::newRow("key epoch of a plain frame") << 12 << QByteArray("01");
    QTest::newRow("ordinal 0") << 16 << QByteArray("0000000000000000");
    QTest::newRow("durable before it was written") << 24 << QByteArray("03");
    QTest::newRow("tag of a plain frame") << 32 << QByteArray("01");
    QTest::newRow("session of a plain frame") << 55 << QByteArray("01");
  }
  void badHeadersAreRefused() {
    QFETCH(int, at);
    QFETCH(QByteArray, hex);
    auto bytes = frame();
    std::ranges::copy(bytesOf(hex), bytes.begin() + at);
    QCOMPARE(decodeFrameHeader(bytes).error().kind(), ErrorKind::DataCorrupted);
  }

  void everyBitOfAFrameCounts() {
    for (std::size_t bit = 0; bit < frame().size() * 8; ++bit) {
      auto bytes = frame();
      bytes[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
      const auto header = decodeFrameHeader(bytes);
      const bool passes = header.ok() && header->payloadBytes == 5 && checkFrame(bytes, superblock().frameSeed(), 8192);
      QVERIFY2(!passes, qPrintable(QString("bit %1").arg(bit)));
    }
  }

  /// As programs before format version 5 wrote the base of docs/formats/tree.md and the run on it.
  void readsPagesInOnePart() {
    class NoPages final : public PageSource {
      Result<VersionPageRef> base(FrameRef, Keys) const override {
        return Error(ErrorKind::DataCorrupted, "there is no other page");
      }
    } none;
    const auto read = [&](FrameKind kind, const char* hex) {
      auto payload = bytesOf(hex);
      const FrameRef self{8192, static_cast<std::uint32_t>(payload.size())};
      return must(VersionPage::decode(kind, std::move(payload), self, none));
    };
    const auto base = read(FrameKind::WholeBase,
                           "0001000281070000000000020002000301040000000400000000000300000e020700000007000000000005000002"
                           "6162030300000003000000010a000101");
    QCOMPARE(base->rowCount(), std::size_t{1});
    QVERIFY(base->key(0).view() == keyOf(7));
    QVERIFY(must(base->column(3))->values.get(0) == must(decodeRow(rowLayout(), row()))[2]);
    const auto run = read(FrameKind::WholeRun,
                          "00020001810001010e010201040102010401020001030300000003000000010a010401000001");
    const auto leaf = must(Leaf::merge(base, {run}));
    QCOMPARE(leaf->rowCount(), std::size_t{3});
    QCOMPARE(leaf->countVisible(3), std::uint64_t{1});
  }

  void payloadsHaveBounds() {
    platform::MemoryFileSystem files;
    FrameFile file(must(files.open(kPath, platform::OpenMode::CreateNew)), kPath, 1);
    file.setEnd(kFirstFrameOffset, 0, 0);
    QCOMPARE(file.append(FrameKind::Inner, {}).error().kind(), ErrorKind::LimitExceeded);
    QCOMPARE(file.append(FrameKind::Inner, Bytes(kPayloadBytesMax + 1)).error().kind(), ErrorKind::LimitExceeded);
    QCOMPARE(file.end(), kFirstFrameOffset);
    const auto ref = must(file.append(FrameKind::Inner, Bytes(1)));
    QCOMPARE(must(file.read(ref, FrameKind::Inner)).size(), std::size_t{1});
    QCOMPARE(file.read(ref, FrameKind::Epoch).error().kind(), ErrorKind::DataCorrupted);
  }

  void superblocksAreWrittenInTurn() {
    platform::MemoryFileSystem files;
    const auto file = must(files.open(kPath, platform::OpenMode::CreateNew));
    for (std::uint64_t generation = 1; generation <= 5; ++generation) {
      auto written = superblock();
      written.generation = generation;
      written.durableOrdinal = 10 * generation;
      const auto before = files.contents(kPath);
      must(writeSuperblock(*file, written));
      // The other slot keeps the generation before, in case this write is torn.
      const auto other = (generation + 1) % 2 * kSuperblockBytes;
      const auto after = files.contents(kPath);
      if (generation > 2)
        QVERIFY(std::equal(before.begin() + static_cast<std::ptrdiff_t>(other),
                           before.begin() + static_cast<std::ptrdiff_t>(other + kSuperblockBytes),
                           after.begin() + static_cast<std::ptrdiff_t>(other)));
      const auto read = must(readSuperblocks(*file, kPath));
      QCOMPARE(read.newest.generation, generation);
      QCOMPARE(read.newest.durableOrdinal, 10 * generation);
      QCOMPARE(read.damagedSlot, generation == 1);
    }
  }

  void aTornSuperblockLeavesTheOther() {
    platform::MemoryFileSystem files;
    const auto file = must(files.open(kPath, platform::OpenMode::CreateNew));
    auto written = superblock();
    for (written.generation = 1; written.generation <= 2; ++written.generation) must(writeSuperblock(*file, written));
    must(file->writeAt(100, Bytes(1, std::byte{1})));  // in the slot of generation 2
    const auto read = must(readSuperblocks(*file, kPath));
    QVERIFY(read.damagedSlot);
    QCOMPARE(read.newest.generation, std::uint64_t{1});
  }
};

QTEST_APPLESS_MAIN(TestFrame)
#include "tst_frame.moc"
