// Symbol tables: round trips from a printed seed, the documented table, and that damaged tables and codes are refused
// or give some strings. All buffers end where the contract says, so that the address sanitizer sees one byte more.
#include <QFile>
#include <QtTest>

#include "../types/random_values.h"
#include "storage/padded_text.h"
#include "storage/symbol_table.h"

using namespace drift;
using namespace drift::storage;

namespace {

using Strings = std::vector<std::string>;

std::vector<std::string_view> views(const Strings& strings) { return {strings.begin(), strings.end()}; }

/// A table and what it makes of some strings.
struct Encoded {
  Bytes table;
  Bytes codes;
  std::vector<std::uint32_t> counts;
  std::size_t rawBytes = 0;
};

Encoded encode(const Strings& strings, const Strings& sample) {
  const SymbolEncoder encoder(views(sample), 10);
  Encoded encoded;
  ByteWriter out(encoded.table);
  encoder.writeTable(out);
  for (const auto& text : strings) encoded.rawBytes += text.size();
  encoded.codes.resize(SymbolEncoder::roomFor(encoded.rawBytes));
  std::vector<std::uint64_t> counts(strings.size());
  const auto* end = encoder.encode(views(strings), encoded.codes.data(), counts);
  encoded.codes.resize(static_cast<std::size_t>(end - encoded.codes.data()));
  encoded.counts.assign(counts.begin(), counts.end());
  return encoded;
}

/// All strings at once; nothing where the codes are refused.
std::optional<Strings> decodeAll(const SymbolTable& table, const Encoded& encoded) {
  const auto bytes = std::make_unique<char[]>(encoded.rawBytes + kPaddingBytes);
  std::vector<types::StringRef> refs(encoded.counts.size());
  const auto status =
      table.decodeAll(encoded.codes, encoded.counts, std::span(bytes.get(), encoded.rawBytes), refs);
  if (!status.ok()) {
    if (status.error().kind() != ErrorKind::DataCorrupted) qFatal("%s", status.error().toString().c_str());
    return std::nullopt;
  }
  Strings strings;
  for (const auto& ref : refs) strings.emplace_back(ref.view());
  return strings;
}

}  // namespace

class TestSymbolTable : public QObject {
  Q_OBJECT

 private slots:
  void stringsComeBack_data() {
    QTest::addColumn<int>("letters");
    QTest::addColumn<int>("lengthMax");
    for (const int letters : {1, 2, 5, 30, 256})
      for (const int lengthMax : {1, 7, 8, 9, 40, 3000})
        QTest::addRow("%d letters, %d bytes", letters, lengthMax) << letters << lengthMax;
  }
  void stringsComeBack() {
    QFETCH(const int, letters);
    QFETCH(const int, lengthMax);
    for (const int count : {0, 1, 2, 3, 50}) {
      Strings strings;
      for (int i = 0; i < count; ++i) strings.push_back(someText(letters, lengthMax));
      // Trained on themselves, on others and on nothing.
      comeBack(strings, strings);
      comeBack(strings, {someText(4, 300), someText(4, 300)});
      comeBack(strings, {});
    }
  }

  void wordsTakeAThird() {
    const auto strings = sentences(300);
    const auto encoded = encode(strings, strings);
    QVERIFY2(encoded.codes.size() * 3 < encoded.rawBytes, qPrintable(QString::number(encoded.codes.size())));
    QVERIFY(encoded.table.size() < 1500);
    comeBack(strings, strings);
  }

  void bytesWithoutSymbolsTakeTwo() {
    const Strings strings{"abc", "", "\xff"};
    const auto encoded = encode(strings, {});
    QCOMPARE(encoded.codes.size(), std::size_t{8});
    QCOMPARE(encoded.counts, (std::vector<std::uint32_t>{6, 0, 2}));
    comeBack(strings, {});
  }

