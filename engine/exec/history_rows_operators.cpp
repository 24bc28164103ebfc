// Table functions that tell of rows what became of them: history(), diff_stat() and commit_changes().
#include <algorithm>
#include <array>
#include <map>

#include "exec/operator_kinds.h"
#include "exec/scan_shape.h"
#include "types/json.h"

namespace drift::exec {

using storage::RowOp;
using types::Chunk;
using types::kChunkRows;
using types::Value;

namespace {

/// Versions of a row, or changes of a commit, that are read at a time.
constexpr std::size_t kBatch = 256;

std::string_view opName(RowOp op) {
  switch (op) {
    case RowOp::Insert: return "insert";
    case RowOp::Update: return "update";
    case RowOp::Delete: return "delete";
  }
  return "";
}

std::vector<storage::LayoutColumn> columnsOf(const catalog::Table& table) {
  std::vector<storage::LayoutColumn> columns;
  for (const auto& column : table.columns) columns.push_back(layoutColumn(column));
  return columns;
}

/// Goes back from the newest version of a row.
class RowHistoryOperator final : public Operator {
 public:
  RowHistoryOperator(const plan::RowHistoryFunction& function, std::vector<types::Type> types,
                     const OperatorContext& context)
      : m_tree(function.table->id),
        m_key(function.key),
        m_columns(columnsOf(*function.table)),
        m_keyValues(m_columns.size()),
        m_types(std::move(types)),
        m_store(context.environment.transaction.store()),
        m_cancel(context.query().cancel),
        m_before(function.last + 1) {
    const auto& table = *function.table;
    for (std::size_t at = 0; at < table.primaryKey.size(); ++at)
      for (std::size_t column = 0; column < table.columns.size(); ++column)
        if (table.columns[column].id == table.primaryKey[at]) m_keyValues[column] = function.keyValues[at];
  }

  Result<bool> next(Chunk& out) override {
    DRIFT_TRY(m_cancel.check());
    out.clear();
    if (m_done) return false;
    DRIFT_ASSIGN(const auto versions, m_store.history(m_tree, m_key, m_columns, m_before, kBatch));
    m_done = versions.size() < kBatch;
    if (versions.empty()) return false;
    m_before = versions.back().seq;
    out = Chunk(m_types, versions.size());
    for (std::size_t row = 0; row < versions.size(); ++row) DRIFT_TRY(fill(versions[row], row, out));
    out.setRowCount(versions.size());
    return true;
  }

 private:
  Status fill(const storage::RowVersion& version, std::size_t row, Chunk& out) {
    out.column(0).setString(row, opName(version.op));
    for (std::size_t at = 0; at < m_columns.size(); ++at) {
      auto& column = out.column(at + 1);
      if (version.op != RowOp::Delete) column.set(row, version.values[at]);
      else if (m_keyValues[at]) column.set(row, *m_keyValues[at]);
      else column.setNull(row);
    }
    DRIFT_ASSIGN(const auto info, m_store.commitInfo(version.seq));
    if (!info) return makeError(ErrorKind::DataCorrupted, "commit {} cannot be found", version.seq);
    const auto first = m_columns.size() + 1;
    out.column(first).data<std::int64_t>()[row] = static_cast<std::int64_t>(version.seq);
    out.column(first + 1).data<std::int64_t>()[row] = info->time;
    out.column(first + 2).setString(row, info->author);
    out.column(first + 3).setString(row, info->message);
    return {};
  }

  const TreeId m_tree;
  const std::string m_key;
  const std::vector<storage::LayoutColumn> m_columns;
  std::vector<std::optional<Value>> m_keyValues;  ///< of columns in the key
  const std::vector<types::Type> m_types;
  const storage::Store& m_store;
  const runtime::CancelToken m_cancel;
  CommitNumber m_before;
  bool m_done = false;
};

/// One row for each table that differs.
class DiffStatOperator final : public Operator {
 public:
  DiffStatOperator(const plan::DiffStatFunction& function, std::vector<types::Type> types,
                   const OperatorContext& context)
      : m_tables(function.tables),
        m_from(std::min(function.from, function.to)),
        m_to(std::max(function.from, function.to)),
        m_backward(function.to < function.from),
        m_types(std::move(types)),
        m_store(context.environment.transaction.store()),
        m_cancel(context.query().cancel) {}

  Result<bool> next(Chunk& out) override {
    out = Chunk(m_types);
    std::size_t rows = 0;
    for (; m_at < m_tables.size() && rows < kChunkRows && m_from < m_to; ++m_at) {
      DRIFT_ASSIGN(const auto counts, countsOf(*m_tables[m_at]));
      if (counts == Counts{}) continue;
      out.column(0).setString(rows, m_tables[m_at]->name);
      for (std::size_t at = 0; at < counts.size(); ++at) out.column(at + 1).data<std::int64_t>()[rows] = counts[at];
      ++rows;
    }
    out.setRowCount(rows);
    if (rows == 0) out.clear();
    return rows > 0;
  }

