// Random changes against a map of versions: every moment, every count, every difference must agree.
#include <map>
#include <random>

#include "store_fixture.h"

using namespace drift;
using namespace drift::storage;
using namespace drift::storage::fixture;

namespace {

struct ModelVersion {
  CommitNumber seq;
  RowOp op;
  std::string name;
};

/// What the store must say: all versions of all keys of two trees.
class Model {
 public:
  using Key = std::pair<TreeId, std::int64_t>;

  std::optional<ModelVersion> at(Key key, CommitNumber number) const {
    const auto found = m_versions.find(key);
    if (found == m_versions.end()) return std::nullopt;
    std::optional<ModelVersion> last;
    for (const auto& version : found->second)
      if (version.seq <= number) last = version;
    return last && last->op != RowOp::Delete ? last : std::nullopt;
  }
  std::vector<std::string> rows(TreeId tree, CommitNumber number) const {
    std::vector<std::string> result;
    for (const auto& [key, versions] : m_versions)
      if (key.first == tree)
        if (const auto version = at(key, number)) result.push_back(std::to_string(key.second) + "|" + version->name);
    return result;
  }
  std::vector<std::string> diff(TreeId tree, CommitNumber from, CommitNumber to) const {
    std::vector<std::string> result;
    for (const auto& [key, versions] : m_versions) {
      if (key.first != tree) continue;
      const auto before = at(key, from);
      const auto after = at(key, to);
      const auto id = std::to_string(key.second);
      const auto bytes = "|" + keyOf(key.second) + "|";
      if (before && !after) result.push_back("3" + bytes + id + "|" + before->name + "|~|~");
      if (!before && after) result.push_back("1" + bytes + "~|~|" + id + "|" + after->name);
      if (before && after && before->name != after->name)
        result.push_back("2" + bytes + id + "|" + before->name + "|" + id + "|" + after->name);
    }
    return result;
  }
  std::vector<std::string> versions(TreeId tree) const {
    std::vector<std::string> result;
    for (const auto& [key, versions] : m_versions) {
      if (key.first != tree) continue;
      for (std::size_t i = 0; i < versions.size(); ++i) {
        if (versions[i].op == RowOp::Delete) continue;
        const auto end = i + 1 < versions.size() ? std::to_string(versions[i + 1].seq) : std::string("~");
        result.push_back(std::to_string(key.second) + "|" + versions[i].name + "|" + std::to_string(versions[i].seq) + "|" + end);
      }
    }
    return result;
  }
  std::size_t historySize(Key key) const {
    const auto found = m_versions.find(key);
    return found == m_versions.end() ? 0 : found->second.size();
  }
  void add(Key key, ModelVersion version) { m_versions[key].push_back(std::move(version)); }

 private:
  std::map<Key, std::vector<ModelVersion>> m_versions;
};

}  // namespace

class TestStoreModel : public QObject {
  Q_OBJECT

 private slots:
  void randomHistory_data() {
    QTest::addColumn<int>("keys");
    QTest::addColumn<int>("commits");
    QTest::addColumn<int>("changesMax");
    QTest::addColumn<int>("epochRows");
    QTest::addColumn<bool>("ranges");  // at times, most rows of a range of keys go
    const auto row = [](const char* name, int keys, int commits, int changesMax, int epochRows, bool ranges = false) {
      QTest::newRow(name) << keys << commits << changesMax << epochRows << ranges;
    };
    row("few keys, many versions", 12, 160, 4, 40);
    row("many keys, several leaves", 9000, 40, 900, 3000);
    row("no epochs but at close", 300, 60, 20, 1'000'000);
    row("an epoch each commit", 50, 60, 10, 1);
    row("slices: many versions of few keys in an epoch", 40, 400, 16, 2600);
    row("runs: few changes of many keys in an epoch", 3000, 90, 120, 300);
    row("folds: as many changes as keys", 700, 120, 150, 500);
    row("leaves shrink and are joined", 9000, 60, 1200, 2500, true);
    row("leaves shrink in epochs of many commits", 6000, 90, 300, 9000, true);
  }

