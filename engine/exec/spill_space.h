// SpillSpace: room on disk for the rows of one statement that do not fit its memory: blocks of one temporary file.
//
// The file is made when the first block is written, has no name, and is gone with the statement. Nothing in it is ever
// read by another statement. Blocks that are given back are used again, so the file is as large as it was needed at
// most. Each block carries a checksum: what a disk changed is an error, not an answer.
//
// Thread rule: one thread at a time; owned by the statement, outlives its operators.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "platform/file_system.h"

namespace drift::exec {

/// Bounds of a statement's spilling; see docs/sql.md, "Memory".
struct SpillLimits {
  std::size_t workBytes = std::size_t{128} << 20;  ///< work_mem: what one operator may hold before it spills
  std::uint64_t fileBytesMax = UINT64_MAX;         ///< temp_file_limit
  /// temp_directory: where the file is; empty = beside the database, or else in the system's temporary folder.
  std::string folder{};
};

class SpillSpace final {
 public:
  /// For a statement on the database at a path. References outlive this.
  SpillSpace(platform::FileSystem& files, const std::string& databasePath, SpillLimits limits);

  std::size_t workBytes() const { return m_limits.workBytes; }
  /// Bytes that a block holds at most; a small part of workBytes(), so that many may be in memory at a time.
  std::size_t blockBytes() const { return m_blockBytes; }
  std::uint64_t usedBytes() const { return m_usedBlocks * m_blockBytes; }

  /// Stores at most blockBytes() bytes and gives the block's number. DiskFull, LimitExceeded, IoError.
  Result<std::uint32_t> write(ByteSpan payload);
  /// Reads back what write() stored, of the same size. IoError, DataCorrupted.
  Status read(std::uint32_t block, std::span<std::byte> payload) const;
  /// Gives a block back.
  void free(std::uint32_t block);

 private:
  std::vector<std::string> folders() const;
  Status open();
  /// The only ways of bytes into the file and out of it: an encrypted database would seal blocks here.
  Status putBlock(std::uint32_t block, ByteSpan payload);
  Status getBlock(std::uint32_t block, std::span<std::byte> payload) const;
  std::uint64_t offsetOf(std::uint32_t block) const;

  platform::FileSystem& m_files;
  const std::string& m_databasePath;
  const SpillLimits m_limits;
  const std::size_t m_blockBytes;
  std::unique_ptr<platform::File> m_file;  ///< null before the first write
  std::string m_folder;                    ///< where it is, for errors
  std::vector<std::uint32_t> m_freeBlocks;
  std::uint32_t m_blockCount = 0;  ///< in the file
  std::uint64_t m_usedBlocks = 0;
};

}  // namespace drift::exec
