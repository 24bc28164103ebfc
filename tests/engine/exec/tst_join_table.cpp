// Random rows in a JoinTable, keys close together, apart and far apart, with NULLs, against a plain map.
#include <QtTest>

#include <map>
#include <random>

#include "exec/join_table.h"

using namespace drift;
using namespace drift::exec;

namespace {

constexpr std::size_t kRows = 3 * types::kChunkRows + 77;

std::uint32_t seedOfThisRun() {
  bool given = false;
  const auto seed = qEnvironmentVariable("DRIFT_SEED").toUInt(&given);
  return given ? seed : std::random_device{}();
}

/// Gives the first column of its input.
class FirstColumn final : public Evaluator {
 public:
  Result<types::Vector> evaluate(const types::Chunk& input) override { return input.column(0); }
};

using Keys = std::vector<std::optional<std::int64_t>>;

types::Chunk chunkOfKeys(const Keys& keys, std::size_t first, std::size_t count) {
  types::Vector column(types::TypeId::BigInt, count);
  for (std::size_t row = 0; row < count; ++row) {
    const auto& key = keys[first + row];
    column.data<std::int64_t>()[row] = key.value_or(0);
    if (!key) column.setNull(row);
  }
  types::Chunk chunk;
  chunk.addColumn(std::move(column));
  chunk.setRowCount(count);
  return chunk;
}

}  // namespace

class TestJoinTable : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() {
    const auto seed = seedOfThisRun();
    qInfo("DRIFT_SEED=%u", seed);
    m_random.seed(seed);
  }

  void finds_data() {
    QTest::addColumn<qint64>("from");
    QTest::addColumn<qint64>("to");
    QTest::addColumn<int>("nullsOfHundred");
    QTest::newRow("one key") << qint64{7} << qint64{7} << 0;
    QTest::newRow("close together") << qint64{1} << qint64{9000} << 0;
    QTest::newRow("close together, NULLs") << qint64{1} << qint64{9000} << 20;
    QTest::newRow("close together, below zero") << qint64{-9000} << qint64{-5} << 5;
    QTest::newRow("around zero") << qint64{-100} << qint64{100} << 5;
    QTest::newRow("apart") << qint64{1000} << qint64{500'000} << 0;
    QTest::newRow("apart, NULLs") << qint64{1000} << qint64{500'000} << 20;
    QTest::newRow("far apart") << qint64{INT64_MIN} << qint64{INT64_MAX} << 5;
    QTest::newRow("at the end") << qint64{INT64_MAX - 3000} << qint64{INT64_MAX} << 0;
    QTest::newRow("NULLs alone") << qint64{0} << qint64{0} << 100;
  }
  void finds() {
    QFETCH(qint64, from);
    QFETCH(qint64, to);
    QFETCH(int, nullsOfHundred);
    const auto stored = randomKeys(from, to, nullsOfHundred);
    const runtime::MemoryBudget budget(64u << 20);
    JoinTable table({types::TypeId::BigInt}, {types::TypeId::BigInt}, budget);
    std::vector<EvaluatorPtr> evaluators;
    evaluators.push_back(std::make_unique<FirstColumn>());
    std::map<std::int64_t, std::vector<std::uint32_t>> wanted;
    for (std::size_t first = 0; first < stored.size(); first += types::kChunkRows) {
      const auto chunk = chunkOfKeys(stored, first, std::min(types::kChunkRows, stored.size() - first));
      auto keys = table.keysOf(chunk, evaluators);
      QVERIFY(keys.ok());
      QVERIFY(table.add(chunk, std::move(keys).value()).ok());
    }
    for (std::size_t row = 0; row < stored.size(); ++row)
      if (stored[row]) wanted[*stored[row]].push_back(static_cast<std::uint32_t>(row));
    QVERIFY(table.finish().ok());
    QVERIFY(table.keysAtLeast() <= wanted.size());
    QCOMPARE(table.keysAtLeast() == 0, wanted.empty());

    // Keys that are there, keys that may be, and those right beside the ends.
    auto asked = randomKeys(from, to, 3);
    asked.insert(asked.end(), stored.begin(), stored.end());
    for (const auto key : {from, to}) {
      if (key > INT64_MIN) asked.emplace_back(key - 1);
      if (key < INT64_MAX) asked.emplace_back(key + 1);
    }
    for (std::size_t first = 0; first < asked.size(); first += types::kChunkRows) {
      const auto count = std::min(types::kChunkRows, asked.size() - first);
      const auto keys = table.keysOf(chunkOfKeys(asked, first, count), evaluators);
      QVERIFY(keys.ok());
      std::vector<std::uint32_t> rows;
      table.firstRows(*keys, rows);
      for (std::size_t at = 0; at < count; ++at) {
        std::vector<std::uint32_t> found;
        for (auto row = rows[at]; row != kNoRow; row = table.nextRow(row)) found.push_back(row);
        const auto& key = asked[first + at];
        const auto expected = key ? wanted.find(*key) : wanted.end();
        QCOMPARE(found, expected == wanted.end() ? std::vector<std::uint32_t>() : expected->second);
      }
    }
  }

 private:
  Keys randomKeys(std::int64_t from, std::int64_t to, int nullsOfHundred) {
    std::uniform_int_distribution<std::int64_t> keys(from, to);
    std::uniform_int_distribution<int> hundred(0, 99);
    Keys made(kRows);
    for (auto& key : made)
      if (hundred(m_random) >= nullsOfHundred) key = keys(m_random);
    return made;
  }

  std::mt19937 m_random;
};

QTEST_APPLESS_MAIN(TestJoinTable)
#include "tst_join_table.moc"
