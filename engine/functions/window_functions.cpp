#include "functions/window_functions.h"

#include <algorithm>

namespace drift::functions {

namespace {

using enum WindowFunctionKind;

constexpr WindowFunction kFunctions[] = {
    {CumeDist, "cume_dist", 0, 0, "Share of the partition's rows up to this row and its peers"},
    {DenseRank, "dense_rank", 0, 0, "Number of the row's group of peers"},
    {FirstValue, "first_value", 1, 1, "Value in the first row of the frame"},
    {Lag, "lag", 1, 3, "Value some rows before this one"},
    {LastValue, "last_value", 1, 1, "Value in the last row of the frame"},
    {Lead, "lead", 1, 3, "Value some rows after this one"},
    {NthValue, "nth_value", 2, 2, "Value in the nth row of the frame"},
    {Ntile, "ntile", 1, 1, "Number of the part when the partition is split as evenly as can be"},
    {PercentRank, "percent_rank", 0, 0, "Rank as a share from 0 to 1"},
    {Rank, "rank", 0, 0, "Number of the first of the row's peers"},
    {RowNumber, "row_number", 0, 0, "Number of the row in its partition"},
};

}  // namespace

std::span<const WindowFunction> windowFunctions() { return kFunctions; }

const WindowFunction* findWindowFunction(std::string_view name) {
  const auto found = std::ranges::find(kFunctions, name, &WindowFunction::name);
  return found == std::end(kFunctions) ? nullptr : &*found;
}

}  // namespace drift::functions
