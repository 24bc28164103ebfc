#include <algorithm>
#include <filesystem>
#include <random>

#include <fmt/format.h>

#include "benches.h"
#include "platform/file_system.h"
#include "report.h"
#include "sqlite_rival.h"
#include "storage/store.h"
#include "types/key_encoding.h"

namespace drift::bench {

namespace {

constexpr TreeId kTree = kFirstUserTree;
constexpr std::size_t kGroup = 1000;
constexpr auto kName = "a name of some eighty characters, so that a row has about one hundred bytes in all";

storage::RowLayoutRef layout() {
  return std::make_shared<const storage::RowLayout>(storage::RowLayout{{
      {1, types::TypeId::BigInt, types::Value::null(types::TypeId::BigInt)},
      {2, types::TypeId::BigInt, types::Value::null(types::TypeId::BigInt)},
      {3, types::TypeId::Text, types::Value::null(types::TypeId::Text)},
  }});
}

std::string keyOf(std::int64_t id) {
  std::string key;
  types::appendKey(key, types::Value::bigInt(id));
  return key;
}

/// The store under test, and the last commit of each row, which an update must name.
class Subject final {
 public:
  explicit Subject(const std::string& path) : m_path(path), m_files(platform::makeNativeFileSystem()) {
    m_store = must(storage::Store::create(*m_files, path, m_clock, {}));
  }

  void change(std::int64_t id, std::int64_t amount, bool insert) {
    storage::RowChange change;
    change.tree = kTree;
    change.op = insert ? storage::RowOp::Insert : storage::RowOp::Update;
    change.key = keyOf(id);
    change.layout = m_layout;
    const std::vector<types::Value> values{types::Value::bigInt(id), types::Value::bigInt(amount), types::Value::text(kName)};
    Bytes row;
    storage::encodeRow(*m_layout, values, row);
    change.row = std::string(asText(row));
    if (!insert) {
      change.changed = {2};
      change.previous = m_versions[static_cast<std::size_t>(id)];
    } else if (m_versions.size() <= static_cast<std::size_t>(id)) {
      m_versions.resize(static_cast<std::size_t>(id) + 1);
    }
    m_pending.push_back(std::move(change));
    m_touched.push_back(static_cast<std::size_t>(id));
  }

  void commit() {
    storage::CommitRequest request;
    request.changes = std::move(m_pending);
    const auto receipt = must(m_store->commit(std::move(request), {}));
    for (const auto id : m_touched) m_versions[id] = receipt.number;
    m_pending.clear();
    m_touched.clear();
  }


  std::int64_t sum(const storage::Snapshot& snapshot) const {
    const auto cursor = must(snapshot.scan({.tree = kTree, .columns = {m_layout->columns[1]}}));
    std::int64_t total = 0;
    types::Chunk chunk;
    while (must(cursor->next(chunk))) {
      const auto view = chunk.column(0).view();
      for (std::size_t row = 0; row < chunk.rowCount(); ++row) total += view.at<std::int64_t>(row);
    }
    return total;
  }

  void page(const storage::Snapshot& snapshot, std::uint64_t offset) const {
    const auto cursor = must(snapshot.scan({.tree = kTree, .columns = m_layout->columns, .skipRows = offset}));
    types::Chunk chunk;
    must(cursor->next(chunk));
  }

  void reopen() {
    m_store.reset();
    m_store = must(storage::Store::open(*m_files, m_path, m_clock, {}));
  }

  storage::Store& store() { return *m_store; }
  const storage::RowLayout& rowLayout() const { return *m_layout; }

 private:
  std::string m_path;
  SystemClock m_clock;
  std::unique_ptr<platform::FileSystem> m_files;
  std::unique_ptr<storage::Store> m_store;
  storage::RowLayoutRef m_layout = layout();
  std::vector<storage::RowChange> m_pending;
  std::vector<std::size_t> m_touched;
  std::vector<CommitNumber> m_versions;
};

void benchLoad(Subject& subject, SqliteRival& rival, std::int64_t rows) {
  Stopwatch ours;
  for (std::int64_t id = 0; id < rows; ++id) {
    subject.change(id, id, true);
    if (id % 10'000 == 9'999) subject.commit();
  }
  subject.commit();
  const double oursSeconds = ours.seconds();
  Stopwatch theirs;
  rival.begin();
  for (std::int64_t id = 0; id < rows; ++id) rival.insert(id, id, kName);
  rival.commit();
  printAgainst("load, sorted keys", double(rows) / oursSeconds, double(rows) / theirs.seconds(), "rows/s", "SQLite");
}

void benchUpdates(Subject& subject, SqliteRival& rival, std::int64_t rows, std::mt19937_64& random) {
  const auto groups = std::max<std::int64_t>(rows / static_cast<std::int64_t>(kGroup), 20);
  std::vector<std::vector<std::int64_t>> ids(static_cast<std::size_t>(groups));
  for (auto& group : ids) {
    while (group.size() < kGroup) group.push_back(static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(rows)));
    std::ranges::sort(group);
    group.erase(std::unique(group.begin(), group.end()), group.end());
    std::ranges::shuffle(group, random);
  }
  const auto before = subject.store().fileBytes();
  std::uint64_t changes = 0;
  std::vector<double> commits;
  Stopwatch ours;
  for (const auto& group : ids) {
    for (const auto id : group) subject.change(id, static_cast<std::int64_t>(random() % 1000), false);
    changes += group.size();
    const Stopwatch commit;
    subject.commit();
    commits.push_back(commit.seconds() * 1000);
  }
  const double oursSeconds = ours.seconds();
  must(subject.store().checkpoint());
  Stopwatch theirs;
  for (const auto& group : ids) {
    rival.begin();
    for (const auto id : group) rival.update(id, static_cast<std::int64_t>(random() % 1000));
    rival.commit();
  }
  printAgainst("random updates, durable in groups of 1,000", double(changes) / oursSeconds,
               double(changes) / theirs.seconds(), "rows/s", "SQLite with history");
  printFigure("bytes on disk / raw bytes changed (100-byte rows)",
              double(subject.store().fileBytes() - before) / double(changes * 100), "x");
  printFigure("longest commit seen by the writer", *std::ranges::max_element(commits), "ms");
}

void benchSingles(Subject& subject, SqliteRival& rival, std::int64_t rows, std::mt19937_64& random) {
  constexpr int kCommits = 2000;
  Stopwatch ours;
  for (int i = 0; i < kCommits; ++i) {
    subject.change(static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(rows)), i, false);
    subject.commit();
  }
  const double oursSeconds = ours.seconds();
  Stopwatch theirs;
  for (int i = 0; i < kCommits; ++i)
    rival.update(static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(rows)), i);
  printAgainst("one-row durable commits, one session", kCommits / oursSeconds, kCommits / theirs.seconds(), "1/s",
               "SQLite with history");
}

