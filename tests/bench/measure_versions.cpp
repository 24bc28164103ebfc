// Sums of the past with 1, 10, 100 and 1,000 versions a row, and the plot of them.
#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "plot.h"
#include "storage_bench.h"

namespace drift::bench {

namespace {

/// At most 5 million versions in all, 10 with --large.
std::int64_t rowsOf(int versions, bool large) {
  if (versions == 1) return 1'000'000;
  const std::int64_t rows = versions == 100 ? 20'000 : 5'000;
  return large ? std::min<std::int64_t>(5 * rows, 10'000'000 / versions) : rows;
}

struct Cost {
  double nowMs = 0;       ///< summed before
  double pastMs = 0;      ///< at a moment that was summed before
  double nowFreshMs = 0;  ///< the first read of a freshly opened store
  double pastFreshMs = 0;
  double rivalNowMs = 0;
  double rivalPastMs = 0;
};

double timeOf(const auto& work) {
  const Stopwatch watch;
  work();
  return watch.milliseconds();
}

/// Milliseconds of a sum that was made before.
double warmSum(const storage::Snapshot& snapshot) {
  // A small table takes microseconds: it is summed so often that a sample is about a millisecond.
  constexpr double kSampleMs = 1;
  const auto sums = 1 + static_cast<int>(kSampleMs / std::max(timeOf([&] { sumQuantities(snapshot); }), 1e-3));
  std::vector<double> samples;
  for (int i = 0; i < 5; ++i)
    samples.push_back(timeOf([&] {
                        for (int sum = 0; sum < sums; ++sum) sumQuantities(snapshot);
                      }) /
                      sums);
  return median(samples);
}

/// The same for the past of a table that was loaded, and then one row updated.
double warmSumOfOneVersion(StorageBench& bench, std::int64_t rows) {
  DriftTable table(bench.file(fmt::format("loaded_{}.drift", rows)), bench.options().seed, {});
  table.load(shuffledIds(bench.random(), rows));
  const auto loaded = must(table.store().at(table.store().lastCommit()));
  table.setQuantity(0, 1);
  table.commit();
  sumQuantities(loaded);
  return warmSum(loaded);
}

Cost measureShape(StorageBench& bench, VersionedTables& tables) {
  constexpr int kMoments = 7;
  auto& table = tables.ours;
  std::vector<SharedMoment> picked;
  for (int i = 0; i < kMoments; ++i) picked.push_back(tables.moments[bench.random().next() % tables.moments.size()]);
  std::vector<double> now, past, nowFresh, pastFresh, rivalNow, rivalPast;
  for (const auto& moment : picked) {
    table.close();
    table.open({});
    nowFresh.push_back(timeOf([&] { sumQuantities(table.store().latest()); }));
    now.push_back(warmSum(table.store().latest()));
    table.close();
    table.open({});
    const auto snapshot = must(table.store().at(moment.ours));
    pastFresh.push_back(timeOf([&] { sumQuantities(snapshot); }));
    past.push_back(warmSum(snapshot));
    if (rivalPast.size() >= 3) continue;
    std::int64_t rival = 0;
    rivalPast.push_back(timeOf([&] { rival = tables.history.sum(moment.rival); }));
    rivalNow.push_back(timeOf([&] { tables.history.sum(); }));
    if (sumQuantities(snapshot) != rival)
      fail(fmt::format("ours and SQLite disagree on the sum at commit {}", moment.ours));
  }
  return {.nowMs = median(now),
          .pastMs = median(past),
          .nowFreshMs = median(nowFresh),
          .pastFreshMs = median(pastFresh),
          .rivalNowMs = median(rivalNow),
          .rivalPastMs = median(rivalPast)};
}

}  // namespace

void measureVersions(StorageBench& bench) {
  Plot plot("Sum over one column as of a past moment", "versions a row", "nanoseconds a row");
  PlotSeries oursNow{"DriftDB, now", {}}, oursPast{"DriftDB, past", {}}, rivalNow{"SQLite history, now", {}},
      rivalPast{"SQLite history, past", {}};
  for (const int versions : {1, 10, 100, 1000}) {
    std::unique_ptr<VersionedTables> made;
    if (versions != 10) made = bench.makeVersions(rowsOf(versions, bench.options().large), versions);
    auto& tables = made ? *made : bench.tenVersions();
    const auto rows = tables.ours.rowCount();
    if (versions == 1) {  // so that the past is not the latest state
      tables.ours.setQuantity(0, 1);
      tables.ours.commit();
    }
    const auto cost = measureShape(bench, tables);
    bench.add(Figure(fmt::format("sum as of the past, {} rows of {} version{}", grouped(rows), grouped(versions),
                                 versions == 1 ? "" : "s"),
                     cost.pastMs, Unit::Milliseconds)
                  .costOver("ours now", cost.nowMs)
                  .ratioAtMost(1.25));
    bench.add(Figure("  the same, the store freshly opened", cost.pastFreshMs, Unit::Milliseconds)
                  .costOver("ours now, opened", cost.nowFreshMs)
                  .ratioAtMost(1.25));
    bench.add(Figure("  the same", cost.pastMs, Unit::Milliseconds).against("SQLite history", cost.rivalPastMs));
    const auto nanosecondsPerRow = [&](double ms) { return ms * 1e6 / static_cast<double>(rows); };
    const auto x = static_cast<double>(versions);
    oursNow.points.push_back({x, nanosecondsPerRow(cost.nowMs)});
    oursPast.points.push_back({x, nanosecondsPerRow(cost.pastMs)});
    rivalNow.points.push_back({x, nanosecondsPerRow(cost.rivalNowMs)});
    rivalPast.points.push_back({x, nanosecondsPerRow(cost.rivalPastMs)});
    if (versions == 1) continue;
    bench.add(Figure(fmt::format("  the same rows with {} versions against 1", grouped(versions)), cost.pastMs,
                     Unit::Milliseconds)
                  .costOver("ours, 1 version", warmSumOfOneVersion(bench, rows))
                  .ratioAtMost(1.25));
  }
  if (bench.options().plotFile.empty()) return;
  for (auto* series : {&rivalPast, &rivalNow, &oursPast, &oursNow}) plot.add(std::move(*series));
  plot.write(bench.options().plotFile);
}

}  // namespace drift::bench
