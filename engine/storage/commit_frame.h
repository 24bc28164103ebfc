// Commit frames: one commit's changes and metadata as bytes. Format: docs/formats/log.md. Stateless.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "crypto/digest.h"
#include "storage/byte_block.h"
#include "storage/frame_file.h"
#include "storage/store.h"
#include "storage/superblock.h"

namespace drift::storage {

/// What stands before the changes in a commit.
struct CommitHead {
  CommitNumber number = 0;
  TimeMicros time = 0;
  crypto::Sha256Digest previousHash{};  ///< of the commit before, or chainStart()
  std::string author;
  std::string message;
  std::vector<TreeId> indexTrees;
  /// Rows changed in every tree, index trees and the catalog included, by tree.
  std::vector<TreeCounts> counts;
};

struct DecodedCommit {
  CommitHead head;
  std::vector<RowChange> changes;
};

/// The hash that the first commit of a file names as its predecessor.
Result<crypto::Sha256Digest> chainStart(const FileId& file);

/// Counts the changes of each tree.
std::vector<TreeCounts> countChanges(const std::vector<RowChange>& changes);

Bytes encodeCommit(const CommitHead& head, const std::vector<RowChange>& changes, DensePacker& packer);
/// Reads a whole commit. DataCorrupted.
Result<DecodedCommit> decodeCommit(ByteSpan bytes);
/// Reads the head only.
Result<CommitHead> decodeCommitHead(ByteSpan bytes);

/// Appends a commit as one frame, or as several where it is larger than a frame. Gives the first frame.
Result<FrameRef> appendCommit(FrameFile& file, ByteSpan commit);
/// Reads back the bytes of a commit from its first frame on.
Result<Bytes> readCommit(const FrameFile& file, FrameRef first);

}  // namespace drift::storage