void benchReads(Subject& subject, SqliteRival& rival, std::int64_t rows, std::mt19937_64& random) {
  constexpr int kReads = 20'000;
  const auto now = subject.store().latest();
  std::vector<storage::Snapshot> past;
  for (int i = 0; i < 64; ++i) past.push_back(must(subject.store().at(now.number() / 4 + random() % (now.number() * 3 / 4))));
  const std::vector<storage::LayoutColumn> columns{subject.rowLayout().columns[1]};
  std::int64_t sink = 0;
  const auto read = [&](const storage::Snapshot& snapshot) {
    const auto row = must(snapshot.get(kTree, keyOf(static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(rows))), columns));
    if (row) sink += row->values.front().asInt();
  };
  Stopwatch current;
  for (int i = 0; i < kReads; ++i) read(now);
  const double currentSeconds = current.seconds();
  Stopwatch theirs;
  for (int i = 0; i < kReads; ++i) sink += rival.amountOf(static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(rows)));
  printAgainst("point read by key, now", kReads / currentSeconds, kReads / theirs.seconds(), "1/s", "SQLite");
  Stopwatch back;
  for (int i = 0; i < kReads; ++i) read(past[random() % past.size()]);
  printAgainst("point read by key, at a random past moment", kReads / back.seconds(), kReads / currentSeconds, "1/s", "ours now");
  if (sink == 42) fmt::print(" ");  // The sum must be used, or the reads may be optimized away.
}

void benchScans(Subject& subject, SqliteRival& rival, std::int64_t rows, std::mt19937_64& random) {
  const auto now = subject.store().latest();
  const auto best = [](const auto& work) {
    double seconds = 1e9;
    for (int i = 0; i < 5; ++i) {
      const Stopwatch watch;
      work();
      seconds = std::min(seconds, watch.seconds());
    }
    return seconds * 1000;
  };
  const double ours = best([&] { subject.sum(now); });
  printAgainst("sum over one column, now", ours, best([&] { rival.sum(); }), "ms", "SQLite");
  const auto middle = must(subject.store().at(now.number() / 2));
  printAgainst("the same as of half the history", best([&] { subject.sum(middle); }), ours, "ms", "ours now");
  std::vector<double> pages;
  for (int i = 0; i < 300; ++i) {
    const auto snapshot = must(subject.store().at(now.number() / 4 + random() % (now.number() * 3 / 4)));
    const Stopwatch watch;
    subject.page(snapshot, random() % static_cast<std::uint64_t>(rows / 2));
    pages.push_back(watch.seconds() * 1000);
  }
  printFigure("page at a random offset and moment, p50", percentile(pages, 0.5), "ms");
  printFigure("page at a random offset and moment, p99", percentile(pages, 0.99), "ms");
}

}  // namespace

void benchStorage(std::size_t rowCount) {
  printHeading(fmt::format("Storage, {} rows", rowCount));
  const auto rows = static_cast<std::int64_t>(rowCount);
  const ScratchFolder folder;
  std::mt19937_64 random(1);
  Subject subject(folder.file("t.drift"));
  SqliteRival rival(folder.file("t.sqlite"), true);
  benchLoad(subject, rival, rows);
  benchUpdates(subject, rival, rows, random);
  benchSingles(subject, rival, rows, random);
  benchReads(subject, rival, rows, random);
  benchScans(subject, rival, rows, random);
  must(subject.store().close());
  const Stopwatch watch;
  subject.reopen();
  printFigure(fmt::format("clean open of {:.0f} MB", double(subject.store().fileBytes()) / 1e6), watch.seconds() * 1000, "ms");
}

}  // namespace drift::bench
