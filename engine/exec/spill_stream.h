// SpillStream: rows in a statement's temporary file, read back in the order they were written.
//
// Rows lie in pieces, column by column, of about half a block each; the bytes of all pieces fill blocks one after the
// other. At most a block and a piece are in memory.
//
// Thread rule: one thread at a time. State: append() any number of times, finish(), then rewind() and next().
#pragma once

#include <span>
#include <vector>

#include "exec/spill_space.h"
#include "types/vector.h"

namespace drift::exec {

class SpillStream final {
 public:
  /// `space` outlives this.
  SpillStream(std::vector<types::Type> types, SpillSpace& space);
  ~SpillStream();
  SpillStream(const SpillStream&) = delete;
  SpillStream& operator=(const SpillStream&) = delete;

  const std::vector<types::Type>& columnTypes() const { return m_types; }
  std::uint64_t rowCount() const { return m_rowCount; }

  /// Adds the rows `rows` of a chunk of the stream's types. DiskFull, LimitExceeded, IoError.
  Status append(const types::Chunk& chunk, std::span<const std::uint16_t> rows);
  Status append(const types::Chunk& chunk);
  /// Ends writing; reading begins at the first row.
  Status finish();

  enum class Reading : std::uint8_t {
    Again,    ///< the rows stay
    LastTime  ///< blocks are given back as they are read
  };
  void rewind(Reading reading);
  /// Fills `out` with some of the next rows, a chunk or less; gives false, with no rows, at the end.
  Result<bool> next(types::Chunk& out);
  /// The same with the rows of one piece: few, where many streams are read at a time.
  Result<bool> nextPiece(types::Chunk& out);

 private:
  Status appendPiece(const types::Chunk& chunk, std::span<const std::uint16_t> rows);
  Status put(ByteSpan bytes);
  Status flush();
  Status take(std::span<std::byte> bytes);
  /// Reads the next piece into m_piece; gives false at the end.
  Result<bool> readPiece();
  Status decodePiece(types::Chunk& out, std::size_t at);

  const std::vector<types::Type> m_types;
  SpillSpace& m_space;
  std::vector<std::uint32_t> m_blocks;
  std::size_t m_lastBlockBytes = 0;
  std::uint64_t m_rowCount = 0;
  Bytes m_block;  ///< being filled, or being read
  Bytes m_piece;
  Reading m_reading = Reading::Again;
  std::size_t m_nextBlock = 0;
  std::size_t m_at = 0;             ///< in m_block
  std::uint64_t m_rowsRead = 0;     ///< those of m_piece too
  std::uint32_t m_pieceRows = 0;    ///< of m_piece, if it was not given yet; 0 = none
};

}  // namespace drift::exec
