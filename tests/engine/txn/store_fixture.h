// A store in memory with one table of (id integer key, name text), for tests of transactions.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/clock.h"
#include "platform/memory_file_system.h"
#include "storage/store.h"
#include "txn/transaction.h"
#include "types/key_encoding.h"

namespace drift::txn::test {

inline constexpr TreeId kTree = kFirstUserTree;

inline std::string keyOf(int id) {
  std::string key;
  types::appendKey(key, types::Value::integer(id));
  return key;
}

inline std::vector<storage::LayoutColumn> columns() {
  return {{1, types::TypeId::Integer, {}}, {2, types::TypeId::Text, {}}};
}

inline storage::RowChange change(storage::RowOp op, int id, const std::string& name, TreeId tree = kTree) {
  storage::RowChange result;
  result.tree = tree;
  result.op = op;
  result.key = keyOf(id);
  if (op == storage::RowOp::Delete) return result;
  result.layout = std::make_shared<const storage::RowLayout>(storage::RowLayout{columns()});
  const std::vector<types::Value> values{types::Value::integer(id), types::Value::text(name)};
  Bytes row;
  storage::encodeRow(*result.layout, values, row);
  result.row = std::string(asText(row));
  if (op == storage::RowOp::Update) result.changed = {2};
  return result;
}

/// Makes a change with `previous` as a caller that read the row would set it.
inline storage::RowChange changeIn(const Transaction& transaction, storage::RowOp op, int id,
                                   const std::string& name = {}) {
  auto result = change(op, id, name);
  const auto before = transaction.get(kTree, result.key, {}).value();
  result.previous = before ? before->seq : 0;
  return result;
}

using Rows = std::map<int, std::string>;

/// Reads a cursor over columns() to its end, and checks that keys rise and chunks are not empty.
Rows readRows(storage::Cursor& cursor);
Rows rowsOf(const Transaction& transaction, TreeId tree = kTree);
Rows rowsOf(const storage::Snapshot& snapshot, TreeId tree = kTree);

class StoreFixture final {
 public:
  StoreFixture();
  storage::Store& store() { return *m_store; }
  /// Commits rows id -> name as inserts; gives the commit.
  CommitNumber insert(const Rows& rows);

 private:
  platform::MemoryFileSystem m_files;
  ManualClock m_clock{1'700'000'000'000'000};
  std::unique_ptr<storage::Store> m_store;
};

}  // namespace drift::txn::test
