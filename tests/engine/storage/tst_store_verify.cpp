// verify() against damage that no checksum shows: frames are changed and sealed again as their writer would have.
#include <QtTest>
#include <functional>

#include "base/checksum.h"
#include "storage/commit_frame.h"
#include "storage/epoch.h"
#include "storage/replay_check.h"
#include "store_fixture.h"

using namespace drift;
using namespace drift::storage;
using namespace drift::storage::fixture;

namespace {

/// Frames of a file in memory, one by one.
class Surgeon final {
 public:
  explicit Surgeon(platform::MemoryFileSystem& files) : m_file(files.contents(kPath)) {
    const auto file = must(files.open(kPath, platform::OpenMode::ReadOnly));
    m_seed = must(readSuperblocks(*file, kPath)).newest.frameSeed();
  }

  using Change = std::function<void(Bytes& payload)>;
  /// Lets `change` work on the payload of the `which`-th frame of a kind (-1: of the last one), and seals it again.
  /// The payload keeps its size.
  bool change(FrameKind kind, int which, const Change& change) {
    auto places = framesOf(kind);
    if (places.empty()) return false;
    const auto offset = which < 0 ? places[places.size() - 1] : places[static_cast<std::size_t>(which)];
    const auto header = decodeFrameHeader(ByteSpan(m_file).subspan(offset)).value();
    const auto start = m_file.begin() + static_cast<std::ptrdiff_t>(offset + kFrameHeaderBytes);
    Bytes payload(start, start + header.payloadBytes);
    const auto before = payload;
    change(payload);
    if (payload.size() != before.size() || payload == before) return false;
    Bytes sealed;
    encodeFrame(header, payload, m_seed, offset, sealed);
    std::ranges::copy(sealed, m_file.begin() + static_cast<std::ptrdiff_t>(offset));
    return true;
  }

  const Bytes& file() const { return m_file; }

 private:
  std::vector<std::uint64_t> framesOf(FrameKind kind) const {
    std::vector<std::uint64_t> places;
    for (auto offset = kFirstFrameOffset; offset + kFrameHeaderBytes <= m_file.size();) {
      const auto header = decodeFrameHeader(ByteSpan(m_file).subspan(offset));
      if (!header.ok()) break;
      if (header->kind == kind) places.push_back(offset);
      offset += kFrameHeaderBytes + header->payloadBytes;
    }
    return places;
  }

  Bytes m_file;
  std::uint64_t m_seed = 0;
};

/// Replaces one text by another of the same length, once.
Surgeon::Change replace(std::string_view from, std::string_view to) {
  return [=](Bytes& payload) {
    const auto at = asText(payload).find(from);
    if (at != std::string_view::npos) std::ranges::copy(asBytes(to), payload.begin() + static_cast<std::ptrdiff_t>(at));
  };
}

/// The same in the block of a column: its checksum, which stands in the page's head, is made right.
Surgeon::Change replaceValue(std::string_view from, std::string_view to) {
  return [=](Bytes& payload) {
    const auto before = payload;
    replace(from, to)(payload);
    std::uint32_t headSize = 0;
    std::memcpy(&headSize, payload.data() + kHeadPrefixBytes - sizeof headSize, sizeof headSize);
    const auto sumOf = [](ByteSpan block) { return std::to_array({xxh3(block)}); };
    for (std::size_t start = headSize, end = start + 1; end <= payload.size(); ++end) {
      const auto sum = sumOf(ByteSpan(before).subspan(start, end - start));
      const auto at = asText(ByteSpan(before).first(headSize)).find(asText(std::as_bytes(std::span(sum))));
      if (at == std::string_view::npos) continue;
      const auto newSum = sumOf(ByteSpan(payload).subspan(start, end - start));
      std::memcpy(payload.data() + at, newSum.data(), sizeof newSum);
      start = end;
    }
  };
}

/// Changes the entry of a tree in an epoch.
Surgeon::Change inEpoch(std::function<void(TreeRoot&)> change) {
  return [change](Bytes& payload) {
    auto epoch = decodeEpoch(payload).value();
    change(epoch.trees.at(kTree));
    payload = encodeEpoch(epoch);
  };
}

}  // namespace

