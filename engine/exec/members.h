// Members: the values on the right of IN, for looking up those on the left. One thread at a time.
#pragma once

#include <string>
#include <unordered_set>

#include "exec/evaluator_kinds.h"
#include "types/key_encoding.h"

namespace drift::exec {

/// What IN needs to know of its right side, as comparable bytes.
struct Members {
  std::unordered_set<std::string> keys;
  bool hasNull = false;

  void add(const types::Vector& values, std::size_t row) {
    if (values.isNull(row)) {
      hasNull = true;
      return;
    }
    std::string key;
    types::appendKey(key, values, row);
    keys.insert(std::move(key));
  }
};

/// Gives `left` [NOT] IN members: NULL where it is not found and a NULL is on either side.
inline types::Vector lookUp(const types::Vector& left, std::size_t rows, const Members& members, bool negated) {
  types::Vector out(types::TypeId::Boolean, rows);
  auto* values = out.data<std::uint8_t>();
  const auto view = left.view();
  const bool empty = members.keys.empty() && !members.hasNull;
  std::string key;
  for (std::size_t row = 0; row < rows; ++row) {
    if (empty) {
      values[row] = negated;
      continue;
    }
    if (view.isNull(row)) {
      out.setNull(row);
      continue;
    }
    key.clear();
    types::appendKey(key, left, row);
    if (members.keys.contains(key)) values[row] = !negated;
    else if (members.hasNull) out.setNull(row);
    else values[row] = negated;
  }
  return out;
}

}  // namespace drift::exec
