// BindEnvironment: what the binder needs to know of the database: which tables there are at which moment,
// and which commit a point in time means.
//
// Thread rule: one thread at a time. References outlive the bound plan.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "catalog/catalog.h"
#include "functions/registry.h"
#include "runtime/query_context.h"
#include "types/value.h"

namespace drift::plan {

struct Expression;
struct Scan;

/// The history of a database as the binder sees it. Implemented in exec over the store, in tests by hand.
class Moments {
 public:
  virtual ~Moments() = default;

  /// The newest commit that may be read. 0 = there are none.
  virtual CommitNumber lastCommit() const = 0;
  /// The first commit that is there; 0 = there are none.
  virtual CommitNumber firstCommit() const = 0;
  /// MomentOutOfRange for a commit up to the last that a rewrite left out.
  virtual Status checkKept(CommitNumber number) const = 0;
  /// The commit from which on the rows of a table are there; 0 = all that ever were.
  virtual CommitNumber keptFrom(TreeId table) const = 0;
  /// The last commit with time <= `time` that is there; 0 before the first.
  virtual Result<CommitNumber> commitAt(TimeMicros time) const = 0;
  /// The same, but MomentOutOfRange where the state at that time is one that a rewrite left out.
  virtual Result<CommitNumber> momentAt(TimeMicros time) const = 0;
  /// Time of commit `number` >= 1.
  virtual Result<TimeMicros> timeOf(CommitNumber number) const = 0;
  /// Nearest commit after (forward) or before `number` that changed the schema.
  virtual Result<std::optional<CommitNumber>> schemaStep(CommitNumber number, bool forward) const = 0;

  /// Tables as of a commit.
  virtual Result<catalog::CatalogViewRef> tablesAt(CommitNumber number) const = 0;
  /// Tables as the transaction sees them.
  virtual Result<catalog::CatalogViewRef> tablesNow() const = 0;
};

/// What some rows of a table tell of all of them.
struct RowSample {
  double rows = 0;    ///< looked at
  double kept = 0;    ///< of these: a condition holds for them
  double values = 0;  ///< different values of a column, NULL left out
  double once = 0;    ///< of these: were met once
};

/// How many rows there are, for choosing between ways to read. Implemented in exec over the store.
class RowEstimates {
 public:
  virtual ~RowEstimates() = default;
  /// Looks which rows of a scan, some from each of several places, a condition over its columns holds for; nothing
  /// where that cannot be told.
  virtual std::optional<RowSample> sampleCondition(const Scan& scan, const Expression& condition) const = 0;
  /// Looks at the values of one of its columns.
  virtual std::optional<RowSample> sampleColumn(const Scan& scan, ColumnId column) const = 0;
  /// About how many live rows a tree has in a range of keys; nothing as the moment = the transaction's own view. At
  /// most `stepsMax` of those changed lately are looked at.
  virtual Result<std::uint64_t> estimateRows(TreeId tree, const std::optional<CommitNumber>& moment,
                                             const storage::KeyRange& range, std::uint64_t stepsMax) const = 0;
};

/// What binding notes of a statement: whether its plan may serve again; see plan/plan_reuse.h.
struct PlanTraits {
  std::uint32_t parameterUses = 0;  ///< places where the statement has a parameter
  bool lasting = true;              ///< false: something that holds now only was computed into the plan
};

struct BindEnvironment {
  const Moments& moments;
  const functions::Registry& registry;
  const runtime::QueryContext& context;
  std::span<const types::Value> parameters;
  /// Moment of table references without one of their own; nothing = the transaction's view.
  std::optional<CommitNumber> moment;
  const RowEstimates* estimates = nullptr;  ///< null: indexes are not used
  bool indexScans = true;                   ///< setting enable_indexscan
  bool tableScans = true;                   ///< setting enable_seqscan: off = only where nothing else can serve
  PlanTraits* traits = nullptr;             ///< null: nobody asks
};

/// Gives the surroundings of kernels that run for this statement.
functions::FunctionContext functionContext(const runtime::QueryContext& context);

}  // namespace drift::plan
