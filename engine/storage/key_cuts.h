// Cutting a range of keys, so that several threads can read it. Free function; any thread.
#pragma once

#include <string>
#include <vector>

#include "storage/store.h"

namespace drift::storage {

/// Keys within a range of a tree that cut it into parts of about as many rows, rising: at most `most`, none where there
/// are no pages to be cut apart. Each is the first key of a leaf, so that no leaf is read for two parts. IoError,
/// DataCorrupted.
Result<std::vector<std::string>> cutKeys(const Snapshot& snapshot, TreeId tree, const KeyRange& range,
                                         std::size_t most);

}  // namespace drift::storage
