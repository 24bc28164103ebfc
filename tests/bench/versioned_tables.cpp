#include "versioned_tables.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

namespace drift::bench {

namespace {

constexpr std::size_t kGroupRows = 1000;

}  // namespace

std::unique_ptr<VersionedTables> makeVersionedTables(const ScratchFolder& folder, std::uint64_t seed, std::int64_t rows,
                                                     int versions) {
  storage::StoreOptions options;
  options.durability = storage::Durability::Off;
  const auto file = [&](const char* suffix) {
    return folder.file(fmt::format("versions_{}_{}.{}", rows, versions, suffix));
  };
  std::unique_ptr<VersionedTables> made(
      new VersionedTables{{file("drift"), seed, options}, {file("sqlite"), SqliteRival::Kind::History}});
  Random random(seed + static_cast<std::uint64_t>(versions));
  auto& [ours, rival, moments] = *made;

  std::vector<std::int64_t> ids(static_cast<std::size_t>(rows));
  std::iota(ids.begin(), ids.end(), 0);
  ours.load(ids);
  std::vector<Row> current;
  for (const auto id : ids) current.push_back(makeRow(seed, id, 0));
  std::vector<std::int64_t> since(ids.size(), 1);
  std::int64_t moment = 1;
  moments.push_back({ours.store().lastCommit(), moment});

  rival.dropHistoryIndex();
  rival.begin();
  for (int version = 1; version < versions; ++version) {
    const auto order = shuffledIds(random, rows);
    for (std::size_t at = 0; at < order.size(); at += kGroupRows) {
      ++moment;
      for (auto i = at; i < std::min(at + kGroupRows, order.size()); ++i) {
        const auto id = order[i];
        auto& row = current[static_cast<std::size_t>(id)];
        rival.insertVersion(row, since[static_cast<std::size_t>(id)], moment);
        since[static_cast<std::size_t>(id)] = moment;
        row.quantity = static_cast<std::int32_t>(random.below(10'000));
        ours.setQuantity(id, row.quantity);
      }
      moments.push_back({ours.commit(), moment});
    }
  }
  for (const auto& row : current) {
    rival.setMoment(since[static_cast<std::size_t>(row.id)]);
    rival.insert(row);
  }
  rival.commit();
  rival.makeHistoryIndex();
  rival.setMoment(moment);
  must(ours.store().checkpoint());
  return made;
}

}  // namespace drift::bench
