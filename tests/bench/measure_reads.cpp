// Point reads, sums, pages and differences.
#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "storage_bench.h"

namespace drift::bench {

namespace {

constexpr int kRounds = 3;

/// Sums of two readers, in turns; gives the median milliseconds of each.
template <class Ours, class Rival>
std::pair<double, double> sumsInTurns(const Ours& ours, const Rival& rival) {
  std::vector<double> oursMs, rivalMs;
  for (int round = 0; round < 5; ++round) {
    Stopwatch watch;
    ours();
    oursMs.push_back(watch.milliseconds());
    watch = {};
    rival();
    rivalMs.push_back(watch.milliseconds());
  }
  return {median(oursMs), median(rivalMs)};
}

std::size_t countDiff(DriftTable& table, CommitNumber from, CommitNumber to) {
  const auto cursor = must(table.store().diff(kTable, from, to, tableLayout()->columns, {}));
  std::size_t rows = 0;
  types::Chunk chunk;
  while (must(cursor->next(chunk))) rows += chunk.rowCount();
  return rows;
}

/// A few updates may give a row the value that it had.
void checkDiff(std::size_t rows, std::size_t changes) {
  if (rows > changes || rows < changes - changes / 50)
    fail(fmt::format("a difference of {} changes has {} rows", changes, rows));
}

/// A difference as a freshly opened store gives it, and once more.
struct DiffCost {
  double coldMs = 0;
  double warmMs = 0;
  std::uint64_t pages = 0;
};

DiffCost measureDiffOf(DriftTable& table, CommitNumber from, CommitNumber to, std::size_t changes) {
  table.close();
  table.open({});
  DiffCost cost;
  const auto before = table.store().statistics().framesRead;
  std::vector<double> warm;
  for (int round = 0; round < 6; ++round) {
    const Stopwatch watch;
    checkDiff(countDiff(table, from, to), changes);
    if (round == 0) {
      cost.coldMs = watch.milliseconds();
      cost.pages = table.store().statistics().framesRead - before;
    } else {
      warm.push_back(watch.milliseconds());
    }
  }
  cost.warmMs = median(warm);
  return cost;
}

/// Commits `count` updates between two epochs; gives the commit.
CommitNumber updateAlone(StorageBench& bench, DriftTable& table, std::size_t count) {
  must(table.store().checkpoint());
  for (const auto id : distinctIds(bench.random(), table.rowCount(), count)) table.setQuantity(id, 10'000);
  const auto number = table.commit();
  must(table.store().checkpoint());
  return number;
}

}  // namespace

void measurePoints(StorageBench& bench) {
  constexpr int kReads = 30'000;
  auto& tables = bench.mainWithHistory();
  auto& random = bench.random();
  const auto rows = bench.rows();
  std::vector<std::pair<SharedMoment, storage::Snapshot>> past;
  for (int i = 0; i < 64; ++i) {
    const auto moment = tables.moments[random.next() % tables.moments.size()];
    past.emplace_back(moment, must(tables.ours.store().at(moment.ours)));
  }
  const auto latest = tables.ours.store().latest();
  std::int64_t sink = 0;
  const auto readOurs = [&](const storage::Snapshot& snapshot) {
    const auto row = must(snapshot.get(kTable, keyOf(random.below(rows)), tableLayout()->columns));
    if (!row) fail("a row is missing");
    sink += row->values[1].asInt();
  };
  const auto rate = [&](const auto& read) {
    const Stopwatch watch;
    for (int i = 0; i < kReads; ++i) read();
    return kReads / watch.seconds();
  };
  std::vector<double> oursNow, rivalNow, oursPast, rivalPast;
  for (Rounds rounds(kRounds); rounds.next();) {
    oursNow.push_back(rate([&] { readOurs(latest); }));
    rivalNow.push_back(rate([&] { sink += tables.plain.get(random.below(rows)); }));
    oursPast.push_back(rate([&] { readOurs(past[random.next() % past.size()].second); }));
    rivalPast.push_back(rate([&] {
      sink += tables.history.get(random.below(rows), past[random.next() % past.size()].first.rival).value_or(0);
    }));
  }
  bench.add(Figure("point read by key, now", median(oursNow), Unit::PerSecond)
                .against("SQLite", median(rivalNow))
                .ratioAtLeast(0.7));
  bench.add(Figure("point read by key, at a random past moment", median(oursPast), Unit::PerSecond)
                .costOver("ours now", median(oursNow))
                .ratioAtMost(1.3));
  bench.add(Figure("  the same", median(oursPast), Unit::PerSecond).against("SQLite history", median(rivalPast)));
  if (sink == 42) fmt::print(" ");  // what is not used may be optimized away
}

void measureSums(StorageBench& bench) {
  auto& tables = bench.mainWithHistory();
  must(tables.ours.store().checkpoint());
  const auto print = [&](const std::string& state) {
    const auto latest = tables.ours.store().latest();
    const auto [ours, rival] = sumsInTurns([&] { sumQuantities(latest); }, [&] { tables.plain.sum(); });
    bench.add(Figure("sum over one column, now, " + state, ours, Unit::Milliseconds)
                  .against("SQLite", rival)
                  .ratioAtLeast(10));
  };
  print("right after an epoch");
  const auto groupCount = storage::StoreOptions().memtableRowsMax / 2 / kGroupRows;
  for (std::size_t i = 0; i < groupCount; ++i) {
    const auto group = bench.makeGroup(bench.rows());
    for (std::size_t row = 0; row < kGroupRows; ++row) tables.ours.setQuantity(group.ids[row], group.quantities[row]);
    tables.ours.commit();
  }
  print(fmt::format("{} changes after it", grouped(static_cast<std::int64_t>(groupCount * kGroupRows))));
}

void measureDiff(StorageBench& bench) {
  auto& tables = bench.mainWithHistory();
  const auto rows = bench.rows();
  const auto middle = tables.moments.size() / 2;
  const auto from = tables.moments[middle - 1];
  const auto to = tables.moments[middle];
  const auto thousand = updateAlone(bench, tables.ours, 1000);
  const auto ten = updateAlone(bench, tables.ours, 10);
  for (int i = 0; i < 20; ++i) updateAlone(bench, tables.ours, 10);  // they do not stay the newest

  const auto amid = measureDiffOf(tables.ours, from.ours, to.ours, kGroupRows);
  std::vector<double> rival;
  for (int round = 0; round < 5; ++round) {
    const Stopwatch watch;
    checkDiff(tables.history.diff(from.rival, to.rival), kGroupRows);
    rival.push_back(watch.milliseconds());
  }
  const auto alone = measureDiffOf(tables.ours, thousand - 1, thousand, 1000);
  const auto few = measureDiffOf(tables.ours, ten - 1, ten, 10);
  DriftTable small(bench.file("diff.drift"), bench.options().seed, {});
  small.load(shuffledIds(bench.random(), rows / 10));
  const auto inSmall = updateAlone(bench, small, 1000);
  for (int i = 0; i < 20; ++i) updateAlone(bench, small, 10);
  const auto smallCost = measureDiffOf(small, inSmall - 1, inSmall, 1000);
  const auto name = [&](std::int64_t changes, std::int64_t of) {
    return fmt::format("{} changes in {} rows", grouped(changes), grouped(of));
  };
  bench.add(Figure("diff of two moments, " + name(1000, rows), alone.warmMs, Unit::Milliseconds)
                .against("SQLite history", median(rival))
                .atMost(10));
  bench.add(Figure("  the same, the store freshly opened", alone.coldMs, Unit::Milliseconds).atMost(10));
  bench.add(Figure("  the same, amid other changes of one epoch", amid.warmMs, Unit::Milliseconds)
                .against("SQLite history", median(rival))
                .atMost(10));
  bench.add(Figure("  pages read: " + name(1000, rows), static_cast<double>(alone.pages), Unit::Count));
  bench.add(
      Figure("  pages read: " + name(1000, rows) + ", amid others", static_cast<double>(amid.pages), Unit::Count));
  bench.add(Figure("  pages read: " + name(1000, rows / 10), static_cast<double>(smallCost.pages), Unit::Count));
  bench.add(Figure("  pages read: " + name(10, rows), static_cast<double>(few.pages), Unit::Count));
}

void measurePages(StorageBench& bench) {
  constexpr std::size_t kPageRows = 200;
  auto& [table, history, moments] = bench.tenVersions();
  auto& random = bench.random();
  table.close();
  table.open({});
  const auto rows = table.rowCount();
  const auto versions = fmt::format("{} versions", grouped(rows * 10));
  const auto pick = [&, &moments = moments] { return moments[random.next() % moments.size()]; };
  const auto read = [&](const storage::Snapshot& snapshot) {
    if (readPage(snapshot, random.below(rows - static_cast<std::int64_t>(kPageRows)), kPageRows) != kPageRows)
      fail("a page has a wrong number of rows");
  };
  std::vector<double> warm;
  for (int i = 0; i < 3000; ++i) {
    const Stopwatch watch;
    read(must(table.store().at(pick().ours)));
    if (i >= 1000) warm.push_back(watch.milliseconds());
  }
  std::vector<double> rival;
  for (int i = 0; i < 7; ++i) {
    const auto moment = pick();
    const Stopwatch watch;
    history.page(moment.rival, random.below(rows), kPageRows);
    rival.push_back(watch.milliseconds());
  }
  std::vector<double> cold;
  table.close();
  storage::StoreOptions options;
  options.cacheBytesMax = 1u << 20;
  options.readOnly = true;
  for (int i = 0; i < 200; ++i) {
    table.open(options);
    {
      const auto snapshot = must(table.store().at(pick().ours));
      dropFromSystemCache(table.path());
      const Stopwatch watch;
      read(snapshot);
      cold.push_back(watch.milliseconds());
    }
    table.close();
  }
  bench.add(Figure("page of 200 rows at a random offset and moment, " + versions + ", warm: p50", median(warm),
                   Unit::Milliseconds)
                .against("SQLite history", median(rival)));
  bench.add(Figure("  the same, warm: p99", percentile(warm, 0.99), Unit::Milliseconds).atMost(2));
  bench.add(Figure("  the same, cold: p50", median(cold), Unit::Milliseconds));
  bench.add(Figure("  the same, cold: p99", percentile(cold, 0.99), Unit::Milliseconds).atMost(5));
}

}  // namespace drift::bench
