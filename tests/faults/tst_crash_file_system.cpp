// The disk that the power cuts are played on: it loses what it may, and nothing else.
#include <QtTest>
#include <algorithm>
#include <set>

#include "faults/crash_file_system.h"
#include "faults/fault_test.h"

using namespace drift;
using namespace drift::faults;
using platform::OpenMode;

namespace {

Bytes filled(std::size_t bytes, char with) { return Bytes(bytes, static_cast<std::byte>(with)); }

}  // namespace

class TestCrashFileSystem : public QObject {
  Q_OBJECT

 private slots:
  void syncedBytesAndNamesStay() {
    CrashFileSystem disk;
    auto file = disk.open("a", OpenMode::CreateNew);
    QVERIFY(file.ok());
    VERIFY_OK((*file)->writeAt(0, filled(5000, 'x')));
    VERIFY_OK((*file)->sync());
    VERIFY_OK(disk.syncFolderOf("a"));
    const auto durable = disk.operations();
    VERIFY_OK((*file)->writeAt(1000, filled(3000, 'y')));
    VERIFY_OK((*file)->truncate(4500));
    for (std::uint64_t seed = 1; seed < 200; ++seed) {
      Random random(seed);
      const auto image = disk.crashedAt(disk.operations(), {.rubbish = seed % 2 == 0}, random);
      const auto& bytes = image.at("a");
      QVERIFY(bytes.size() >= 4500 && bytes.size() <= 5000);
      for (std::size_t i = 0; i < bytes.size(); ++i) {
        const bool touched = i >= 1000 && i < 4000;
        QVERIFY(bytes[i] == std::byte{'x'} || (touched && bytes[i] == std::byte{'y'}));
      }
    }
    Random random(1);
    QVERIFY(disk.crashedAt(durable, {.keepsNothing = true}, random).at("a") == filled(5000, 'x'));
    QCOMPARE(disk.crashedAt(disk.operations(), {.keepsAll = true}, random).at("a").size(), std::size_t{4500});
  }

  void unsyncedSectorsAreLostReorderedAndTorn() {
    CrashFileSystem disk(DiskImage{{"a", filled(8192, 'x')}});
    auto file = disk.open("a", OpenMode::ReadWrite);
    VERIFY_OK((*file)->writeAt(0, filled(4096, 'y')));
    VERIFY_OK((*file)->writeAt(4096, filled(4096, 'z')));
    int torn = 0, reordered = 0, whole = 0;
    for (std::uint64_t seed = 1; seed < 500; ++seed) {
      for (const std::size_t sectorBytes : {512u, 4096u}) {
        Random random(seed);
        const auto bytes = disk.crashedAt(2, {.sectorBytes = sectorBytes}, random).at("a");
        QCOMPARE(bytes.size(), std::size_t{8192});
        const auto has = [&](char c, std::size_t from) {
          return std::count(bytes.begin() + static_cast<std::ptrdiff_t>(from),
                            bytes.begin() + static_cast<std::ptrdiff_t>(from + 4096), static_cast<std::byte>(c));
        };
        if (sectorBytes == 4096) QVERIFY(has('y', 0) % 4096 == 0 && has('z', 4096) % 4096 == 0);
        torn += has('y', 0) % 4096 != 0;
        reordered += has('y', 0) == 0 && has('z', 4096) == 4096;
        whole += has('y', 0) == 4096 && has('z', 4096) == 4096;
      }
    }
    QVERIFY(torn > 0 && reordered > 0 && whole > 0);
  }

  void namesWaitForTheFolder() {
    CrashFileSystem disk(DiskImage{{"db/a", filled(1, 'a')}});
    VERIFY_OK(disk.open("db/b", OpenMode::CreateNew).value()->sync());
    const auto created = disk.operations();
    VERIFY_OK(disk.rename("db/b", "db/a"));
    const auto renamed = disk.operations();
    VERIFY_OK(disk.syncFolderOf("db/a"));
    std::set<std::size_t> counts;
    std::set<std::size_t> sizes;
    for (std::uint64_t seed = 1; seed < 100; ++seed) {
      Random random(seed);
      const auto early = disk.crashedAt(created - 1, {}, random);
      QCOMPARE(early.at("db/a").size(), std::size_t{1});
      counts.insert(early.size());
      sizes.insert(disk.crashedAt(renamed, {}, random).at("db/a").size());
      const auto late = disk.crashedAt(disk.operations(), {}, random);
      QCOMPARE(late.size(), std::size_t{1});
      QVERIFY(late.at("db/a").empty());
    }
    QVERIFY((counts == std::set<std::size_t>{1, 2}));
    QVERIFY((sizes == std::set<std::size_t>{0, 1}));
  }
};

FAULT_TEST_MAIN(TestCrashFileSystem)
#include "tst_crash_file_system.moc"