  void randomHistory() {
    QFETCH(int, keys);
    QFETCH(int, commits);
    QFETCH(int, changesMax);
    QFETCH(int, epochRows);
    QFETCH(bool, ranges);
    const auto seed = qEnvironmentVariableIsSet("DRIFT_SEED") ? qEnvironmentVariableIntValue("DRIFT_SEED") : 7;
    qInfo("seed %d", seed);
    std::mt19937 random(static_cast<unsigned>(seed));

    platform::MemoryFileSystem files;
    const ManualClock clock(1'000'000);
    StoreOptions options;
    options.memtableRowsMax = static_cast<std::size_t>(epochRows);
    options.durability = Durability::Off;
    auto store = must(Store::create(files, kPath, clock, options));
    Model model;
    for (int n = 0; n < commits; ++n) {
      CommitRequest request;
      std::map<Model::Key, bool> touched;
      for (auto i = 1 + random() % static_cast<unsigned>(changesMax); i > 0; --i) {
        const Model::Key key{kTree + random() % 2, static_cast<std::int64_t>(random() % static_cast<unsigned>(keys))};
        if (!touched.emplace(key, true).second) continue;
        const CommitNumber next = store->lastCommit() + 1;
        const bool lives = model.at(key, next).has_value();
        const auto op = !lives ? RowOp::Insert : random() % 4 == 0 ? RowOp::Delete : RowOp::Update;
        const auto name = op == RowOp::Delete ? std::string() : std::string(random() % 40, 'a') + std::to_string(random() % 1000);
        request.changes.push_back(change(key.first, op, key.second, name));
        model.add(key, {next, op, name});
      }
      if (ranges && random() % 5 == 0) deleteRange(request, touched, model, keys, store->lastCommit() + 1, random);
      must(store->commit(std::move(request), {}));
      if (random() % 25 == 0) must(store->checkpoint());
      if (random() % 40 == 0) {
        must(store->close());
        store = must(Store::open(files, kPath, clock, options));
      }
    }
    compareAll(*store, model, keys, random);
    must(store->close());
    store = must(Store::open(files, kPath, clock, options));
    compareAll(*store, model, keys, random);
    const auto report = must(store->verify({}));
    QVERIFY2(report.findings.empty(), report.findings.empty() ? "" : report.findings.front().sentence.c_str());
    QCOMPARE(report.commits, store->lastCommit());
  }

 private:
  static void deleteRange(CommitRequest& request, std::map<Model::Key, bool>& touched, Model& model, int keys,
                          CommitNumber next, std::mt19937& random) {
    const auto tree = kTree + random() % 2;
    const auto first = static_cast<std::int64_t>(random() % static_cast<unsigned>(keys));
    for (auto id = first; id < first + keys / 2 && id < keys; ++id) {
      const Model::Key key{tree, id};
      if (random() % 50 == 0 || !model.at(key, next) || !touched.emplace(key, true).second) continue;
      request.changes.push_back(change(key.first, RowOp::Delete, key.second));
      model.add(key, {next, RowOp::Delete, {}});
    }
  }

  void compareAll(const Store& store, const Model& model, int keys, std::mt19937& random) {
    const auto last = store.lastCommit();
    for (const TreeId tree : {kTree, kTree + 1}) {
      for (CommitNumber at = 0; at <= last; ++at) {
        const auto expected = model.rows(tree, at);
        QCOMPARE(rowsAt(store, at, tree), expected);
        const auto snapshot = must(store.at(at));
        QCOMPARE(must(snapshot.rowCount(tree)), std::uint64_t{expected.size()});
        const auto skip = random() % (expected.size() + 3);
        const auto rest = drain(*must(snapshot.scan({.tree = tree, .columns = columns(), .skipRows = skip})));
        QCOMPARE(rest, std::vector<std::string>(expected.begin() + static_cast<std::ptrdiff_t>(std::min(skip, expected.size())), expected.end()));
        const auto id = static_cast<std::int64_t>(random() % static_cast<unsigned>(keys));
        const auto row = must(snapshot.get(tree, keyOf(id), columns()));
        const auto wanted = model.at({tree, id}, at);
        QCOMPARE(row.has_value(), wanted.has_value());
        if (row) QCOMPARE(row->values[1].asString(), wanted->name);
        if (row) QCOMPARE(row->seq, wanted->seq);
      }
      for (int pair = 0; pair < 60; ++pair) {
        const CommitNumber from = random() % (last + 1);
        const CommitNumber to = from + random() % (last - from + 1);
        const auto found = drain(*must(store.diff(tree, from, to, columns(), {})));
        const auto expected = model.diff(tree, from, to);
        for (std::size_t i = 0; i < std::min(found.size(), expected.size()); ++i)
          QVERIFY2(found[i] == expected[i], (found[i] + " is not " + expected[i]).c_str());
        QCOMPARE(found.size(), expected.size());
      }
      auto versionColumns = columns();
      versionColumns.push_back({kSeqColumn, types::TypeId::BigInt, {}});
      versionColumns.push_back({kEndSeqColumn, types::TypeId::BigInt, {}});
      QCOMPARE(drain(*must(store.scanVersions({.tree = tree, .columns = versionColumns}, {}))), model.versions(tree));
      for (int i = 0; i < 20; ++i) {
        const auto id = static_cast<std::int64_t>(random() % static_cast<unsigned>(keys));
        const auto history = must(store.history(tree, keyOf(id), columns(), kNoCommit, 1'000'000));
        QCOMPARE(history.size(), model.historySize({tree, id}));
      }
    }
  }
};

QTEST_APPLESS_MAIN(TestStoreModel)
#include "tst_store_model.moc"
