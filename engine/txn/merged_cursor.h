// MergedCursor: a snapshot's rows with a transaction's own writes laid over, in key order or backwards.
//
// Thread rule: one thread at a time. Refers to the transaction's write set, which outlives it. Sees the
// writes up to the put() number it was made with, whatever is written while it is read.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/store.h"
#include "txn/write_set.h"
#include "types/vector.h"

namespace drift::txn {

/// Gives the value that a requested column of an uncommitted row shows, system columns included.
Result<std::vector<types::Value>> pendingValues(std::string_view key, const PendingRow& row,
                                                std::span<const storage::LayoutColumn> columns);

class MergedCursor final : public storage::Cursor {
 public:
  /// `base` scans `request` without its skipRows and with kKeyColumn added as the last column.
  MergedCursor(storage::ScanRequest request, std::unique_ptr<storage::Cursor> base,
               const WriteSet::TreeWrites& writes, std::uint64_t order);

  Result<bool> next(types::Chunk& out) override;

 private:
  struct Pending {
    const std::string* key;
    const PendingRow* row;
  };

  Result<bool> nextMerged(types::Chunk& out);
  Status loadBase();
  /// Finds the next own write of the range behind m_passed.
  void findPending();
  bool isBefore(std::string_view a, std::string_view b) const { return m_request.backwards ? a > b : a < b; }
  std::string_view baseKey(std::size_t row) const;
  void ensureOutput();
  void appendBaseRow(std::size_t row);
  Status appendPending();

  const storage::ScanRequest m_request;
  std::unique_ptr<storage::Cursor> m_base;
  const WriteSet::TreeWrites& m_writes;
  const std::uint64_t m_order;

  types::Chunk m_chunk;             ///< current chunk of the base; its last column is the key
  std::size_t m_row = 0;            ///< next row of it
  bool m_baseEnded = false;
  std::optional<Pending> m_pending;     ///< next own write; valid within one call of next()
  bool m_pendingEnded = false;
  std::optional<std::string> m_passed;  ///< last own key that was dealt with
  std::uint64_t m_skip = 0;         ///< merged rows still to leave out

  types::Chunk m_output;
  std::size_t m_outputRows = 0;
};

}  // namespace drift::txn
