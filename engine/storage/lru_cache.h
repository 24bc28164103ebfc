// LruCache: shared objects by key, within a bound of bytes: what was not used for longest goes first.
//
// Thread rule: thread-safe. Values are shared pointers, or variants of them: they stay alive for whoever holds them,
// also when they went from here.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

namespace drift::storage {

/// What a cache asks of its values: these keep their size, and leaving one out always frees it.
struct FixedSize {
  template <class Value>
  static std::size_t bytes(const Value&, std::size_t counted) {
    return counted;
  }
  template <class Value>
  static bool isHeld(const Value&) {
    return false;
  }
};

/// Sizes: static functions as FixedSize has them. bytes() gives the size now of a value that was counted with another;
/// isHeld() is true where something else keeps the value in memory, so that it had better go after that.
template <class Key, class Value, class Sizes = FixedSize, class Hash = std::hash<Key>>
class LruCache final {
 public:
  explicit LruCache(std::size_t bytesMax) : m_bytesMax(bytesMax) {}

  /// Counts as a use.
  std::optional<Value> find(const Key& key) {
    const std::scoped_lock lock(m_mutex);
    const auto found = m_slots.find(key);
    if (found == m_slots.end()) return std::nullopt;
    recount(found->second);
    m_uses.splice(m_uses.begin(), m_uses, found->second.use);
    return found->second.value;
  }

  /// Keeps a value and lets others go until the bound holds, but for the newest one. A value that is there already
  /// stays: another thread was faster.
  void insert(const Key& key, Value value, std::size_t bytes) {
    const std::scoped_lock lock(m_mutex);
    if (m_slots.contains(key)) return;
    // Both or none, also where memory ends.
    std::list<Key> use{key};
    m_slots.emplace(key, Slot{std::move(value), bytes, use.begin()});
    m_uses.splice(m_uses.begin(), use);
    m_bytes += bytes;
    evict();
  }

  void clear() {
    const std::scoped_lock lock(m_mutex);
    m_slots.clear();
    m_uses.clear();
    m_bytes = 0;
  }

 private:
  struct Slot {
    Value value;
    std::size_t bytes = 0;  ///< as it was counted last
    typename std::list<Key>::iterator use;
  };

  void recount(Slot& slot) {
    const auto bytes = Sizes::bytes(slot.value, slot.bytes);
    m_bytes += bytes - slot.bytes;
    slot.bytes = bytes;
  }

  void evict() {
    // What was used last may have grown since.
    constexpr int kRecounted = 16;
    auto use = m_uses.begin();
    for (int i = 0; i < kRecounted && use != m_uses.end(); ++i, ++use) recount(m_slots.find(*use)->second);
    for (auto held = m_uses.size() / 2; m_bytes > m_bytesMax && m_uses.size() > 1;) {
      const auto oldest = m_slots.find(m_uses.back());
      recount(oldest->second);
      if (held > 0 && Sizes::isHeld(oldest->second.value)) {
        --held;
        m_uses.splice(m_uses.begin(), m_uses, oldest->second.use);
        continue;
      }
      m_bytes -= oldest->second.bytes;
      m_slots.erase(oldest);
      m_uses.pop_back();
    }
  }

  const std::size_t m_bytesMax;
  std::mutex m_mutex;  // guards everything below
  std::unordered_map<Key, Slot, Hash> m_slots;
  std::list<Key> m_uses;  ///< most recently used first
  std::size_t m_bytes = 0;
};

}  // namespace drift::storage
