// Epochs: the roots of all trees at one commit, and how a memtable becomes the next one.
// Format: docs/formats/tree.md. Thread rule: an EpochRoots is immutable; one thread at a time writes.
#pragma once

#include <map>
#include <memory>

#include "crypto/digest.h"
#include "storage/memtable.h"
#include "storage/paced_writer.h"
#include "storage/page_cache.h"

namespace drift::storage {

/// One tree at the end of an epoch.
struct TreeRoot {
  NodeEntry root;
  std::string highestKey;  ///< that the tree ever held
};

struct EpochRoots {
  std::uint64_t number = 0;             ///< 1, 2, 3 …
  CommitNumber previousCommit = 0;      ///< last commit of the epoch before
  CommitNumber lastCommit = 0;          ///< the epoch covers the commits after previousCommit up to this
  crypto::Sha256Digest hash{};          ///< of the last commit: where the chain goes on
  FrameRef previousEpoch;               ///< none for the first
  FrameRef commitIndex;                 ///< frame with this epoch's part of the index of commits
  FramePlace logStart;                  ///< behind commit lastCommit: later ones stand from here on
  FrameRef frame;                       ///< this epoch's own frame; not stored in it
  Bytes earlier;                        ///< root of the list of the epochs before; empty where the file has no list
  std::map<TreeId, TreeRoot> trees;
};

using EpochRef = std::shared_ptr<const EpochRoots>;

Bytes encodeEpoch(const EpochRoots& epoch);
Result<EpochRoots> decodeEpoch(ByteSpan payload);

/// Writes the pages that take a memtable's versions in, and gives the new roots. Untouched pages are shared
/// with `previous` (null for the first epoch).
Result<std::map<TreeId, TreeRoot>> writeTrees(PacedWriter& file, const PageCache& cache, const EpochRoots* previous,
                                              const Memtable& memtable);

}  // namespace drift::storage
