// Encodings of columns, numbers and keys: round trips from a printed seed, what is chosen for typical data, sizes,
// and that damaged blocks are refused or give some value, never more than that.
#include <QtTest>

#include <limits>
#include <random>

#include "storage/column_block.h"
#include "storage/integer_block.h"
#include "storage/key_block.h"

using namespace drift;
using namespace drift::storage;

namespace {

constexpr std::size_t kRows = 2048;

template <class R>
auto must(R result) {
  if (!result.ok()) qFatal("%s", result.error().toString().c_str());
  if constexpr (!std::is_void_v<typename R::ValueType>) return std::move(result).value();
}

using Integers = std::vector<std::int64_t>;

Bytes integerBlock(const Integers& values) {
  Bytes block;
  ByteWriter out(block);
  writeIntegerBlock(out, values);
  return block;
}

Bytes keyBlock(const std::vector<std::string>& keys) {
  Bytes block;
  ByteWriter out(block);
  writeKeys(out, std::vector<std::string_view>(keys.begin(), keys.end()));
  return block;
}

/// Calls `read` with every bit of the block flipped alone, and with every shorter block.
template <class Read>
void damage(const Bytes& block, Read read) {
  for (std::size_t bit = 0; bit < block.size() * 8; ++bit) {
    auto damaged = block;
    damaged[bit / 8] ^= std::byte{1} << (bit % 8);
    read(std::move(damaged));
  }
  for (std::size_t size = 0; size < block.size(); ++size) read(Bytes(block.begin(), block.begin() + size));
}

}  // namespace

