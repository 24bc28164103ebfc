#include "txn/write_set.h"

#include <algorithm>
#include <cassert>

namespace drift::txn {

namespace {

using storage::RowOp;

std::vector<ColumnId> united(const std::vector<ColumnId>& a, const std::vector<ColumnId>& b) {
  std::vector<ColumnId> result = a;
  result.insert(result.end(), b.begin(), b.end());
  std::sort(result.begin(), result.end());
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

std::vector<ColumnId> allColumns(const storage::RowLayout& layout) {
  std::vector<ColumnId> result;
  for (const auto& column : layout.columns) result.push_back(column.id);
  return result;
}

/// Gives what `change` makes of a key whose last pending version is `before`.
PendingRow merged(const PendingRow& before, storage::RowChange change) {
  PendingRow after;
  after.op = change.op;
  after.layout = std::move(change.layout);
  after.row = std::move(change.row);
  after.changed = std::move(change.changed);
  after.previous = before.previous;
  if (before.canceled) {
    assert(change.op == RowOp::Insert);
    after.previous = change.previous;
    return after;
  }
  switch (before.op) {
    case RowOp::Insert:
      assert(change.op != RowOp::Insert);
      if (change.op == RowOp::Delete) {
        after.canceled = true;
      } else {
        after.op = RowOp::Insert;
        after.changed.clear();
      }
      break;
    case RowOp::Update:
      assert(change.op != RowOp::Insert);
      if (change.op == RowOp::Update) after.changed = united(before.changed, after.changed);
      break;
    case RowOp::Delete:
      assert(change.op == RowOp::Insert);
      // The new row replaces the old one as a whole.
      after.op = RowOp::Update;
      after.changed = allColumns(*after.layout);
      break;
  }
  return after;
}

}  // namespace

const PendingRow* versionAt(const WriteSet::Versions& versions, std::uint64_t order) {
  for (auto version = versions.rbegin(); version != versions.rend(); ++version)
    if (version->order <= order) return &*version;
  return nullptr;
}

void WriteSet::count(Tree& tree, const PendingRow& row, int sign) {
  if (row.canceled) return;
  tree.size += static_cast<std::size_t>(sign);
  m_size += static_cast<std::size_t>(sign);
  if (row.op == RowOp::Insert) tree.netRows += sign;
  if (row.op == RowOp::Delete) tree.netRows -= sign;
}

void WriteSet::put(storage::RowChange change) {
  auto& tree = m_trees[change.tree];
  // Where memory ends, the set stays as it was: all room is made before anything changes.
  if (m_undo.size() == m_undo.capacity()) m_undo.reserve(std::max<std::size_t>(16, 2 * m_undo.size()));
  const auto [at, isNew] = tree.writes.try_emplace(std::move(change.key), 1);
  auto& versions = at->second;
  PendingRow next;
  if (isNew) {
    next.op = change.op;
    next.layout = std::move(change.layout);
    next.row = std::move(change.row);
    next.changed = std::move(change.changed);
    next.previous = change.previous;
  } else {
    next = merged(versions.back(), std::move(change));
    if (versions.size() == versions.capacity()) versions.reserve(2 * versions.size());
    count(tree, versions.back(), -1);
  }
  next.order = ++*m_order;
  count(tree, next, 1);
  if (isNew) {
    versions.front() = std::move(next);
    m_undo.push_back({&tree, at, *m_order});
    return;
  }
  if (versions.back().order > m_protected) {
    // Nobody can see the older version any more. Its undo entry, if any, carries a lower number than the
    // new version does, so it keeps that number.
    next.order = versions.back().order;
    versions.back() = std::move(next);
    return;
  }
  versions.push_back(std::move(next));
  m_undo.push_back({&tree, at, *m_order});
}

std::uint64_t WriteSet::protect() {
  m_protected = *m_order;
  return m_protected;
}

void WriteSet::rollbackTo(std::uint64_t order) {
  while (!m_undo.empty() && m_undo.back().order > order) {
    const auto undo = m_undo.back();
    m_undo.pop_back();
    auto& versions = undo.at->second;
    count(*undo.tree, versions.back(), -1);
    versions.pop_back();
    if (versions.empty()) undo.tree->writes.erase(undo.at);
    else count(*undo.tree, versions.back(), 1);
  }
}

void WriteSet::settle() {
  // Of each key the last entry is that of its newest version; it is the last one to look at the key.
  for (const auto& undo : m_undo) {
    auto& versions = undo.at->second;
    if (versions.back().order != undo.order) continue;
    if (versions.back().canceled) undo.tree->writes.erase(undo.at);
    else versions.erase(versions.begin(), versions.end() - 1);
  }
  m_undo.clear();
}

const WriteSet::TreeWrites* WriteSet::find(TreeId tree) const {
  const auto at = m_trees.find(tree);
  return at == m_trees.end() || at->second.writes.empty() ? nullptr : &at->second.writes;
}

bool WriteSet::touches(TreeId tree) const {
  const auto at = m_trees.find(tree);
  return at != m_trees.end() && at->second.size > 0;
}

std::vector<TreeId> WriteSet::trees() const {
  std::vector<TreeId> result;
  for (const auto& [id, tree] : m_trees)
    if (tree.size > 0) result.push_back(id);
  return result;
}

std::int64_t WriteSet::netRows(TreeId tree) const {
  const auto at = m_trees.find(tree);
  return at == m_trees.end() ? 0 : at->second.netRows;
}

std::vector<storage::RowChange> WriteSet::take() {
  std::vector<storage::RowChange> changes;
  changes.reserve(m_size);
  m_undo.clear();
  for (auto& [id, tree] : m_trees) {
    while (!tree.writes.empty()) {
      auto node = tree.writes.extract(tree.writes.begin());
      auto& row = node.mapped().back();
      if (row.canceled) continue;
      changes.push_back({.tree = id,
                         .op = row.op,
                         .key = std::move(node.key()),
                         .layout = std::move(row.layout),
                         .row = std::move(row.row),
                         .changed = std::move(row.changed),
                         .previous = row.previous});
    }
  }
  m_trees.clear();
  m_size = 0;
  return changes;
}

}  // namespace drift::txn
