// Recovery: from a file's frames to the newest state they prove. One thread.
//
//   superblock's epoch readable --> what it names, then the frames behind its last commit
//   anything wrong with that    --> every frame from the first on
//   first bad frame             --> torn tail, or damage (see RecoveryEnd)
#pragma once

#include <memory>
#include <optional>

#include "crypto/digest.h"
#include "storage/snapshot.h"
#include "storage/superblock.h"

namespace drift::storage {

/// How the sound part of a file ends.
struct RecoveryEnd {
  std::uint64_t offset = 0;       ///< of the first byte that is not part of a whole commit or epoch
  std::uint64_t lastOrdinal = 0;  ///< of the last frame before it
  bool damaged = false;           ///< what follows was durable once: not a torn tail
  std::uint64_t damagedAt = 0;
};

/// Reads frames in order into a StoreCore. Can go on later from where it ended: refresh().
class Recovery final {
 public:
  /// `core` outlives this; its indexes and epochs are filled.
  Recovery(StoreCore& core, const Superblock& superblock)
      : m_core(core), m_superblock(superblock), m_scanner(core.file->file(), core.file->seed()) {}

  /// Reads everything. IoError; damage is not an error but an end.
  Result<RecoveryEnd> run(std::uint64_t fileBytes);
  /// Reads frames that were appended since; gives where they end now.
  Result<RecoveryEnd> goOn(std::uint64_t fileBytes);

  /// Hash of the last commit read, where the chain goes on.
  const crypto::Sha256Digest& chain() const { return m_chain; }
  const std::shared_ptr<Memtable>& memtable() const { return m_memtable; }
  CommitNumber lastCommit() const { return m_lastCommit; }
  /// The smallest time where there is no commit.
  TimeMicros lastTime() const { return m_lastTime; }

 private:
  Result<bool> readKept(std::uint64_t fileBytes);
  Status startFromEpoch();
  Status listEpochs(const EpochRef& newest);
  Status startFromBeginning();
  Result<bool> take(const ScannedFrame& frame, ByteSpan payload);
  Result<bool> takeCommit();
  Result<bool> takeEpoch(const ScannedFrame& frame, ByteSpan payload);
  Result<bool> follows(const EpochRoots& epoch) const;
  void publish();

  StoreCore& m_core;
  Superblock m_superblock;
  EpochRef m_newest;                ///< epoch read last; null before the first
  std::shared_ptr<Memtable> m_memtable = std::make_shared<Memtable>();
  crypto::Sha256Digest m_chain{};
  CommitNumber m_lastCommit = 0;
  TimeMicros m_lastTime = 0;

  FrameScanner m_scanner;
  std::uint64_t m_offset = 0;       ///< next frame to read
  std::uint64_t m_ordinal = 0;      ///< of the last frame read
  Bytes m_parts;                    ///< of a commit that is not complete yet
  FrameRef m_firstPart;
  std::uint64_t m_ordinalBeforeParts = 0;
};

}  // namespace drift::storage
