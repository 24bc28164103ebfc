#include "exec/merge.h"

#include "exec/key_table.h"

namespace drift::exec {

using types::Chunk;

namespace {

constexpr std::size_t kActionColumn = plan::kRowIdentityColumns;
constexpr std::size_t kOldColumns = kActionColumn + 1;

class Merge final {
 public:
  Merge(const plan::BoundMerge& bound, RowWriter& writer, const WriteContext& context)
      : m_bound(bound),
        m_writer(writer),
        m_context(context),
        m_columnCount(bound.table->columns.size()),
        m_seen({types::TypeId::Bytea}, context.operators.query().memory) {}

  Result<std::uint64_t> run(const RowBufferRef& rows) {
    std::uint64_t count = 0;
    const auto eachChunk = [&](sql::MergeAction action, auto work) -> Status {
      for (std::size_t first = 0; first < rows->rowCount(); first += types::kChunkRows) {
        DRIFT_TRY(m_context.operators.query().cancel.check());
        const auto chunk = chunkOf(rows, first);
        const auto chosen = rowsOf(chunk, action);
        if (chosen.empty()) continue;
        count += chosen.size();
        DRIFT_TRY(work(chunk.selected(chosen)));
      }
      return {};
    };
    DRIFT_TRY(eachChunk(sql::MergeAction::Delete, [&](const Chunk& chunk) { return remove(chunk); }));
    DRIFT_TRY(startUpdates());
    DRIFT_TRY(eachChunk(sql::MergeAction::Update, [&](const Chunk& chunk) { return collectUpdate(chunk); }));
    DRIFT_TRY(m_writer.update(m_updates, m_bound.assigned));
    DRIFT_TRY(eachChunk(sql::MergeAction::Insert, [&](const Chunk& chunk) {
      auto added = columns(chunk, newColumn(0), m_columnCount);
      return m_writer.insert(added);
    }));
    return count;
  }

 private:
  std::size_t newColumn(std::size_t at) const { return kOldColumns + m_columnCount + at; }

  types::Selection rowsOf(const Chunk& chunk, sql::MergeAction action) const {
    const auto numbers = chunk.column(kActionColumn).view();
    types::Selection rows;
    for (std::size_t row = 0; row < chunk.rowCount(); ++row)
      if (m_bound.actions[static_cast<std::size_t>(numbers.at<std::int32_t>(row))] == action)
        rows.push_back(static_cast<std::uint16_t>(row));
    return rows;
  }

  static void addColumns(const Chunk& from, std::size_t first, std::size_t count, Chunk& to) {
    for (std::size_t at = 0; at < count; ++at) to.addColumn(from.column(first + at));
    to.setRowCount(from.rowCount());
  }

  static Chunk columns(const Chunk& chunk, std::size_t first, std::size_t count) {
    Chunk part;
    addColumns(chunk, first, count, part);
    return part;
  }

  Status requireOnce(const Chunk& chunk) {
    const auto before = m_seen.keyCount();
    std::vector<std::uint32_t> numbers;
    DRIFT_TRY(m_seen.findOrAdd(columns(chunk, 0, 1), numbers));
    if (m_seen.keyCount() == before + chunk.rowCount()) return {};
    return Error(ErrorKind::CardinalityViolation, "MERGE command cannot affect row a second time")
        .withHint("Ensure that not more than one source row matches any one target row.");
  }

  Status remove(const Chunk& chunk) {
    DRIFT_TRY(requireOnce(chunk));
    Chunk rows = columns(chunk, 0, plan::kRowIdentityColumns);
    addColumns(chunk, kOldColumns, m_columnCount, rows);
    return m_writer.remove(rows);
  }

  Status startUpdates() {
    std::vector<types::Type> types{types::TypeId::Bytea, types::TypeId::BigInt};
    for (const auto& column : m_bound.table->columns) types.push_back(column.type);
    for (const auto at : m_bound.assigned) types.push_back(m_bound.table->columns[at].type);
    m_updates = std::make_shared<RowBuffer>(std::move(types), m_context.operators.query().memory);
    return {};
  }

  Status collectUpdate(const Chunk& chunk) {
    DRIFT_TRY(requireOnce(chunk));
    Chunk rows = columns(chunk, 0, plan::kRowIdentityColumns);
    addColumns(chunk, kOldColumns, m_columnCount, rows);
    for (const auto at : m_bound.assigned) rows.addColumn(chunk.column(newColumn(at)));
    rows.setRowCount(chunk.rowCount());
    return m_updates->append(rows);
  }

  const plan::BoundMerge& m_bound;
  RowWriter& m_writer;
  const WriteContext& m_context;
  const std::size_t m_columnCount;
  KeyTable m_seen;  ///< keys of rows that were dropped or changed
  RowBufferRef m_updates;
};

}  // namespace

Result<std::uint64_t> mergeRows(const plan::BoundMerge& bound, const RowBufferRef& rows, RowWriter& writer,
                                const WriteContext& context) {
  return Merge(bound, writer, context).run(rows);
}

}  // namespace drift::exec
