#include <QTest>

#include <algorithm>
#include <atomic>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "storage/memtable.h"

namespace drift::storage {
namespace {

using Key = std::pair<std::string, CommitNumber>;

RowChange makeChange(TreeId tree, std::string key, RowOp op, std::string row) {
  RowChange change;
  change.tree = tree;
  change.op = op;
  change.key = std::move(key);
  change.row = std::move(row);
  return change;
}

/// What a tree holds, in its order.
std::vector<std::pair<Key, std::string>> contents(const Memtable& memtable, TreeId tree) {
  std::vector<std::pair<Key, std::string>> result;
  const auto* entries = memtable.find(tree);
  for (const auto* node = entries ? entries->first() : nullptr; node; node = MemtableTree::next(node)) {
    const auto& entry = MemtableTree::entry(node);
    result.emplace_back(Key(entry.key, entry.seq), entry.row);
  }
  return result;
}

}  // namespace

class TestMemtable : public QObject {
  Q_OBJECT
 private slots:
  /// Commits with changes in any order, of one tree or of several, few keys or many: what comes out is what a map has.
  void agreesWithAMap() {
    const auto seed = qEnvironmentVariableIsSet("DRIFT_SEED") ? qEnvironmentVariableIntValue("DRIFT_SEED") : 20;
    qInfo("seed %d", seed);
    std::mt19937_64 random(static_cast<std::uint64_t>(seed));
    for (int round = 0; round < 60; ++round) {
      Memtable memtable;
      std::map<TreeId, std::map<Key, std::string>> model;
      const auto trees = 1 + random() % 3;
      const auto keys = std::size_t{1} << (random() % 14);
      const auto order = random() % 3;  // by key, backwards, any
      std::size_t rows = 0, rowBytes = 0;
      for (CommitNumber seq = 1; seq <= 40; ++seq) {
        std::map<std::pair<TreeId, std::string>, RowChange> changes;
        for (auto count = random() % 300; count > 0; --count) {
          const auto tree = static_cast<TreeId>(64 + random() % trees);
          // Long common beginnings, and keys that are the beginning of others: prefixes alone do not tell them apart.
          const auto number = std::to_string(random() % keys);
          auto key = (random() % 4 == 0 ? "prefix-of-keys-" : "") + number;
          auto change = makeChange(tree, key, static_cast<RowOp>(1 + random() % 2), std::string(random() % 50, 'r'));
          changes.insert_or_assign({tree, std::move(key)}, std::move(change));
        }
        std::vector<RowChange> list;
        for (const auto& [at, change] : changes) {
          list.push_back(change);
          model[at.first].emplace(Key(at.second, seq), change.row);
          ++rows;
        }
        if (order == 1) std::ranges::reverse(list);
        if (order == 2) std::ranges::shuffle(list, random);
        memtable.insert(list, seq);
      }
      QCOMPARE(memtable.rowCount(), rows);
      for (const auto& [tree, expected] : model) {
        const auto found = contents(memtable, tree);
        QCOMPARE(found.size(), expected.size());
        QVERIFY(std::ranges::equal(found, expected, [](const auto& a, const auto& b) {
          return a.first == b.first && a.second == b.second;
        }));
        const auto* entries = memtable.find(tree);
        QCOMPARE(entries->highestKey(), std::string_view(expected.rbegin()->first.first));
        std::string key;
        std::size_t bytesOfKey = 0;
        for (const auto& [at, row] : expected) {
          bytesOfKey = (at.first == key ? bytesOfKey : 0) + row.size();
          key = at.first;
          rowBytes = std::max(rowBytes, bytesOfKey);
          const auto* node = entries->seek(at.first, at.second);
          QVERIFY(node && MemtableTree::entry(node).key == at.first && MemtableTree::entry(node).seq == at.second);
          QCOMPARE(std::size_t{MemtableTree::entry(node).keyRowBytes}, bytesOfKey);
        }
      }
      QCOMPARE(memtable.keyRowBytesMax(), rowBytes);
    }
  }

  /// A reader beside the writer sees every entry of the commits before, in order, whatever is being linked.
  void readsBesideTheWriter() {
    constexpr CommitNumber kCommits = 60;
    constexpr std::size_t kRows = 200;
    Memtable memtable;
    std::atomic<CommitNumber> done{0};
    std::jthread writer([&] {
      std::mt19937_64 random(7);
      for (CommitNumber seq = 1; seq <= kCommits; ++seq) {
        std::vector<RowChange> list;
        for (std::size_t i = 0; i < kRows; ++i)
          list.push_back(makeChange(64, std::to_string(i * kCommits + seq), RowOp::Insert, "row"));
        std::ranges::shuffle(list, random);
        memtable.insert(list, seq);
        done = seq;
      }
    });
    for (CommitNumber seen = 0; seen < kCommits;) {
      seen = done;
      const auto all = contents(memtable, 64);
      QVERIFY(std::ranges::is_sorted(all));
      const auto older = std::ranges::count_if(all, [&](const auto& entry) { return entry.first.second <= seen; });
      QCOMPARE(static_cast<std::size_t>(older), seen * kRows);
    }
  }
};

}  // namespace drift::storage

QTEST_GUILESS_MAIN(drift::storage::TestMemtable)
#include "tst_memtable.moc"
