// The benchmarks by name. Each prints its own figures.
#pragma once

#include <cstddef>

namespace drift::bench {

/// Dated snapshots of real companies (needs ../shared/data) and the sample shop.
void benchImport();
/// The store against SQLite (WAL, synchronous=FULL; with a trigger-fed history table where history counts).
void benchStorage(std::size_t rows);

}  // namespace drift::bench
