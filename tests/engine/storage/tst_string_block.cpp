// String blocks: round trips from a printed seed, that one string alone is what it is among all, what is chosen for
// typical texts, the documented block, and that damaged blocks are refused or give some strings.
#include <QFile>
#include <QtTest>

#include <map>

#include "../types/random_values.h"
#include "storage/string_block.h"

using namespace drift;
using namespace drift::storage;

namespace {

using Strings = std::vector<std::string>;

std::vector<std::string_view> views(const Strings& strings) { return {strings.begin(), strings.end()}; }

Bytes blockOf(const Strings& strings) {
  Bytes block;
  ByteWriter out(block);
  writeStringBlock(out, views(strings));
  return block;
}

std::size_t bytesOf(const Strings& strings) {
  std::size_t total = 0;
  for (const auto& text : strings) total += text.size();
  return total;
}

StringEncoding encodingOf(const Bytes& block) { return static_cast<StringEncoding>(block.at(0)); }

}  // namespace

class TestStringBlock : public QObject {
  Q_OBJECT

 private slots:
  void stringsComeBack_data() {
    QTest::addColumn<QString>("kind");
    for (const auto* kind : {"words", "lines of UTF-8", "any bytes", "few letters", "numbers", "short", "mostly empty",
                             "one long", "all long"})
      QTest::newRow(kind) << QString(kind);
  }
  void stringsComeBack() {
    QFETCH(const QString, kind);
    std::map<StringEncoding, int> seen;
    for (const int count : {1, 2, 15, 16, 31, 32, 33, 64, 65, 300, 2048, 5000}) {
      if (kind == "all long" && count > 300) continue;
      Strings strings;
      for (int i = 0; i < count; ++i) strings.push_back(someText(kind, i));
      const auto block = blockOf(strings);
      QVERIFY(block == blockOf(strings));
      ++seen[encodingOf(block)];
      ByteReader in(block);
      std::vector<types::StringRef> refs(strings.size());
      const auto owner = readStringBlock(in, refs);
      QVERIFY(owner.ok());
      QVERIFY(in.atEnd());
      ByteReader again(block);
      const auto inPlace = InPlaceStrings::open(again, strings.size());
      QVERIFY(inPlace.ok());
      const auto encoding = encodingOf(block);
      if (encoding == StringEncoding::Plain) QVERIFY(!*inPlace);
      if (encoding == StringEncoding::Constant || encoding == StringEncoding::Symbols) QVERIFY(*inPlace);
      if (*inPlace) QVERIFY(again.atEnd());
      for (std::size_t i = 0; i < strings.size(); ++i) {
        QVERIFY(refs[i].view() == strings[i]);
        if (*inPlace) QCOMPARE((*inPlace)->get(i).value(), strings[i]);
      }
      ByteReader head(block);
      const auto bounds = readStringBounds(head);
      QVERIFY(bounds.ok());
      const auto [min, max] = std::ranges::minmax(strings);
      QVERIFY(bounds->min <= min);
      if (!bounds->max.empty()) QVERIFY(bounds->max >= max);
    }
    if (kind == "words") QVERIFY(seen[StringEncoding::Symbols] >= 2);
  }