  void tablesAreAsDocumented_data() {
    QTest::addColumn<QByteArray>("encoded");
    const auto [strings, encoded] = documented();
    const auto hex = [](const Bytes& bytes) {
      return QByteArray(reinterpret_cast<const char*>(bytes.data()), static_cast<qsizetype>(bytes.size())).toHex();
    };
    QTest::newRow("symbols, table") << hex(encoded.table);
    QTest::newRow("symbols, codes") << hex(encoded.codes);
  }
  void tablesAreAsDocumented() {
    QFETCH(const QByteArray, encoded);
    QFile file(QStringLiteral(DRIFT_SOURCE_DIR "/docs/formats/tree.md"));
    QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(file.fileName()));
    const auto line = '\n' + QByteArray(QTest::currentDataTag()) + ": " + encoded + '\n';
    QVERIFY2(file.readAll().contains(line), line.constData());
  }

  void damagedCodesDoNoHarm() {
    const auto [strings, encoded] = documented();
    SymbolTable table;
    ByteReader in(encoded.table);
    QVERIFY(table.open(in).ok());
    for (std::size_t at = 0; at < encoded.codes.size(); ++at)
      for (int value = 0; value < 256; ++value) {
        auto damaged = encoded;
        damaged.codes[at] = static_cast<std::byte>(value);
        read(table, damaged);
      }
    // As many codes as before, that stand for more or for fewer bytes.
    for (std::size_t rawBytes = 0; rawBytes < 2 * encoded.rawBytes; ++rawBytes) {
      auto damaged = encoded;
      damaged.rawBytes = rawBytes;
      QCOMPARE(decodeAll(table, damaged).has_value(), rawBytes == encoded.rawBytes);
    }
  }

  void damagedTablesDoNoHarm() {
    const auto [strings, encoded] = documented();
    const auto tryTable = [&](const Bytes& bytes) {
      SymbolTable table;
      ByteReader in(bytes);
      if (const auto status = table.open(in); status.ok()) read(table, encoded);
      else QCOMPARE(status.error().kind(), ErrorKind::DataCorrupted);
    };
    for (std::size_t at = 0; at < encoded.table.size(); ++at)
      for (int value = 0; value < 256; ++value) {
        auto damaged = encoded.table;
        damaged[at] = static_cast<std::byte>(value);
        tryTable(damaged);
      }
    for (std::size_t size = 0; size < encoded.table.size(); ++size)
      tryTable(Bytes(encoded.table.begin(), encoded.table.begin() + static_cast<std::ptrdiff_t>(size)));
    for (int round = 0; round < 2000; ++round) {
      Bytes noise(static_cast<std::size_t>(m_random.between(1, 400)));
      for (auto& byte : noise) byte = static_cast<std::byte>(m_random.between(0, m_random.between(0, 1) ? 255 : 30));
      tryTable(noise);
    }
  }

 private:
  /// The strings whose table and codes are in the document.
  static std::pair<Strings, Encoded> documented() {
    const Strings strings{"red door, red gate", "blue door, red gate", "blue gate!"};
    return {strings, encode(strings, strings)};
  }

  std::string someText(int letters, int lengthMax) {
    std::string text(static_cast<std::size_t>(m_random.between(0, lengthMax)), '\0');
    for (auto& letter : text) letter = static_cast<char>((letters > 250 ? 0 : 'a') + m_random.between(0, letters - 1));
    return text;
  }

  Strings sentences(int count) {
    static constexpr const char* kWords[] = {"order", "pallet", "stock", "Größe", "door", "shipped", "waiting", "to"};
    Strings all;
    for (int i = 0; i < count; ++i) {
      std::string text;
      for (int word = 0; word < 8; ++word) text.append(word ? " " : "").append(kWords[m_random.between(0, 7)]);
      all.push_back(text);
    }
    return all;
  }

  void comeBack(const Strings& strings, const Strings& sample) {
    const auto encoded = encode(strings, sample);
    QVERIFY(encoded.codes.size() <= 2 * encoded.rawBytes);
    const auto again = encode(strings, sample);
    QVERIFY(encoded.table == again.table && encoded.codes == again.codes);
    SymbolTable table;
    ByteReader in(encoded.table);
    QVERIFY(table.open(in).ok());
    QVERIFY(in.atEnd());
    QVERIFY(decodeAll(table, encoded) == strings);
    std::size_t at = 0;
    for (std::size_t i = 0; i < strings.size(); at += encoded.counts[i++]) {
      // Behind the codes of one string nothing can be read.
      const Bytes own(encoded.codes.begin() + static_cast<std::ptrdiff_t>(at),
                      encoded.codes.begin() + static_cast<std::ptrdiff_t>(at + encoded.counts[i]));
      const auto text = table.decode(own);
      QVERIFY(text.ok());
      QVERIFY(*text == strings[i]);
    }
    QCOMPARE(at, encoded.codes.size());
  }

  /// Reads what may be damaged in both ways.
  void read(const SymbolTable& table, const Encoded& encoded) {
    if (const auto all = decodeAll(table, encoded))
      for (const auto& text : *all) m_seen += text.size();
    const auto text = table.decode(encoded.codes);
    if (text.ok()) QVERIFY(text->size() <= encoded.codes.size() * kSymbolBytesMax);
    else QCOMPARE(text.error().kind(), ErrorKind::DataCorrupted);
  }

  types::testing::RandomValues m_random;
  std::size_t m_seen = 0;
};

QTEST_APPLESS_MAIN(TestSymbolTable)
#include "tst_symbol_table.moc"
