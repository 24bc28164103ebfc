// Reading tables: the rows of one moment, one row by its key, or versions.
#include <algorithm>

#include "exec/operator_kinds.h"
#include "exec/parallel_rows.h"
#include "exec/scan_shape.h"

namespace drift::exec {

using types::Chunk;

namespace {

using Cursors = std::vector<std::unique_ptr<storage::Cursor>>;

/// Rows of one moment, or of the transaction's own view: of one range of keys after the other.
class ScanOperator final : public Operator {
 public:
  ScanOperator(Cursors cursors, ScanShape shape, const OperatorContext& context)
      : m_cursors(std::move(cursors)), m_shape(std::move(shape)), m_cancel(context.query().cancel) {}

  Result<bool> next(Chunk& out) override {
    DRIFT_TRY(m_cancel.check());
    out.clear();
    for (; m_at < m_cursors.size(); ++m_at) {
      Chunk raw;
      DRIFT_ASSIGN(const bool more, m_cursors[m_at]->next(raw));
      if (!more) continue;
      DRIFT_ASSIGN(out, m_shape.shape(raw));
      return true;
    }
    return false;
  }

 private:
  const Cursors m_cursors;
  std::size_t m_at = 0;
  ScanShape m_shape;
  const runtime::CancelToken m_cancel;
};

/// The one row with a key, if there is one.
class KeyOperator final : public Operator {
 public:
  KeyOperator(std::optional<storage::RowVersion> row, std::string key, ScanShape shape)
      : m_row(std::move(row)), m_key(std::move(key)), m_shape(std::move(shape)) {}

  Result<bool> next(Chunk& out) override {
    out.clear();
    if (!m_row) return false;
    DRIFT_ASSIGN(out, m_shape.shape(*m_row, m_key));
    m_row.reset();
    return true;
  }

 private:
  std::optional<storage::RowVersion> m_row;
  const std::string m_key;
  ScanShape m_shape;
};

/// Versions; those that the span's tighter bounds leave out are dropped here.
class VersionOperator final : public Operator {
 public:
  VersionOperator(std::unique_ptr<storage::Cursor> cursor, ScanShape shape, const plan::VersionSpan& span,
                  const OperatorContext& context)
      : m_cursor(std::move(cursor)),
        m_shape(std::move(shape)),
        m_seq(m_shape.require(storage::kSeqColumn)),
        m_endSeq(m_shape.require(storage::kEndSeqColumn)),
        m_span(span),
        m_cancel(context.query().cancel) {}

  Result<bool> next(Chunk& out) override {
    while (true) {
      DRIFT_TRY(m_cancel.check());
      Chunk raw;
      DRIFT_ASSIGN(const bool more, m_cursor->next(raw));
      if (!more) break;
      const auto rows = rowsWithin(raw);
      if (rows.empty()) continue;
      DRIFT_ASSIGN(out, m_shape.shape(rows.size() == raw.rowCount() ? raw : raw.selected(rows)));
      return true;
    }
    out.clear();
    return false;
  }

 private:
  types::Selection rowsWithin(const Chunk& raw) const {
    const auto starts = raw.column(m_seq).view();
    const auto ends = raw.column(m_endSeq).view();
    types::Selection rows;
    for (std::size_t row = 0; row < raw.rowCount(); ++row) {
      const auto start = static_cast<CommitNumber>(starts.at<std::int64_t>(row));
      const auto end = ends.isNull(row) ? kNoCommit : static_cast<CommitNumber>(ends.at<std::int64_t>(row));
      if (start >= m_span.startMin && end <= m_span.endMax) rows.push_back(static_cast<std::uint16_t>(row));
    }
    return rows;
  }

  const std::unique_ptr<storage::Cursor> m_cursor;
  ScanShape m_shape;
  const std::size_t m_seq;
  const std::size_t m_endSeq;
  const plan::VersionSpan m_span;
  const runtime::CancelToken m_cancel;
};

storage::ScanRequest requestFor(const plan::Scan& scan, const ScanShape& shape, const OperatorContext& context) {
  storage::ScanRequest request;
  request.tree = scan.table->id;
  request.columns = shape.columns();
  request.range = {scan.bounds.from, scan.bounds.to};
  if (scan.key) request.range = {*scan.key, *scan.key + '\0'};
  request.skipRows = scan.skipRows;
  request.backwards = scan.backwards;
  request.cancel = context.query().cancel;
  for (const auto& want : scan.wanted) request.wanted.push_back({layoutColumn(want.column), want.values});
  return request;
}

Result<OperatorPtr> openVersions(const plan::Scan& scan, plan::VersionSpan span, ScanShape shape,
                                 OperatorContext& context) {
  const auto& transaction = context.environment.transaction;
  span.startBelow = std::min(span.startBelow, transaction.snapshot().number() + 1);
  shape.require(storage::kSeqColumn);
  shape.require(storage::kEndSeqColumn);
  DRIFT_ASSIGN(auto cursor,
               transaction.store().scanVersions(requestFor(scan, shape, context), {span.endAbove, span.startBelow}));
  return std::make_unique<VersionOperator>(std::move(cursor), std::move(shape), span, context);
}

}  // namespace

Result<OperatorPtr> makeScan(const plan::Node&, const plan::Scan& scan, OperatorContext& context) {
  const auto& transaction = context.environment.transaction;
  ScanShape shape(scan, context);
  // When a row of the past ended is known to the versions alone.
  if (scan.moment && shape.needsEnd())
    return openVersions(scan, {*scan.moment, *scan.moment + 1}, std::move(shape), context);
  if (!scan.moment && scan.key) {
    DRIFT_ASSIGN(auto row, transaction.get(scan.table->id, *scan.key, shape.ownColumns(), transaction.writeOrder()));
    return std::make_unique<KeyOperator>(std::move(row), *scan.key, std::move(shape));
  }
  // Workers read what their pipeline does, whatever the transaction has written meanwhile.
  const bool isPast = scan.moment || context.pipeline;
  storage::Snapshot past;
  if (context.pipeline) {
    past = context.pipeline->morsels->snapshot();
  } else if (scan.moment) {
    DRIFT_ASSIGN(past, transaction.store().at(*scan.moment));
  }
  if (scan.key) {
    DRIFT_ASSIGN(auto row, past.get(scan.table->id, *scan.key, shape.ownColumns()));
    return std::make_unique<KeyOperator>(std::move(row), *scan.key, std::move(shape));
  }
  auto ranges = scan.ranges.empty() ? std::vector<plan::KeyBounds>{scan.bounds} : scan.ranges;
  if (scan.backwards) std::reverse(ranges.begin(), ranges.end());
  Cursors cursors;
  for (auto& range : ranges) {
    auto request = requestFor(scan, shape, context);
    request.range = {std::move(range.from), std::move(range.to)};
    DRIFT_ASSIGN(auto cursor, isPast ? past.scan(std::move(request)) : transaction.scan(std::move(request)));
    cursors.push_back(std::move(cursor));
  }
  return std::make_unique<ScanOperator>(std::move(cursors), std::move(shape), context);
}

Result<OperatorPtr> makeVersionScan(const plan::Node&, const plan::Scan& scan, OperatorContext& context) {
  return openVersions(scan, *scan.versions, ScanShape(scan, context), context);
}

}  // namespace drift::exec
