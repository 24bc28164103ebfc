// The list of epochs: opening does not read them all, every moment is found, and files from before there were lists are
// gone on with. DRIFT_SEED repeats a run.
#include <QFile>

#include <random>

#include "platform/memory_file_system.h"
#include "storage/frame_file.h"
#include "storage/superblock.h"
#include "store_fixture.h"

using namespace drift;
using namespace drift::storage;
using namespace drift::storage::fixture;

namespace {

StoreOptions unsynced() {
  StoreOptions options;
  options.durability = Durability::Off;
  return options;
}

/// Adds commits, each with one row more and an epoch of its own.
void addEpochs(Store& store, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    CommitRequest request;
    request.changes.push_back(change(kTree, RowOp::Insert, static_cast<std::int64_t>(store.lastCommit()) + 1, "row"));
    must(store.commit(std::move(request), {}));
    must(store.checkpoint());
  }
}

/// All frames of a file.
std::vector<ScannedFrame> framesOf(platform::FileSystem& files) {
  const auto file = must(files.open(kPath, platform::OpenMode::ReadOnly));
  const auto seed = must(readSuperblocks(*file, kPath)).newest.frameSeed();
  const auto fileBytes = must(file->size());
  std::vector<ScannedFrame> frames;
  Bytes payload;
  for (auto at = kFirstFrameOffset; at < fileBytes; at = frames.back().ref.end()) {
    auto frame = scanFrame(*file, at, fileBytes, seed, payload);
    if (!frame.ok()) break;
    frames.push_back(*frame);
  }
  return frames;
}

std::uint32_t versionIn(const Bytes& file, std::size_t slot) {
  std::uint32_t version = 0;
  std::memcpy(&version, file.data() + slot * kSuperblockBytes + 8, sizeof version);
  return version;
}

/// What the files of data/ hold. Commit n inserts row n; with even n from 4 on it updates row n - 1; with n a multiple of
/// 3, from 6 on, it deletes row n - 5.
std::vector<std::string> expectedAt(CommitNumber at) {
  std::vector<std::string> rows;
  for (CommitNumber id = 1; id <= at; ++id) {
    const auto deletedBy = id + 5;
    if (deletedBy % 3 == 0 && deletedBy <= at) continue;
    const auto number = std::to_string(id);
    const bool isUpdated = id % 2 == 1 && id > 1 && id + 1 <= at;
    rows.push_back(number + "|row " + number + (isUpdated ? ", changed by " + std::to_string(id + 1) : ""));
  }
  return rows;
}

}  // namespace

class TestEpochList : public QObject {
  Q_OBJECT

