// Finding keys in pages and in the changes since an epoch: against a sorted map, from printed seeds.
#include <QtTest>

#include <algorithm>
#include <atomic>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "storage/bloom_filter.h"
#include "storage/key_block.h"
#include "storage/key_hash.h"
#include "storage/page_keys.h"

using namespace drift;
using namespace drift::storage;

namespace {

constexpr std::uint32_t kSeed = 20261130;

/// Keys of 0 to 20 bytes, so that some lie in their references and others do not; many share their first bytes.
std::string makeKey(std::mt19937& random) {
  std::string key(random() % 21, '\0');
  for (auto& c : key) c = static_cast<char>(random() % 3);
  return key;
}

PageKeys pageOf(const std::vector<std::string>& sorted) {
  const std::vector<std::string_view> views(sorted.begin(), sorted.end());
  Bytes block;
  ByteWriter writer(block);
  writeKeys(writer, views);
  ByteReader reader(block);
  return PageKeys(readKeys(reader, views.size()).value());
}

}  // namespace

class TstKeySearch : public QObject {
  Q_OBJECT

 private slots:
  void findsTheLastRowOfEachKey();
  void findsTheSameFromManyThreads();
  void countsItsTable();
  void findsNothingInAnEmptyPage();
  void filterKnowsAllThatWasAdded();
  void filterRefusesMostOthers();
};

void TstKeySearch::findsTheLastRowOfEachKey() {
  qInfo("seed %u", kSeed);
  std::mt19937 random(kSeed);
  for (int round = 0; round < 40; ++round) {
    std::vector<std::string> keys;
    for (auto count = random() % 3000; keys.size() < count;) {
      keys.push_back(makeKey(random));
      while (random() % 4 == 0) keys.push_back(keys.back());
    }
    std::ranges::sort(keys);
    std::map<std::string, std::uint32_t> last;
    for (std::uint32_t row = 0; row < keys.size(); ++row) last[keys[row]] = row;
    const auto page = pageOf(keys);
    // By binary search at first, then by the table.
    for (int search = 0; search < 500; ++search) {
      const auto key = search % 2 == 0 || keys.empty() ? makeKey(random) : keys[random() % keys.size()];
      const auto expected = last.find(key);
      const auto found = page.findLast(SoughtKey(key));
      QCOMPARE(found.has_value(), expected != last.end());
      if (found) QCOMPARE(*found, expected->second);
    }
  }
}

void TstKeySearch::findsTheSameFromManyThreads() {
  std::vector<std::string> keys;
  for (int i = 0; i < 2000; ++i) keys.push_back("key " + std::to_string(10'000 + i));
  const auto page = pageOf(keys);
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (std::size_t i = 0; i < 4000; ++i) {
        const auto row = (i * 7 + static_cast<std::size_t>(t)) % keys.size();
        const auto found = page.findLast(SoughtKey(keys[row]));
        if (found != std::optional(static_cast<std::uint32_t>(row))) ++wrong;
      }
    });
  for (auto& thread : threads) thread.join();
  QCOMPARE(wrong.load(), 0);
}

void TstKeySearch::countsItsTable() {
  std::vector<std::string> keys;
  for (int i = 0; i < 1000; ++i) keys.push_back("key " + std::to_string(10'000 + i));
  const auto page = pageOf(keys);
  const auto before = page.sizeBytes();
  (void)page.findLast(SoughtKey(keys[1]));
  QCOMPARE(page.sizeBytes(), before);  // one search makes no table
  for (int i = 0; i < 1000; ++i) (void)page.findLast(SoughtKey(keys[1]));
  QVERIFY(page.sizeBytes() >= before + 2 * keys.size() * sizeof(std::uint32_t));
}

void TstKeySearch::findsNothingInAnEmptyPage() {
  const auto page = pageOf({});
  for (int i = 0; i < 3; ++i) QVERIFY(!page.findLast(SoughtKey("a")));
}

void TstKeySearch::filterKnowsAllThatWasAdded() {
  qInfo("seed %u", kSeed);
  std::mt19937 random(kSeed);
  BloomFilter filter;
  std::set<std::string> added;
  for (int i = 0; i < 50'000; ++i) {
    const auto key = makeKey(random);
    added.insert(key);
    filter.add(hashKey(types::StringRef(key)));
    const auto& one = *added.begin();
    QVERIFY(filter.mayHave(hashKey(types::StringRef(key))) && filter.mayHave(hashKey(types::StringRef(one))));
  }
  for (const auto& key : added) QVERIFY(filter.mayHave(hashKey(types::StringRef(key))));
}

void TstKeySearch::filterRefusesMostOthers() {
  BloomFilter filter;
  const auto hashOf = [](int number) { return hashKey(types::StringRef("row " + std::to_string(number))); };
  QVERIFY(!filter.mayHave(hashOf(1)));
  for (const int count : {50, 5'000, 200'000}) {
    for (int i = 0; i < count; ++i) filter.add(hashOf(i));
    int taken = 0;
    for (int i = 0; i < 10'000; ++i) taken += filter.mayHave(hashOf(1'000'000 + i));
    QVERIFY2(taken < 1'500, qPrintable(QString("%1 of 10000 after %2 keys").arg(taken).arg(count)));
  }
}

QTEST_APPLESS_MAIN(TstKeySearch)
#include "tst_key_search.moc"
