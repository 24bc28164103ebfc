#include "exec/join_table.h"

#include <algorithm>
#include <bit>

#include "exec/packed_keys.h"
#include "types/cast.h"

namespace drift::exec {

namespace {

/// Room for keys that are not there, where each key has a bucket of its own: so many for each row, and some always.
constexpr std::uint64_t kDirectShare = 8;
constexpr std::uint64_t kDirectMin = 16 * 1024;
/// The same for the bits of the filter.
constexpr std::uint64_t kFilterShare = 128;
constexpr std::uint64_t kFilterMin = 256 * 1024;

std::vector<types::PhysicalType> physicalOf(const std::vector<types::Type>& types) {
  std::vector<types::PhysicalType> physical;
  for (const auto& type : types) physical.push_back(type.physical());
  return physical;
}

}  // namespace

JoinTable::JoinTable(const std::vector<types::Type>& rowTypes, const std::vector<types::Type>& keyTypes,
                     const runtime::MemoryBudget& budget)
    : m_rows(std::make_shared<RowBuffer>(rowTypes, budget)),
      m_keys(std::make_shared<RowBuffer>(keyTypes, budget)),
      m_physical(physicalOf(keyTypes)),
      m_packed(canPack(m_physical)),
      m_memory(budget) {}

Result<JoinKeys> JoinTable::keysOf(const types::Chunk& input, const std::vector<EvaluatorPtr>& evaluators) const {
  JoinKeys keys;
  const auto rows = input.rowCount();
  keys.columns.setRowCount(rows);
  for (const auto& evaluator : evaluators) {
    DRIFT_ASSIGN(auto values, evaluator->evaluate(input));
    const auto view = values.view();
    if (view.mayHaveNulls()) {
      if (keys.usable.empty()) keys.usable.assign(rows, 1);
      for (std::size_t row = 0; row < rows; ++row) keys.usable[row] &= !view.isNull(row);
    }
    keys.columns.addColumn(std::move(values));
  }
  if (m_packed) {
    packKeys(keys.columns, keys.words);
  } else if (keyed()) {
    keys.words.assign(rows, 0);
    for (std::size_t column = 0; column < m_physical.size(); ++column)
      types::hashRows(keys.columns.column(column), rows, keys.words);
  }
  return keys;
}

Status JoinTable::add(const types::Chunk& chunk, JoinKeys keys) {
  const auto before = m_rows->rowCount();
  DRIFT_TRY(m_rows->append(chunk));
  if (!keyed()) return {};
  DRIFT_TRY(m_memory.grow(chunk.rowCount() * (sizeof(std::uint64_t) + sizeof(std::uint32_t))));
  if (!m_packed) DRIFT_TRY(m_keys->append(keys.columns));
  m_words.insert(m_words.end(), keys.words.begin(), keys.words.end());
  if (!keys.usable.empty() && m_unusable.empty()) m_unusable.assign(before, 0);
  if (!keys.usable.empty())
    for (const auto usable : keys.usable) m_unusable.push_back(!usable);
  else if (!m_unusable.empty()) m_unusable.resize(m_rows->rowCount(), 0);
  return {};
}

std::size_t JoinTable::bucketOf(std::uint64_t word) const { return spread(word) >> m_shift; }

void JoinTable::chain(std::uint32_t row, std::uint32_t& bucket) {
  m_usedBuckets += bucket == kNoRow;
  m_next[row] = bucket;
  bucket = row;
}

Status JoinTable::finish() {
  if (!keyed()) return {};
  const auto rows = m_words.size();
  m_next.resize(rows);
  m_usedBuckets = 0;
  if (m_packed && m_physical.size() > 1) m_mask = (std::uint64_t{1} << packedBits(m_physical.front())) - 1;
  const auto span = m_packed ? findSpan() : 0;
  const bool dense = span > 0 && span <= std::max<std::uint64_t>(kDirectShare * rows, kDirectMin);
  if (dense && m_physical.size() == 1) return finishDirect(span);
  if (span > 0 && span <= std::max<std::uint64_t>(kFilterShare * rows, kFilterMin)) DRIFT_TRY(addFilter(span));
  const auto buckets = std::bit_ceil(std::max<std::size_t>(rows + rows / 2, 2));
  DRIFT_TRY(m_memory.grow(buckets * sizeof(std::uint32_t)));
  m_shift = 64 - static_cast<unsigned>(std::countr_zero(buckets));
  m_buckets.assign(buckets, kNoRow);
  // From the last row on, so that chains give rows in the order they came.
  for (auto row = static_cast<std::uint32_t>(rows); row-- > 0;)
    if (m_unusable.empty() || !m_unusable[row]) chain(row, m_buckets[bucketOf(m_words[row])]);
  return {};
}

std::uint64_t JoinTable::findSpan() {
  std::uint64_t least = UINT64_MAX;
  std::uint64_t most = 0;
  for (std::size_t row = 0; row < m_words.size(); ++row) {
    if (!m_unusable.empty() && m_unusable[row]) continue;
    least = std::min(least, m_words[row] & m_mask);
    most = std::max(most, m_words[row] & m_mask);
  }
  if (least > most) return 0;
  m_firstWord = least;
  return most - least == UINT64_MAX ? 0 : most - least + 1;
}

Status JoinTable::finishDirect(std::uint64_t span) {
  DRIFT_TRY(m_memory.grow((span + 1) * sizeof(std::uint32_t)));
  m_buckets.assign(span + 1, kNoRow);
  m_span = span;
  m_direct = true;
  for (auto row = static_cast<std::uint32_t>(m_words.size()); row-- > 0;)
    if (m_unusable.empty() || !m_unusable[row]) chain(row, m_buckets[m_words[row] - m_firstWord]);
  return {};
}

Status JoinTable::addFilter(std::uint64_t span) {
  DRIFT_TRY(m_memory.grow((span / 64 + 1) * sizeof(std::uint64_t)));
  m_filter.assign(span / 64 + 1, 0);
  m_span = span;
  for (std::size_t row = 0; row < m_words.size(); ++row) {
    if (!m_unusable.empty() && m_unusable[row]) continue;
    const auto at = (m_words[row] & m_mask) - m_firstWord;
    m_filter[at / 64] |= std::uint64_t{1} << (at % 64);
  }
  return {};
}

bool JoinTable::sameKeys(std::span<const types::VectorView> views, std::size_t row, std::uint32_t stored) const {
  for (std::size_t column = 0; column < m_physical.size(); ++column)
    if (!equalRows(views[column], row, m_keys->view(column, stored), stored % types::kChunkRows, m_physical[column]))
      return false;
  return true;
}

std::uint32_t JoinTable::firstWith(std::uint64_t word, std::span<const types::VectorView> views,
                                   std::size_t row) const {
  auto at = m_buckets[bucketOf(word)];
  while (at != kNoRow && (m_words[at] != word || (!m_packed && !sameKeys(views, row, at)))) at = m_next[at];
  return at;
}

void JoinTable::firstRows(const JoinKeys& keys, std::vector<std::uint32_t>& rows) const {
  const auto count = keys.columns.rowCount();
  if (!keyed()) {
    rows.assign(count, m_rows->rowCount() > 0 ? 0 : kNoRow);
    return;
  }
  rows.resize(count);
  if (m_direct) {
    const auto* buckets = m_buckets.data();
    for (std::size_t row = 0; row < count; ++row)
      rows[row] = buckets[std::min(keys.words[row] - m_firstWord, m_span)];  // the last bucket is empty
    for (std::size_t row = 0; row < keys.usable.size(); ++row)
      if (!keys.usable[row]) rows[row] = kNoRow;
    return;
  }
  if (m_packed && keys.usable.empty()) {
    const auto* words = m_words.data();
    const auto* next = m_next.data();
    const bool filtered = !m_filter.empty();
    for (std::size_t row = 0; row < count; ++row) {
      const auto word = keys.words[row];
      if (filtered) {
        const auto place = (word & m_mask) - m_firstWord;
        if (place >= m_span || !(m_filter[place / 64] >> (place % 64) & 1)) {
          rows[row] = kNoRow;
          continue;
        }
      }
      auto at = m_buckets[bucketOf(word)];
      while (at != kNoRow && words[at] != word) at = next[at];
      rows[row] = at;
    }
    return;
  }
  std::vector<types::VectorView> views;
  if (!m_packed)
    for (std::size_t column = 0; column < m_physical.size(); ++column)
      views.push_back(keys.columns.column(column).view());
  for (std::size_t row = 0; row < count; ++row)
    rows[row] = keys.usable.empty() || keys.usable[row] ? firstWith(keys.words[row], views, row) : kNoRow;
}

std::uint32_t JoinTable::nextRow(std::uint32_t row) const {
  if (!keyed()) return row + 1 < m_rows->rowCount() ? row + 1 : kNoRow;
  auto at = m_next[row];
  if (m_direct) return at;
  const auto word = m_words[row];
  if (m_packed) {
    while (at != kNoRow && m_words[at] != word) at = m_next[at];
    return at;
  }
  std::vector<types::VectorView> views;
  for (; at != kNoRow; at = m_next[at]) {
    if (m_words[at] != word) continue;
    if (views.empty())
      for (std::size_t column = 0; column < m_physical.size(); ++column) views.push_back(m_keys->view(column, row));
    if (sameKeys(views, row % types::kChunkRows, at)) return at;
  }
  return kNoRow;
}

}  // namespace drift::exec
