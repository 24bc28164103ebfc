#include "storage/number_sequence.h"

#include <functional>
#include <limits>
#include <type_traits>

#include "storage/integer_block.h"

namespace drift::storage {

Result<NumberSequence> NumberSequence::read(ByteReader& in, std::size_t count) {
  NumberSequence sequence;
  sequence.m_count = count;
  DRIFT_ASSIGN(const auto even, readEvenSteps(in, count));
  if (even) {
    sequence.m_first = static_cast<std::uint64_t>(even->first);
    sequence.m_step = static_cast<std::uint64_t>(even->step);
    return sequence;
  }
  DRIFT_ASSIGN(auto numbers, readIntegers(in, count));
  if (numbers.empty()) return sequence;
  const auto [least, greatest] = std::ranges::minmax(numbers);
  const auto range = greatest - least;
  if (range > std::numeric_limits<std::uint32_t>::max()) {
    sequence.m_width = Width::Whole;
    sequence.m_wholes = std::move(numbers);
    return sequence;
  }
  sequence.m_first = least;
  const auto offsets = [&](auto& narrow) {
    narrow.resize(count);
    for (std::size_t row = 0; row < count; ++row)
      narrow[row] = static_cast<std::remove_reference_t<decltype(narrow[0])>>(numbers[row] - least);
  };
  if (range <= std::numeric_limits<std::uint8_t>::max()) {
    sequence.m_width = Width::Byte;
    offsets(sequence.m_bytes);
  } else {
    sequence.m_width = Width::Half;
    offsets(sequence.m_halves);
  }
  return sequence;
}

std::uint64_t NumberSequence::min() const {
  if (empty()) return 0;
  if (m_width == Width::Whole) return *std::ranges::min_element(m_wholes);
  if (m_width != Width::None || m_step == 0) return m_first;
  std::uint64_t least = m_first;
  for (std::size_t row = 1; row < m_count; ++row) least = std::min(least, (*this)[row]);  // steps may wrap around
  return least;
}

std::uint64_t NumberSequence::max() const {
  if (empty()) return 0;
  switch (m_width) {
    case Width::Byte: return m_first + *std::ranges::max_element(m_bytes);
    case Width::Half: return m_first + *std::ranges::max_element(m_halves);
    case Width::Whole: return *std::ranges::max_element(m_wholes);
    case Width::None: break;
  }
  if (m_step == 0) return m_first;
  std::uint64_t greatest = 0;  // steps may go down, or wrap around
  for (std::size_t row = 0; row < m_count; ++row) greatest = std::max(greatest, (*this)[row]);
  return greatest;
}

bool NumberSequence::rises() const {
  const auto rising = [](const auto& offsets) {
    return std::ranges::adjacent_find(offsets, std::ranges::greater_equal()) == offsets.end();
  };
  switch (m_width) {
    case Width::Byte: return rising(m_bytes);
    case Width::Half: return rising(m_halves);
    case Width::Whole: return rising(m_wholes);
    case Width::None: break;
  }
  if (m_count < 2) return true;
  return m_step != 0 && (m_count - 1) <= (std::numeric_limits<std::uint64_t>::max() - m_first) / m_step;
}

template <class T>
std::optional<std::uint32_t> NumberSequence::findOffset(const std::vector<T>& offsets, std::uint64_t offset) {
  if (offset > std::numeric_limits<T>::max()) return std::nullopt;
  const auto after = std::ranges::upper_bound(offsets, static_cast<T>(offset));
  if (after == offsets.begin() || *(after - 1) != offset) return std::nullopt;
  return static_cast<std::uint32_t>(after - offsets.begin() - 1);
}

std::optional<std::uint32_t> NumberSequence::findLast(std::uint64_t number) const {
  if (empty() || number < m_first) return std::nullopt;
  const auto offset = number - m_first;
  switch (m_width) {
    case Width::Byte: return findOffset(m_bytes, offset);
    case Width::Half: return findOffset(m_halves, offset);
    case Width::Whole: return findOffset(m_wholes, offset);
    case Width::None: break;
  }
  if (m_step == 0) return offset == 0 ? std::optional(static_cast<std::uint32_t>(m_count - 1)) : std::nullopt;
  const auto row = m_step == 1 ? offset : offset / m_step;
  if (row >= m_count || row * m_step != offset) return std::nullopt;
  return static_cast<std::uint32_t>(row);
}

}  // namespace drift::storage
