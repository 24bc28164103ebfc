// RowEncoder: encodes rows one after the other in memory that it keeps. Format: docs/formats/rows.md. One thread.
#pragma once

#include <span>
#include <string_view>

#include "storage/row.h"

namespace drift::storage {

class RowEncoder final {
 public:
  /// Encodes one row, as encodeRow() does: a view until the next one.
  std::string_view encode(const RowLayout& layout, std::span<const types::Vector* const> vectors, std::size_t row);
  std::string_view encode(const RowLayout& layout, std::span<const types::Value> values);

 private:
  void begin(const RowLayout& layout);
  template <class Write>
  void add(std::size_t column, std::size_t stringBytes, const Write& write);

  Bytes m_room;
  std::size_t m_at = 0;      ///< where the next field goes
  std::size_t m_needed = 0;  ///< room for what is written and what may follow, strings left out
};

}  // namespace drift::storage
