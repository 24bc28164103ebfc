// The index of commits and the history summary, against a plain list of commits.
#include <QtTest>

#include <random>
#include <thread>

#include "platform/memory_file_system.h"
#include "storage/commit_index.h"

using namespace drift;
using namespace drift::storage;

namespace {

constexpr std::uint64_t kSeed = 0x1234;
constexpr TreeId kTable = kFirstUserTree;

template <class R>
auto must(R result) {
  if (!result.ok()) qFatal("%s", result.error().toString().c_str());
  if constexpr (!std::is_void_v<typename R::ValueType>) return std::move(result).value();
}

std::uint64_t seed() {
  const auto given = qEnvironmentVariable("DRIFT_SEED").toULongLong();
  const auto seed = given ? given : std::uint64_t{std::random_device{}()};
  qInfo("DRIFT_SEED=%llu", static_cast<unsigned long long>(seed));
  return seed;
}

/// A file in memory with frames in it, and an index over it.
struct Fixture {
  explicit Fixture(std::size_t cacheBytes = 1u << 20) : cacheBytesMax(cacheBytes) { frames().setEnd(4096, 0, 0); }

  FrameFile& frames() { return *file; }
  /// Another index over the same file, as one that is opened again.
  std::unique_ptr<CommitIndex> reopened(FrameRef root) {
    auto other = std::make_unique<CommitIndex>(*file, cacheBytesMax);
    must(other->open(root));
    return other;
  }
  CommitIndex::Written written(CommitNumber last) { return write(index, last); }
  CommitIndex::Written write(const CommitIndex& any, CommitNumber last) {
    PacedWriter writer(*file, [] { return Status(); });
    return must(any.write(writer, last));
  }

  std::size_t cacheBytesMax;
  platform::MemoryFileSystem files;
  std::unique_ptr<FrameFile> file =
      std::make_unique<FrameFile>(must(files.open("x", platform::OpenMode::CreateNew)), "x", kSeed);
  CommitIndex index{*file, cacheBytesMax};
};

/// What the index must answer, by looking at every commit.
class Oracle final {
 public:
  void append(const IndexedCommit& commit) { m_commits.push_back(commit); }
  CommitNumber size() const { return m_commits.size(); }
  const IndexedCommit& operator[](CommitNumber number) const { return m_commits[number - 1]; }

  CommitNumber commitAt(TimeMicros time, CommitNumber last) const {
    CommitNumber number = 0;
    while (number < last && m_commits[number].time <= time) ++number;
    return number;
  }
  const TreeCounts* countsOf(CommitNumber number, TreeId tree) const {
    for (const auto& counts : m_commits[number - 1].counts)
      if (counts.tree == tree) return &counts;
    return nullptr;
  }
  bool changes(CommitNumber number, TreeId tree) const { return tree == 0 || countsOf(number, tree) != nullptr; }
  std::optional<CommitNumber> next(CommitNumber number, TreeId tree, CommitNumber last) const {
    for (auto n = number + 1; n <= last; ++n)
      if (changes(n, tree)) return n;
    return std::nullopt;
  }
  std::optional<CommitNumber> previous(CommitNumber number, TreeId tree, CommitNumber last) const {
    for (auto n = number > 0 ? std::min(number - 1, last) : 0; n > 0; --n)
      if (changes(n, tree)) return n;
    return std::nullopt;
  }
  std::vector<HistoryBucket> summary(TimeMicros from, TimeMicros to, std::size_t count, TreeId tree,
                                     CommitNumber last) const {
    std::vector<HistoryBucket> buckets;
    for (std::size_t i = 0; i < count; ++i) {
      const auto width = static_cast<__int128>(to) - from;
      HistoryBucket bucket;
      bucket.start = static_cast<TimeMicros>(from + width * static_cast<__int128>(i) / static_cast<__int128>(count));
      bucket.end = static_cast<TimeMicros>(from + width * static_cast<__int128>(i + 1) / static_cast<__int128>(count));
      for (CommitNumber number = 1; number <= last; ++number) {
        const auto& commit = m_commits[number - 1];
        if (commit.time < bucket.start || commit.time >= bucket.end) continue;
        for (const auto& counts : commit.counts) {
          bucket.schemaChanges += counts.tree == kCatalogTree;
          const bool isIndex = std::ranges::find(commit.indexTrees, counts.tree) != commit.indexTrees.end();
          if (tree == 0 ? counts.tree < kFirstUserTree || isIndex : counts.tree != tree) continue;
          bucket.inserted += counts.inserted;
          bucket.updated += counts.updated;
          bucket.deleted += counts.deleted;
        }
        if (!changes(number, tree)) continue;
        ++bucket.commits;
        if (bucket.first == 0) bucket.first = number;
        bucket.last = number;
      }
      buckets.push_back(bucket);
    }
    return buckets;
  }

