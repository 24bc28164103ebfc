// WITH RECURSIVE: steps over the rows that the step before found, until there are none. Rows are given as they are
// found, so LIMIT ends a recursion that would not end by itself.
#include "exec/key_table.h"
#include "exec/operator_kinds.h"

namespace drift::exec {

using types::Chunk;

namespace {

/// Steps of one recursion; more means that it does not end.
constexpr std::uint64_t kStepsMax = 1'000'000;

class RecursionOperator final : public Operator {
 public:
  RecursionOperator(const plan::Recursion& recursion, OperatorPtr base, std::vector<types::Type> types,
                    OperatorContext& context)
      : m_recursion(recursion),
        m_types(std::move(types)),
        m_context(context),
        m_current(std::move(base)),
        m_seen(m_types, context.query().memory) {
    startFound();
  }

  Result<bool> next(Chunk& out) override {
    while (true) {
      DRIFT_TRY(m_context.query().cancel.check());
      DRIFT_ASSIGN(const bool more, m_current->next(out));
      if (!more) {
        if (m_found->rowCount() == 0) return false;
        DRIFT_TRY(startStep());
        continue;
      }
      if (!m_recursion.all) DRIFT_TRY(keepNew(out));
      if (out.rowCount() == 0) continue;
      DRIFT_TRY(m_found->append(out));
      return true;
    }
  }

 private:
  void startFound() { m_found = std::make_shared<RowBuffer>(m_types, m_context.query().memory); }

  Status startStep() {
    if (++m_steps > kStepsMax)
      return makeError(ErrorKind::LimitExceeded, "the recursive query \"{}\" has not ended after {} steps",
                       m_recursion.name, kStepsMax)
          .withHint("Add a condition that ends it, or a LIMIT.");
    m_current.reset();
    m_context.workTables[m_recursion.table] = m_found;
    startFound();
    DRIFT_ASSIGN(m_current, makeOperator(*m_recursion.step, m_context));
    return {};
  }

  Status keepNew(Chunk& rows) {
    auto fresh = m_seen.keyCount();
    std::vector<std::uint32_t> numbers;
    DRIFT_TRY(m_seen.findOrAdd(rows, numbers));
    types::Selection kept;
    for (std::size_t row = 0; row < numbers.size(); ++row) {
      if (numbers[row] != fresh) continue;
      ++fresh;
      kept.push_back(static_cast<std::uint16_t>(row));
    }
    if (kept.size() < rows.rowCount()) rows = rows.selected(kept);
    return {};
  }

  const plan::Recursion m_recursion;
  const std::vector<types::Type> m_types;
  OperatorContext& m_context;
  OperatorPtr m_current;  ///< the base, then one step after the other
  RowBufferRef m_found;   ///< what the current one gave
  KeyTable m_seen;        ///< UNION: all rows so far
  std::uint64_t m_steps = 0;
};

class WorkTableOperator final : public Operator {
 public:
  explicit WorkTableOperator(RowBufferRef rows) : m_rows(std::move(rows)) {}
  Result<bool> next(Chunk& out) override {
    out = chunkOf(m_rows, m_at);
    m_at += out.rowCount();
    return out.rowCount() > 0;
  }

 private:
  const RowBufferRef m_rows;
  std::size_t m_at = 0;
};

}  // namespace

Result<OperatorPtr> makeRecursion(const plan::Node& node, const plan::Recursion& recursion, OperatorPtr input,
                                  OperatorContext& context) {
  return std::make_unique<RecursionOperator>(recursion, std::move(input), typesOf(node.columns), context);
}

Result<OperatorPtr> makeWorkTable(const plan::WorkTable& table, OperatorContext& context) {
  const auto found = context.workTables.find(table.table);
  if (found == context.workTables.end())
    return makeError(ErrorKind::InternalError, "the rows of \"{}\" are read outside of its recursion", table.name);
  return std::make_unique<WorkTableOperator>(found->second);
}

}  // namespace drift::exec