class TestColumnBlock : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() {
    bool given = false;
    const auto seed = qEnvironmentVariable("DRIFT_SEED").toUInt(&given);
    m_seed = given ? seed : std::random_device{}();
    qInfo("DRIFT_SEED=%u", m_seed);
    m_random.seed(m_seed);
  }

  void integersRoundTrip() {
    constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
    constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
    roundTrip({});
    roundTrip({0});
    roundTrip({kMin});
    roundTrip({kMax, kMin});
    roundTrip({kMin, kMax, 0, -1, 1, kMin, kMax});
    for (int round = 0; round < 400; ++round) roundTrip(someIntegers());
  }

  void encodingOfTypicalIntegers_data() {
    QTest::addColumn<int>("encoding");
    QTest::addColumn<int>("bytesMax");
    QTest::newRow("one value") << int(IntegerEncoding::Constant) << 3;
    QTest::newRow("1 to n") << int(IntegerEncoding::Delta) << 8;
    QTest::newRow("steps of 1 to 100") << int(IntegerEncoding::Delta) << 1900;
    QTest::newRow("0 to 999 at random") << int(IntegerEncoding::Reference) << 2570;
    QTest::newRow("any 64 bits") << int(IntegerEncoding::Reference) << 16410;
    QTest::newRow("long runs") << int(IntegerEncoding::Runs) << 200;
    QTest::newRow("50 far numbers") << int(IntegerEncoding::Dictionary) << 2000;
    QTest::newRow("a pattern that comes again") << int(IntegerEncoding::Lz4) << 2000;
  }
  void encodingOfTypicalIntegers() {
    QFETCH(int, encoding);
    QFETCH(int, bytesMax);
    Integers values(kRows);
    const std::string_view name = QTest::currentDataTag();
    Integers far(600);
    for (auto& value : far) value = static_cast<std::int64_t>(m_random());
    for (std::size_t i = 0; i < kRows; ++i) {
      if (name == "one value") values[i] = -7;
      else if (name == "1 to n") values[i] = static_cast<std::int64_t>(i) + 1;
      else if (name == "steps of 1 to 100") values[i] = (i ? values[i - 1] : 1'000'000) + below(100) + 1;
      else if (name == "0 to 999 at random") values[i] = below(1000);
      else if (name == "any 64 bits") values[i] = static_cast<std::int64_t>(m_random());
      else if (name == "long runs") values[i] = i % 100 ? values[i - 1] : below(1'000'000);
      else if (name == "50 far numbers") values[i] = far[static_cast<std::size_t>(below(50))];
      else values[i] = far[i % 100] >> 20;
    }
    const auto block = integerBlock(values);
    QCOMPARE(int(must(integerEncoding(ByteReader(block)))), encoding);
    QVERIFY2(block.size() <= std::size_t(bytesMax), qPrintable(QString::number(block.size())));
    roundTrip(values);
  }

  void integersOfAnyKindRoundTrip() {
    std::vector<std::uint64_t> values{~0ull, 0, 1ull << 63, 5};
    Bytes block;
    ByteWriter out(block);
    writeIntegers(out, values);
    ByteReader in(block);
    QCOMPARE(must(readIntegers(in, values.size())), values);
    QVERIFY(in.atEnd());
  }

  void narrowIntegersRefuseWideBlocks() {
    const auto block = integerBlock({1, 2, 40'000});
    std::vector<std::int16_t> values(3);
    ByteReader in(block);
    QCOMPARE(readIntegerBlock<std::int16_t>(in, values).error().kind(), ErrorKind::DataCorrupted);
  }

  void damagedIntegersDoNoHarm() {
    for (const auto& values : smallOfEachEncoding()) {
      const auto block = integerBlock(values);
      damage(block, [&](Bytes damaged) {
        for (const auto rows : {values.size(), std::size_t{1}, values.size() + 9}) {
          ByteReader wide(damaged), narrow(damaged), byte(damaged);
          Integers out(rows);
          std::vector<std::int16_t> shorts(rows);
          std::vector<std::int8_t> bytes(rows);
          check(readIntegerBlock<std::int64_t>(wide, out));
          check(readIntegerBlock<std::int16_t>(narrow, shorts));
          check(readIntegerBlock<std::int8_t>(byte, bytes));
        }
      });
    }
  }

  void keysRoundTrip() {
    roundTripKeys(std::vector<std::string>{});
    roundTripKeys(std::vector<std::string>{""});
    roundTripKeys(std::vector<std::string>{"", "", "a"});
    roundTripKeys(std::vector<std::string>{std::string(65'536, 'k'), std::string(65'536, 'k')});
    for (int round = 0; round < 200; ++round) roundTripKeys(someKeys());
  }

  void keysThatShareTooMuchForOneBlockAreWrittenInFull() {
    std::vector<std::string> keys;
    for (int i = 0; i < 300; ++i) keys.push_back(std::string(65'000, 'k') + std::to_string(i) + std::string(20, 'x'));
    roundTripKeys(keys);
  }

  void denseKeysTakeNextToNothing() {
    std::vector<std::string> dense, sparse, texts;
    std::uint64_t number = 1ull << 40;
    for (std::size_t i = 0; i < kRows; ++i) {
      dense.push_back(bigEndian(1'000'000 + i));
      number += 1 + m_random() % 1000;
      sparse.push_back("\x87" + bigEndian(number));
      texts.push_back("customer-" + std::to_string(100'000 + i) + std::string("\0\0", 2));
    }
    sizeIsBelow(keyBlock(dense), 40);
    sizeIsBelow(keyBlock(sparse), 2 * kRows);
    sizeIsBelow(keyBlock(texts), 2 * kRows);
  }

  void damagedKeysDoNoHarm() {
    std::vector<std::vector<std::string>> sets{{"a", "b", "c"}, {"abc", "abd", "abdefghijklmnop", "abdefghijklmnop", "b"}};
    sets.emplace_back();
    for (int i = 0; i < 30; ++i) sets.back().push_back("a common beginning " + std::to_string(i * 7));
    for (const auto& keys : sets)
      damage(keyBlock(keys), [&](Bytes damaged) {
        for (const auto rows : {keys.size(), std::size_t{1}, keys.size() + 9}) {
          ByteReader in(damaged);
          const auto read = readKeys(in, rows);
          check(read);
          if (!read.ok()) continue;
          QCOMPARE(read.value().keys.size(), rows);
          for (const auto& key : read.value().keys) m_seen += key.view().empty() ? 0 : std::size_t(key.view().back());
        }
      });
  }

 private:
  std::int64_t below(std::int64_t end) { return static_cast<std::int64_t>(m_random() % static_cast<std::uint64_t>(end)); }

  static std::string bigEndian(std::uint64_t value) {
    std::string text;
    for (int shift = 56; shift >= 0; shift -= 8) text += static_cast<char>(value >> shift);
    return text;
  }

  Integers someIntegers() {
    static constexpr std::size_t kSizes[] = {1, 2, 3, 7, 8, 9, 63, 64, 65, 1000, 2048, 5000};
    Integers values(kSizes[below(std::size(kSizes))]);
    const auto bits = below(65);
    const auto start = static_cast<std::int64_t>(m_random());
    const auto kind = below(5);
    const auto random = [&] { return bits ? static_cast<std::int64_t>(m_random() >> (64 - bits)) : 0; };
    Integers pool(1 + static_cast<std::size_t>(below(70)));
    for (auto& value : pool) value = random();
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto before = i ? values[i - 1] : start;
      const auto sum = [](std::int64_t a, std::int64_t b) {
        return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
      };
      if (kind == 0) values[i] = sum(start, random());
      else if (kind == 1) values[i] = sum(before, random());
      else if (kind == 2) values[i] = below(20) ? before : random();
      else if (kind == 3) values[i] = pool[static_cast<std::size_t>(below(static_cast<std::int64_t>(pool.size())))];
      else values[i] = pool[i % pool.size()];
    }
    return values;
  }

  std::vector<std::string> someKeys() {
    std::vector<std::string> keys(static_cast<std::size_t>(1 + below(300)));
    const auto lengthMax = below(40);
    const auto letters = 1 + below(255);
    const auto prefix = std::string(static_cast<std::size_t>(below(12)), 'p');
    const bool oneLength = below(2);
    for (auto& key : keys) {
      const auto length = oneLength ? lengthMax : below(lengthMax + 1);
      for (std::int64_t i = 0; i < length; ++i) key += static_cast<char>(below(letters));
      key = prefix + key;
      if (below(10) == 0) key = keys.front();
    }
    if (below(4)) std::ranges::sort(keys);
    return keys;
  }

  /// Blocks of each encoding that are so small that all their bits can be tried.
  std::vector<Integers> smallOfEachEncoding() {
    Integers delta(30), runs(40), dictionary(60), pattern(80);
    for (std::size_t i = 0; i < delta.size(); ++i) delta[i] = static_cast<std::int64_t>(1000 * i + i % 3);
    for (std::size_t i = 0; i < runs.size(); ++i) runs[i] = static_cast<std::int64_t>(i / 10) * 77 % 200;
    for (std::size_t i = 0; i < dictionary.size(); ++i) dictionary[i] = i * i % 5 ? 1ll << 50 : -(1ll << 40);
    for (std::size_t i = 0; i < pattern.size(); ++i) pattern[i] = static_cast<std::int64_t>(i % 9 * i % 9) << (6 * (i % 9));
    std::vector<Integers> all{{5, 5, 5}, {1, 9, 4, 7}, delta, runs, dictionary, pattern};
    return all;
  }

  void sizeIsBelow(const Bytes& block, std::size_t limit) {
    QVERIFY2(block.size() < limit, qPrintable(QString::number(block.size())));
  }

  template <class R>
  void check(const R& result) {
    if (!result.ok()) QCOMPARE(result.error().kind(), ErrorKind::DataCorrupted);
  }

  void roundTrip(const Integers& values) {
    const auto block = integerBlock(values);
    QCOMPARE(integerBlock(values), block);
    ByteReader in(block);
    Integers read(values.size());
    must(readIntegerBlock<std::int64_t>(in, read));
    QCOMPARE(read, values);
    QVERIFY(in.atEnd());
    if (values.empty()) return;
    ByteReader head(block);
    const auto [min, max] = std::ranges::minmax(values);
    QCOMPARE(must(readIntegerBounds(head)), (IntegerBounds{min, max}));
  }

  void roundTripKeys(const std::vector<std::string>& keys) {
    const auto block = keyBlock(keys);
    QCOMPARE(keyBlock(keys), block);
    ByteReader in(block);
    const auto read = must(readKeys(in, keys.size()));
    QVERIFY(in.atEnd());
    QCOMPARE(read.keys.size(), keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) QCOMPARE(read.keys[i].view(), std::string_view(keys[i]));
  }

  unsigned m_seed = 0;
  std::mt19937_64 m_random;
  std::size_t m_seen = 0;
};

QTEST_APPLESS_MAIN(TestColumnBlock)
#include "tst_column_block.moc"
