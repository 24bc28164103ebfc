// Salvage of a whole database: the commits that storage/salvage.h gets out of a damaged file, with indexes that fit.
//
// Behind lost commits the logged entries of indexes no longer stand for the rows that are there. So from the first gap
// on the entries are made anew, commit by commit, from the rows: every moment of the new file has indexes that agree
// with its tables. Where two rows have the same values in a unique index (the commit that took one of them away is
// lost) the index is left out from that commit on, with the foreign keys that need it.
//
// Thread rule: one thread.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "api/database.h"
#include "catalog/catalog.h"
#include "functions/registry.h"
#include "storage/salvage.h"

namespace drift::session {

/// Makes the commits that come behind lost ones.
class SalvagedIndexes final {
 public:
  /// Makes a commit that fits the rows of the store, without what it says of indexes.
  Status replay(storage::Store& store, storage::CommitRequest request);
  /// A sentence for each index and foreign key that is left out, and one where tables could not be read.
  const std::vector<std::string>& notes() const { return m_notes; }

 private:
  Result<std::unique_ptr<txn::Transaction>> prepare(storage::Store& store, const storage::CommitRequest& request);
  Status keep(txn::Transaction& transaction, const catalog::Table& table, const catalog::Table* before,
              const std::vector<storage::RowChange>& changes);
  void leaveOut(const catalog::Table& table, const catalog::Index& index, CommitNumber number);
  Status takeAway(txn::Transaction& transaction);
  void note(std::string sentence);

  std::unique_ptr<catalog::Catalog> m_catalog;  ///< of the store
  functions::Registry m_registry;
  std::set<TreeId> m_leftOut;                   ///< trees of indexes
  std::vector<std::string> m_notes;
};

/// See api::Database::salvage().
Result<api::SalvageReport> salvage(platform::FileSystem& files, const std::string& damaged, const std::string& target,
                                   const Clock& clock, runtime::CancelToken cancel);

}  // namespace drift::session
