// TemporaryRows: the rows of a session's temporary tables, and their definitions. They are what an uncommitted
// transaction's rows are, a WriteSet over a store that has none of these trees; they outlive transactions, are in no file
// and have no history. See docs/adr/0019-objects-in-sql.md.
//
// Thread rule: one thread at a time, that of the session which owns them together with its transactions.
#pragma once

#include <memory>

#include "base/ids.h"
#include "txn/write_set.h"

namespace drift::txn {

/// Ids of trees from here on are of temporary tables; a database never gives out that many.
inline constexpr TreeId kFirstTemporaryTree = TreeId{1} << 31;
/// The tree of their definitions, which look like those of kCatalogTree.
inline constexpr TreeId kTemporaryCatalogTree = kFirstTemporaryTree;

constexpr bool isTemporary(TreeId tree) { return tree >= kFirstTemporaryTree; }

class TemporaryRows final {
 public:
  WriteSet& writes() { return m_writes; }
  const WriteSet& writes() const { return m_writes; }
  /// Counts changes of kTemporaryCatalogTree: views of the catalog that were made at one number are the same.
  std::uint64_t catalogChanges() const { return m_catalogChanges; }
  void noteCatalogChange() { ++m_catalogChanges; }

  /// What the catalog keeps here between statements: the view of all tables that it made last, and what it made it of.
  struct KeptView {
    std::shared_ptr<const void> base;
    std::shared_ptr<const void> view;
    std::uint64_t changes = 0;
  };
  KeptView& keptView() { return m_keptView; }

 private:
  WriteSet m_writes;
  std::uint64_t m_catalogChanges = 0;
  KeptView m_keptView;
};

using TemporaryRowsRef = std::shared_ptr<TemporaryRows>;

}  // namespace drift::txn
