#include "session/index_check.h"

#include <algorithm>

#include "base/checksum.h"
#include "catalog/index_key.h"
#include "session/index_site.h"

namespace drift::session {

namespace {

using storage::LayoutColumn;
using types::Chunk;

constexpr int kNotesMax = 10;

const types::Type kBytea = types::TypeId::Bytea;

/// A sum over index keys and row keys that does not depend on their order.
struct EntrySum {
  std::uint64_t count = 0;
  std::uint64_t hash = 0;

  void add(std::string_view indexed, std::string_view key) {
    hash += xxh3(asBytes(key), xxh3(asBytes(indexed)));
    ++count;
  }
  friend bool operator==(const EntrySum&, const EntrySum&) = default;
};

class IndexCheck final {
 public:
  IndexCheck(const storage::Snapshot& snapshot, const catalog::Table& table, exec::IndexKeys keys,
             std::vector<LayoutColumn> columns, const runtime::CancelToken& cancel,
             const std::function<void(std::string)>& note)
      : m_snapshot(snapshot),
        m_table(table),
        m_keys(std::move(keys)),
        m_index(m_keys.definition()),
        m_columns(std::move(columns)),
        m_cancel(cancel),
        m_note(note) {}

  Status run() {
    EntrySum rows, entries;
    DRIFT_TRY(eachRow([&](const std::string& indexed, std::string_view key) {
      rows.add(indexed, key);
      return Status();
    }));
    DRIFT_TRY(eachEntry([&](std::string_view indexed, std::string_view key) {
      entries.add(indexed, key);
      return Status();
    }));
    if (rows == entries) return {};
    DRIFT_TRY(eachRow([&](const std::string& indexed, std::string_view key) { return checkRow(indexed, key); }));
    DRIFT_TRY(eachEntry([&](std::string_view indexed, std::string_view key) { return checkEntry(indexed, key); }));
    return {};
  }

 private:
  template <class Take>
  Status eachRow(const Take& take) const {
    auto columns = m_columns;
    columns.push_back({storage::kKeyColumn, kBytea, types::Value::null(kBytea)});
    return eachChunk(m_table.id, columns, [&](const Chunk& chunk) -> Status {
      const auto keys = chunk.column(m_columns.size()).view();
      DRIFT_ASSIGN(const auto rows, m_keys.rows(IndexSite::complete(m_table, m_columns, chunk)));
      for (std::size_t row = 0; row < chunk.rowCount(); ++row) {
        const auto key = keys.at<types::StringRef>(row).view();
        if (const auto indexed = rows.key(row, key)) DRIFT_TRY(take(*indexed, key));
      }
      return {};
    });
  }

  template <class Take>
  Status eachEntry(const Take& take) const {
    const std::vector<LayoutColumn> columns{{storage::kKeyColumn, kBytea, types::Value::null(kBytea)}, entryColumn()};
    return eachChunk(m_index.tree, columns, [&](const Chunk& chunk) -> Status {
      const auto indexed = chunk.column(0).view();
      const auto keys = chunk.column(1).view();
      for (std::size_t row = 0; row < chunk.rowCount(); ++row)
        DRIFT_TRY(take(indexed.at<types::StringRef>(row).view(),
                       keys.isNull(row) ? std::string_view() : keys.at<types::StringRef>(row).view()));
      return {};
    });
  }

  template <class Take>
  Status eachChunk(TreeId tree, const std::vector<LayoutColumn>& columns, const Take& take) const {
    storage::ScanRequest request;
    request.tree = tree;
    request.columns = columns;
    request.cancel = m_cancel;
    DRIFT_ASSIGN(const auto cursor, m_snapshot.scan(std::move(request)));
    for (Chunk chunk;;) {
      DRIFT_TRY(m_cancel.check());
      DRIFT_ASSIGN(const bool any, cursor->next(chunk));
      if (!any) return {};
      DRIFT_TRY(take(chunk));
    }
  }

  Status checkRow(const std::string& indexed, std::string_view key) {
    const auto column = entryColumn();
    DRIFT_ASSIGN(const auto entry, m_snapshot.get(m_index.tree, indexed, std::span(&column, 1)));
    if (entry && !entry->values.front().isNull() && entry->values.front().asString() == key) return {};
    note(entry ? "has an entry of another row for the row" : "lacks the row", key);
    return {};
  }

  Status checkEntry(std::string_view indexed, std::string_view key) {
    DRIFT_ASSIGN(const auto row, m_snapshot.get(m_table.id, key, m_columns));
    if (row) {
      Chunk chunk;
      for (std::size_t at = 0; at < m_columns.size(); ++at) {
        types::Vector column(m_columns[at].type, 1);
        column.set(0, row->values[at]);
        chunk.addColumn(std::move(column));
      }
      chunk.setRowCount(1);
      DRIFT_ASSIGN(const auto rows, m_keys.rows(IndexSite::complete(m_table, m_columns, chunk)));
      if (rows.key(0, key) == indexed) return {};
    }
    note(row ? "has an entry with other values for the row" : "has an entry for a missing row", key);
    return {};
  }

  void note(std::string_view what, std::string_view key) {
    if (m_notes++ < kNotesMax)
      m_note(fmt::format("index \"{}\" of table \"{}\" {} with the key x'{}' as of commit {}", m_index.name,
                         m_table.name, what, hex(key), m_snapshot.number()));
  }

  static std::string hex(std::string_view bytes) {
    std::string text;
    for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
    return text;
  }

  static LayoutColumn entryColumn() { return catalog::indexLayout()->columns.front(); }

  const storage::Snapshot& m_snapshot;
  const catalog::Table& m_table;
  const exec::IndexKeys m_keys;
  const catalog::Index& m_index;
  const std::vector<LayoutColumn> m_columns;  ///< those that the index reads
  const runtime::CancelToken& m_cancel;
  const std::function<void(std::string)>& m_note;
  int m_notes = 0;
};

}  // namespace

Status checkIndexes(storage::Store& store, const catalog::Catalog& catalog, const storage::Snapshot& snapshot,
                    const catalog::CatalogView& tables, const runtime::CancelToken& cancel,
                    const std::function<void(std::string)>& note) {
  const functions::Registry registry;
  txn::Transaction transaction(store);
  IndexSite site(transaction, catalog, registry);
  const auto check = [&](const catalog::Table& table, const catalog::Index& index) -> Status {
    DRIFT_ASSIGN(auto keys, site.keysOf(table, index));
    DRIFT_ASSIGN(auto columns, site.columnsOf(table, index));
    return IndexCheck(snapshot, table, std::move(keys), std::move(columns), cancel, note).run();
  };
  for (const auto& table : tables.tables())
    for (const auto& index : table->allIndexes()) {
      if (index.building) continue;
      auto status = check(*table, index);
      // The history of a table may have been deleted up to a later moment.
      if (status.ok() || status.error().kind() == ErrorKind::MomentOutOfRange) continue;
      if (status.error().kind() != ErrorKind::DataCorrupted) return status;
      note(fmt::format("index \"{}\" of table \"{}\" cannot be compared with it: {}", index.name, table->name,
                       status.error().message()));
    }
  return {};
}

}  // namespace drift::session
