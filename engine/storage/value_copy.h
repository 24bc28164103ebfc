// Copies single values between vectors, for pages and chunks that mix rows of several places. Stateless.
#pragma once

#include "types/vector.h"

namespace drift::storage {

/// Copies a value, or its NULL, between flat vectors of one physical type. The target takes its own copy of
/// strings, so it does not depend on the source's life.
void copyValue(const types::Vector& source, std::size_t from, types::Vector& target, std::size_t to);

}  // namespace drift::storage
