// SpillPartitions: rows parted by the hash of their keys, each part in a stream of its own, so that rows with equal keys
// meet in the same part and each part fits in memory, or is parted again by other bits of the hash.
//
// After Shapiro, "Join Processing in Database Systems with Large Main Memories" (TODS 11/3, 1986): grace hashing.
// Thread rule: one thread at a time.
#pragma once

#include <memory>
#include <vector>

#include "exec/operator.h"
#include "exec/spill_stream.h"

namespace drift::exec {

using SpillStreamPtr = std::unique_ptr<SpillStream>;

class SpillPartitions final {
 public:
  static constexpr std::size_t kCount = 16;
  /// Rows are parted at levels 0 to kLevelsMax - 1; after that, equal hashes are taken to be equal keys.
  static constexpr unsigned kLevelsMax = 8;

  SpillPartitions(const std::vector<types::Type>& types, SpillSpace& space, unsigned level);

  /// Adds the rows `rows` of a chunk; `keys` has the keys of all its rows. DiskFull, LimitExceeded, IoError.
  Status add(const types::Chunk& chunk, const types::Chunk& keys, std::span<const std::uint16_t> rows);
  Status add(const types::Chunk& chunk, const types::Chunk& keys);
  /// Ends writing and gives the parts; those without rows are there, too.
  Result<std::vector<SpillStreamPtr>> finish();

 private:
  const unsigned m_level;
  std::vector<SpillStreamPtr> m_parts;
};

/// Rows of a stream as an operator gives them, read for the last time.
class StreamRows final : public Operator {
 public:
  explicit StreamRows(SpillStreamPtr stream) : m_stream(std::move(stream)) {
    m_stream->rewind(SpillStream::Reading::LastTime);
  }
  Result<bool> next(types::Chunk& out) override { return m_stream->next(out); }
  std::uint64_t rowCount() const { return m_stream->rowCount(); }

 private:
  const SpillStreamPtr m_stream;
};

}  // namespace drift::exec
