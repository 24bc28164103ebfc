#include "store_fixture.h"

#include <QtTest>

namespace drift::txn::test {

namespace {

storage::ScanRequest request(TreeId tree) {
  storage::ScanRequest result;
  result.tree = tree;
  result.columns = columns();
  return result;
}

}  // namespace

Rows readRows(storage::Cursor& cursor) {
  Rows rows;
  types::Chunk chunk;
  int last = std::numeric_limits<int>::min();
  while (true) {
    const auto any = cursor.next(chunk);
    if (!any.ok()) qFatal("%s", any.error().toString().c_str());
    if (!*any) return rows;
    if (chunk.rowCount() == 0) qFatal("an empty chunk before the end");
    for (std::size_t row = 0; row < chunk.rowCount(); ++row) {
      const auto id = static_cast<int>(chunk.column(0).get(row).asInt());
      if (id <= last) qFatal("rows are not in the order of their keys");
      last = id;
      rows.emplace(id, chunk.column(1).get(row).asString());
    }
  }
}

Rows rowsOf(const Transaction& transaction, TreeId tree) {
  return readRows(*transaction.scan(request(tree)).value());
}

Rows rowsOf(const storage::Snapshot& snapshot, TreeId tree) {
  return readRows(*snapshot.scan(request(tree)).value());
}

StoreFixture::StoreFixture() {
  auto made = storage::Store::create(m_files, "test.drift", m_clock, {});
  if (!made.ok()) qFatal("%s", made.error().toString().c_str());
  m_store = std::move(made).value();
}

CommitNumber StoreFixture::insert(const Rows& rows) {
  Transaction transaction(*m_store);
  for (const auto& [id, name] : rows) transaction.put(change(storage::RowOp::Insert, id, name));
  return transaction.commit({"test", "insert", std::nullopt}).value()->number;
}

}  // namespace drift::txn::test
