// catchBadAlloc: where an allocation that failed in the standard library becomes an Error. Stateless.
//
// It stands at the edges of a module, and around what must not be left half done; between them bad_alloc passes on
// as it is, so what it passes through keeps its invariants (docs/adr/0007-memory-ends.md).
#pragma once

#include <new>
#include <type_traits>
#include <utility>

#include "base/result.h"

namespace drift {

/// Runs `work`, which gives a Result, and gives OutOfMemory where it ran out of memory. Takes no memory itself.
template <class Work>
std::invoke_result_t<Work> catchBadAlloc(Work&& work) {
  try {
    return std::forward<Work>(work)();
  } catch (const std::bad_alloc&) {
    return Error::outOfMemory();
  }
}

}  // namespace drift
