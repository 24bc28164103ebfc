#include <QtTest>

#include <set>

#include "platform/memory_file_system.h"

using namespace drift;
using namespace drift::platform;

namespace {

constexpr std::uint64_t kSectorBytes = 512;

Bytes filled(std::size_t size, char byte) { return Bytes(size, static_cast<std::byte>(byte)); }

/// A file of `size` synced bytes 'o', in a folder that was synced too.
void putDurable(MemoryFileSystem& files, std::size_t size) { files.setContents("/f/a", filled(size, 'o')); }

std::unique_ptr<File> openForWriting(MemoryFileSystem& files) {
  auto file = files.open("/f/a", OpenMode::ReadWrite);
  return file.ok() ? std::move(*file) : nullptr;
}

}  // namespace

class TestMemoryFileSystem : public QObject {
  Q_OBJECT

 private slots:
  void syncedBytesSurviveEveryCrash() {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
      MemoryFileSystem files;
      putDurable(files, 1000);
      const auto file = openForWriting(files);
      QVERIFY(file->writeAt(300, filled(900, 'n')).ok());
      QVERIFY(file->sync().ok());
      files.crash(seed);
      auto expected = filled(1200, 'n');
      std::fill_n(expected.begin(), 300, std::byte{'o'});
      QVERIFY(files.contents("/f/a") == expected);
    }
  }

  void seedZeroKeepsNothingUnsynced() {
    MemoryFileSystem files;
    putDurable(files, 1000);
    const auto file = openForWriting(files);
    QVERIFY(file->writeAt(100, filled(5000, 'n')).ok());
    QVERIFY(file->truncate(50).ok());
    files.crash(0);
    QVERIFY(files.contents("/f/a") == filled(1000, 'o'));
  }

  /// Over many seeds every sector shows its old and its new contents, and no third.
  void unsyncedSectorsAreOldOrNew() {
    std::array<std::set<char>, 4> seen;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
      MemoryFileSystem files;
      putDurable(files, 4 * kSectorBytes);
      QVERIFY(openForWriting(files)->writeAt(0, filled(4 * kSectorBytes, 'n')).ok());
      files.crash(seed);
      const auto after = files.contents("/f/a");
      QCOMPARE(after.size(), std::size_t{4 * kSectorBytes});
      for (std::size_t sector = 0; sector < 4; ++sector) {
        const auto first = after.begin() + static_cast<std::ptrdiff_t>(sector * kSectorBytes);
        QVERIFY(std::all_of(first, first + kSectorBytes, [&](std::byte byte) { return byte == *first; }));
        seen[sector].insert(static_cast<char>(*first));
      }
    }
    for (const auto& contents : seen) QVERIFY((contents == std::set<char>{'n', 'o'}));
  }

  /// An append that was not synced is cut anywhere, and holds zeros where it did not arrive.
  void unsyncedAppendIsTorn() {
    std::set<std::size_t> sizes;
    bool sawHole = false;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
      MemoryFileSystem files;
      putDurable(files, 100);
      QVERIFY(openForWriting(files)->writeAt(100, filled(3000, 'n')).ok());
      files.crash(seed);
      const auto after = files.contents("/f/a");
      QVERIFY(after.size() >= 100 && after.size() <= 3100);
      sizes.insert(after.size());
      for (std::size_t at = 0; at < after.size(); ++at) {
        if (at < 100) QVERIFY(after[at] == std::byte{'o'});
        else QVERIFY(after[at] == std::byte{'n'} || after[at] == std::byte{0});
        sawHole = sawHole || after[at] == std::byte{0};
      }
    }
    QVERIFY(sizes.size() > 50);
    QVERIFY(sawHole);
  }

  void namesNeedASyncOfTheFolder() {
    std::set<bool> sawRenamed;
    for (std::uint64_t seed = 0; seed <= 50; ++seed) {
      MemoryFileSystem files;
      putDurable(files, 10);
      QVERIFY(files.open("/f/new", OpenMode::CreateNew).ok());
      QVERIFY(files.rename("/f/new", "/f/a").ok());
      files.crash(seed);
      QVERIFY(*files.exists("/f/a"));
      const bool renamed = files.contents("/f/a").empty();
      if (seed == 0) QVERIFY(!renamed);
      sawRenamed.insert(renamed);
    }
    QVERIFY((sawRenamed == std::set<bool>{false, true}));
  }

  void syncedNamesSurvive() {
    for (std::uint64_t seed = 0; seed <= 20; ++seed) {
      MemoryFileSystem files;
      putDurable(files, 10);
      QVERIFY(files.open("/f/new", OpenMode::CreateNew).ok());
      QVERIFY(files.rename("/f/new", "/f/a").ok());
      QVERIFY(files.syncFolderOf("/f/a").ok());
      files.crash(seed);
      QVERIFY(files.contents("/f/a").empty());
      QVERIFY(!*files.exists("/f/new"));
    }
  }

  void sameSeedSameCrash() {
    const auto crashed = [](std::uint64_t seed) {
      MemoryFileSystem files;
      putDurable(files, 5000);
      if (!openForWriting(files)->writeAt(1000, filled(9000, 'n')).ok()) return Bytes();
      files.crash(seed);
      return files.contents("/f/a");
    };
    QVERIFY(crashed(7) == crashed(7));
    QVERIFY(crashed(7) != crashed(8));
  }

  void crashFreesTheLock() {
    MemoryFileSystem files;
    putDurable(files, 10);
    const auto before = openForWriting(files);
    QVERIFY(before->lockExclusive().ok());
    files.crash(1);
    QVERIFY(openForWriting(files)->lockExclusive().ok());
  }
};

QTEST_APPLESS_MAIN(TestMemoryFileSystem)
#include "tst_memory_file_system.moc"
