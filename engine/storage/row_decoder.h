// RowDecoder: encoded rows into vectors, whatever layout they were written with. One thread.
#pragma once

#include <map>
#include <string_view>
#include <vector>

#include "storage/row.h"

namespace drift::storage {

class RowDecoder final {
 public:
  /// Makes a column wanted; `values` outlives this.
  void add(const LayoutColumn& column, types::Vector& values) { m_columns.push_back({column, &values}); }

  /// Reads one row into row `target` of the vectors. A column that the layout lacks gets its missing value.
  /// DataCorrupted for malformed bytes, and where a column has another type than is wanted.
  Status decode(const RowLayout& layout, std::string_view row, std::size_t target);

 private:
  struct Column {
    LayoutColumn column;
    types::Vector* values;
  };
  /// How the rows of one layout are read.
  struct Plan {
    std::vector<std::size_t> wanted;   ///< positions in the layout
    std::vector<types::Vector*> into;
    std::vector<std::size_t> absent;   ///< positions in m_columns
  };

  Result<const Plan*> planFor(const RowLayout& layout);

  std::vector<Column> m_columns;
  std::map<const RowLayout*, Plan> m_plans;
  const RowLayout* m_lastLayout = nullptr;
  const Plan* m_lastPlan = nullptr;
};

}  // namespace drift::storage
