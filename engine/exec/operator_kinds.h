// The families of operators, for makeOperator() alone. Inputs are built by the caller and given in order.
// One thread at a time.
#pragma once

#include "exec/evaluator.h"
#include "exec/key_filter.h"
#include "exec/operator.h"

namespace drift::exec {

/// Any of the three below, as the scan asks.
Result<OperatorPtr> makeAnyScan(const plan::Node& node, const plan::Scan& scan, OperatorContext& context);
Result<OperatorPtr> makeScan(const plan::Node& node, const plan::Scan& scan, OperatorContext& context);
/// Rows by their keys: those that an index finds, or several of the table's own.
Result<OperatorPtr> makeLookup(const plan::Node& node, const plan::Scan& scan, OperatorContext& context);
/// Reads the keys of the rows that the index of a scan finds at a moment, rising; nothing where they are more than
/// `most`. DataCorrupted, IoError.
Result<std::optional<std::vector<std::string>>> readIndexKeys(const plan::Scan& scan, const storage::Snapshot& snapshot,
                                                              std::size_t most, const OperatorContext& context);
/// Rows of some of these keys, for one worker of a pipeline.
Result<OperatorPtr> makeLookupOf(std::span<const std::string> keys, const plan::Scan& scan, OperatorContext& context);
Result<OperatorPtr> makeVersionScan(const plan::Node& node, const plan::Scan& scan, OperatorContext& context);
Result<OperatorPtr> makeValues(const plan::Node& node, const plan::Values& values, OperatorContext& context);
Result<OperatorPtr> makeCommits(const plan::Node& node, const plan::CommitsFunction& function,
                                OperatorContext& context);
Result<OperatorPtr> makeDiff(const plan::Node& node, const plan::DiffFunction& function, OperatorContext& context);
Result<OperatorPtr> makeBlame(const plan::Node& node, const plan::BlameFunction& function, OperatorContext& context);
Result<OperatorPtr> makeRowHistory(const plan::Node& node, const plan::RowHistoryFunction& function,
                                   OperatorContext& context);
Result<OperatorPtr> makeDiffStat(const plan::Node& node, const plan::DiffStatFunction& function,
                                 OperatorContext& context);
Result<OperatorPtr> makeCommitChanges(const plan::Node& node, const plan::CommitChangesFunction& function,
                                      OperatorContext& context);
Result<OperatorPtr> makeProjectSet(const plan::Node& node, const plan::ProjectSet& set, OperatorPtr input,
                                   OperatorContext& context);
Result<OperatorPtr> makeOrdinality(OperatorPtr input);
Result<OperatorPtr> makeSeries(const plan::SeriesFunction& function, OperatorContext& context);

Result<OperatorPtr> makeFilter(const plan::Node& node, const plan::Filter& filter, OperatorPtr input,
                               OperatorContext& context);
Result<OperatorPtr> makeProject(const plan::Node& node, const plan::Project& project, OperatorPtr input,
                                OperatorContext& context);
/// True for a semi-join or an anti-join whose left side is much smaller than the right one: it is the one that is read
/// into memory then. IoError, DataCorrupted.
Result<bool> readsLeftFirst(const plan::Node& node, const plan::Join& join, const OperatorContext& context);
Result<OperatorPtr> makeJoin(const plan::Node& node, const plan::Join& join, OperatorPtr left, OperatorPtr right,
                             bool readsLeft, std::vector<KeyTarget> targets, OperatorContext& context);
/// LATERAL: the right side is built anew for each row of the left one, so its plan is kept.
Result<OperatorPtr> makeLateral(const plan::Node& node, const plan::Join& join, OperatorPtr left,
                                OperatorContext& context);
Result<OperatorPtr> makeAggregate(const plan::Node& node, const plan::Aggregate& aggregate, OperatorPtr input,
                                  OperatorContext& context);
/// The same for rows that come group by group: gives groups as they end.
Result<OperatorPtr> makeOrderedAggregate(const plan::Node& node, const plan::Aggregate& aggregate, OperatorPtr input,
                                         OperatorContext& context);
/// True if makeOrderedAggregate() can be used.
bool aggregatesInOrder(const plan::Node& node, const plan::Aggregate& aggregate);
/// True if parts of the rows may be aggregated on their own, and what they give be put together.
bool aggregatesInParts(const plan::Aggregate& aggregate);
Result<OperatorPtr> makeWindow(const plan::Node& node, const plan::Window& window, OperatorPtr input,
                               OperatorContext& context);
Result<OperatorPtr> makeDistinct(const plan::Node& node, const plan::Distinct& distinct, OperatorPtr input,
                                 OperatorContext& context);
Result<OperatorPtr> makeSort(const plan::Node& node, const plan::Sort& sort, OperatorPtr input,
                             OperatorContext& context);
Result<OperatorPtr> makeLimit(const plan::Limit& limit, OperatorPtr input);
Result<OperatorPtr> makeAppend(std::vector<OperatorPtr> inputs);
Result<OperatorPtr> makeSetOperation(const plan::Node& node, const plan::SetOperation& operation, OperatorPtr left,
                                     OperatorPtr right, OperatorContext& context);

Result<OperatorPtr> makeRecursion(const plan::Node& node, const plan::Recursion& recursion, OperatorPtr input,
                                  OperatorContext& context);
Result<OperatorPtr> makeWorkTable(const plan::WorkTable& table, OperatorContext& context);

/// The columns of both inputs of a join: what its condition reads.
std::vector<plan::Column> bothSides(const plan::Node& join);
/// Types of columns, in order.
std::vector<types::Type> typesOf(std::span<const plan::Column> columns);

}  // namespace drift::exec