 private:
  using Counts = std::array<std::int64_t, 3>;  ///< inserted, updated, deleted

  Result<Counts> countsOf(const catalog::Table& table) const {
    Counts counts{};
    // With all columns, as a row that was changed back is none that differs.
    DRIFT_ASSIGN(const auto cursor, m_store.diff(table.id, m_from, m_to, columnsOf(table), m_cancel));
    Chunk chunk;
    while (true) {
      DRIFT_ASSIGN(const bool more, cursor->next(chunk));
      if (!more) break;
      const auto ops = chunk.column(0).view();
      for (std::size_t row = 0; row < chunk.rowCount(); ++row) {
        const auto op = static_cast<RowOp>(ops.at<std::int16_t>(row));
        if (op == RowOp::Update) ++counts[1];
        else ++counts[(op == RowOp::Insert) != m_backward ? 0 : 2];
      }
    }
    return counts;
  }

  const std::vector<catalog::TableRef> m_tables;
  const CommitNumber m_from;
  const CommitNumber m_to;
  const bool m_backward;
  const std::vector<types::Type> m_types;
  const storage::Store& m_store;
  const runtime::CancelToken m_cancel;
  std::size_t m_at = 0;
};

class CommitChangesOperator final : public Operator {
 public:
  CommitChangesOperator(std::vector<storage::RowChange> changes, const plan::CommitChangesFunction& function,
                        std::vector<types::Type> types, const OperatorContext& context)
      : m_changes(std::move(changes)),
        m_number(function.number),
        m_types(std::move(types)),
        m_store(context.environment.transaction.store()),
        m_style(context.functions.text),
        m_cancel(context.query().cancel) {
    for (const auto& table : function.tables) m_tables[table->id] = {table, columnsOf(*table)};
  }

  Result<bool> next(Chunk& out) override {
    DRIFT_TRY(m_cancel.check());
    out = Chunk(m_types, kBatch);
    std::size_t rows = 0;
    for (; m_at < m_changes.size() && rows < kBatch; ++m_at) {
      const auto found = m_tables.find(m_changes[m_at].tree);
      if (found == m_tables.end()) continue;  // of an index, a sequence or the catalog
      DRIFT_TRY(fill(m_changes[m_at], found->second, rows++, out));
    }
    out.setRowCount(rows);
    if (rows == 0) out.clear();
    return rows > 0;
  }

 private:
  struct Known {
    catalog::TableRef table;
    std::vector<storage::LayoutColumn> columns;
  };

  Status fill(const storage::RowChange& change, const Known& known, std::size_t row, Chunk& out) {
    out.column(0).setString(row, known.table->name);
    out.column(1).setString(row, opName(change.op));
    // The version that the commit made, and the one before it.
    DRIFT_ASSIGN(const auto versions, m_store.history(change.tree, change.key, known.columns, m_number + 1, 2));
    if (versions.empty() || versions.front().seq != m_number)
      return makeError(ErrorKind::DataCorrupted, "a row of \"{}\" that commit {} changed cannot be found",
                       known.table->name, m_number);
    const auto* before = versions.size() > 1 && change.op != RowOp::Insert ? &versions[1] : nullptr;
    DRIFT_TRY(setRow(before, known, row, out.column(2)));
    return setRow(&versions.front(), known, row, out.column(3));
  }

  Status setRow(const storage::RowVersion* version, const Known& known, std::size_t row, types::Vector& out) const {
    if (!version || version->op == RowOp::Delete) {
      out.setNull(row);
      return {};
    }
    std::string text = "{";
    for (std::size_t at = 0; at < known.columns.size(); ++at) {
      if (at > 0) text += ",";
      types::appendJsonString(text, known.table->columns[at].name);
      text += ":";
      DRIFT_TRY(types::appendJson(text, version->values[at], m_style));
    }
    out.setString(row, text + "}");
    return {};
  }

  const std::vector<storage::RowChange> m_changes;
  const CommitNumber m_number;
  const std::vector<types::Type> m_types;
  const storage::Store& m_store;
  const types::TextStyle m_style;
  const runtime::CancelToken m_cancel;
  std::map<TreeId, Known> m_tables;
  std::size_t m_at = 0;
};

}  // namespace

Result<OperatorPtr> makeRowHistory(const plan::Node& node, const plan::RowHistoryFunction& function,
                                   OperatorContext& context) {
  return std::make_unique<RowHistoryOperator>(function, typesOf(node.columns), context);
}

Result<OperatorPtr> makeDiffStat(const plan::Node& node, const plan::DiffStatFunction& function,
                                 OperatorContext& context) {
  return std::make_unique<DiffStatOperator>(function, typesOf(node.columns), context);
}

Result<OperatorPtr> makeCommitChanges(const plan::Node& node, const plan::CommitChangesFunction& function,
                                      OperatorContext& context) {
  DRIFT_ASSIGN(auto changes, context.environment.transaction.store().commitChanges(function.number));
  return std::make_unique<CommitChangesOperator>(std::move(changes), function, typesOf(node.columns), context);
}

}  // namespace drift::exec
