// Encodings of columns, numbers and keys: round trips from a printed seed, what is chosen for typical data, sizes,
// and that damaged blocks are refused or give some value, never more than that.
#include <QFile>
#include <QtTest>

#include <limits>

#include "../types/random_values.h"
#include "storage/byte_block.h"
#include "storage/column_block.h"
#include "storage/in_place_column.h"
#include "storage/decimal_block.h"
#include "storage/double_block.h"
#include "storage/integer_block.h"
#include "storage/key_block.h"
#include "storage/string_block.h"
#include "types/cast.h"

using namespace drift;
using namespace drift::storage;
using types::Type;
using types::TypeId;
using types::Value;
using types::Vector;

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

using Values = std::vector<Value>;

Vector vectorOf(Type type, const Values& values) {
  Vector column(type, values.size());
  for (std::size_t row = 0; row < values.size(); ++row) column.set(row, values[row]);
  return column;
}

Bytes columnBlock(const Vector& column, std::size_t rows) {
  Bytes block;
  ByteWriter out(block);
  writeColumn(out, column, rows);
  return block;
}

/// A value's bytes: unlike ==, they tell -0 from 0, 1.0 from 1.00, and one NaN from another.
Bytes bytesOf(const Value& value) {
  Bytes bytes;
  ByteWriter out(bytes);
  types::writeValue(out, value);
  return bytes;
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
  void stringsArePackedDenselyOnRequest() {
    std::mt19937 random(5);
    const std::string words[] = {"leaf ", "epoch ", "commit ", "the ", "of ", "moment ", "is ", "older ", "than "};
    Values texts;
    for (int n = 0; n < 20; ++n) {
      std::string text;
      while (text.size() < 5000) text += words[random() % std::size(words)] + std::to_string(random() % 10);
      texts.push_back(Value::text(text));
    }
    for (const auto count : {std::size_t{1}, texts.size()}) {
      const auto column = vectorOf(TypeId::Text, Values(texts.begin(), texts.begin() + static_cast<std::ptrdiff_t>(count)));
      const auto plain = columnBlock(column, count);
      DensePacker packer(SIZE_MAX);
      Bytes dense;
      ByteWriter out(dense);
      writeColumn(out, column, count, &packer);
      QVERIFY(plain.size() < 5000 * count);
      QVERIFY2(dense.size() * 10 < plain.size() * 8, qPrintable(QString::number(dense.size())));
      ByteReader in(dense);
      const auto read = readColumn(in, TypeId::Text, count);
      QVERIFY(read.ok() && in.atEnd());
      for (std::size_t row = 0; row < count; ++row) QVERIFY(read->get(row) == texts[row]);
    }
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
    for (auto& value : far) value = static_cast<std::int64_t>(m_random.bits());
    for (std::size_t i = 0; i < kRows; ++i) {
      if (name == "one value") values[i] = -7;
      else if (name == "1 to n") values[i] = static_cast<std::int64_t>(i) + 1;
      else if (name == "steps of 1 to 100") values[i] = (i ? values[i - 1] : 1'000'000) + below(100) + 1;
      else if (name == "0 to 999 at random") values[i] = below(1000);
      else if (name == "any 64 bits") values[i] = static_cast<std::int64_t>(m_random.bits());
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
      number += 1 + m_random.bits() % 1000;
      sparse.push_back("\x87" + bigEndian(number));
      texts.push_back("customer-" + std::to_string(100'000 + i) + std::string("\0\0", 2));
    }
    sizeIsBelow(keyBlock(dense), 40);
    sizeIsBelow(keyBlock(sparse), 2 * kRows);
    sizeIsBelow(keyBlock(texts), 2 * kRows);
  }

  void denseBlocksRoundTrip() {
    DensePacker packer;
    for (const std::size_t size : {0, 1, 1023, 1024, 5000, 300'000, 3'000'000})
      for (const int letters : {1, 3, 60, 256}) {
        Bytes raw(size);
        for (auto& byte : raw) byte = static_cast<std::byte>(below(letters));
        Bytes block;
        ByteWriter out(block);
        packer.writeBlock(out, raw);
        ByteReader in(block);
        QVERIFY(must(readBlock(in)) == raw);
        QVERIFY(in.atEnd());
        QVERIFY(block.size() <= raw.size() + 16);
        // Large ones are packed fast: not what only the frequency of letters would make smaller.
        const int lettersMax = size < 256 * 1024 ? 60 : 3;
        if (size > 4000 && letters <= lettersMax) QVERIFY(block.size() < raw.size() * 9 / 10);
      }
  }

  void damagedDenseBlocksDoNoHarm() {
    DensePacker packer;
    Bytes raw(1500), block;
    for (auto& byte : raw) byte = static_cast<std::byte>(below(4));
    ByteWriter out(block);
    packer.writeBlock(out, raw);
    damage(block, [&](const Bytes& damaged) {
      ByteReader in(damaged);
      const auto read = readBlock(in);
      check(read);
      if (read.ok()) m_seen += read->size();
    });
  }

  void damagedKeysDoNoHarm() {
    std::vector<std::vector<std::string>> sets{{"a", "b", "c"},
                                               {"abc", "abd", "abdefghijklmnop", "abdefghijklmnop", "b"}};
    sets.emplace_back();
    for (int i = 0; i < 30; ++i) sets.back().push_back("a common beginning " + std::to_string(i * 7));
    for (const auto& keys : sets)
      damage(keyBlock(keys), [&](Bytes damaged) {
        for (const auto rows : {keys.size(), std::size_t{1}, keys.size() + 9}) {
          ByteReader in(damaged);
          const auto read = readKeys(in, rows);
          check(read);
          if (!read.ok()) continue;
          QCOMPARE(read.value().size(), rows);
          for (std::size_t i = 0; i < rows; ++i) {
            const auto key = read.value()[i];
            m_seen += key.view().empty() ? 0 : std::size_t(key.view().back());
          }
        }
      });
  }

  void vectorsAreAsDocumented_data() {
    QTest::addColumn<QByteArray>("encoded");
    const auto row = [](const char* name, const Bytes& block) {
      QTest::newRow(name)
          << QByteArray(reinterpret_cast<const char*>(block.data()), static_cast<qsizetype>(block.size())).toHex();
    };
    Integers runs(60, 5), dictionary;
    std::fill(runs.begin() + 20, runs.end(), 900);
    for (int i = 0; i < 16; ++i) dictionary.push_back(i % 3 ? 1'000'000 : -1'000'000);
    row("integers, constant", integerBlock({7, 7, 7}));
    row("integers, frame of reference", integerBlock({100, 103, 101, 107}));
    row("integers, delta", integerBlock({1000, 2000, 3001, 4000, 5000, 6002}));
    row("integers, runs", integerBlock(runs));
    row("integers, dictionary", integerBlock(dictionary));
    row("keys, numbers", keyBlock({"k-001", "k-002", "k-003"}));
    row("keys, front-coded", keyBlock({"ax", "axle x", "b x"}));
    row("column, integers",
        columnBlock(vectorOf(TypeId::Integer, {Value::integer(1), Value::null(TypeId::Integer), Value::integer(4)}),
                    3));
    row("column, doubles",
        columnBlock(vectorOf(TypeId::Double, {Value::real(1.5), Value::real(-0.0), Value::real(2.25), Value::real(3),
                                              Value::real(1), Value::real(1), Value::real(1), Value::real(2)}),
                    8));
    row("column, numerics",
        columnBlock(vectorOf(TypeId::Numeric, {Value::numeric({150, 2}), Value::numeric({25, 1})}), 2));
    row("column, texts",
        columnBlock(
            vectorOf(TypeId::Text, {Value::text("on"), Value::text("off"), Value::text("on"), Value::text("on")}), 4));
  }
  void vectorsAreAsDocumented() {
    QFETCH(const QByteArray, encoded);
    QFile file(QStringLiteral(DRIFT_SOURCE_DIR "/docs/formats/tree.md"));
    QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(file.fileName()));
    const auto line = '\n' + QByteArray(QTest::currentDataTag()) + ": " + encoded + '\n';
    QVERIFY2(file.readAll().contains(line), line.constData());
  }

  void columnsRoundTrip_data() {
    QTest::addColumn<int>("type");
    for (const auto type : types::testing::kAllTypes)
      QTest::newRow(Type(type).name().c_str()) << static_cast<int>(type);
  }
  void columnsRoundTrip() {
    QFETCH(const int, type);
    const auto id = static_cast<TypeId>(type);
    m_inPlace = 0;
    for (const std::size_t rows : {0, 1, 2, 15, 16, 17, 300, 2048, 5000})
      for (const int nulls : {0, 1, 50, 99, 100})
        for (const auto shape : kShapes) roundTripColumn(id, someValues(id, rows, nulls, shape));
    QVERIFY(m_inPlace > 0);
  }

  void edgesRoundTrip() {
    using Limits = std::numeric_limits<double>;
    Values doubles;
    for (const double value : {0.0, -0.0, Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN(), Limits::max(),
                               Limits::min(), Limits::denorm_min(), 0.1, 1e300, 9007199254740993.0, 1.0 / 3})
      doubles.push_back(Value::real(value));
    doubles.push_back(Value::real(std::bit_cast<double>(0xfff8'0000'0000'0001)));  // a NaN with a sign and a payload
    roundTripColumn(TypeId::Double, doubles);
    for (const auto& value : doubles) roundTripColumn(TypeId::Double, {value});
    Values prices(200, Value::real(12.25));
    for (std::size_t i = 0; i < prices.size(); ++i) prices[i] = Value::real(static_cast<double>(i) / 100);
    for (std::size_t i = 0; i < 5; ++i) prices[i * 31] = doubles[i];
    roundTripColumn(TypeId::Double, prices);
    roundTripColumn(TypeId::Text,
                    {Value::text(""), Value::text(std::string(70'000, 'x')), Value::text(std::string(3, '\0'))});
    roundTripColumn(TypeId::Bytea, Values(20, Value::bytea(std::string(40, '\xff'))));
    Values high(20, Value::bytea(std::string(40, '\xff')));
    high[3] = Value::bytea("");
    roundTripColumn(TypeId::Bytea, high);
    const auto most = must(types::parseDecimal(std::string(38, '9')));
    roundTripColumn(TypeId::Numeric,
                    {Value::numeric(most), Value::numeric(types::negate(most)), Value::numeric({5, 38}),
                     Value::numeric(types::Decimal::nan()), Value::numeric({0, 38})});
    roundTripColumn(TypeId::Numeric, {Value::numeric({0, 38}), Value::numeric({0, 0}), Value::numeric({7, 20})});
    for (const auto id : {TypeId::SmallInt, TypeId::Integer, TypeId::BigInt}) {
      const int shift = id == TypeId::SmallInt ? 48 : id == TypeId::Integer ? 32 : 0;
      const Value min(id, std::numeric_limits<std::int64_t>::min() >> shift);
      const Value max(id, std::numeric_limits<std::int64_t>::max() >> shift);
      roundTripColumn(id, {min, max, min, max});
      roundTripColumn(id, {max});
    }
  }

  void columnsOfAnyKindAreWritten() {
    const auto flat =
        vectorOf(TypeId::Text, {Value::text("a"), Value::null(TypeId::Text), Value::text("a longer text, not inline")});
    const types::Selection twice{2, 2, 1, 0};
    const auto block = columnBlock(Vector::select(flat, twice), 4);
    QCOMPARE(block, columnBlock(Vector::select(flat, twice).flattened(4), 4));
    QCOMPARE(columnBlock(Vector::constant(Value::integer(7)), 900),
             columnBlock(vectorOf(TypeId::Integer, Values(900, Value::integer(7))), 900));
  }

  void whatLiesUnderNullsIsNotStored() {
    Values values(100, Value::bigInt(5));
    for (std::size_t row = 0; row < values.size(); row += 3) values[row] = Value::null(TypeId::BigInt);
    const auto column = vectorOf(TypeId::BigInt, values);
    auto other = vectorOf(TypeId::BigInt, values);
    for (std::size_t row = 0; row < values.size(); row += 3)
      other.data<std::int64_t>()[row] = static_cast<std::int64_t>(m_random.bits());
    QCOMPARE(columnBlock(other, values.size()), columnBlock(column, values.size()));
    const auto block = columnBlock(other, values.size());
    ByteReader in(block);
    const auto read = must(readColumn(in, TypeId::BigInt, values.size()));
    QCOMPARE(read.view().data<std::int64_t>()[3], std::int64_t{0});
  }

  void encodingOfTypicalColumns_data() {
    QTest::addColumn<int>("type");
    QTest::addColumn<int>("encoding");  // the byte behind the number of NULLs
    QTest::addColumn<int>("bytesMax");
    const auto row = [](const char* name, TypeId type, auto encoding, int bytesMax) {
      QTest::newRow(name) << static_cast<int>(type) << static_cast<int>(encoding) << bytesMax;
    };
    row("prices", TypeId::Double, DoubleEncoding::Decimals, 2100 * 17 / 8);
    row("prices with gaps", TypeId::Double, DoubleEncoding::Decimals, 2100 * 17 / 8 + 300);
    row("measurements", TypeId::Double, DoubleEncoding::Bits, 2100 * 8);
    row("cents", TypeId::Numeric, DecimalEncoding::Integers, 2100 * 17 / 8);
    row("amounts of any scale", TypeId::Numeric, DecimalEncoding::Integers, 2100 * 26 / 8);
    row("amounts of 38 digits", TypeId::Numeric, DecimalEncoding::Plain, 2100 * 17);
    row("countries", TypeId::Text, StringEncoding::Dictionary, 2100 * 3 / 8);
    row("one country", TypeId::Text, StringEncoding::Constant, 20);
    row("names", TypeId::Text, StringEncoding::Symbols, 2100 * 9);
    row("flags", TypeId::Boolean, IntegerEncoding::Reference, 270);
    row("row numbers", TypeId::BigInt, IntegerEncoding::Delta, 12);
    row("days", TypeId::Date, IntegerEncoding::Runs, 200);
    row("times", TypeId::TimestampTz, IntegerEncoding::Delta, 2100 * 21 / 8);
  }
  void encodingOfTypicalColumns() {
    QFETCH(const int, type);
    QFETCH(const int, encoding);
    QFETCH(const int, bytesMax);
    const auto id = static_cast<TypeId>(type);
    const std::string_view name = QTest::currentDataTag();
    Values values;
    for (std::size_t i = 0; i < kRows; ++i) values.push_back(typical(name, static_cast<std::int64_t>(i)));
    const auto block = columnBlock(vectorOf(id, values), kRows);
    QCOMPARE(block[0], std::byte{0});
    QCOMPARE(static_cast<int>(block[1]), encoding);
    QVERIFY2(block.size() <= static_cast<std::size_t>(bytesMax), qPrintable(QString::number(block.size())));
    roundTripColumn(id, values);
  }

  void nullsTakeNextToNothing() {
    const Values nulls(kRows, Value::null(TypeId::Text));
    sizeIsBelow(columnBlock(vectorOf(TypeId::Text, nulls), kRows), 4);
    Values few(kRows, Value::integer(1));
    few[700] = Value::null(TypeId::Integer);
    sizeIsBelow(columnBlock(vectorOf(TypeId::Integer, few), kRows), 40);
    Values half = nulls;
    for (std::size_t row = 0; row < kRows; ++row) half[row] = below(2) ? Value::text("set") : nulls[row];
    sizeIsBelow(columnBlock(vectorOf(TypeId::Text, half), kRows), kRows / 8 + 20);
  }

  void aZoneOfTextsIsRoundedOutward() {
    Values values(20, Value::text("a common beginning, then b"));
    values[5] = Value::text("a common beginning, then a");
    values[6] = Value::text("\xff\xff");
    const auto block = columnBlock(vectorOf(TypeId::Text, values), values.size());
    auto zone = must(readZone(ByteReader(block), TypeId::Text, values.size()));
    QCOMPARE(zone.min->asString(), std::string("a common beginni"));
    QCOMPARE(zone.max->asString(), std::string("\xff\xff"));
    values.resize(6);
    values.resize(20, Value::text("a"));
    const auto lower = columnBlock(vectorOf(TypeId::Text, values), values.size());
    zone = must(readZone(ByteReader(lower), TypeId::Text, values.size()));
    QCOMPARE(zone.min->asString(), std::string("a"));
    QCOMPARE(zone.max->asString(), std::string("a common beginnj"));
    const Values top(20, Value::text(std::string(17, '\xff')));
    const auto highest = columnBlock(vectorOf(TypeId::Text, top), top.size());
    QVERIFY(!must(readZone(ByteReader(highest), TypeId::Text, top.size())).max);
  }

  void damagedColumnsDoNoHarm_data() { columnsRoundTrip_data(); }
  void damagedColumnsDoNoHarm() {
    QFETCH(const int, type);
    const auto id = static_cast<TypeId>(type);
    for (const auto shape : kShapes)
      for (const int nulls : {0, 30}) {
        const auto values = someValues(id, 24, nulls, shape);
        damage(columnBlock(vectorOf(id, values), values.size()), [&](const Bytes& damaged) {
          for (const auto rows : {values.size(), std::size_t{1}, values.size() + 9}) {
            ByteReader in(damaged);
            const auto read = readColumn(in, id, rows);
            check(read);
            check(readZone(ByteReader(damaged), id, rows));
            readInPlace(damaged, id, rows);
            if (!read.ok()) continue;
            for (std::size_t row = 0; row < rows; ++row) m_seen += bytesOf(read.value().get(row)).size();
          }
        });
      }
  }

  void noiseDoesNoHarm_data() { columnsRoundTrip_data(); }
  void noiseDoesNoHarm() {
    QFETCH(const int, type);
    const auto id = static_cast<TypeId>(type);
    for (int round = 0; round < 3000; ++round) {
      Bytes noise(static_cast<std::size_t>(1 + below(60)));
      for (auto& byte : noise) byte = static_cast<std::byte>(below(3) ? below(8) : below(256));
      ByteReader column(noise), keys(noise), integers(noise);
      const auto rows = static_cast<std::size_t>(below(40));
      check(readColumn(column, id, rows));
      check(readZone(ByteReader(noise), id, rows));
      if (rows > 0) readInPlace(noise, id, rows);
      check(readKeys(keys, rows));
      check(readIntegers(integers, rows));
    }
  }

 private:
  enum class Shape { Any, Few, Runs, One, Rising };
  static constexpr Shape kShapes[] = {Shape::Any, Shape::Few, Shape::Runs, Shape::One, Shape::Rising};

  Values someValues(TypeId type, std::size_t rows, int nullPercent, Shape shape) {
    Values pool;
    for (std::size_t i = 0; i < (shape == Shape::One ? 1 : shape == Shape::Few ? 7 : rows + 1); ++i)
      pool.push_back(m_random.value(type));
    if (shape == Shape::Rising)
      std::ranges::sort(pool, [](const Value& a, const Value& b) { return types::compareValues(a, b) < 0; });
    Values values;
    for (std::size_t row = 0, run = 0; row < rows; ++row) {
      if (shape == Shape::Runs && below(20) == 0) run = row;
      const auto at = shape == Shape::Few ? static_cast<std::size_t>(below(7)) : shape == Shape::Runs ? run : row;
      values.push_back(below(100) < nullPercent ? Value::null(type) : pool[at % pool.size()]);
    }
    return values;
  }

  Value typical(std::string_view name, std::int64_t row) {
    static constexpr const char* kCountries[] = {"Austria", "Brazil", "Canada", "Denmark"};
    if (name == "prices") return Value::real(static_cast<double>(below(100'000)) / 100);
    if (name == "prices with gaps")
      return Value::real(row % 50 ? static_cast<double>(below(100'000)) / 100
                                  : std::numeric_limits<double>::quiet_NaN());
    if (name == "measurements") return Value::real(1 + static_cast<double>(m_random.bits() >> 11) * 0x1p-53);
    if (name == "cents") return Value::numeric({below(100'000), 2});
    if (name == "amounts of any scale") return Value::numeric({below(100'000), static_cast<int>(below(3))});
    if (name == "amounts of 38 digits") return Value::numeric({static_cast<types::Int128>(m_random.bits()) << 60, 2});
    if (name == "countries") return Value::text(kCountries[below(4)]);
    if (name == "one country") return Value::text(kCountries[0]);
    if (name == "names") return Value::text("name " + std::to_string(m_random.bits() % 1'000'000'000));
    if (name == "flags") return Value::boolean(below(2));
    if (name == "row numbers") return Value::bigInt(row + 1'000'000);
    if (name == "days") return Value::date(static_cast<std::int32_t>(19'000 + row / 60));
    return Value::timestampTz(1'700'000'000'000'000 + row * 1'000'000 + below(900'000));
  }

  void roundTripColumn(TypeId type, const Values& values) {
    const auto block = columnBlock(vectorOf(type, values), values.size());
    ByteReader in(block);
    const auto read = must(readColumn(in, type, values.size()));
    QVERIFY(in.atEnd());
    QCOMPARE(columnBlock(read, values.size()), block);
    const auto zone = must(readZone(ByteReader(block), type, values.size()));
    std::uint64_t nulls = 0;
    std::unique_ptr<const InPlaceColumn> inPlace;
    if (!values.empty()) inPlace = must(InPlaceColumn::open(ByteReader(block), type, values.size()));
    m_inPlace += inPlace != nullptr;
    for (std::size_t row = 0; row < values.size(); ++row) {
      const auto& value = values[row];
      QCOMPARE(bytesOf(read.get(row)), bytesOf(value));
      if (inPlace) QCOMPARE(bytesOf(must(inPlace->get(row))), bytesOf(value));
      nulls += value.isNull();
      if (value.isNull()) continue;
      if (zone.min) QVERIFY(types::compareValues(*zone.min, value) <= 0);
      if (zone.max) QVERIFY(types::compareValues(value, *zone.max) <= 0);
    }
    QCOMPARE(zone.nullCount, nulls);
    if (nulls == values.size()) QVERIFY(!zone.min && !zone.max);
  }

  std::int64_t below(std::int64_t end) {
    return static_cast<std::int64_t>(m_random.bits() % static_cast<std::uint64_t>(end));
  }

  static std::string bigEndian(std::uint64_t value) {
    std::string text;
    for (int shift = 56; shift >= 0; shift -= 8) text += static_cast<char>(value >> shift);
    return text;
  }

  Integers someIntegers() {
    static constexpr std::size_t kSizes[] = {1, 2, 3, 7, 8, 9, 63, 64, 65, 1000, 2048, 5000};
    Integers values(kSizes[below(std::size(kSizes))]);
    const auto bits = below(65);
    const auto start = static_cast<std::int64_t>(m_random.bits());
    const auto kind = below(5);
    const auto random = [&] { return bits ? static_cast<std::int64_t>(m_random.bits() >> (64 - bits)) : 0; };
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
    for (std::size_t i = 0; i < pattern.size(); ++i)
      pattern[i] = static_cast<std::int64_t>(i % 9 * i % 9) << (6 * (i % 9));
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

  /// Reads values of what may be damaged.
  void readInPlace(const Bytes& block, types::Type type, std::size_t rows) {
    const auto column = InPlaceColumn::open(ByteReader(block), type, rows);
    check(column);
    if (!column.ok() || !*column) return;
    for (const auto row : {std::size_t{0}, rows / 2, rows - 1}) check((*column)->get(row));
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
    QCOMPARE(read.size(), keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const auto key = read[i];
      QCOMPARE(key.view(), std::string_view(keys[i]));
    }
    if (std::ranges::is_sorted(keys))
      for (std::size_t i = 0; i < keys.size(); ++i) {
        const auto last = std::ranges::upper_bound(keys, keys[i]) - keys.begin() - 1;
        QCOMPARE(read.findLast(types::StringRef(keys[i])), std::optional(static_cast<std::uint32_t>(last)));
      }
  }

  types::testing::RandomValues m_random;
  std::size_t m_seen = 0;
  std::size_t m_inPlace = 0;  // values that took no decoding of the others
};

QTEST_APPLESS_MAIN(TestColumnBlock)
#include "tst_column_block.moc"