 private:
  std::vector<IndexedCommit> m_commits;
};

/// Makes commits that look like a life: bursts and pauses, some tables hot, some touched once, many without rows.
class Life final {
 public:
  explicit Life(std::uint64_t seed) : m_random(seed) {}

  IndexedCommit next() {
    // Pauses from one microsecond to years.
    m_time += 1 + static_cast<TimeMicros>(below(std::uint64_t{1} << below(below(100) == 0 ? 46 : 24)));
    m_offset += 64 + 1 + below(500);
    IndexedCommit commit{m_time, {m_offset, static_cast<std::uint32_t>(1 + below(1u << below(26)))}, {}, {}};
    const auto change = [&](TreeId tree) {
      commit.counts.push_back({tree, static_cast<std::uint32_t>(below(4)), static_cast<std::uint32_t>(below(1u << below(20))),
                               static_cast<std::uint32_t>(below(10) == 0)});
    };
    if (below(300) == 0) change(kCatalogTree);
    const auto kind = below(10);
    if (kind == 0) return commit;  // no rows
    for (TreeId tree = kTable; tree < kTable + 4; ++tree)
      if (below(tree - kTable + 2) == 0) change(tree);
    if (below(500) == 0) change(kTable + 10 + static_cast<TreeId>(below(50)));
    if (below(3) == 0) {
      change(kTable + 200);
      commit.indexTrees.push_back(kTable + 200);
    }
    return commit;
  }
  std::uint64_t below(std::uint64_t bound) { return std::uniform_int_distribution<std::uint64_t>(0, bound - 1)(m_random); }
  TreeId anyTree() {
    const TreeId trees[] = {0, kCatalogTree, kTable, kTable + 1, kTable + 3, kTable + 20, kTable + 200, 9999};
    return trees[below(std::size(trees))];
  }

 private:
  std::mt19937_64 m_random;
  TimeMicros m_time = -5'000'000'000;
  std::uint64_t m_offset = 8192;
};

QString textOf(const HistoryBucket& b) {
  return QString("[%1,%2) commits %3 rows +%4 ~%5 -%6 schema %7 from %8 to %9")
      .arg(b.start).arg(b.end).arg(b.commits).arg(b.inserted).arg(b.updated).arg(b.deleted).arg(b.schemaChanges)
      .arg(b.first).arg(b.last);
}

/// Asks both everything, at random places.
void compare(const CommitIndex& index, const Oracle& oracle, Life& life, int rounds) {
  QVERIFY(index.size() >= oracle.size());
  if (oracle.size() == 0) return;
  const auto any = [&] { return 1 + life.below(oracle.size()); };
  for (int i = 0; i < rounds; ++i) {
    const auto number = any();
    const auto last = i % 2 ? oracle.size() : any();
    const auto tree = life.anyTree();
    QCOMPARE(must(index.timeOf(number)), oracle[number].time);
    QVERIFY(must(index.frameOf(number)) == oracle[number].frame);
    for (const TimeMicros time : {oracle[number].time - 1, oracle[number].time, oracle[number].time + 1})
      QCOMPARE(must(index.commitAt(time, last)), oracle.commitAt(time, last));
    const auto from = i % 7 == 0 ? number + 1000 : number - 1;
    QCOMPARE(must(index.step(from, true, tree, last)), oracle.next(from, tree, last));
    QCOMPARE(must(index.step(from, false, tree, last)), oracle.previous(from, tree, last));
    QCOMPARE(must(index.lastChange(tree, number)), oracle.previous(number + 1, tree, number).value_or(0));
  }
  for (int i = 0; i < rounds / 20; ++i) {
    const auto last = i % 2 ? oracle.size() : any();
    const auto tree = life.anyTree();
    const auto one = any(), other = any();
    auto from = oracle[std::min(one, other)].time - static_cast<TimeMicros>(life.below(3));
    auto to = oracle[std::max(one, other)].time + 1 + static_cast<TimeMicros>(life.below(3));
    if (i % 5 == 0) to = from + 1 + static_cast<TimeMicros>(life.below(50));
    if (i % 11 == 0) from = INT64_MIN;
    if (i % 13 == 0) to = INT64_MAX;
    const auto count = 1 + life.below(40);
    const auto got = must(index.summary(from, to, count, tree, last));
    const auto expected = oracle.summary(from, to, count, tree, last);
    QCOMPARE(got.size(), expected.size());
    for (std::size_t b = 0; b < count; ++b) QCOMPARE(textOf(got[b]), textOf(expected[b]));
  }
}

}  // namespace

