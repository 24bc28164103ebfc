// Table definitions as of one moment. Plain values, immutable once shared.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "storage/row.h"
#include "types/type.h"
#include "types/value.h"

namespace drift::catalog {

/// Whether a column gets the next number where no value is given, and whether one may be given.
enum class Identity : std::uint8_t { None, ByDefault, Always };

struct Column {
  ColumnId id = 0;            ///< 1, 2, 3 … within the table, never used twice
  std::string name;
  types::Type type;
  bool notNull = false;
  std::string defaultSql;     ///< text of the DEFAULT expression; empty = none
  types::Value missing;       ///< see storage::LayoutColumn
  /// Set: numbers come from `sequence`; where there is none, the column is the whole primary key, and they follow the
  /// greatest key ever.
  Identity identity = Identity::None;
  TreeId sequence = 0;
  std::string generatedSql{};  ///< text of the expression of GENERATED ALWAYS AS (…) STORED; empty = none
  std::string comment{};       ///< of COMMENT ON, as are those below; empty = none

  bool isGenerated() const { return !generatedSql.empty(); }
};

struct UniqueConstraint {
  std::string name;
  std::vector<ColumnId> columns;
  TreeId index = 0;  ///< its index's tree, see Index
  std::string comment{};
};

struct IndexColumn {
  ColumnId column = 0;  ///< 0: `expression`
  bool descending = false;
  bool nullsFirst = false;   ///< PostgreSQL's default: as `descending`
  std::string expression{};  ///< text of what is indexed in a column's stead; names resolve in the table

  bool isExpression() const { return column == 0; }
};

/// An index: a tree that maps the encoded columns of each row to the row's key. Where several rows may share them
/// (the index is not unique, or one of them is NULL) the row's key follows the columns. See docs/formats/catalog.md.
struct Index {
  std::string name;
  TreeId tree = 0;
  std::vector<IndexColumn> columns;
  bool unique = false;
  bool building = false;    ///< rows from before it are still being added: it is kept, but not read
  std::string predicate{};  ///< text of WHERE: rows for which it is not true have no entry; empty: all have one
  std::string comment{};

  bool isPartial() const { return !predicate.empty(); }
  bool hasExpressions() const;
};

struct CheckConstraint {
  std::string name;
  std::string sql;            ///< text of the condition; names resolve in this table
  bool validated = true;      ///< false: NOT VALID, rows from before it were not looked at
  std::string comment{};
};

/// What becomes of rows that refer to a key that goes or changes. On disk: do not change.
enum class ReferenceAction : std::uint8_t { NoAction = 0, Restrict = 1, Cascade = 2, SetNull = 3, SetDefault = 4 };

/// FOREIGN KEY, MATCH SIMPLE: a row none of whose `columns` is NULL needs a row of `table` that has their values in
/// `referenced`.
struct ForeignKey {
  std::string name;
  std::vector<ColumnId> columns;
  TreeId table = 0;                  ///< may be the table itself
  TreeId key = 0;                    ///< what finds the other row: the tree of `table`, or of a unique index of it
  std::vector<ColumnId> referenced;  ///< columns of `table`, one for each of `columns`
  ReferenceAction onUpdate = ReferenceAction::NoAction;
  ReferenceAction onDelete = ReferenceAction::NoAction;
  std::vector<ColumnId> setColumns;  ///< what ON DELETE SET NULL and SET DEFAULT set; empty: all of `columns`
  bool validated = true;             ///< false: NOT VALID, rows from before it were not looked at
  bool deferrable = false;           ///< SET CONSTRAINTS may put its check off to the commit
  bool initiallyDeferred = false;    ///< it is put off where nothing else is said
  std::string comment{};
};

/// What becomes of a temporary table's rows, or of the table, at the end of a transaction.
enum class OnCommit : std::uint8_t { PreserveRows, DeleteRows, Drop };

/// What makes a table a sequence: its rows are what was left of its numbers, see sequence_numbers.h.
struct Sequence {
  types::Type type = types::TypeId::BigInt;
  std::int64_t start = 1;
  std::int64_t increment = 1;
  std::int64_t min = 1;
  std::int64_t max = INT64_MAX;
  bool cycle = false;
  TreeId ownerTable = 0;  ///< OWNED BY: goes with that column; 0 = nobody's
  ColumnId ownerColumn = 0;
};

/// One table, view or sequence. Its rows live in tree `id`. The key is the primary key's columns, or a hidden row number.
struct Table {
  TreeId id = 0;
  std::string name;
  std::vector<Column> columns;             ///< in the order of SELECT *
  std::vector<ColumnId> primaryKey;        ///< empty: rows are keyed by a hidden 64-bit row number
  std::string primaryKeyName;
  std::vector<UniqueConstraint> uniques;   ///< without the primary key
  std::vector<CheckConstraint> checks;
  std::vector<Index> indexes;  ///< of CREATE INDEX, by tree
  std::vector<ForeignKey> foreignKeys;
  std::vector<TreeId> referencedBy;  ///< tables with foreign keys to this one, itself included; in any order
  ColumnId nextColumnId = 1;
  std::string viewSql;            ///< set: a view, this query; it has no rows and no keys of its own
  std::vector<TreeId> dependsOn;  ///< of a view: the tables, views and functions that its query names, by id
  bool materialized = false;      ///< with viewSql: its rows are kept, as those of a table, until REFRESH
  bool populated = true;          ///< false: it is to be refreshed before it can be read

  std::optional<Sequence> sequence;

  std::string comment{};
  std::string primaryKeyComment{};
  OnCommit onCommit = OnCommit::PreserveRows;  ///< of a temporary table

  /// A view that reads its query each time; it has no rows.
  bool isView() const { return !viewSql.empty() && !materialized; }
  bool isMaterialized() const { return materialized; }
  bool isSequence() const { return sequence.has_value(); }
  /// It belongs to a session, and is in no file; see txn/temporary_rows.h.
  bool isTemporary() const;
  const Column* findColumn(std::string_view name) const;   ///< exact match; null if absent
  const Column* findColumn(ColumnId column) const;
  /// The indexes of UNIQUE constraints, then those of CREATE INDEX. The primary key is the table's own key.
  std::vector<Index> allIndexes() const;
  /// Layout of rows written under this definition.
  storage::RowLayout layout() const;
};

using TableRef = std::shared_ptr<const Table>;

}  // namespace drift::catalog
