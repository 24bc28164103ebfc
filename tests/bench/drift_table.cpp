#include "drift_table.h"

#include <algorithm>
#include <span>
#include <utility>

#ifdef __linux__
#include <fcntl.h>
#include <unistd.h>
#endif

#include "measure.h"
#include "storage/row_encoder.h"
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

/// Rows as vectors, one a column of the table.
class RowVectors final {
 public:
  explicit RowVectors(std::size_t rows) {
    for (const auto& column : tableLayout()->columns) m_vectors.emplace_back(column.type, rows);
    for (const auto& vector : m_vectors) m_all.push_back(&vector);
  }
  RowVectors(const RowVectors&) = delete;

  void set(std::size_t at, const Row& row) {
    m_vectors[0].data<std::int64_t>()[at] = row.id;
    m_vectors[1].data<std::int32_t>()[at] = row.quantity;
    m_vectors[2].data<std::int16_t>()[at] = row.status;
    m_vectors[3].data<types::Decimal>()[at] = types::Decimal(row.priceCents, 2);
    m_vectors[4].data<std::int32_t>()[at] = row.day;
    m_vectors[5].setString(at, row.category);
    m_vectors[6].setString(at, row.city);
    m_vectors[7].setString(at, row.note);
  }
  std::span<const types::Vector* const> all() const { return m_all; }

 private:
  std::vector<types::Vector> m_vectors;
  std::vector<const types::Vector*> m_all;
};

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

storage::RowChange DriftTable::makeChange(const Pending& pending, std::string_view encoded) const {
  storage::RowChange change;
  change.tree = kTable;
  change.op = pending.changed.empty() ? storage::RowOp::Insert : storage::RowOp::Update;
  change.key = keyOf(pending.row.id);
  change.layout = tableLayout();
  change.row = encoded;
  change.changed = pending.changed;
  change.previous = m_rows[static_cast<std::size_t>(pending.row.id)].version;
  return change;
}

storage::RowChange DriftTable::quantityChange(std::int64_t id, std::int32_t quantity) const {
  Pending pending{makeRow(m_seed, id, m_rows[static_cast<std::size_t>(id)].generation), {2}};
  pending.row.quantity = quantity;
  RowVectors vectors(1);
  vectors.set(0, pending.row);
  storage::RowEncoder encoder;
  return makeChange(pending, encoder.encode(*tableLayout(), vectors.all(), 0));
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
  storage::RowEncoder encoder;
  for (std::size_t start = 0; start < m_pending.size(); start += types::kChunkRows) {
    // As the engine's own writer has them: values in vectors, a chunk at a time.
    const auto rows = std::span(m_pending).subspan(start, std::min(types::kChunkRows, m_pending.size() - start));
    RowVectors vectors(rows.size());
    for (std::size_t at = 0; at < rows.size(); ++at) vectors.set(at, rows[at].row);
    for (std::size_t at = 0; at < rows.size(); ++at) {
      request.changes.push_back(makeChange(rows[at], encoder.encode(*tableLayout(), vectors.all(), at)));
      m_rawBytes += request.changes.back().key.size() + request.changes.back().row.size();
    }
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
