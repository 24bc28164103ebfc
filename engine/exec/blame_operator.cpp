// blame(): the rows of one moment, each with the commit that last changed it, or one column of it.
#include <map>

#include "exec/operator_kinds.h"
#include "exec/scan_shape.h"

namespace drift::exec {

using storage::RowOp;
using types::Chunk;
using types::Value;
using types::Vector;

namespace {

/// Versions of a row that are read at a time on the way back to where its value came from.
constexpr std::size_t kVersionsBatch = 64;
/// Commits whose author and message are kept.
constexpr std::size_t kCommitsMax = 4096;

class BlameOperator final : public Operator {
 public:
  BlameOperator(std::unique_ptr<storage::Cursor> cursor, const plan::BlameFunction& function,
                const OperatorContext& context)
      : m_cursor(std::move(cursor)),
        m_tree(function.table->id),
        m_columns(function.table->columns.size()),
        m_last(function.moment.value_or(context.environment.transaction.snapshot().number())),
        m_columnSince(function.columnSince),
        m_store(context.environment.transaction.store()),
        m_cancel(context.query().cancel) {
    if (!function.column) return;
    m_wanted = layoutColumn(*function.column);
    for (std::size_t at = 0; at < m_columns; ++at)
      if (function.table->columns[at].id == function.column->id) m_position = at;
  }

  Result<bool> next(Chunk& out) override {
    DRIFT_TRY(m_cancel.check());
    out.clear();
    Chunk raw;
    DRIFT_ASSIGN(const bool more, m_cursor->next(raw));
    if (!more) return false;
    const auto rows = raw.rowCount();
    for (std::size_t at = 0; at < m_columns; ++at) out.addColumn(raw.column(at));
    Vector numbers(types::TypeId::BigInt, rows);
    Vector times(types::TypeId::TimestampTz, rows);
    Vector authors(types::TypeId::Text, rows);
    Vector messages(types::TypeId::Text, rows);
    for (std::size_t row = 0; row < rows; ++row) {
      DRIFT_ASSIGN(const auto number, commitOf(raw, row));
      if (!number) {  // the transaction's own, not committed yet
        for (auto* column : {&numbers, &times, &authors, &messages}) column->setNull(row);
        continue;
      }
      DRIFT_ASSIGN(const auto* info, infoOf(*number));
      numbers.data<std::int64_t>()[row] = static_cast<std::int64_t>(*number);
      times.data<std::int64_t>()[row] = info->time;
      authors.setString(row, info->author);
      messages.setString(row, info->message);
    }
    for (auto* column : {&numbers, &times, &authors, &messages}) out.addColumn(std::move(*column));
    out.setRowCount(rows);
    return true;
  }

 private:
  /// The commit to blame for a row, or for its wanted column; nothing = none yet.
  Result<std::optional<CommitNumber>> commitOf(const Chunk& raw, std::size_t row) {
    const auto seqs = raw.column(m_columns + 1).view();
    const bool isPending = seqs.isNull(row);
    const auto seq = isPending ? 0 : static_cast<CommitNumber>(seqs.at<std::int64_t>(row));
    if (!m_wanted) return isPending ? std::nullopt : std::optional(seq);
    DRIFT_TRY(m_cancel.check());
    const auto key = raw.column(m_columns).view().at<types::StringRef>(row).view();
    DRIFT_ASSIGN(auto found, lastChange(key, bytesOf(raw.column(m_position).get(row)), isPending ? m_last : seq));
    if (found) found = std::max(*found, m_columnSince);
    return found;
  }

  /// Goes back from the version at commit `from` as long as the column has that value.
  Result<std::optional<CommitNumber>> lastChange(std::string_view key, const Bytes& value, CommitNumber from) const {
    std::optional<CommitNumber> found;
    for (auto before = from + 1;;) {
      DRIFT_ASSIGN(const auto versions, m_store.history(m_tree, key, std::span(&*m_wanted, 1), before, kVersionsBatch));
      for (const auto& version : versions) {
        if (version.op == RowOp::Delete || bytesOf(version.values.front()) != value) return found;
        found = version.seq;
        if (version.op == RowOp::Insert) return found;
      }
      if (versions.size() < kVersionsBatch) return found;
      before = versions.back().seq;
    }
  }

  static Bytes bytesOf(const Value& value) {
    Bytes bytes;
    ByteWriter writer(bytes);
    types::writeValue(writer, value);
    return bytes;
  }

  Result<const storage::CommitInfo*> infoOf(CommitNumber number) {
    if (const auto found = m_commits.find(number); found != m_commits.end()) return &found->second;
    DRIFT_ASSIGN(auto info, m_store.commitInfo(number));
    if (!info) return makeError(ErrorKind::DataCorrupted, "commit {} cannot be found", number);
    if (m_commits.size() >= kCommitsMax) m_commits.clear();
    return &(m_commits[number] = std::move(*info));
  }

  const std::unique_ptr<storage::Cursor> m_cursor;
  const TreeId m_tree;
  const std::size_t m_columns;
  const CommitNumber m_last;
  const CommitNumber m_columnSince;
  const storage::Store& m_store;
  const runtime::CancelToken m_cancel;
  std::optional<storage::LayoutColumn> m_wanted;
  std::size_t m_position = 0;                             ///< of the wanted column
  std::map<CommitNumber, storage::CommitInfo> m_commits;  ///< a cache
};

}  // namespace

Result<OperatorPtr> makeBlame(const plan::Node&, const plan::BlameFunction& function, OperatorContext& context) {
  storage::ScanRequest request;
  request.tree = function.table->id;
  for (const auto& column : function.table->columns) request.columns.push_back(layoutColumn(column));
  const types::Type bytea = types::TypeId::Bytea;
  const types::Type bigint = types::TypeId::BigInt;
  request.columns.push_back({storage::kKeyColumn, bytea, Value::null(bytea)});
  request.columns.push_back({storage::kSeqColumn, bigint, Value::null(bigint)});
  request.cancel = context.query().cancel;
  const auto& transaction = context.environment.transaction;
  std::unique_ptr<storage::Cursor> cursor;
  if (function.moment) {
    DRIFT_ASSIGN(const auto snapshot, transaction.store().at(*function.moment));
    DRIFT_ASSIGN(cursor, snapshot.scan(std::move(request)));
  } else {
    DRIFT_ASSIGN(cursor, transaction.scan(std::move(request)));
  }
  return std::make_unique<BlameOperator>(std::move(cursor), function, context);
}

}  // namespace drift::exec
