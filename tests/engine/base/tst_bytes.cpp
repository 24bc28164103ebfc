#include <QtTest>

#include <limits>

#include "base/bytes.h"

using namespace drift;

class TestBytes : public QObject {
  Q_OBJECT

 private slots:
  void roundTrip() {
    Bytes buffer;
    ByteWriter out(buffer);
    out.fixed<std::uint32_t>(0x01020304);
    out.varint(std::numeric_limits<std::uint64_t>::max());
    out.zigzag(std::numeric_limits<std::int64_t>::min());
    out.string("naïve");
    out.fixedDouble(-0.5);
    QCOMPARE(buffer[0], std::byte{4});  // little-endian

    ByteReader in(buffer);
    QCOMPARE(*in.fixed<std::uint32_t>(), 0x01020304u);
    QCOMPARE(*in.varint(), std::numeric_limits<std::uint64_t>::max());
    QCOMPARE(*in.zigzag(), std::numeric_limits<std::int64_t>::min());
    QVERIFY(*in.string() == "naïve");
    QCOMPARE(*in.fixedDouble(), -0.5);
    QVERIFY(in.atEnd());
  }

  void everyPrefixIsAnErrorNotACrash() {
    Bytes buffer;
    ByteWriter(buffer).string("some text that is longer than its length byte");
    for (std::size_t size = 0; size < buffer.size(); ++size) {
      ByteReader in(ByteSpan(buffer).first(size));
      QCOMPARE(in.string().error().kind(), ErrorKind::DataCorrupted);
    }
  }

  void hugeLengthTakesNoMemory() {
    Bytes buffer;
    ByteWriter(buffer).varint(std::numeric_limits<std::uint64_t>::max());
    QVERIFY(!ByteReader(buffer).string().ok());
  }

  void overlongVarintIsRefused() {
    const Bytes buffer(11, std::byte{0xff});
    QVERIFY(!ByteReader(buffer).varint().ok());
  }
};

QTEST_APPLESS_MAIN(TestBytes)
#include "tst_bytes.moc"
