// EdgeCursor: a cursor as it leaves storage: where memory ends inside of it, it gives OutOfMemory, and any error is
// its last word. One thread at a time.
#pragma once

#include <memory>

#include "base/out_of_memory.h"
#include "storage/store.h"

namespace drift::storage {

class EdgeCursor final : public Cursor {
 public:
  explicit EdgeCursor(std::unique_ptr<Cursor> inner) : m_inner(std::move(inner)) {}

  Result<bool> next(types::Chunk& out) override {
    if (m_broken) return Error::outOfMemory();
    try {
      return m_inner->next(out);
    } catch (const std::bad_alloc&) {
      // Where it stopped it cannot go on.
      m_broken = true;
      return Error::outOfMemory();
    }
  }

 private:
  const std::unique_ptr<Cursor> m_inner;
  bool m_broken = false;
};

/// Makes a cursor by `make` and wraps it.
template <class Make>
Result<std::unique_ptr<Cursor>> edgeCursor(Make&& make) {
  return catchBadAlloc([&]() -> Result<std::unique_ptr<Cursor>> {
    DRIFT_ASSIGN(std::unique_ptr<Cursor> inner, make());
    return std::unique_ptr<Cursor>(std::make_unique<EdgeCursor>(std::move(inner)));
  });
}

}  // namespace drift::storage
