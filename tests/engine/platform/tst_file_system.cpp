#include <QtTest>

#include "file_system_cases.h"
#include "platform/faulty_file_system.h"
#include "platform/memory_file_system.h"

using namespace drift::platform;
using test::FileSystemCase;

Q_DECLARE_METATYPE(const FileSystemCase*)

/// The table of what every file system must do, on each of them.
class TestFileSystem : public QObject {
  Q_OBJECT

 private slots:
  void native_data() { cases(); }
  void native() {
    QTemporaryDir folder;
    QVERIFY(folder.isValid());
    const auto files = makeNativeFileSystem();
    run(*files, folder.path().toStdString());
  }

  void memory_data() { cases(); }
  void memory() {
    MemoryFileSystem files;
    run(files, "/folder");
  }

  void faultyWithoutFaults_data() { cases(); }
  void faultyWithoutFaults() {
    MemoryFileSystem memory;
    FaultyFileSystem files(memory);
    run(files, "/folder");
  }

 private:
  static void cases() {
    QTest::addColumn<const FileSystemCase*>("row");
    for (const auto& row : test::fileSystemCases()) QTest::newRow(row.name) << &row;
  }

  static void run(FileSystem& files, const std::string& folder) {
    QFETCH(const FileSystemCase*, row);
    const auto wrong = row->run(files, folder);
    QVERIFY2(wrong.empty(), wrong.c_str());
  }
};

QTEST_APPLESS_MAIN(TestFileSystem)
#include "tst_file_system.moc"
