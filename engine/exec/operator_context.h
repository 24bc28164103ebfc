// OperatorContext: what the operators and expressions of one statement share. One thread at a time; owned
// by the statement's Execution, which outlives its operators.
#pragma once

#include <map>
#include <memory>

#include "exec/row_buffer.h"
#include "exec/spill_space.h"
#include "exec/statement.h"
#include "functions/registry.h"
#include "plan/expression.h"

namespace drift::plan {
struct Scan;
}

namespace drift::exec {

class Analysis;
struct KeyFilter;
struct Pipeline;

/// Values that a subquery reads of the query around it, while it runs once.
struct ParameterFrame {
  std::vector<plan::Slot> columns;
  std::vector<types::Value> values;  ///< of columns, in order
  const ParameterFrame* outer = nullptr;

  /// Null where the slot is in no frame.
  const types::Value* find(plan::Slot slot) const;
};

struct OperatorContext {
  ExecutionEnvironment environment;
  functions::FunctionContext functions;
  /// Scans that joins above them tell which rows they need; used while operators are made.
  std::map<const plan::Scan*, std::shared_ptr<KeyFilter>> keyFilters{};
  std::map<TreeId, std::int64_t> lastKeys{};   ///< identity columns: the last number that was given, by table
  const ParameterFrame* parameters = nullptr;  ///< innermost first; constant for the operators that are made with it
  std::map<std::uint32_t, RowBufferRef>
      workTables{};  ///< WITH RECURSIVE: the rows found last, by plan::Recursion::table

  Analysis* analysis = nullptr;  ///< set: operators count what they do for EXPLAIN ANALYZE

  const Pipeline* pipeline = nullptr;  ///< set: operators are made for one of several workers; see parallel_rows.h
  std::size_t worker = 0;              ///< which one

  const runtime::QueryContext& query() const { return environment.context; }
  /// Room for rows that do not fit in memory; null: there is none, and what does not fit is an error.
  SpillSpace* spill() const { return environment.spill; }
  /// What an operator may hold before it spills.
  std::size_t workBytes() const { return environment.spill ? environment.spill->workBytes() : SIZE_MAX; }
};

}  // namespace drift::exec