Q_DECLARE_METATYPE(Surgeon::Change)

class TestStoreVerify : public QObject {
  Q_OBJECT

 private slots:
  void init() { m_files = std::make_unique<platform::MemoryFileSystem>(); }

  void soundFilesHaveNoFindings() {
    write(*m_files);
    QCOMPARE(findings(*m_files), QStringList());
  }

  void findsWhatChecksumsDoNotShow_data() {
    QTest::addColumn<int>("kind");
    QTest::addColumn<int>("which");
    QTest::addColumn<Surgeon::Change>("change");
    QTest::addColumn<QString>("sentence");
    const auto row = [](const char* name, FrameKind kind, int which, Surgeon::Change change, const char* sentence) {
      QTest::newRow(name) << static_cast<int>(kind) << which << std::move(change) << sentence;
    };
    row("a value in a page", FrameKind::Base, 0, replaceValue("qWeRtYuIoP-3", "qWeRtYuIoP+3"),
        "that the log does not have so");
    row("a key in a page", FrameKind::Base, 0, replace("23456789", "2345678:"), "lacks 1 rows");
    row("a value in the log", FrameKind::Commit, -1, replace("LaStVaLuE", "LaStValuE"), "over another commit");
    row("a value in an older commit", FrameKind::Commit, 0, replace("qWeRtYuIoP-3", "qWeRtYuIoP+3"),
        "hash chain breaks");
    row("the author of a commit", FrameKind::Commit, 0, replace("somebody", "somebodY"), "hash chain breaks");
    row("rows of a tree", FrameKind::Epoch, -1, inEpoch([](TreeRoot& root) { ++root.root.liveRows; }),
        "row count is wrong");
    row("the newest commit of a page", FrameKind::Epoch, -1, inEpoch([](TreeRoot& root) { --root.root.newestSeq; }),
        "newer than its reference");
    row("the newest count of a page", FrameKind::Epoch, -1, inEpoch([](TreeRoot& root) { root.root.newestCount = 1; }),
        "newer than its reference");
    row("the greatest key", FrameKind::Epoch, -1, inEpoch([](TreeRoot& root) { root.highestKey.back() = '0'; }),
        "names a key as the greatest");
    row(
        "the place of the log", FrameKind::Epoch, 0,
        [](Bytes& payload) {
          auto epoch = decodeEpoch(payload).value();
          ++epoch.logStart.ordinal;
          payload = encodeEpoch(epoch);
        },
        "wrong place of the log");
    row(
        "the hash in an epoch", FrameKind::Epoch, -1,
        [](Bytes& payload) {
          auto epoch = decodeEpoch(payload).value();
          epoch.hash[0] ^= std::byte{1};
          payload = encodeEpoch(epoch);
        },
        "over another commit");
    row(
        "a time in the index of commits", FrameKind::CommitIndex, -1,
        [](Bytes& payload) { changeIndex(payload, true); }, "another time or place of commit 1");
    row(
        "a count in the index of commits", FrameKind::CommitIndex, -1,
        [](Bytes& payload) { changeIndex(payload, false); }, "sums up other changes");
  }
  void findsWhatChecksumsDoNotShow() {
    QFETCH(int, kind);
    QFETCH(int, which);
    QFETCH(Surgeon::Change, change);
    QFETCH(QString, sentence);
    write(*m_files);
    Surgeon surgeon(*m_files);
    QVERIFY(surgeon.change(static_cast<FrameKind>(kind), which, change));
    platform::MemoryFileSystem damaged;
    damaged.setContents(kPath, surgeon.file());
    const auto found = findings(damaged);
    QVERIFY2(std::ranges::any_of(found, [&](const QString& finding) { return finding.contains(sentence); }),
             qPrintable(found.isEmpty() ? "no findings" : found.join("; ")));
  }

