// KeyFilter: what a join knows about the rows that it needs of its other side, told to the scan that they come from.
//
// A join that has read one side into memory knows all keys that can meet. The scan on the other side may then look up
// only these keys, by the primary key or an index, where that costs less than reading the table (the rule of
// plan/optimizer.h); or, where an aggregation lies between, leave out rows whose keys are not among them. In the
// literature: sideways information passing (F. Bancilhon et al., PODS 1986).
//
// Thread rule: one thread at a time. State: found when operators are made; narrow() after the join has read its side
// and before the first row is pulled from the other; the scan opens when its first row is pulled.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "exec/join_table.h"
#include "exec/operator.h"

namespace drift::exec {

/// One scan that waits for what joins above it know.
struct KeyFilter {
  const plan::Scan* scan = nullptr;
  std::optional<plan::Scan> narrowed;  ///< set: reads less than `scan`
  double cost = 0;                     ///< of `narrowed`, in rows that are read one after the other
  const JoinTable* table = nullptr;    ///< set: rows whose keys are not there are left out
  std::vector<plan::Slot> tableSlots;  ///< columns of the scan that are the keys of `table`
  bool ordered = false;                ///< rows have to come in the order of the table's keys
};

/// A scan that a join's keys lead to.
struct KeyTarget {
  std::shared_ptr<KeyFilter> filter;
  std::vector<std::pair<plan::Slot, std::size_t>> columns;  ///< column of the scan, and which of the join's keys it is
  bool aggregated = false;                                  ///< its rows are grouped before they reach the join
};

/// Leaves out rows whose keys a join does not have.
class KeyTest final {
 public:
  /// Nothing where the filter has no table. InternalError.
  static Result<std::optional<KeyTest>> of(const KeyFilter& filter, const plan::Node& scan, OperatorContext& context);
  /// Keeps the rows that the table has the keys of, which may be none.
  Status keepMet(types::Chunk& rows);

 private:
  explicit KeyTest(const JoinTable& table) : m_table(&table) {}

  const JoinTable* m_table;
  std::vector<EvaluatorPtr> m_keys;  ///< of the table, over the scan's columns
  std::vector<std::uint32_t> m_first;
};

/// Finds the scans below a side of a join whose rows count only where they meet the other side.
/// `readsLeft`: the left side is read first, and the right one passes by.
std::vector<KeyTarget> findKeyTargets(const plan::Node& node, const plan::Join& join, bool readsLeft,
                                      OperatorContext& context);

/// Tells the scans about the keys of a table that is complete. `keys` compute them from the table's rows. IoError …
Status narrow(const std::vector<KeyTarget>& targets, const JoinTable& table, const std::vector<EvaluatorPtr>& keys,
              const OperatorContext& context);

/// Makes a scan that opens when its first row is pulled.
Result<OperatorPtr> makeFilteredScan(const plan::Node& node, std::shared_ptr<KeyFilter> filter,
                                     OperatorContext& context);

}  // namespace drift::exec
