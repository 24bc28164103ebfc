// Values above 2 KiB: they lie apart from the rest of their rows, come back at every moment, and are neither read nor
// written again where other columns are. DRIFT_SEED repeats a run.
#include <QtTest>

#include <map>
#include <random>

#include "store_fixture.h"

using namespace drift;
using namespace drift::storage;
using namespace drift::storage::fixture;

namespace {

constexpr std::size_t kLargeBytes = 5000;

/// Bytes that do not compress.
std::string noise(std::mt19937_64& random, std::size_t bytes) {
  std::string text(bytes, '\0');
  for (auto& letter : text) letter = static_cast<char>(random());
  return text;
}

/// An update of column 1 alone, which is not the key here.
RowChange numberChange(std::int64_t id, std::int64_t number, const std::string& name) {
  auto result = change(kTree, RowOp::Update, id);
  const std::vector<types::Value> values{types::Value::bigInt(number), types::Value::text(name)};
  Bytes row;
  encodeRow(*result.layout, values, row);
  result.row = std::string(asText(row));
  result.changed = {1};
  return result;
}

std::vector<std::string> scanColumn(const Store& store, std::size_t column) {
  return drain(*must(store.latest().scan({.tree = kTree, .columns = {columns()[column]}})));
}

}  // namespace

class TestLargeValues : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() {
    if (qEnvironmentVariableIsSet("DRIFT_SEED")) m_seed = qEnvironmentVariable("DRIFT_SEED").toULongLong();
    qInfo("DRIFT_SEED=%llu", static_cast<unsigned long long>(m_seed));
  }

  void otherColumnsAreReadWithoutThem() {
    std::mt19937_64 random(m_seed);
    platform::MemoryFileSystem files;
    const ManualClock clock{1'700'000'000'000'000};
    auto store = must(Store::create(files, kPath, clock, {}));
    CommitRequest request;
    std::vector<std::string> names;
    for (std::int64_t id = 0; id < 300; ++id) {
      names.push_back(noise(random, kLargeBytes));
      request.changes.push_back(change(kTree, RowOp::Insert, id, names.back()));
    }
    must(store->commit(std::move(request), {}));
    must(store->checkpoint());
    must(store->close());
    store = must(Store::open(files, kPath, clock, {}));
    const auto atFirst = store->statistics().framesRead;
    QCOMPARE(scanColumn(*store, 0).size(), names.size());
    const auto numbersOnly = store->statistics().framesRead;
    QCOMPARE(scanColumn(*store, 1), names);
    const auto all = store->statistics().framesRead;
    QVERIFY2(all > numbersOnly, "the large values were read along with the numbers");
    QVERIFY(numbersOnly > atFirst);
  }

  void anUpdateOfAnotherColumnSharesThem() {
    std::mt19937_64 random(m_seed);
    platform::MemoryFileSystem files;
    const ManualClock clock{1'700'000'000'000'000};
    const auto store = must(Store::create(files, kPath, clock, {}));
    CommitRequest request;
    std::vector<std::string> names;
    for (std::int64_t id = 0; id < 300; ++id) {
      names.push_back(noise(random, kLargeBytes));
      request.changes.push_back(change(kTree, RowOp::Insert, id, names.back()));
    }
    must(store->commit(std::move(request), {}));
    must(store->checkpoint());
    // Commits have whole rows, so what they take is subtracted: it is what the log grows by without epochs.
    const auto grown = [&](bool epochs) {
      const auto before = store->fileBytes();
      for (int round = 0; round < 4; ++round) {
        CommitRequest updates;
        for (std::int64_t id = 0; id < 300; ++id)
          updates.changes.push_back(numberChange(id, round + 1, names[static_cast<std::size_t>(id)]));
        must(store->commit(std::move(updates), {}));
        if (epochs) must(store->checkpoint());
      }
      return store->fileBytes() - before;
    };
    const auto withEpochs = grown(true);
    const auto withoutEpochs = grown(false);
    QVERIFY2(withEpochs < withoutEpochs + 300 * kLargeBytes / 2, "epochs wrote the large values again");
    QCOMPARE(scanColumn(*store, 1), names);
  }

  void everyMomentHasThem() {
    std::mt19937_64 random(m_seed);
    platform::MemoryFileSystem files;
    const ManualClock clock{1'700'000'000'000'000};
    auto store = must(Store::create(files, kPath, clock, {}));
    std::map<std::int64_t, std::string> live;
    std::vector<std::vector<std::string>> states{{}};
    for (int commit = 0; commit < 60; ++commit) {
      std::map<std::int64_t, RowChange> changes;
      for (auto count = 1 + random() % 60; count > 0; --count) {
        const auto id = static_cast<std::int64_t>(random() % 200);
        if (changes.contains(id)) continue;
        const bool lives = live.contains(id);
        // Around the limit, and far from it on both sides.
        constexpr std::size_t kSizes[] = {0, 3, 2047, 2048, 2049, 6000};
        const auto name = noise(random, kSizes[random() % std::size(kSizes)]);
        const auto op = !lives ? RowOp::Insert : random() % 3 == 0 ? RowOp::Delete : RowOp::Update;
        changes.emplace(id, change(kTree, op, id, name));
        if (op == RowOp::Delete) live.erase(id);
        else live[id] = name;
      }
      CommitRequest request;
      for (auto& [id, made] : changes) request.changes.push_back(std::move(made));
      must(store->commit(std::move(request), {}));
      auto& state = states.emplace_back();
      for (const auto& [id, name] : live) state.push_back(std::to_string(id) + "|" + name);
      if (random() % 5 == 0) must(store->checkpoint());
      if (random() % 15 == 0) {
        must(store->close());
        store = must(Store::open(files, kPath, clock, {}));
      }
    }
    must(store->checkpoint());
    for (CommitNumber at = 0; at < states.size(); ++at) {
      QVERIFY2(rowsAt(*store, at) == states[at], qPrintable(QString("commit %1").arg(at)));
    }
    for (const auto& [id, name] : live)
      QCOMPARE(must(store->latest().get(kTree, keyOf(id), columns()))->values[1].asString(), name);
    const auto report = must(store->verify({}));
    QVERIFY2(report.findings.empty(), report.findings.empty() ? "" : report.findings.front().sentence.c_str());
  }

 private:
  std::uint64_t m_seed = 20261130;
};

QTEST_APPLESS_MAIN(TestLargeValues)
#include "tst_large_values.moc"
