// IndexFit: what an index is to one scan: its parts as the scan knows them, and whether it may serve at all.
//
// An expression of an index is matched by its form. Where the conditions, or the order, of a query hold it, it stands
// for a column of the index there, under a slot that only the fit knows.
//
// Plain data; one thread at a time.
#pragma once

#include <optional>
#include <vector>

#include "plan/environment.h"
#include "plan/key_ranges.h"

namespace drift::plan {

class IndexFit final {
 public:
  /// Nothing where the index lacks rows that the conditions let through: its own condition is not implied by them.
  static Result<std::optional<IndexFit>> of(const Scan& scan, const catalog::Index& index,
                                            const std::vector<const Expression*>& conditions,
                                            const BindEnvironment& environment);

  const std::vector<KeyPart>& parts() const { return m_parts; }
  /// The conditions in terms of the parts, without those that hold for each row of the index.
  const std::vector<const Expression*>& conditions() const { return m_conditions; }
  /// The slot of an expression over the scan that is a column, or a part of the index; nothing for another one.
  std::optional<Slot> slotOf(const Expression& expression) const;

 private:
  std::vector<KeyPart> m_parts;
  std::vector<const Expression*> m_conditions;
  std::vector<ExpressionPtr> m_expressions;  ///< of each part, over the scan; null: a column
  std::vector<ExpressionPtr> m_rewritten;    ///< what m_conditions points to beside the query's own
};

}  // namespace drift::plan