  void replaysInPartsWhatDoesNotFit() {
    write(*m_files);
    const auto store = must(Store::open(*m_files, kPath, m_clock, {}));
    const auto snapshot = store->latest();
    QStringList sentences;
    const auto& core = *snapshot.state()->core;
    const auto epochs = must(readEpochChain(*core.file, core.epochs()->newest()));
    const ReplayCheck check{.core = *snapshot.state()->core,
                            .epochs = epochs,
                            .end = snapshot.state()->core->file->end(),
                            .moments = {3, store->lastCommit()},
                            .rowsMax = 7,
                            .note = [&](auto, std::string text) { sentences << QString::fromStdString(text); }};
    QVERIFY(checkReplay(check).ok());
    QCOMPARE(sentences, QStringList());
  }

  void stopsOnRequest() {
    write(*m_files);
    const auto store = must(Store::open(*m_files, kPath, m_clock, {}));
    const runtime::CancelToken cancel;
    cancel.cancel();
    QCOMPARE(store->verify(cancel).error().kind(), ErrorKind::QueryCanceled);
  }

 private:
  /// Six commits in three epochs: rows that stay, rows that change, rows that go.
  void write(platform::FileSystem& files) {
    const auto layout =
        std::make_shared<RowLayout>(RowLayout{{{1, types::TypeId::Text, types::Value::null(types::TypeId::Text)}}});
    StoreOptions options;
    options.memtableRowsMax = 1000;
    auto store = must(Store::create(files, kPath, m_clock, options));
    const auto put = [&](RowOp op, std::string key, const std::string& text) {
      RowChange change;
      change.tree = kTree;
      change.op = op;
      change.key = std::move(key);
      if (op == RowOp::Delete) return change;
      change.layout = layout;
      Bytes row;
      const auto value = types::Value::text(text);
      encodeRow(*layout, std::span(&value, 1), row);
      change.row = std::string(asText(row));
      if (op == RowOp::Update) change.changed = {1};
      return change;
    };
    const auto commit = [&](std::vector<RowChange> changes) {
      m_clock.set(m_clock.now() + 1000);
      QVERIFY(store->commit({.changes = std::move(changes), .author = "somebody"}, {}).ok());
    };
    std::vector<RowChange> rows;
    for (int i = 0; i < 11; ++i)
      rows.push_back(
          put(RowOp::Insert, "key-aXbYcZ-" + std::to_string(i), i == 3 ? "qWeRtYuIoP-3" : std::to_string(i)));
    commit(std::move(rows));
    commit({put(RowOp::Update, "key-aXbYcZ-1", "x")});
    QVERIFY(store->checkpoint().ok());
    commit({put(RowOp::Delete, "key-aXbYcZ-2", "")});
    commit({put(RowOp::Update, "key-aXbYcZ-1", "y"), put(RowOp::Insert, "key-aXbYcZ-2", "z")});
    QVERIFY(store->checkpoint().ok());
    commit({put(RowOp::Insert, "key-other", "new")});
    commit({put(RowOp::Update, "key-aXbYcZ-7", "LaStVaLuE")});
    QVERIFY(store->close().ok());
  }

  /// Changes the first commit in the open leaf of the index of commits.
  static void changeIndex(Bytes& payload, bool time) {
    ByteReader reader(payload);
    const auto size = reader.varint().value();
    const auto text = reader.string().value();
    const auto span = asBytes(text);
    const auto block = IndexBlock::decode(Bytes(span.begin(), span.end())).value();
    auto items = block->items();
    if (time) --items.front().key;
    else
      for (auto& tree : items[1].trees)
        if (tree.tree == kTree) ++tree.sums.inserted;
    Bytes changed;
    ByteWriter writer(changed);
    writer.varint(size);
    writer.string(asText(encodeBlock(block->level(), block->first(), items)));
    payload = changed;
  }

  QStringList findings(platform::FileSystem& files) {
    auto options = StoreOptions{};
    options.readOnly = true;
    const auto store = must(Store::open(files, kPath, m_clock, options));
    QStringList sentences;
    for (const auto& finding : must(store->verify({})).findings) sentences << QString::fromStdString(finding.sentence);
    return sentences;
  }

  ManualClock m_clock{1'000'000};
  std::unique_ptr<platform::MemoryFileSystem> m_files;
};

QTEST_APPLESS_MAIN(TestStoreVerify)
#include "tst_store_verify.moc"
