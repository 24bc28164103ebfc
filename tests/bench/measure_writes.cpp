// Loads, updates, commits, pauses, bytes on disk.
#include <algorithm>
#include <atomic>
#include <filesystem>
#include <numeric>
#include <thread>

#include <fmt/format.h>

#include "storage_bench.h"

namespace drift::bench {

namespace {

constexpr int kRounds = 3;

storage::StoreOptions unsynced() {
  storage::StoreOptions options;
  options.durability = storage::Durability::Off;
  return options;
}

void removeFiles(const std::string& path) {
  for (const auto* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path + suffix);
}

/// Rates of one load of each; ours ends with an epoch and its sync, SQLite with its one COMMIT.
void loadOnce(StorageBench& bench, std::span<const std::int64_t> ids, std::vector<double>& ours,
              std::vector<double>& rival) {
  const auto rows = static_cast<double>(ids.size());
  {
    DriftTable table(bench.file("load.drift"), bench.options().seed, unsynced());
    ours.push_back(rows / table.load(ids));
  }
  removeFiles(bench.file("load.drift"));
  {
    SqliteRival table(bench.file("load.sqlite"), SqliteRival::Kind::Plain);
    rival.push_back(rows / table.load(bench.options().seed, ids));
  }
  removeFiles(bench.file("load.sqlite"));
}

/// One-row durable commits of several sessions, each with rows of its own. Gives commits a second.
template <class MakeSession>
double commitsPerSecond(int sessions, int commits, const MakeSession& makeSession) {
  std::vector<std::thread> threads;
  std::atomic<int> ready{0};
  std::atomic<bool> go{false};
  for (int session = 0; session < sessions; ++session)
    threads.emplace_back([&, session] {
      auto commit = makeSession(session);
      ++ready;
      while (!go) std::this_thread::yield();
      for (int i = 0; i < commits; ++i) commit(i);
    });
  while (ready < sessions) std::this_thread::yield();
  const Stopwatch watch;
  go = true;
  for (auto& thread : threads) thread.join();
  return sessions * commits / watch.seconds();
}

double oursPerSecond(DriftTable& table, int sessions, int commits, std::uint64_t seed) {
  return commitsPerSecond(sessions, commits, [&](int session) {
    return [&, session, random = Random(seed + static_cast<std::uint64_t>(session))](int i) mutable {
      const auto id = random.below(table.rowCount() / sessions) * sessions + session;
      storage::CommitRequest request;
      request.changes.push_back(table.quantityChange(id, i));
      table.wasCommitted(id, must(table.store().commit(std::move(request), {})).number);
    };
  });
}

double rivalPerSecond(const std::string& path, std::int64_t rows, int sessions, int commits, std::uint64_t seed) {
  return commitsPerSecond(sessions, commits, [&](int session) {
    return [&, session, random = Random(seed + static_cast<std::uint64_t>(session)),
            rival = std::make_unique<SqliteRival>(path, SqliteRival::Kind::Plain)](int i) mutable {
      rival->setQuantity(random.below(rows / sessions) * sessions + session, i);
    };
  });
}

/// Bytes that the file grew by for a byte of after-images, epoch included.
double bytesPerRawByte(StorageBench& bench, DriftTable& table, std::size_t groups, bool wholeRows) {
  must(table.store().checkpoint());
  const auto bytesBefore = table.store().fileBytes();
  const auto rawBefore = table.rawBytes();
  for (std::size_t i = 0; i < groups; ++i) {
    const auto group = bench.makeGroup(table.rowCount());
    for (std::size_t row = 0; row < group.ids.size(); ++row)
      if (wholeRows) table.rewrite(group.ids[row]);
      else table.setQuantity(group.ids[row], group.quantities[row]);
    table.commit();
  }
  must(table.store().checkpoint());
  return static_cast<double>(table.store().fileBytes() - bytesBefore) /
         static_cast<double>(table.rawBytes() - rawBefore);
}

double rivalBytesPerRawByte(StorageBench& bench, SqliteRival& rival, std::int64_t rows, std::size_t groups,
                            bool wholeRows, double rawBytesPerRow) {
  const auto before = rival.fileBytes();
  for (std::size_t i = 0; i < groups; ++i) {
    const auto group = bench.makeGroup(rows);
    rival.begin();
    for (std::size_t row = 0; row < group.ids.size(); ++row)
      if (wholeRows) rival.rewrite(makeRow(bench.options().seed, group.ids[row], static_cast<std::uint32_t>(i + 1)));
      else rival.setQuantity(group.ids[row], group.quantities[row]);
    rival.commit();
  }
  return static_cast<double>(rival.fileBytes() - before) / (rawBytesPerRow * static_cast<double>(groups * kGroupRows));
}

}  // namespace

void measureLoad(StorageBench& bench) {
  std::vector<std::int64_t> sorted(static_cast<std::size_t>(bench.rows()));
  std::iota(sorted.begin(), sorted.end(), 0);
  std::vector<double> ours, rival;
  for (Rounds rounds(kRounds); rounds.next();) loadOnce(bench, sorted, ours, rival);
  bench.add(Figure("bulk load, sorted keys (rows)", median(ours), Unit::PerSecond)
                .against("SQLite", median(rival))
                .ratioAtLeast(1.5));
  ours.clear();
  rival.clear();
  for (Rounds rounds(kRounds); rounds.next();) loadOnce(bench, shuffledIds(bench.random(), bench.rows()), ours, rival);
  bench.add(Figure("bulk load, random keys (rows)", median(ours), Unit::PerSecond)
                .against("SQLite", median(rival))
                .ratioAtLeast(1.0));
}

void measureUpdates(StorageBench& bench) {
  auto& tables = bench.main();
  const auto groupCount = static_cast<std::size_t>(std::max<std::int64_t>(bench.rows() / 5000, 20));
  std::vector<double> ours, rival;
  for (Rounds rounds(kRounds); rounds.next();) {
    std::vector<UpdateGroup> groups;
    while (groups.size() < groupCount) groups.push_back(bench.makeGroup(bench.rows()));
    const auto seconds = bench.update(tables, groups);
    ours.push_back(static_cast<double>(groupCount * kGroupRows) / seconds.ours);
    rival.push_back(static_cast<double>(groupCount * kGroupRows) / seconds.rival);
  }
  bench.add(Figure("random updates, durable in groups of 1,000 (rows)", median(ours), Unit::PerSecond)
                .against("SQLite history", median(rival))
                .atLeast(150'000)
                .ratioAtLeast(3));
}

void measureCommits(StorageBench& bench) {
  auto& tables = bench.main();
  const auto path = bench.file("main_plain.sqlite");
  for (const int sessions : {1, 8}) {
    const int commits = sessions == 1 ? 400 : 150;
    std::vector<double> ours, rival;
    for (Rounds rounds(kRounds); rounds.next();) {
      ours.push_back(oursPerSecond(tables.ours, sessions, commits, bench.random().next()));
      rival.push_back(rivalPerSecond(path, bench.rows(), sessions, commits, bench.random().next()));
    }
    bench.add(Figure(fmt::format("one-row durable commits, {} session{}", sessions, sessions == 1 ? "" : "s"),
                     median(ours), Unit::PerSecond)
                  .against("SQLite", median(rival))
                  .ratioAtLeast(sessions == 1 ? 1.0 : 4.0));
  }
}

void measurePause(StorageBench& bench) {
  DriftTable table(bench.file("pause.drift"), bench.options().seed, unsynced());
  const auto rows = bench.rows();
  table.load(shuffledIds(bench.random(), rows));
  table.close();
  table.open({});
  // One thread fills the memtable four times and more, in groups; another commits single rows of its own beside it.
  const auto groups = 4 * storage::StoreOptions().memtableRowsMax / kGroupRows;
  std::vector<double> large, small;
  std::atomic<bool> done{false};
  std::thread single([&, random = Random(bench.random().next())]() mutable {
    while (!done) {
      const auto id = random.below(rows / 2) * 2 + 1;
      storage::CommitRequest request;
      request.changes.push_back(table.quantityChange(id, 1));
      const Stopwatch watch;
      const auto number = must(table.store().commit(std::move(request), {})).number;
      small.push_back(watch.milliseconds());
      table.wasCommitted(id, number);
    }
  });
  for (std::size_t i = 0; i < groups; ++i) {
    const auto group = bench.makeGroup(rows / 2);
    for (std::size_t row = 0; row < group.ids.size(); ++row)
      table.setQuantity(group.ids[row] * 2, group.quantities[row]);
    const auto before = table.commitSeconds();
    table.commit();
    large.push_back((table.commitSeconds() - before) * 1000);
  }
  done = true;
  single.join();
  for (const auto& [name, samples] : {std::pair{"1,000 rows", large}, std::pair{"one row", small}}) {
    bench.add(Figure(fmt::format("longest pause of {} commits of {} while epochs are written",
                                 grouped(std::ssize(samples)), name),
                     percentile(samples, 1), Unit::Milliseconds)
                  .atMost(50));
    bench.add(Figure("  99.9 % of them took at most", percentile(samples, 0.999), Unit::Milliseconds));
    bench.add(Figure("  half of them took at most", median(samples), Unit::Milliseconds));
  }
  table.close();
  removeFiles(bench.file("pause.drift"));
}

void measureRewrite(StorageBench& bench) {
  DriftTable table(bench.file("rewrite.drift"), bench.options().seed, unsynced());
  const auto rows = bench.rows() / 4;
  table.load(shuffledIds(bench.random(), rows));
  table.close();
  table.open({});
  std::vector<double> commits;
  std::atomic<bool> done{false};
  std::thread writer([&, random = Random(bench.random().next())]() mutable {
    while (!done) {
      const auto id = random.below(rows);
      storage::CommitRequest request;
      request.changes.push_back(table.quantityChange(id, 1));
      const Stopwatch watch;
      const auto number = must(table.store().commit(std::move(request), {})).number;
      commits.push_back(watch.milliseconds());
      table.wasCommitted(id, number);
    }
  });
  std::vector<double> rewrites;
  for (Rounds rounds(kRounds); rounds.next();) {
    const Stopwatch watch;
    must(table.store().rewrite({}));
    rewrites.push_back(watch.milliseconds());
  }
  done = true;
  writer.join();
  bench.add(Figure(fmt::format("longest pause of {} commits of one row while the file is rewritten {} times",
                               grouped(std::ssize(commits)), rewrites.size()),
                   percentile(commits, 1), Unit::Milliseconds)
                .atMost(50));
  bench.add(Figure("  half of them took at most", median(commits), Unit::Milliseconds));
  bench.add(Figure("  a rewrite of " + grouped(rows) + " rows", median(rewrites), Unit::Milliseconds));
  table.close();
  removeFiles(bench.file("rewrite.drift"));
}

void measureBytes(StorageBench& bench) {
  const auto rows = bench.rows();
  std::vector<std::int64_t> ids(static_cast<std::size_t>(rows));
  std::iota(ids.begin(), ids.end(), 0);
  // Three memtables full of updates for ours; SQLite's figure does not depend on how many there are.
  const auto groups = 3 * storage::StoreOptions().memtableRowsMax / kGroupRows;
  constexpr std::size_t kRivalGroups = 100;
  for (const bool wholeRows : {false, true}) {
    DriftTable table(bench.file("bytes.drift"), bench.options().seed, unsynced());
    table.load(ids);
    const auto rawBefore = table.rawBytes();
    const auto ours = bytesPerRawByte(bench, table, groups, wholeRows);
    const auto rawPerRow = static_cast<double>(table.rawBytes() - rawBefore) / static_cast<double>(groups * kGroupRows);
    SqliteRival rival(bench.file("bytes.sqlite"), SqliteRival::Kind::History);
    rival.load(bench.options().seed, ids);
    bench.add(
        Figure(fmt::format("bytes on disk / raw byte changed, {} ({:.0f} bytes a row)",
                           wholeRows ? "all columns" : "one small column", rawPerRow),
               ours, Unit::Times)
            .against("SQLite history", rivalBytesPerRawByte(bench, rival, rows, kRivalGroups, wholeRows, rawPerRow))
            .atMost(2.0));
    table.close();
    removeFiles(bench.file("bytes.drift"));
    removeFiles(bench.file("bytes.sqlite"));
  }
}

}  // namespace drift::bench