 private slots:
  void openingReadsAFewFrames() {
    const auto seed = qEnvironmentVariableIsSet("DRIFT_SEED") ? qEnvironmentVariableIntValue("DRIFT_SEED") : 9;
    qInfo("seed %d", seed);
    std::mt19937 random(static_cast<unsigned>(seed));
    platform::MemoryFileSystem files;
    must(Store::create(files, kPath, m_clock, unsynced()));
    const auto empty = files.contents(kPath);
    std::uint64_t epochs = 0;
    std::vector<std::uint64_t> atOpen;
    for (const std::uint64_t count : {3, 250, 10, 260}) {
      auto store = must(Store::open(files, kPath, m_clock, unsynced()));
      addEpochs(*store, count);
      epochs += count;
      must(store->close());
      store = must(Store::open(files, kPath, m_clock, unsynced()));
      atOpen.push_back(store->statistics().framesRead);
      checkMoments(*store, epochs, random);
      const auto report = must(store->verify({}));
      QVERIFY2(report.findings.empty(), report.findings.empty() ? "" : report.findings.front().sentence.c_str());
      QCOMPARE(report.epochs, epochs);
    }
    // The newest epoch and the index of commits, however many epochs there are.
    QCOMPARE(atOpen, std::vector<std::uint64_t>(atOpen.size(), 2));
    const auto isBlock = [](const ScannedFrame& frame) { return frame.header.kind == FrameKind::EpochIndex; };
    QCOMPARE(std::ranges::count_if(framesOf(files), isBlock), 2);

    // Any moment costs a block, its epoch and its pages.
    const auto store = must(Store::open(files, kPath, m_clock, unsynced()));
    const auto before = store->statistics().framesRead;
    QCOMPARE(rowsAt(*store, 100).size(), std::size_t{100});
    QVERIFY(store->statistics().framesRead - before < 20);

    // Where the superblocks know of no epoch, all are met on the way.
    auto scanned = files.contents(kPath);
    must(store->close());
    std::ranges::copy(ByteSpan(empty).first(kFirstFrameOffset), scanned.begin());
    platform::MemoryFileSystem others;
    others.setContents(kPath, scanned);
    auto other = must(Store::open(others, kPath, m_clock, unsynced()));
    checkMoments(*other, epochs, random);
    addEpochs(*other, 5);
    epochs += 5;
    must(other->close());
    other = must(Store::open(others, kPath, m_clock, unsynced()));
    QCOMPARE(other->statistics().framesRead, std::uint64_t{2});
    checkMoments(*other, epochs, random);
    QVERIFY(must(other->verify({})).findings.empty());
  }

  void readersFollow() {
    platform::MemoryFileSystem files;
    const auto writer = must(Store::create(files, kPath, m_clock, unsynced()));
    auto options = unsynced();
    options.readOnly = true;
    const auto reader = must(Store::open(files, kPath, m_clock, options));
    std::mt19937 random(4);
    for (std::uint64_t epochs = 0; epochs < 300; epochs += 60) {
      addEpochs(*writer, 60);
      QVERIFY(must(reader->refresh()));
      checkMoments(*reader, epochs + 60, random);
    }
  }

  void damageIsToldWhereItMatters() {
    platform::MemoryFileSystem files;
    auto store = must(Store::create(files, kPath, m_clock, unsynced()));
    addEpochs(*store, 300);
    must(store->close());
    const auto frames = framesOf(files);
    const auto block = std::ranges::find(frames, FrameKind::EpochIndex, [](const auto& f) { return f.header.kind; });
    QVERIFY(block != frames.end());
    auto bytes = files.contents(kPath);
    bytes[block->ref.offset + kFrameHeaderBytes + 20] ^= std::byte{1};
    files.setContents(kPath, bytes);
    store = must(Store::open(files, kPath, m_clock, unsynced()));
    QCOMPARE(rowsAt(*store, 300).size(), std::size_t{300});
    QCOMPARE(rowsAt(*store, 280).size(), std::size_t{280});  // among the open items
    QCOMPARE(store->at(100).error().kind(), ErrorKind::DataCorrupted);
    const auto findings = must(store->verify({})).findings;
    QVERIFY(std::ranges::any_of(findings, [](const Finding& finding) {
      return finding.sentence.find("list of epochs") != std::string::npos;
    }));
  }

