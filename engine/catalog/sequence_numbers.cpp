#include "catalog/sequence_numbers.h"

namespace drift::catalog {

namespace {

using types::TypeId;
using types::Value;

constexpr ColumnId kValueColumn = 1;
constexpr ColumnId kCalledColumn = 2;

std::string keyOf(std::uint64_t row) {
  std::string key(8, '\0');
  for (std::size_t at = 0; at < key.size(); ++at) key[at] = static_cast<char>(row >> (8 * (7 - at)));
  return key;
}

/// The number after `value`; nothing where the sequence ends there.
std::optional<std::int64_t> following(const Sequence& sequence, std::int64_t value) {
  std::int64_t next = 0;
  const bool overflows = __builtin_add_overflow(value, sequence.increment, &next);
  if (!overflows && next >= sequence.min && next <= sequence.max) return next;
  if (!sequence.cycle) return std::nullopt;
  return sequence.increment > 0 ? sequence.min : sequence.max;
}

}  // namespace

std::vector<Column> sequenceColumns() {
  return {{.id = kValueColumn,
           .name = "last_value",
           .type = TypeId::BigInt,
           .notNull = true,
           .defaultSql = {},
           .missing = Value::null(TypeId::BigInt)},
          {.id = kCalledColumn,
           .name = "is_called",
           .type = TypeId::Boolean,
           .notNull = true,
           .defaultSql = {},
           .missing = Value::null(TypeId::Boolean)}};
}

Result<SequenceNumbers::State> SequenceNumbers::load(const Table& sequence) const {
  const auto latest = m_store.latest();
  DRIFT_ASSIGN(const auto key, latest.highestKey(sequence.id));
  State state{0, sequence.sequence->start, false};
  if (key.empty()) return state;
  const auto layout = sequence.layout();
  DRIFT_ASSIGN(const auto row, latest.get(sequence.id, key, layout.columns));
  if (!row || key.size() != 8 || row->values[0].isNull() || row->values[1].isNull())
    return makeError(ErrorKind::DataCorrupted, "sequence \"{}\" has lost its last number", sequence.name);
  for (const char byte : key) state.row = state.row << 8 | static_cast<unsigned char>(byte);
  state.value = row->values[0].asInt();
  state.isCalled = row->values[1].asBool();
  return state;
}

Status SequenceNumbers::put(const Table& sequence, const State& state, txn::Transaction& transaction) {
  // What this transaction left before, if nobody else took numbers since, needs no row of its own.
  DRIFT_ASSIGN(const auto last, transaction.highestKey(sequence.id));
  if (!last.empty()) {
    DRIFT_ASSIGN(const auto row, transaction.get(sequence.id, last, {}));
    if (row && row->seq == 0) {
      storage::RowChange gone;
      gone.tree = sequence.id;
      gone.op = storage::RowOp::Delete;
      gone.key = last;
      transaction.put(std::move(gone));
    }
  }
  const auto layout = std::make_shared<const storage::RowLayout>(sequence.layout());
  const std::vector<Value> values{Value::bigInt(state.value), Value::boolean(state.isCalled)};
  Bytes bytes;
  storage::encodeRow(*layout, values, bytes);
  storage::RowChange change;
  change.tree = sequence.id;
  change.op = storage::RowOp::Insert;
  change.key = keyOf(state.row);
  change.layout = layout;
  change.row = std::string(asText(bytes));
  transaction.put(std::move(change));
  transaction.markIndex(sequence.id);
  return {};
}

Result<std::vector<std::int64_t>> SequenceNumbers::take(const Table& sequence, std::size_t count,
                                                        txn::Transaction& transaction) {
  std::vector<std::int64_t> numbers;
  numbers.reserve(count);
  State state;
  {
    const std::lock_guard lock(m_mutex);
    if (!m_states.contains(sequence.id)) {
      DRIFT_ASSIGN(m_states[sequence.id], load(sequence));
    }
    state = m_states[sequence.id];
    for (std::size_t taken = 0; taken < count; ++taken) {
      const auto next = state.isCalled ? following(*sequence.sequence, state.value) : std::optional(state.value);
      if (!next)
        return makeError(ErrorKind::SequenceLimit, "nextval: reached {} value of sequence \"{}\" ({})",
                         sequence.sequence->increment > 0 ? "maximum" : "minimum", sequence.name,
                         sequence.sequence->increment > 0 ? sequence.sequence->max : sequence.sequence->min);
      state.value = *next;
      state.isCalled = true;
      numbers.push_back(*next);
    }
    ++state.row;
    m_states[sequence.id] = state;
  }
  DRIFT_TRY(put(sequence, state, transaction));
  return numbers;
}

Status SequenceNumbers::set(const Table& sequence, std::int64_t value, bool isCalled, txn::Transaction& transaction) {
  State state;
  {
    const std::lock_guard lock(m_mutex);
    if (!m_states.contains(sequence.id)) {
      DRIFT_ASSIGN(m_states[sequence.id], load(sequence));
    }
    auto& known = m_states[sequence.id];
    state = known = {known.row + 1, value, isCalled};
  }
  return put(sequence, state, transaction);
}

Status SequenceNumbers::begin(const Table& sequence, txn::Transaction& transaction) {
  const State state{1, sequence.sequence->start, false};
  {
    // A transaction that was rolled back may have had the same tree for another sequence.
    const std::lock_guard lock(m_mutex);
    m_states[sequence.id] = state;
  }
  return put(sequence, state, transaction);
}

}  // namespace drift::catalog