class TestCommitIndex : public QObject {
  Q_OBJECT

 private slots:
  void emptyHasNothing() {
    Fixture fixture;
    QCOMPARE(fixture.index.size(), CommitNumber{0});
    QCOMPARE(must(fixture.index.timeOf(0)), INT64_MIN);
    QCOMPARE(must(fixture.index.commitAt(INT64_MAX, 0)), CommitNumber{0});
    QCOMPARE(must(fixture.index.step(0, true, 0, 0)), std::optional<CommitNumber>());
    QCOMPARE(must(fixture.index.step(1, false, 0, 0)), std::optional<CommitNumber>());
    QCOMPARE(must(fixture.index.lastChange(kTable, 5)), CommitNumber{0});
    const auto buckets = must(fixture.index.summary(0, 10, 2, 0, 0));
    QCOMPARE(textOf(buckets.at(1)), textOf({.start = 5, .end = 10}));
    QVERIFY(must(fixture.index.summary(10, 10, 2, 0, 0)).empty());
    const auto again = fixture.reopened(fixture.written(0).root);
    QCOMPARE(again->size(), CommitNumber{0});
  }

  void isAsTheCommitsAre_data() {
    QTest::addColumn<int>("commits");
    QTest::addColumn<int>("cacheBytes");
    for (const int commits : {1, 2, 255, 256, 257, 511, 512, 5000, 256 * 64 - 1, 256 * 64, 256 * 64 + 1, 40'000})
      QTest::addRow("%d commits", commits) << commits << (1 << 20);
    QTest::addRow("a cache of one block") << 3000 << 1;
  }
  void isAsTheCommitsAre() {
    QFETCH(int, commits);
    QFETCH(int, cacheBytes);
    Life life(seed());
    Fixture fixture(static_cast<std::size_t>(cacheBytes));
    Oracle oracle;
    for (int i = 0; i < commits; ++i) {
      const auto commit = life.next();
      oracle.append(commit);
      fixture.index.append(commit);
    }
    const int rounds = commits > 10'000 ? 40 : 100;
    compare(fixture.index, oracle, life, rounds);
    const auto written = fixture.written(oracle.size());
    compare(fixture.index, oracle, life, rounds);
    fixture.index.adopt(written);
    compare(fixture.index, oracle, life, rounds);
    const auto again = fixture.reopened(written.root);
    QCOMPARE(again->size(), oracle.size());
    compare(*again, oracle, life, rounds);
  }

  /// Epochs of any size, written while later commits are there already; the index is closed and opened between.
  void growsOverManyEpochs() {
    Life life(seed());
    Fixture fixture;
    Oracle oracle;
    auto index = std::make_unique<CommitIndex>(*fixture.file, fixture.cacheBytesMax);
    std::optional<FrameRef> root;
    CommitNumber covered = 0;
    for (int epoch = 0; epoch < 120; ++epoch) {
      for (auto count = 1 + life.below(std::uint64_t{1} << life.below(11)); count > 0; --count) {
        const auto commit = life.next();
        oracle.append(commit);
        index->append(commit);
      }
      const auto last = oracle.size() - life.below(std::min<CommitNumber>(oracle.size() - covered, 600));
      const auto written = fixture.write(*index, last);
      for (auto count = life.below(300); count > 0; --count) {
        const auto commit = life.next();
        oracle.append(commit);
        index->append(commit);
      }
      index->adopt(written);
      covered = last;
      root = written.root;
      if (epoch % 10 == 0) compare(*index, oracle, life, 20);
      if (epoch % 7 != 0) continue;
      index = fixture.reopened(*root);
      QCOMPARE(index->size(), covered);
      for (auto number = covered + 1; number <= oracle.size(); ++number) index->append(oracle[number]);
    }
    compare(*index, oracle, life, 100);
  }

  /// An epoch costs what is new, and one path of open blocks.
  void writesNoBlockTwice() {
    Life life(1);
    Fixture fixture;
    std::uint64_t frames = 0;
    for (int epoch = 1; epoch <= 1000; ++epoch) {
      for (int i = 0; i < 40; ++i) fixture.index.append(life.next());
      fixture.index.adopt(fixture.written(fixture.index.size()));
      const std::uint64_t expected = static_cast<std::uint64_t>(epoch) + fixture.index.size() / 256 +
                                     fixture.index.size() / (256 * 64);
      frames = fixture.frames().lastOrdinal();
      QCOMPARE(frames, expected);
    }
  }

  void openingReadsOneFrame() {
    Life life(1);
    Fixture fixture;
    for (int i = 0; i < 100'000; ++i) fixture.index.append(life.next());
    const auto root = fixture.written(fixture.index.size()).root;
    const auto before = fixture.frames().framesRead();
    const auto again = fixture.reopened(root);
    QCOMPARE(fixture.frames().framesRead() - before, std::uint64_t{1});
    // A path below the open block of level 2, then nothing, since it is in the cache.
    must(again->timeOf(5000));
    QCOMPARE(fixture.frames().framesRead() - before, std::uint64_t{3});
    must(again->frameOf(5001));
    QCOMPARE(fixture.frames().framesRead() - before, std::uint64_t{3});
  }

  /// Commits beyond the root stay when a follower takes over what the writer wrote.
  void opensBelowCommitsThatAreKnown() {
    Life life(seed());
    Fixture fixture;
    Oracle oracle;
    for (int i = 0; i < 3000; ++i) {
      const auto commit = life.next();
      oracle.append(commit);
      fixture.index.append(commit);
    }
    const auto root = fixture.written(2500).root;
    CommitIndex follower(*fixture.file, 1 << 20);
    for (CommitNumber number = 1; number <= oracle.size(); ++number) follower.append(oracle[number]);
    must(follower.open(root));
    QCOMPARE(follower.size(), oracle.size());
    compare(follower, oracle, life, 100);
    // A root of another history is refused and changes nothing.
    CommitIndex stranger(*fixture.file, 1 << 20);
    Life otherLife(99);
    for (int i = 0; i < 2600; ++i) stranger.append(otherLife.next());
    QCOMPARE(stranger.open(root).error().kind(), ErrorKind::DataCorrupted);
    QCOMPARE(stranger.size(), CommitNumber{2600});
  }

  void everyFlippedBitOfAFrameIsDamage() {
    Life life(1);
    Fixture fixture;
    for (int i = 0; i < 300; ++i) fixture.index.append(life.next());
    const auto root = fixture.written(300).root;
    Bytes content(fixture.frames().end());
    must(fixture.frames().file().readAt(0, content));
    for (auto at = std::size_t{4096}; at < content.size(); ++at) {
      const auto good = content[at];
      for (int bit = 0; bit < 8; ++bit) {
        content[at] = good ^ static_cast<std::byte>(1 << bit);
        must(fixture.frames().file().writeAt(at, ByteSpan(content).subspan(at, 1)));
        CommitIndex index(*fixture.file, 1 << 20);
        auto status = index.open(root);
        if (at >= root.offset) QVERIFY2(!status.ok(), qPrintable(QString::number(at)));
        else status = index.timeOf(1).ok() ? Status() : Status(index.timeOf(1).error());
        QVERIFY2(!status.ok(), qPrintable(QString::number(at)));
        QCOMPARE(status.error().kind(), ErrorKind::DataCorrupted);
      }
      content[at] = good;
      must(fixture.frames().file().writeAt(at, ByteSpan(content).subspan(at, 1)));
    }
  }

  /// Without the checksum that would catch it: whatever is read is refused, or is a block that holds together.
  void damagedBlocksAreRefusedOrSound() {
    std::mt19937_64 random(seed());
    Life life(2);
    std::size_t refused = 0, taken = 0;
    for (int round = 0; round < 4000; ++round) {
      std::vector<IndexItem> items;
      const unsigned level = round % 2;
      for (std::uint64_t i = 0; i < 1 + life.below(20); ++i) {
        const auto commit = life.next();
        IndexItem item{commit.time, commit.frame, {{kAllTrees, {level ? 256u : 1u, 1, 2, 3}}}};
        for (const auto& counts : commit.counts)
          item.trees.push_back({counts.tree, {1, counts.inserted, counts.updated, counts.deleted}});
        items.push_back(std::move(item));
      }
      auto bytes = encodeBlock(level, 0, items);
      QVERIFY(IndexBlock::decode(bytes).ok());
      const auto changes = 1 + random() % 3;
      for (std::size_t i = 0; i < changes; ++i) bytes[random() % bytes.size()] ^= static_cast<std::byte>(1 << random() % 8);
      if (round % 5 == 0) bytes.resize(random() % bytes.size());
      const auto block = IndexBlock::decode(bytes);
      if (!block.ok()) {
        ++refused;
        QCOMPARE(block.error().kind(), ErrorKind::DataCorrupted);
        continue;
      }
      ++taken;
      const auto read = (*block)->items();
      QCOMPARE(read.size(), (*block)->size());
      for (std::size_t i = 1; i < read.size(); ++i) QVERIFY(read[i - 1].key < read[i].key);
      // What is taken is written the same way again: there is one form of each block, but for longer varints.
      const auto again = encodeBlock((*block)->level(), (*block)->first(), read);
      if (again.size() == bytes.size()) QVERIFY(again == bytes);
      else QVERIFY(again.size() < bytes.size());
    }
    QVERIFY(refused > 1000);
    QVERIFY(taken > 10);
  }

  /// Sound frames of other places: a block where another should be.
  void misplacedBlocksAreRefused() {
    Life life(1);
    Fixture fixture;
    for (int i = 0; i < 256 * 3; ++i) fixture.index.append(life.next());
    const auto written = fixture.written(256 * 3);
    auto at = [&](std::uint64_t first) { return written.blocks.frames.at({0, first}); };
    std::vector<IndexItem> items;
    for (const std::uint64_t block : {0, 1, 2}) {
      const auto leaf = must(IndexBlock::decode(must(fixture.frames().read(at(block * 256), FrameKind::CommitIndex))));
      items.push_back({leaf->keyAt(0), at(block * 256), leaf->totals()});
    }
    const auto rootWith = [&](const std::vector<IndexItem>& blocks) {
      Bytes root;
      ByteWriter writer(root);
      writer.varint(256 * 3);
      writer.string(asText(encodeBlock(1, 0, blocks)));
      return must(fixture.frames().append(FrameKind::CommitIndex, root));
    };
    QVERIFY(fixture.reopened(rootWith(items))->timeOf(300).ok());
    auto wrongPlace = items;
    wrongPlace[1].frame = at(512);
    wrongPlace[2].frame.offset = at(512).offset + 1;
    QCOMPARE(fixture.reopened(rootWith(wrongPlace))->timeOf(300).error().kind(), ErrorKind::DataCorrupted);
    auto wrongSum = items;
    ++wrongSum[1].trees[0].sums.updated;
    QCOMPARE(fixture.reopened(rootWith(wrongSum))->timeOf(300).error().kind(), ErrorKind::DataCorrupted);
    auto wrongTime = items;
    --wrongTime[1].key;
    QCOMPARE(fixture.reopened(rootWith(wrongTime))->timeOf(300).error().kind(), ErrorKind::DataCorrupted);
    // Errors do not stay: what else is asked is answered.
    QVERIFY(fixture.reopened(rootWith(wrongTime))->timeOf(1).ok());
  }

  void readersReadBesideTheWriter() {
    const auto theSeed = seed();
    Fixture fixture(64 << 10);
    Oracle oracle;
    Life life(theSeed);
    constexpr CommitNumber kCommits = 30'000;
    for (CommitNumber i = 0; i < kCommits; ++i) oracle.append(life.next());
    std::vector<std::uint64_t> updatedUpTo{0};
    for (CommitNumber i = 1; i <= kCommits; ++i) {
      const auto* counts = oracle.countsOf(i, kTable);
      updatedUpTo.push_back(updatedUpTo.back() + (counts ? counts->updated : 0));
    }
    std::atomic<CommitNumber> published{0};
    std::atomic<bool> stop{false};
    std::atomic<int> wrong{0};
    std::vector<std::thread> readers;
    for (std::uint64_t r = 0; r < 3; ++r)
      readers.emplace_back([&, r] {
        std::mt19937_64 random(theSeed + r);
        while (!stop) {
          const CommitNumber last = published;
          if (last == 0) continue;
          const auto number = 1 + random() % last;
          const auto time = fixture.index.timeOf(number);
          wrong += !time.ok() || *time != oracle[number].time;
          const auto at = fixture.index.commitAt(oracle[number].time, last);
          wrong += !at.ok() || *at != number;
          const auto sums = fixture.index.summary(oracle[1].time, oracle[number].time + 1, 1, kTable, last);
          wrong += !sums.ok() || (*sums)[0].updated != updatedUpTo[number];
          const auto change = fixture.index.lastChange(kTable, number);
          wrong += !change.ok() || *change > number || (*change > 0 && !oracle.changes(*change, kTable));
        }
      });
    std::thread writer([&] {
      while (published < kCommits && !stop) {
        const CommitNumber last = published;
        fixture.index.adopt(fixture.written(last));
      }
    });
    for (CommitNumber i = 1; i <= kCommits; ++i) {
      fixture.index.append(oracle[i]);
      published = i;
    }
    writer.join();
    stop = true;
    for (auto& reader : readers) reader.join();
    QCOMPARE(wrong.load(), 0);
    compare(fixture.index, oracle, life, 20);
  }
};

QTEST_GUILESS_MAIN(TestCommitIndex)
#include "tst_commit_index.moc"
