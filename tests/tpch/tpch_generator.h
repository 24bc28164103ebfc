// Rows of the shape of TPC-H (specification 4.2): the same numbers of rows, keys, distributions and value lists, with
// words of its own in the comments. Deterministic: the same scale and seed give the same rows, whatever the table.
//
// Free functions; thread-safe.
#pragma once

#include <cstdint>

#include "databases.h"

namespace drift::tpch {

struct GeneratorOptions {
  double scale = 1;  ///< 1 = 6 million rows of lineitem
  std::uint64_t seed = 19'920'101;
};

/// Gives all rows of a table, chunk by chunk, rising by the primary key. An error of the sink ends it.
Status generate(const Table& table, const GeneratorOptions& options, const RowSink& sink);

}  // namespace drift::tpch
