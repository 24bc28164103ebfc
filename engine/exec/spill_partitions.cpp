#include "exec/spill_partitions.h"

#include <array>
#include <numeric>

#include "types/cast.h"

namespace drift::exec {

namespace {

/// Other bits at each level, and others than the hash tables take, which would fill few of their buckets else.
std::size_t partOf(std::uint64_t hash, unsigned level) {
  constexpr unsigned kShift = 60;
  static_assert(SpillPartitions::kCount == std::size_t{1} << (64 - kShift));
  auto word = hash ^ (hash >> 29) ^ (0xc2b2'ae3d'27d4'eb4f * (level + 1));
  word *= 0xff51'afd7'ed55'8ccd;
  word ^= word >> 33;
  word *= 0xc4ce'b9fe'1a85'ec53;
  return word >> kShift;
}

}  // namespace

SpillPartitions::SpillPartitions(const std::vector<types::Type>& types, SpillSpace& space, unsigned level)
    : m_level(level) {
  for (std::size_t part = 0; part < kCount; ++part) m_parts.push_back(std::make_unique<SpillStream>(types, space));
}

Status SpillPartitions::add(const types::Chunk& chunk, const types::Chunk& keys, std::span<const std::uint16_t> rows) {
  std::vector<std::uint64_t> hashes(chunk.rowCount(), 0);
  for (std::size_t column = 0; column < keys.columnCount(); ++column)
    types::hashRows(keys.column(column), chunk.rowCount(), hashes);
  std::array<types::Selection, kCount> parts;
  for (const auto row : rows) parts[partOf(hashes[row], m_level)].push_back(row);
  for (std::size_t part = 0; part < kCount; ++part)
    if (!parts[part].empty()) DRIFT_TRY(m_parts[part]->append(chunk, parts[part]));
  return {};
}

Status SpillPartitions::add(const types::Chunk& chunk, const types::Chunk& keys) {
  types::Selection all(chunk.rowCount());
  std::iota(all.begin(), all.end(), std::uint16_t{0});
  return add(chunk, keys, all);
}

Result<std::vector<SpillStreamPtr>> SpillPartitions::finish() {
  for (auto& part : m_parts) DRIFT_TRY(part->finish());
  return std::move(m_parts);
}

}  // namespace drift::exec
