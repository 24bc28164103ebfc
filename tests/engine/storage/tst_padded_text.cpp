// Reads and writes behind a text stay within the padding: the buffers here end where that ends, so that the address
// sanitizer sees one byte more.
#include <QtTest>

#include <memory>

#include "storage/padded_text.h"

using namespace drift;
using namespace drift::storage;

class TestPaddedText : public QObject {
  Q_OBJECT

 private slots:
  void refersToTheLastTextOfABuffer() {
    for (std::uint32_t before = 0; before < 20; ++before)
      for (std::uint32_t size = 0; size < 40; ++size) {
        const auto buffer = std::make_unique<char[]>(before + size + kPaddingBytes);
        for (std::uint32_t i = 0; i < before + size + kPaddingBytes; ++i) buffer[i] = static_cast<char>('a' + i % 26);
        const std::string text(buffer.get() + before, size);
        QCOMPARE(paddedRef(buffer.get() + before, size), types::StringRef(text));
      }
  }

  void copiesTheLastTextOfABuffer() {
    for (std::size_t before = 0; before < 20; ++before)
      for (std::size_t size = 0; size < 70; ++size) {
        const auto from = std::make_unique<char[]>(before + size + kPaddingBytes);
        for (std::size_t i = 0; i < before + size; ++i) from[i] = static_cast<char>('a' + i % 26);
        const auto to = std::make_unique<char[]>(size + kPaddingBytes);
        copyPadded(to.get(), from.get() + before, size);
        QCOMPARE(std::string(to.get(), size), std::string(from.get() + before, size));
      }
  }

  /// As keys are put together that share their start: what is copied lies right before where it goes.
  void copiesWithinOneBuffer() {
    for (std::size_t size = 1; size < 70; ++size)
      for (std::size_t shared = 0; shared <= size; ++shared) {
        const auto buffer = std::make_unique<char[]>(size + shared + kPaddingBytes);
        for (std::size_t i = 0; i < size; ++i) buffer[i] = static_cast<char>('a' + i % 26);
        copyPadded(buffer.get() + size, buffer.get(), shared);
        QCOMPARE(std::string(buffer.get() + size, shared), std::string(buffer.get(), shared));
      }
  }
};

QTEST_APPLESS_MAIN(TestPaddedText)
#include "tst_padded_text.moc"
