#include "storage/key_array.h"

#include <array>
#include <cassert>
#include <cstring>

#include "storage/key_order.h"

namespace drift::storage {

using types::StringRef;

KeyArray::KeyArray(std::string_view prefix, std::string_view suffix, unsigned numberBytes, NumberSequence numbers)
    : m_numbers(std::move(numbers)), m_keyBytes(static_cast<std::uint32_t>(prefix.size() + numberBytes + suffix.size())) {
  assert(m_keyBytes <= StringRef::kInlineBytesMax && numberBytes > 0);
  std::array<char, StringRef::kInlineBytesMax> bytes{};
  prefix.copy(bytes.data(), prefix.size());
  suffix.copy(bytes.data() + prefix.size() + numberBytes, suffix.size());
  m_around = std::bit_cast<Image>(StringRef(std::string_view(bytes.data(), m_keyBytes)));
  m_numberAt = static_cast<unsigned>(8 * (sizeof m_keyBytes + prefix.size()));
  m_unusedBits = 64 - 8 * numberBytes;
  m_numberMask = static_cast<Image>(~std::uint64_t{0} >> m_unusedBits) << m_numberAt;
}

bool KeyArray::rises() const {
  if (isNumbers()) return m_numbers.rises();
  for (std::size_t row = 1; row < m_keys.size(); ++row)
    if (compareKeys(m_keys[row - 1], m_keys[row]) >= 0) return false;
  return true;
}

std::optional<std::uint32_t> KeyArray::findNumber(const StringRef& key) const {
  const auto image = std::bit_cast<Image>(key);
  if (((image ^ m_around) & ~m_numberMask) != 0) return std::nullopt;
  return m_numbers.findLast(__builtin_bswap64(static_cast<std::uint64_t>((image & m_numberMask) >> m_numberAt)) >>
                            m_unusedBits);
}

std::optional<std::uint32_t> KeyArray::findLast(const StringRef& key) const {
  if (isNumbers()) return findNumber(key);
  std::size_t low = 0, high = m_keys.size();
  while (low < high) {
    const auto middle = (low + high) / 2;
    if (compareKeys(m_keys[middle], key) <= 0) low = middle + 1;
    else high = middle;
  }
  if (low == 0 || !(m_keys[low - 1] == key)) return std::nullopt;
  return static_cast<std::uint32_t>(low - 1);
}

}  // namespace drift::storage
