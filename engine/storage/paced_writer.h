// PacedWriter: appends the pages of an epoch in pieces, each with a sync of its own.
//
// A sync writes out all that is waiting: were the pages left to one sync at the end, a commit beside it would wait
// for all of them.
// Thread rule: one thread, that of the epoch; others may append to the same file.
#pragma once

#include <functional>

#include "storage/frame_file.h"

namespace drift::storage {

class PacedWriter final {
 public:
  /// `sync` makes durable what was appended; the file outlives this.
  PacedWriter(FrameFile& file, std::function<Status()> sync) : m_file(file), m_sync(std::move(sync)) {}

  /// Appends a page and gives its place. Errors as those of FrameFile.
  Result<FrameRef> append(FrameKind kind, ByteSpan payload) {
    DRIFT_ASSIGN(const auto ref, m_file.append(kind, payload));
    m_bytes += payload.size();
    if (m_bytes >= kPieceBytes) {
      DRIFT_TRY(m_sync());
      m_bytes = 0;
    }
    return ref;
  }

 private:
  static constexpr std::size_t kPieceBytes = 1u << 20;

  FrameFile& m_file;
  std::function<Status()> m_sync;
  std::size_t m_bytes = 0;  ///< appended since the last sync
};

}  // namespace drift::storage
