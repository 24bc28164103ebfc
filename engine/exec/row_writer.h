// RowWriter: writes rows of one table into a transaction: checks constraints, builds keys, encodes rows,
// keeps the index trees and the foreign keys.
//
// Entries of an index change only where its keys do: see index_keys.h.
//
// Thread rule: one thread at a time; one writer a statement. On an error the caller takes the statement
// back by its savepoint.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "exec/evaluator.h"
#include "exec/foreign_keys.h"
#include "exec/generated_columns.h"
#include "exec/index_keys.h"
#include "exec/row_buffer.h"
#include "plan/environment.h"
#include "plan/write.h"
#include "storage/row_encoder.h"

namespace drift::exec {

class RowWriter final {
 public:
  /// Binds the constraints of the table.
  static Result<RowWriter> open(catalog::TableRef table, const plan::BindEnvironment& binding,
                                OperatorContext& context);
  /// The same as part of a statement that keeps foreign keys already; null: they are not kept.
  static Result<RowWriter> open(catalog::TableRef table, const plan::BindEnvironment& binding,
                                OperatorContext& context, ForeignKeys* foreignKeys);

  /// Ends the statement: does what foreign keys ask for. To be called once, after the last row. ForeignKeyViolation,
  /// and whatever writing rows of other tables gives.
  Status finish();
  /// Holds rows that are there already to the table's foreign keys: their identity and columns.
  Status checkReferences(const types::Chunk& rows);

  /// Adds the rows of a chunk that has the table's columns in order, and completes it. NotNullViolation, CheckViolation,
  /// UniqueViolation with PostgreSQL's sentences.
  Status insert(types::Chunk& rows);
  /// Computes the generated columns of rows that begin with the table's columns in order.
  Status complete(types::Chunk& rows) const { return m_generated.compute(rows); }
  /// Adds one row that is complete and that check() has passed; gives its key.
  Result<std::string> insertRow(const types::Chunk& rows, std::size_t row);
  /// Gives the key of the row that is there with the same values in the columns of a unique key: the table's own for
  /// its tree, otherwise that of an index. Nothing where there is none; NULLs differ from each other.
  Result<std::optional<std::string>> findConflict(TreeId arbiter, const types::Chunk& rows, std::size_t row) const;
  /// Gives the key that a row with these columns has, where it was under `before`.
  std::string keyAfter(const types::Chunk& rows, std::size_t row, std::string_view before) const {
    return m_keyColumns.empty() ? std::string(before) : keyOf(m_keyColumns, rows, row);
  }
  /// Gives the row under a key, as the transaction sees it: its identity and columns. It is there.
  Result<types::Chunk> existing(const std::string& key) const;
  /// Changes rows: their identity (see plan::kRowIdentityColumns), the columns as they are and as they
  /// will be. All old keys go before the first new one comes, so rows may trade keys. A row that does not
  /// differ gets no new version. Generated columns are computed, whatever is assigned to them.
  Status update(const RowBufferRef& rows, const std::vector<std::size_t>& assigned);
  /// Drops rows: their identity and columns.
  Status remove(const types::Chunk& rows);

  /// Checks NOT NULL and CHECK alone.
  Status check(const types::Chunk& rows);

  /// Adds the entries that an index lacks for rows that are there already: their identity and columns. For an index
  /// that is being built. Gives the rows that lacked one. UniqueViolation with PostgreSQL's sentence where two of them
  /// share the columns of a unique index.
  Result<types::Selection> addMissing(TreeId index, const types::Chunk& rows);

  const catalog::Table& table() const { return *m_table; }

 private:
  struct Check {
    std::string name;
    EvaluatorPtr condition;
  };
  RowWriter(catalog::TableRef table, OperatorContext& context);

  /// What each of m_indexes has of rows: the table's columns in order.
  Result<std::vector<IndexRows>> indexRows(const types::Chunk& rows) const;
  const IndexKeys& indexOf(TreeId tree) const;
  Result<std::string> putInserted(const types::Chunk& rows, std::size_t row, const std::vector<IndexRows>& indexed);
  Result<std::string> newKey(const types::Chunk& rows, std::size_t row);
  Result<std::string> nextRowNumber();
  std::string keyOf(const std::vector<std::size_t>& columns, const types::Chunk& rows, std::size_t row) const;
  Status requireNewKey(const std::string& key, const types::Chunk& rows, std::size_t row) const;
  /// "(a, b)=(1, x)": the columns and their values.
  std::string keyText(const std::vector<std::size_t>& columns, const types::Chunk& rows, std::size_t row) const;
  Status addToIndex(const catalog::Index& index, std::string indexed, const IndexRows& rows, std::size_t row,
                    const std::string& key);
  void putEntry(const catalog::Index& index, std::string indexed, const std::string& key);
  Status removeFromIndex(const catalog::Index& index, std::string indexed);
  void putDelete(TreeId tree, std::string key, CommitNumber previous);
  void putRow(storage::RowOp op, std::string key, const types::Chunk& rows, std::size_t row, CommitNumber previous,
              std::vector<ColumnId> changed);
  Status removeOld(const types::Chunk& before, const types::Chunk& after, const types::Chunk& identity);
  Status putNew(const types::Chunk& before, const types::Chunk& after, const types::Chunk& identity);
  std::string failingRow(const types::Chunk& rows, std::size_t row) const;

  catalog::TableRef m_table;
  OperatorContext* m_context;
  storage::RowLayoutRef m_layout;
  storage::RowEncoder m_encoder;
  std::vector<std::size_t> m_layoutSource;  ///< of each layout column: its position in the table
  std::vector<std::size_t> m_keyColumns;  ///< positions of the primary key; empty: hidden row numbers
  std::vector<IndexKeys> m_indexes;
  bool m_computesKeys = false;  ///< an index computes something for each row
  GeneratedColumns m_generated;
  std::vector<Check> m_checks;
  std::optional<std::uint64_t> m_lastRowNumber;
  std::unique_ptr<ForeignKeys> m_ownForeignKeys;  ///< set: this writer began the statement
  ForeignKeys* m_foreignKeys = nullptr;           ///< null: the table has none, or they are not kept
};

}  // namespace drift::exec
