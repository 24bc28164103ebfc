// KeyRanges: conditions on columns as ranges of encoded keys, of a table or of an index.
//
// Free functions over plain data; one thread at a time. Keys: docs/formats/keys.md, docs/formats/catalog.md.
#pragma once

#include <optional>
#include <vector>

#include "catalog/table.h"
#include "plan/node.h"

namespace drift::plan {

/// One column of a key.
struct KeyPart {
  std::optional<Slot> slot;  ///< nothing: the scan does not read the column, so no condition is about it
  catalog::IndexColumn column;
  types::Type type;
  bool notNull = false;
};

/// What conditions leave of a key. Every row that satisfies them is in one of the ranges.
struct KeyRanges {
  std::vector<KeyBounds> ranges;  ///< rising, apart from each other; empty: no row can satisfy the conditions
  std::size_t equalParts = 0;     ///< leading parts that have one of a few values
  std::size_t fixedParts = 0;     ///< leading parts that have one value, which may be NULL
  bool endsInRange = false;       ///< the part behind the equal ones has a range of values, without NULL
  bool bounded = false;           ///< the ranges leave something out
  bool exact = false;             ///< every key within a range satisfies all of the conditions
  bool mayBeNull = false;         ///< one of the equal parts is NULL
};

/// The columns of an index, or of the primary key, as a scan reads them. Expressions have no slot: see index_fit.h.
std::vector<KeyPart> partsOf(const Scan& scan, const catalog::Index& index);
std::vector<KeyPart> primaryParts(const Scan& scan);

/// Finds the ranges of a key for conditions that all hold. `notNull` is a slot that is known not to be NULL besides.
KeyRanges rangesFor(const std::vector<KeyPart>& parts, const std::vector<const Expression*>& conditions,
                    std::optional<Slot> notNull = std::nullopt);

/// Adds the conditions of an AND chain.
void addConditions(const Expression& condition, std::vector<const Expression*>& conditions);

}  // namespace drift::plan
