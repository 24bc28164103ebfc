#include <QtTest>

#include "platform/faulty_file_system.h"
#include "platform/memory_file_system.h"

using namespace drift;
using namespace drift::platform;

class TestFaultyFileSystem : public QObject {
  Q_OBJECT

 private slots:
  void init() {
    m_memory.emplace();
    m_files.emplace(*m_memory);
    m_memory->setContents("/f/a", Bytes(8, std::byte{'o'}));
    auto file = m_files->open("/f/a", OpenMode::ReadWrite);
    QVERIFY(file.ok());
    m_file = std::move(*file);
  }

  void nthWriteFailsOnce() {
    m_files->inject({Operation::Write, 2, Fault::Fails, false});
    QVERIFY(write("1").ok());
    QVERIFY(write("2").ok());
    const auto third = write("3");
    QCOMPARE(third.error().kind(), ErrorKind::IoError);
    QCOMPARE(third.error().message(), std::string("could not write \"/f/a\": the disk failed"));
    QCOMPARE(contents(), std::string("2ooooooo"));
    QVERIFY(write("4").ok());
    QCOMPARE(m_files->count(Operation::Write), std::uint64_t{4});
  }

  void failureForGoodStays() {
    m_files->inject({Operation::Sync, 1, Fault::Fails, true});
    QVERIFY(m_file->sync().ok());
    QVERIFY(!m_file->sync().ok());
    QVERIFY(!m_file->sync().ok());
    m_files->heal();
    QVERIFY(m_file->sync().ok());
  }

  void fullDiskTakesHalf() {
    m_files->inject({Operation::Write, 0, Fault::DiskFull, true});
    const auto written = write("abcd");
    QCOMPARE(written.error().kind(), ErrorKind::DiskFull);
    QCOMPARE(written.error().message(), std::string("could not write \"/f/a\": the disk is full"));
    QCOMPARE(contents(), std::string("aboooooo"));
  }

  void failureAfterTheFact() {
    m_files->inject({Operation::Write, 0, Fault::FailsAfter, false});
    QVERIFY(!write("abcd").ok());
    QCOMPARE(contents(), std::string("abcdoooo"));
  }

  void failedSyncMakesNothingDurable() {
    QVERIFY(write("abcd").ok());
    m_files->inject({Operation::Sync, 0, Fault::Fails, false});
    QVERIFY(!m_file->sync().ok());
    m_memory->crash(0);
    QCOMPARE(contents(), std::string("oooooooo"));
  }

  void readsFlipOneBit() {
    m_files->inject({Operation::Read, 1, Fault::FlipsBit, false});
    QCOMPARE(read(), std::string("oooooooo"));
    QCOMPARE(read(), std::string("oooonooo"));
    QCOMPARE(read(), std::string("oooooooo"));
  }

  void everyOperationCanFail_data() {
    QTest::addColumn<int>("operation");
    QTest::newRow("open") << int(Operation::Open);
    QTest::newRow("read") << int(Operation::Read);
    QTest::newRow("write") << int(Operation::Write);
    QTest::newRow("sync") << int(Operation::Sync);
    QTest::newRow("truncate") << int(Operation::Truncate);
    QTest::newRow("allocate") << int(Operation::Allocate);
    QTest::newRow("lock") << int(Operation::Lock);
    QTest::newRow("remove") << int(Operation::Remove);
    QTest::newRow("rename") << int(Operation::Rename);
    QTest::newRow("sync of a folder") << int(Operation::SyncFolder);
  }

  void everyOperationCanFail() {
    QFETCH(int, operation);
    const auto failing = static_cast<Operation>(operation);
    m_files->inject({failing, 0, Fault::Fails, true});
    int failed = 0;
    const auto note = [&](Operation which, const Status& status) {
      QCOMPARE(status.ok(), which != failing);
      if (!status.ok()) {
        QCOMPARE(status.error().kind(), ErrorKind::IoError);
        ++failed;
      }
    };
    std::byte byte{};
    const auto opened = m_files->open("/f/a", OpenMode::ReadOnly);
    note(Operation::Open, opened.ok() ? Status() : Status(opened.error()));
    note(Operation::Read, m_file->readAt(0, {&byte, 1}));
    note(Operation::Write, m_file->writeAt(0, {&byte, 1}));
    note(Operation::Sync, m_file->sync());
    note(Operation::Truncate, m_file->truncate(4));
    const auto allocated = m_file->allocate(100);
    note(Operation::Allocate, allocated.ok() ? Status() : Status(allocated.error()));
    note(Operation::Lock, m_file->lockExclusive());
    note(Operation::Rename, m_files->rename("/f/a", failing == Operation::Rename ? "/f/b" : "/f/a"));
    note(Operation::SyncFolder, m_files->syncFolderOf("/f/a"));
    note(Operation::Remove, m_files->remove("/f/a"));
    QCOMPARE(failed, 1);
  }

 private:
  Status write(std::string_view text) { return m_file->writeAt(0, std::as_bytes(std::span(text))); }

  std::string read() const {
    std::string text(8, '?');
    return m_file->readAt(0, std::as_writable_bytes(std::span(text))).ok() ? text : "error";
  }

  std::string contents() const {
    const auto bytes = m_memory->contents("/f/a");
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  std::optional<MemoryFileSystem> m_memory;
  std::optional<FaultyFileSystem> m_files;
  std::unique_ptr<File> m_file;
};

QTEST_APPLESS_MAIN(TestFaultyFileSystem)
#include "tst_faulty_file_system.moc"
