// What salvage gets out of files that were hit: every commit whose frames are sound, and honest words on the rest.
#include <map>
#include <random>
#include <set>

#include "storage/salvage.h"
#include "store_fixture.h"

using namespace drift;
using namespace drift::storage;
using namespace drift::storage::fixture;

namespace {

constexpr auto kSaved = "/saved.drift";

struct Original {
  Bytes bytes;
  std::vector<std::uint64_t> starts;             ///< starts[n]: where commit n's frame lies
  std::vector<std::vector<RowChange>> changes;   ///< changes[n]: of commit n
};

/// Commits over few keys, with epochs in between.
Original makeOriginal(std::mt19937& random, int commits) {
  platform::MemoryFileSystem files;
  const ManualClock clock(1'000'000);
  auto store = must(Store::create(files, kPath, clock, {}));
  Original original;
  original.starts.push_back(0);
  original.changes.emplace_back();
  std::map<std::int64_t, bool> lives;
  for (int n = 1; n <= commits; ++n) {
    CommitRequest request;
    request.message = "commit " + std::to_string(n);
    for (int i = 0; i < 3; ++i) {
      const auto id = static_cast<std::int64_t>(random() % 20 + 20 * static_cast<unsigned>(i));
      const auto op = !lives[id] ? RowOp::Insert : random() % 3 == 0 ? RowOp::Delete : RowOp::Update;
      lives[id] = op != RowOp::Delete;
      request.changes.push_back(change(kTree, op, id, op == RowOp::Delete ? "" : "v" + std::to_string(n)));
    }
    original.changes.push_back(request.changes);
    original.starts.push_back(store->fileBytes());
    must(store->commit(std::move(request), {}));
    if (n % 7 == 0) must(store->checkpoint());
  }
  must(store->close());
  original.bytes = files.contents(kPath);
  return original;
}

/// Rows by key once the commits that are left were applied one after the other.
std::vector<std::string> rowsOf(const Original& original, const std::set<std::size_t>& lost) {
  std::map<std::string, const RowChange*> rows;
  for (std::size_t n = 1; n < original.changes.size(); ++n) {
    if (lost.contains(n)) continue;
    for (const auto& change : original.changes[n]) {
      if (change.op == RowOp::Delete) rows.erase(change.key);
      else rows[change.key] = &change;
    }
  }
  std::vector<std::string> result;
  for (const auto& [key, change] : rows) {
    const auto values = must(decodeRow(*change->layout, asBytes(change->row)));
    result.push_back(std::to_string(values[0].asInt()) + "|" + values[1].asString());
  }
  return result;
}

Result<SalvageReport> salvageBytes(platform::MemoryFileSystem& files, Bytes bytes) {
  static const ManualClock kClock(1'000'000);
  files.setContents(kPath, std::move(bytes));
  return salvage(files, kPath, kSaved, kClock, {});
}

std::unique_ptr<Store> openSaved(platform::MemoryFileSystem& files) {
  static const ManualClock kClock(1'000'000);
  return must(Store::open(files, kSaved, kClock, {}));
}

}  // namespace

class TestStoreSalvage : public QObject {
  Q_OBJECT

 private slots:
  void soundFilesAreSavedWhole() {
    std::mt19937 random(1);
    const auto original = makeOriginal(random, 30);
    platform::MemoryFileSystem files;
    const auto report = must(salvageBytes(files, original.bytes));
    QCOMPARE(report.commits, std::uint64_t{30});
    QVERIFY(report.lost.empty());
    QCOMPARE(report.bytesUnread, std::uint64_t{0});
    const auto saved = openSaved(files);
    QCOMPARE(must(saved->commitInfo(12))->message, std::string("commit 12"));
    for (CommitNumber n = 0; n <= 30; ++n) {
      std::set<std::size_t> later;
      for (auto other = n + 1; other <= 30; ++other) later.insert(other);
      QVERIFY(rowsAt(*saved, n) == rowsOf(original, later));
    }
    QVERIFY(must(saved->verify({})).findings.empty());
  }

  void lostCommitsAreNamedAndTheRestIsSaved() {
    const auto seed = qEnvironmentVariableIsSet("DRIFT_SEED") ? qEnvironmentVariableIntValue("DRIFT_SEED") : 11;
    qInfo("seed %d", seed);
    std::mt19937 random(static_cast<unsigned>(seed));
    for (int round = 0; round < 60; ++round) {
      const auto original = makeOriginal(random, 40);
      auto bytes = original.bytes;
      std::set<std::size_t> lost;
      for (auto hits = 1 + random() % 4; hits > 0; --hits) {
        const auto n = 1 + random() % 40;
        lost.insert(n);
        bytes[original.starts[n] + random() % 100] ^= std::byte{0x10};
      }
      platform::MemoryFileSystem files;
      const auto report = must(salvageBytes(files, bytes));
      QCOMPARE(report.commits, std::uint64_t{40 - lost.size()});
      QVERIFY(report.bytesUnread > 0);
      std::set<std::size_t> named;
      for (const auto& range : report.lost)
        for (auto n = range.first; n <= range.last; ++n) named.insert(n);
      // Nothing proves that there was a commit behind the last one that is left.
      std::set<std::size_t> provable = lost;
      for (std::size_t n = 40; provable.contains(n); --n) provable.erase(n);
      QVERIFY2(named == provable, qPrintable(QString("round %1").arg(round)));
      const auto saved = openSaved(files);
      QVERIFY2(rowsAt(*saved, saved->lastCommit()) == rowsOf(original, lost), qPrintable(QString("round %1").arg(round)));
      QVERIFY(must(saved->verify({})).findings.empty());
    }
  }

  void nothingIsMadeOfWhatIsNotADatabase() {
    platform::MemoryFileSystem files;
    QCOMPARE(salvageBytes(files, Bytes(100'000, std::byte{'x'})).error().kind(), ErrorKind::NotADatabase);
    QVERIFY(!files.open(kSaved, platform::OpenMode::ReadOnly).ok());
  }

  void anExistingFileIsLeftAlone() {
    std::mt19937 random(1);
    const auto original = makeOriginal(random, 3);
    platform::MemoryFileSystem files;
    files.setContents(kSaved, Bytes(10));
    QCOMPARE(salvageBytes(files, original.bytes).error().kind(), ErrorKind::FileExists);
    QCOMPARE(files.contents(kSaved).size(), std::size_t{10});
  }
};

QTEST_APPLESS_MAIN(TestStoreSalvage)
#include "tst_store_salvage.moc"
