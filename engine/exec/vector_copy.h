// Copying rows between vectors. Free functions without state; strings are shared, not copied: whoever calls
// keeps their heaps alive.
#pragma once

#include <span>

#include "types/vector.h"

namespace drift::exec {

/// Stores row `row` of `from` in row `at` of the flat vector `to`. Physical types agree.
void copyRow(const types::VectorView& from, std::size_t row, types::Vector& to, std::size_t at);

/// Stores row i of `from` in row targets[i] of the flat vector `to`, which keeps the strings alive.
void scatter(const types::Vector& from, std::span<const std::uint16_t> targets, types::Vector& to);

}  // namespace drift::exec