  void encodingOfTypicalTexts_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<int>("count");
    QTest::addColumn<int>("encoding");
    QTest::addColumn<int>("percentMax");
    const auto row = [](const char* kind, int count, StringEncoding encoding, int percentMax) {
      QTest::addRow("%s, %d", kind, count) << QString(kind) << count << static_cast<int>(encoding) << percentMax;
    };
    row("words", 2048, StringEncoding::Symbols, 40);
    row("words", 100, StringEncoding::Plain, 75);  // soon unpacked, and a table would be a good part
    row("lines of UTF-8", 2048, StringEncoding::Symbols, 50);
    row("numbers", 2048, StringEncoding::Symbols, 75);
    row("any bytes", 2048, StringEncoding::Plain, 105);
    row("all long", 300, StringEncoding::Plain, 90);
    row("countries", 2048, StringEncoding::Dictionary, 6);
    row("copies", 2048, StringEncoding::Plain, 12);  // LZ4 sees what is farther apart than a symbol is long
  }
  void encodingOfTypicalTexts() {
    QFETCH(const QString, kind);
    QFETCH(const int, count);
    QFETCH(const int, encoding);
    QFETCH(const int, percentMax);
    Strings strings;
    for (int i = 0; i < count; ++i) strings.push_back(someText(kind, i));
    const auto block = blockOf(strings);
    const auto percent = block.size() * 100 / bytesOf(strings);
    QVERIFY2(percent <= static_cast<std::size_t>(percentMax), qPrintable(QString::number(percent)));
    QCOMPARE(static_cast<int>(encodingOf(block)), encoding);
  }

  /// The block is in the document; writers make such small ones of another kind.
  void theDocumentedBlockIsRead() {
    QFile file(QStringLiteral(DRIFT_SOURCE_DIR "/docs/formats/tree.md"));
    QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(file.fileName()));
    const QByteArray name = "\nstring block, symbols: ";
    const auto text = file.readAll();
    const auto from = text.indexOf(name) + name.size();
    QVERIFY(from >= name.size());
    const auto raw = QByteArray::fromHex(text.mid(from, text.indexOf('\n', from) - from));
    const auto span = std::as_bytes(std::span(raw.data(), static_cast<std::size_t>(raw.size())));
    const Bytes block(span.begin(), span.end());
    const Strings strings{"red door, red gate", "blue door, red gate", "blue gate!"};
    ByteReader in(block);
    std::vector<types::StringRef> refs(strings.size());
    const auto owner = readStringBlock(in, refs);
    QVERIFY(owner.ok());
    QVERIFY(in.atEnd());
    ByteReader again(block);
    const auto inPlace = InPlaceStrings::open(again, strings.size());
    QVERIFY(inPlace.ok() && *inPlace);
    for (std::size_t i = 0; i < strings.size(); ++i) {
      QVERIFY(refs[i].view() == strings[i]);
      QCOMPARE((*inPlace)->get(i).value(), strings[i]);
    }
  }

  void damagedBlocksDoNoHarm() {
    Strings strings;
    while (bytesOf(strings) < 17'000) strings.push_back(someText("words", 0));
    const auto block = blockOf(strings);
    QCOMPARE(encodingOf(block), StringEncoding::Symbols);
    for (std::size_t at = 0; at < block.size(); ++at) {
      auto damaged = block;
      damaged[at] ^= static_cast<std::byte>(m_random.between(1, 255));
      read(damaged, strings.size());
      if (at > 2200 && at % 16 > 0) continue;  // codes: one in a while tells as much as all
      for (const int bit : {0, 3, 7}) {
        damaged = block;
        damaged[at] ^= std::byte{1} << bit;
        read(damaged, strings.size());
      }
    }
    for (std::size_t size = 0; size < block.size(); size += size < 1500 ? 1 : 37)
      read(Bytes(block.begin(), block.begin() + static_cast<std::ptrdiff_t>(size)), strings.size());
    const auto all = strings.size();
    for (const auto count : {std::size_t{1}, std::size_t{32}, all - 1, all + 1, std::size_t{5000}}) read(block, count);
  }

  void noiseDoesNoHarm() {
    for (int round = 0; round < 20'000; ++round) {
      Bytes noise(static_cast<std::size_t>(m_random.between(3, 120)));
      const auto top = m_random.between(0, 2) ? 6 : 255;
      for (auto& byte : noise) byte = static_cast<std::byte>(m_random.between(0, top));
      noise[0] = std::byte{3};
      noise[1] = noise[2] = std::byte{0};
      read(noise, static_cast<std::size_t>(m_random.between(1, 70)));
    }
  }

 private:
  std::string someText(const QString& kind, int row) {
    static constexpr const char* kWords[] = {"order", "pallet", "stock", "green", "door", "shipped", "waiting", "to"};
    static constexpr const char* kLines[] = {"größer", "κόσμος", "価格", "naïve", "здесь", "œuvre"};
    static constexpr const char* kCountries[] = {"Austria", "Brazil", "Canada", "Denmark"};
    const auto letters = [&](std::int64_t length, int first, int last) {
      std::string text(static_cast<std::size_t>(length), '\0');
      for (auto& letter : text) letter = static_cast<char>(m_random.between(first, last));
      return text;
    };
    std::string text;
    if (kind == "words" || kind == "lines of UTF-8")
      for (auto left = m_random.between(6, 9); left > 0; --left)
        text.append(kind == "words" ? kWords[m_random.between(0, 7)] : kLines[m_random.between(0, 5)]).append(" ");
    else if (kind == "any bytes") text = letters(m_random.between(0, 60), 0, 255);
    else if (kind == "few letters") text = letters(m_random.between(0, 60), 'a', 'd');
    else if (kind == "numbers") text = "no. " + std::to_string(m_random.bits() % 10'000'000'000);
    else if (kind == "short") text = letters(m_random.between(0, 12), 'a', 'h');
    else if (kind == "mostly empty") text = m_random.between(0, 5) ? "" : letters(m_random.between(0, 90), 'a', 'p');
    else if (kind == "one long") text = letters(row == 3 ? 70'000 : m_random.between(8, 40), 'a', 'f');
    else if (kind == "all long") text = letters(m_random.between(1100, 3000), 'a', 'd');
    else if (kind == "countries") text = kCountries[m_random.between(0, 3)];
    else if (kind == "copies") text = std::string(kCopied) + std::to_string(row);
    else qFatal("no such kind");
    return text;
  }
  static constexpr std::string_view kCopied =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!#$%&()*+,-./:;<=>?@[]^_{|}~ The quick brown fox";

  /// Reads what may be damaged in both ways.
  void read(const Bytes& block, std::size_t count) {
    ByteReader in(block);
    std::vector<types::StringRef> refs(count);
    const auto owner = readStringBlock(in, refs);
    if (owner.ok())
      for (const auto& ref : refs) m_seen += std::size_t(std::ranges::count(ref.view(), 'e'));
    else QCOMPARE(owner.error().kind(), ErrorKind::DataCorrupted);
    ByteReader again(block);
    const auto inPlace = InPlaceStrings::open(again, count);
    if (!inPlace.ok()) QCOMPARE(inPlace.error().kind(), ErrorKind::DataCorrupted);
    if (!inPlace.ok() || !*inPlace) return;
    for (const auto at : {std::size_t{0}, count / 3, count - 1}) {
      const auto alone = (*inPlace)->get(at);
      if (alone.ok()) m_seen += alone->size();
      else QCOMPARE(alone.error().kind(), ErrorKind::DataCorrupted);
      if (owner.ok() && alone.ok()) QVERIFY(*alone == refs[at].view());
    }
  }

  types::testing::RandomValues m_random;
  std::size_t m_seen = 0;
};

QTEST_APPLESS_MAIN(TestStringBlock)
#include "tst_string_block.moc"
