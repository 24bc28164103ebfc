// PageKeys: the keys of a page of row versions, and where each of them is.
//
// Keys that are looked for again and again are found by their hash, in a table with linear probing (Knuth, "The Art
// of Computer Programming", volume 3, section 6.4, algorithm L); others by binary search, and so are those that are
// kept as numbers. The table is made when the searches so far would have paid for it: a page that is read once gets
// none.
// Thread rule: immutable but for the table, which is its own lock's; shared freely.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "storage/key_array.h"

namespace drift::storage {

/// A key to look for in many pages; refers to the bytes that it was made of.
struct SoughtKey {
  explicit SoughtKey(std::string_view key) : SoughtKey(types::StringRef(key)) {}
  explicit SoughtKey(const types::StringRef& key);

  types::StringRef ref;
  std::uint64_t hash = 0;
};

class PageKeys final {
 public:
  /// `keys` are sorted; one key may be there several times.
  explicit PageKeys(KeyArray keys) : m_keys(std::move(keys)), m_rises(m_keys.rises()) {}

  std::size_t size() const { return m_keys.size(); }
  types::StringRef operator[](std::size_t row) const { return m_keys[row]; }
  /// Whether each key is there once, and greater than the one before.
  bool rises() const { return m_rises; }
  /// The last row with a key.
  std::optional<std::uint32_t> findLast(const SoughtKey& key) const;
  /// Bytes to count in a cache; they grow as the table is made.
  std::size_t sizeBytes() const { return m_keys.sizeBytes() + m_tableBytes.load(); }

 private:
  /// A slot holds 0, or a row and bits of its key's hash.
  using Table = std::vector<std::uint32_t>;

  const Table* table() const;
  Table makeTable() const;

  KeyArray m_keys;
  bool m_rises = false;
  mutable std::atomic<std::uint32_t> m_searches{0};  ///< about: two at once may count as one
  mutable std::atomic<std::size_t> m_tableBytes{0};
  mutable std::mutex m_mutex;                        // guards the making of m_table
  mutable Table m_table;
  mutable std::atomic<const Table*> m_ready{nullptr};
};

}  // namespace drift::storage
