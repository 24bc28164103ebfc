// Catalog: the tables of a database as of any commit. Table definitions are rows of the tree kCatalogTree,
// so they have a history like all data; see docs/formats/catalog.md.
//
// Two transactions that both change the schema conflict, and so do a schema change of a table and writes
// to its rows: the first committer wins, the other one gets SerializationFailure.
//
// Thread rule: Catalog is thread-safe (it caches decoded views). A CatalogView is immutable.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "catalog/function.h"
#include "catalog/sequence_numbers.h"
#include "catalog/table.h"
#include "storage/store.h"
#include "txn/transaction.h"

namespace drift::catalog {

/// The tables, and what else there is, at one moment.
class CatalogView final {
 public:
  explicit CatalogView(std::vector<TableRef> tables, std::vector<FunctionRef> functions = {});
  /// Exact name; null if there is none.
  TableRef find(std::string_view name) const;
  TableRef find(TreeId id) const;
  /// The table that has an index or a constraint of that name, primary keys included: these and tables share one set
  /// of names, as in PostgreSQL. Null if there is none.
  TableRef findByIndex(std::string_view name) const;
  /// By name.
  const std::vector<TableRef>& tables() const { return m_tables; }
  /// By name, then by id.
  const std::vector<FunctionRef>& functions() const { return m_functions; }
  /// Those of one name; they differ in their parameters.
  std::vector<FunctionRef> functionsNamed(std::string_view name) const;

 private:
  std::vector<TableRef> m_tables;
  std::vector<FunctionRef> m_functions;
};

using CatalogViewRef = std::shared_ptr<const CatalogView>;

class Catalog final {
 public:
  explicit Catalog(storage::Store& store);
  ~Catalog();

  /// The tables as of commit `at`. Cached by the last schema change at or before it.
  Result<CatalogViewRef> viewAt(CommitNumber at) const;
  /// The tables as a transaction sees them, its own DDL included.
  Result<CatalogViewRef> viewOf(const txn::Transaction& transaction) const;
  /// Name that tree `table` had at commit `at`, or last had before it; empty if never.
  Result<std::string> nameOf(TreeId table, CommitNumber at) const;

  /// One state of a table's definition: the trees that it had from one commit until before another.
  struct TreesVersion {
    TreeId table = 0;
    std::vector<TreeId> indexes;
    std::string name;
    CommitNumber from = 0;
    CommitNumber end = kNoCommit;  ///< kNoCommit: now
  };
  /// All of them, by table and from old to new. Serves rewrites. LimitExceeded as Store::scanVersions().
  Result<std::vector<TreesVersion>> treesOfAllTimes() const;

  /// Gives the first of `count` unused tree ids in a row and reserves them within the transaction.
  /// LimitExceeded once all ids were given out.
  Result<TreeId> allocateTrees(txn::Transaction& transaction, std::uint32_t count) const;
  /// The same of ids for temporary tables and their indexes, which are in no file. FeatureNotSupported where the
  /// transaction has no room for such tables, LimitExceeded.
  Result<TreeId> allocateTemporary(txn::Transaction& transaction, std::uint32_t count) const;
  /// Does what temporary tables' ON COMMIT says. To be called once, right before the commit.
  Status endTemporary(txn::Transaction& transaction) const;
  /// Writes a definition (new or changed). DuplicateTable is the caller's check.
  Status putTable(txn::Transaction& transaction, const Table& table) const;
  /// Writes a definition under which the rows stay as they are. Unlike putTable() it lets writers of the table be: those
  /// that did not know of the change fail at their commit.
  Status putBesideWriters(txn::Transaction& transaction, const Table& table) const;
  /// Adds an index that is still to be filled: writers keep it from this commit on, and nobody reads it. Unlike
  /// putTable() it lets writers of the table be: those that did not know of the index yet fail at their commit.
  Status startIndex(txn::Transaction& transaction, const Table& table, Index index) const;
  /// Lets an index that was being built be read. Nothing else changes, so writers of the table are not disturbed.
  Status finishIndex(txn::Transaction& transaction, const Index& index) const;
  /// Takes an index away, built or not. Its entries stay in the file, where the past finds them.
  Status dropIndex(txn::Transaction& transaction, const Table& table, const Index& index) const;
  /// Lets the commit fail where another one changes the table's definition first.
  void requireTable(txn::Transaction& transaction, TreeId table) const;
  /// Takes the definition away. The rows stay in the file, where the past shows them.
  Status dropTable(txn::Transaction& transaction, const Table& table) const;
  /// Writes a function (new or changed); its id is one of allocateTrees().
  Status putFunction(txn::Transaction& transaction, const Function& function) const;
  Status dropFunction(txn::Transaction& transaction, const Function& function) const;
  /// Gives out the numbers of sequences.
  SequenceNumbers& sequences() const;
  /// Makes the transaction's row writes depend on the definitions they were made under. To be called once,
  /// right before the commit.
  void guardWrites(txn::Transaction& transaction) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> m_impl;
};

}  // namespace drift::catalog
