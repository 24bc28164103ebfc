#include "storage_bench.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

namespace drift::bench {

namespace {

struct Measurement {
  const char* name;
  void (*run)(StorageBench&);
};

constexpr Measurement kMeasurements[] = {
    {"load", measureLoad},   {"updates", measureUpdates}, {"commits", measureCommits}, {"points", measurePoints},
    {"sums", measureSums},   {"diff", measureDiff},       {"pause", measurePause},     {"rewrite", measureRewrite},
    {"versions", measureVersions}, {"pages", measurePages}, {"history", measureHistory}, {"summary", measureSummary},
    {"bytes", measureBytes}, {"kill", measureKill},       {"epochs", measureEpochs},   {"wide", measureWide},
};

storage::StoreOptions unsynced() {
  storage::StoreOptions options;
  options.durability = storage::Durability::Off;
  return options;
}

}  // namespace

MainTables::MainTables(const ScratchFolder& folder, std::int64_t rows, std::uint64_t seed)
    : ours(folder.file("main.drift"), seed, unsynced()),
      plain(folder.file("main_plain.sqlite"), SqliteRival::Kind::Plain),
      history(folder.file("main_history.sqlite"), SqliteRival::Kind::History) {
  std::vector<std::int64_t> ids(static_cast<std::size_t>(rows));
  std::iota(ids.begin(), ids.end(), 0);
  ours.load(ids);
  ours.close();
  ours.open({});
  plain.load(seed, ids);
  history.load(seed, ids);
  moments.push_back({ours.store().lastCommit(), history.moment()});
}

MainTables& StorageBench::main() {
  if (!m_main) m_main = std::make_unique<MainTables>(m_folder, m_options.rows, m_options.seed);
  return *m_main;
}

VersionedTables& StorageBench::tenVersions() {
  if (!m_tenVersions) m_tenVersions = makeVersions(m_options.large ? 1'000'000 : 200'000, 10);
  return *m_tenVersions;
}

MainTables& StorageBench::mainWithHistory() {
  constexpr std::size_t kMoments = 200;
  auto& tables = main();
  while (tables.moments.size() < kMoments) {
    const auto group = makeGroup(tables.ours.rowCount());
    update(tables, {&group, 1});
  }
  return tables;
}

UpdateGroup StorageBench::makeGroup(std::int64_t rows) {
  UpdateGroup group;
  group.ids = distinctIds(m_random, rows, kGroupRows);
  for (std::size_t i = 0; i < kGroupRows; ++i)
    group.quantities.push_back(static_cast<std::int32_t>(m_random.below(10'000)));
  return group;
}

StorageBench::Seconds StorageBench::update(MainTables& tables, std::span<const UpdateGroup> groups) {
  Seconds seconds;
  const auto before = tables.ours.commitSeconds();
  for (const auto& group : groups) {
    for (std::size_t i = 0; i < group.ids.size(); ++i) tables.ours.setQuantity(group.ids[i], group.quantities[i]);
    tables.moments.push_back({tables.ours.commit(), 0});
  }
  seconds.ours = tables.ours.commitSeconds() - before;
  const Stopwatch watch;
  auto moment = tables.moments.end() - static_cast<std::ptrdiff_t>(groups.size());
  for (const auto& group : groups) {
    tables.history.begin();
    for (std::size_t i = 0; i < group.ids.size(); ++i) tables.history.setQuantity(group.ids[i], group.quantities[i]);
    tables.history.commit();
    (moment++)->rival = tables.history.moment();
  }
  seconds.rival = watch.seconds();
  return seconds;
}

void StorageBench::run() {
  for (const auto& name : m_options.only) {
    const bool known = std::ranges::any_of(kMeasurements, [&](const auto& m) { return name == m.name; });
    if (known) continue;
    std::string names;
    for (const auto& measurement : kMeasurements) names += fmt::format(" {}", measurement.name);
    fail(fmt::format("there is no measurement \"{}\"; there are{}", name, names));
  }
  const Stopwatch watch;
  m_table.printHead();
  std::string parts;
  for (const auto& measurement : kMeasurements) {
    if (!m_options.only.empty() && !m_options.only.contains(measurement.name)) continue;
    const Stopwatch part;
    measurement.run(*this);
    parts += fmt::format("{}{} {:.0f}", parts.empty() ? "" : ", ", measurement.name, part.seconds());
  }
  m_table.printSum();
  fmt::print("{:.0f} s ({}), seed {}\n", watch.seconds(), parts, m_options.seed);
}

}  // namespace drift::bench
