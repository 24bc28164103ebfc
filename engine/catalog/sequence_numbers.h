// SequenceNumbers: gives out the numbers of sequences. A number that was given out is never given out again while the
// database is open, whether its transaction commits or not; so transactions beside each other do not wait or conflict.
//
// The rows of a sequence's tree are what commits left of it, under rising row numbers: the last one holds. Each
// transaction adds one row with the last number it took. After a restart the sequence goes on behind the last number
// that was committed.
//
// Thread rule: thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

#include "catalog/table.h"
#include "txn/transaction.h"

namespace drift::catalog {

class SequenceNumbers final {
 public:
  explicit SequenceNumbers(storage::Store& store) : m_store(store) {}

  /// Takes the next `count` numbers. SequenceLimit, with none taken, where there are not that many.
  Result<std::vector<std::int64_t>> take(const Table& sequence, std::size_t count, txn::Transaction& transaction);
  /// Lets the next number be `value`, or the one after it where it `isCalled`.
  Status set(const Table& sequence, std::int64_t value, bool isCalled, txn::Transaction& transaction);
  /// Begins a sequence that the transaction makes.
  Status begin(const Table& sequence, txn::Transaction& transaction);

 private:
  struct State {
    std::uint64_t row = 0;
    std::int64_t value = 0;
    bool isCalled = false;
  };

  Result<State> load(const Table& sequence) const;
  static Status put(const Table& sequence, const State& state, txn::Transaction& transaction);

  storage::Store& m_store;
  std::mutex m_mutex;
  std::map<TreeId, State> m_states;  ///< guarded by m_mutex
};

/// The columns of a sequence: last_value and is_called.
std::vector<Column> sequenceColumns();

}  // namespace drift::catalog