  void olderFormatsAreGoneOnWith_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<int>("first");
    QTest::addColumn<int>("version");
    QTest::newRow("all of history") << "format_1.drift" << 1 << 1;
    QTest::newRow("the last ten commits") << "format_2.drift" << 15 << 2;
  }
  /// The files were written by the last program without lists.
  void olderFormatsAreGoneOnWith() {
    QFETCH(QString, name);
    QFETCH(int, first);
    QFETCH(int, version);
    QFile data(QStringLiteral(DRIFT_SOURCE_DIR "/tests/engine/storage/data/") + name);
    QVERIFY(data.open(QIODevice::ReadOnly));
    const auto contents = data.readAll();
    const auto span = std::as_bytes(std::span(contents.data(), static_cast<std::size_t>(contents.size())));
    platform::MemoryFileSystem files;
    files.setContents(kPath, Bytes(span.begin(), span.end()));
    const auto firstCommit = static_cast<CommitNumber>(first);
    const auto check = [&](const Store& store) {
      QCOMPARE(store.firstCommit(), firstCommit);
      for (auto at = firstCommit; at <= 24; ++at) QCOMPARE(rowsAt(store, at), expectedAt(at));
      QVERIFY(must(store.verify({})).findings.empty());
    };
    auto options = unsynced();
    options.readOnly = true;
    auto store = must(Store::open(files, kPath, m_clock, options));
    check(*store);
    // Opening alone changes nothing, and neither does a commit.
    store = must(Store::open(files, kPath, m_clock, unsynced()));
    check(*store);
    for (const auto slot : {0, 1}) QCOMPARE(versionIn(files.contents(kPath), slot), std::uint32_t(version));
    // The first epoch does.
    addEpochs(*store, 3);
    for (const auto slot : {0, 1}) QCOMPARE(versionIn(files.contents(kPath), slot), kFormatVersion + 2 * kFormatRevision + (version % 2 == 0 ? 1 : 0));
    check(*store);
    must(store->close());
    store = must(Store::open(files, kPath, m_clock, unsynced()));
    QVERIFY(store->statistics().framesRead <= 3);
    QCOMPARE(store->lastCommit(), CommitNumber{27});
    check(*store);
    QCOMPARE(rowsAt(*store, 27).size(), expectedAt(24).size() + 3);
  }

  /// A superblock of each version: the older one may be what is left.
  void aVersionCountsInBothSlots() {
    platform::MemoryFileSystem files;
    must(Store::create(files, kPath, m_clock, unsynced()));
    auto contents = files.contents(kPath);
    auto superblock = must(readSuperblocks(*must(files.open(kPath, platform::OpenMode::ReadOnly)), kPath)).newest;
    QCOMPARE(superblock.revision, kFormatRevision);
    superblock.revision = 0;
    --superblock.generation;
    std::ranges::copy(encodeSuperblock(superblock), contents.begin() + static_cast<std::ptrdiff_t>(superblock.slotOffset()));
    files.setContents(kPath, contents);
    QCOMPARE(must(readSuperblocks(*must(files.open(kPath, platform::OpenMode::ReadOnly)), kPath)).newest.revision, 0u);
    auto store = must(Store::open(files, kPath, m_clock, unsynced()));
    addEpochs(*store, 1);
    for (const auto slot : {0, 1}) QCOMPARE(versionIn(files.contents(kPath), slot), kFormatVersion + 2 * kFormatRevision);
  }

 private:
  /// Commit n has n rows, and each is an epoch.
  static void checkMoments(const Store& store, std::uint64_t commits, std::mt19937& random) {
    QCOMPARE(store.lastCommit(), commits);
    for (int i = 0; i < 12; ++i) {
      const auto at = i == 0 ? 0 : i == 1 ? commits : random() % (commits + 1);
      QCOMPARE(rowsAt(store, at).size(), static_cast<std::size_t>(at));
      if (at == 0) continue;
      const auto found = must(store.history(kTree, keyOf(static_cast<std::int64_t>(at)), columns(), kNoCommit, 5));
      QCOMPARE(found.size(), std::size_t{1});
      QCOMPARE(found.front().seq, at);
      QCOMPARE(must(store.stepRow(kTree, keyOf(static_cast<std::int64_t>(at)), at - 1, true)), std::optional(at));
      QCOMPARE(must(store.stepRow(kTree, keyOf(static_cast<std::int64_t>(at)), at, true)), std::optional<CommitNumber>());
    }
    const auto versions = must(store.scanVersions({.tree = kTree, .columns = columns()}, {}));
    QCOMPARE(drain(*versions).size(), static_cast<std::size_t>(commits));
  }

  SystemClock m_clock;
};

QTEST_GUILESS_MAIN(TestEpochList)
#include "tst_epoch_list.moc"
