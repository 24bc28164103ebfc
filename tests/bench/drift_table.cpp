#include "drift_table.h"

#include <algorithm>
#include <array>
#include <utility>

#ifdef __linux__
#include <fcntl.h>
#include <unistd.h>
#endif

#include "measure.h"
#include "types/key_encoding.h"

namespace drift::bench {

namespace {

constexpr std::size_t kLoadGroup = 10'000;

storage::RowLayoutRef makeLayout() {
  using types::Type, types::TypeId, types::Value;
  const std::vector<Type> kTypes{TypeId::BigInt,     TypeId::Integer, TypeId::SmallInt, Type::numeric(12, 2),
                                 Type(TypeId::Date), TypeId::Text,    TypeId::Text,     TypeId::Text};
  storage::RowLayout layout;
  for (ColumnId id = 1; id <= kTypes.size(); ++id)
    layout.columns.push_back({id, kTypes[id - 1], Value::null(kTypes[id - 1])});
  return std::make_shared<const storage::RowLayout>(std::move(layout));
}

}  // namespace

const storage::RowLayoutRef& tableLayout() {
  static const auto kLayout = makeLayout();
  return kLayout;
}

std::string keyOf(std::int64_t id) {
  std::string key;
  types::appendKey(key, types::Value::bigInt(id));
  return key;
}

std::int64_t sumQuantities(const storage::Snapshot& snapshot) {
  const auto cursor = must(snapshot.scan({.tree = kTable, .columns = {tableLayout()->columns[1]}}));
  std::int64_t sum = 0;
  types::Chunk chunk;
  while (must(cursor->next(chunk))) {
    const auto view = chunk.column(0).view();
    if (view.isFlat()) {
      const auto* values = view.data<std::int32_t>();
      for (std::size_t row = 0; row < chunk.rowCount(); ++row) sum += values[row];
    } else {
      for (std::size_t row = 0; row < chunk.rowCount(); ++row) sum += view.at<std::int32_t>(row);
    }
  }
  return sum;
}

std::size_t readPage(const storage::Snapshot& snapshot, std::int64_t offset, std::size_t rows) {
  const auto cursor = must(snapshot.scan(
      {.tree = kTable, .columns = tableLayout()->columns, .skipRows = static_cast<std::uint64_t>(offset)}));
  std::size_t count = 0;
  types::Chunk chunk;
  while (count < rows && must(cursor->next(chunk))) count += chunk.rowCount();
  return std::min(count, rows);
}

void dropFromSystemCache(const std::string& path) {
#ifdef __linux__
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) fail("\"" + path + "\" could not be opened");
  const int failed = ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
  ::close(file);
  if (failed != 0) fail("the system does not drop the pages of \"" + path + "\"");
#else
  (void)path;  // there is no such call: "cold" then means the store's own cache only
#endif
}

DriftTable::DriftTable(std::string path, std::uint64_t seed, storage::StoreOptions options)
    : m_path(std::move(path)), m_seed(seed) {
  m_store = must(storage::Store::create(*m_files, m_path, m_clock, options));
}

storage::RowChange DriftTable::makeChange(const Pending& pending) const {
  using types::Value;
  const auto& row = pending.row;
  const std::array<Value, 8> values{Value::bigInt(row.id),
                                    Value::integer(row.quantity),
                                    Value::smallInt(row.status),
                                    Value(tableLayout()->columns[3].type, types::Decimal(row.priceCents, 2)),
                                    Value::date(row.day),
                                    Value::text(std::string(row.category)),
                                    Value::text(std::string(row.city)),
                                    Value::text(row.note)};
  storage::RowChange change;
  change.tree = kTable;
  change.op = pending.changed.empty() ? storage::RowOp::Insert : storage::RowOp::Update;
  change.key = keyOf(row.id);
  change.layout = tableLayout();
  Bytes bytes;
  storage::encodeRow(*change.layout, values, bytes);
  change.row = std::string(asText(bytes));
  change.changed = pending.changed;
  change.previous = m_rows[static_cast<std::size_t>(row.id)].version;
  return change;
}

storage::RowChange DriftTable::quantityChange(std::int64_t id, std::int32_t quantity) const {
  Pending pending{makeRow(m_seed, id, m_rows[static_cast<std::size_t>(id)].generation), {2}};
  pending.row.quantity = quantity;
  return makeChange(pending);
}

void DriftTable::insertRow(Row row) {
  if (m_rows.size() <= static_cast<std::size_t>(row.id)) m_rows.resize(static_cast<std::size_t>(row.id) + 1);
  m_pending.push_back({std::move(row), {}});
}

void DriftTable::setQuantity(std::int64_t id, std::int32_t quantity) {
  m_pending.push_back({makeRow(m_seed, id, m_rows[static_cast<std::size_t>(id)].generation), {2}});
  m_pending.back().row.quantity = quantity;
}

void DriftTable::rewrite(std::int64_t id) {
  m_pending.push_back({makeRow(m_seed, id, ++m_rows[static_cast<std::size_t>(id)].generation), {2, 3, 4, 5, 6, 7, 8}});
}

CommitNumber DriftTable::commit() {
  const Stopwatch watch;
  storage::CommitRequest request;
  request.time = std::exchange(m_nextTime, {});
  request.changes.reserve(m_pending.size());
  for (const auto& pending : m_pending) {
    request.changes.push_back(makeChange(pending));
    m_rawBytes += request.changes.back().key.size() + request.changes.back().row.size();
  }
  const auto number = must(m_store->commit(std::move(request), {})).number;
  m_commitSeconds += watch.seconds();
  for (const auto& pending : m_pending) wasCommitted(pending.row.id, number);
  m_pending.clear();
  return number;
}

double DriftTable::load(std::span<const std::int64_t> ids) {
  const auto before = m_commitSeconds;
  m_rows.resize(ids.size());
  for (const auto id : ids) {
    insert(id);
    if (m_pending.size() == kLoadGroup) commit();
  }
  if (!m_pending.empty()) commit();
  const Stopwatch watch;
  must(m_store->checkpoint());
  return m_commitSeconds - before + watch.seconds();
}

void DriftTable::close() {
  must(m_store->close());
  m_store.reset();
}

void DriftTable::open(storage::StoreOptions options) {
  m_store = must(storage::Store::open(*m_files, m_path, m_clock, options));
}

}  // namespace drift::bench
