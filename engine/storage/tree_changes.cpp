#include "storage/tree_changes.h"

namespace drift::storage {

void TreeChanges::Position::choose() {
  const auto* older = m_older ? &MemtableTree::entry(m_older) : nullptr;
  const auto* newer = m_newer ? &MemtableTree::entry(m_newer) : nullptr;
  m_isOlder = older && (!newer || older->key <= newer->key);
  m_entry = m_isOlder ? older : newer;
}

TreeChanges::Position& TreeChanges::Position::operator++() {
  auto& node = m_isOlder ? m_older : m_newer;
  node = MemtableTree::next(node);
  choose();
  return *this;
}

TreeChanges::Position TreeChanges::seek(std::string_view key, CommitNumber seq) const {
  return {m_older ? m_older->seek(key, seq) : nullptr, m_newer ? m_newer->seek(key, seq) : nullptr};
}

TreeChanges::Position TreeChanges::nextKey(Position position) const {
  // Most keys have few versions: the next key is near, and a search would cost more.
  constexpr int kStepsMax = 8;
  const auto key = position->key;
  for (int step = 0; step < kStepsMax; ++step)
    if (!++position || position->key != key) return position;
  return seek(key, kNoCommit);
}

const MemtableEntry* TreeChanges::findLast(std::string_view key, CommitNumber number) const {
  for (const auto* tree : {m_newer, m_older})
    if (const auto* node = tree ? tree->findLast(key, number) : nullptr) return &MemtableTree::entry(node);
  return nullptr;
}

std::string_view TreeChanges::highestKey() const {
  const auto older = m_older ? m_older->highestKey() : std::string_view();
  return m_newer ? std::max(older, m_newer->highestKey()) : older;
}

std::string_view TreeChanges::highestKeyBefore(const std::optional<std::string>& key) const {
  std::string_view highest;
  for (const auto* tree : {m_older, m_newer})
    if (const auto* node = tree ? tree->findBefore(key) : nullptr)
      highest = std::max(highest, MemtableTree::entry(node).key);
  return highest;
}

std::size_t TreeChanges::insertsAndDeletes() const {
  return (m_older ? m_older->insertsAndDeletes() : 0) + (m_newer ? m_newer->insertsAndDeletes() : 0);
}

std::int64_t TreeChanges::netRows(std::string_view from, const std::optional<std::string>& end,
                                  CommitNumber number) const {
  const auto onlyUpdates = [](const MemtableTree* tree) { return !tree || tree->insertsAndDeletes() == 0; };
  if (onlyUpdates(m_older) && onlyUpdates(m_newer)) return 0;
  std::int64_t net = 0;
  for (auto at = seek(from, 0); at && (!end || at->key < *end);) {
    const auto* first = at->seq <= number ? &*at : nullptr;
    const auto* last = first;
    const auto key = at->key;
    for (; at && at->key == key; ++at)
      if (at->seq <= number) last = &*at;
    if (first) net += (last->op != RowOp::Delete) - (first->op != RowOp::Insert);
  }
  return net;
}

}  // namespace drift::storage
