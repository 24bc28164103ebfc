// IndexKeys: makes the keys of an index: the only place where a row becomes one, for writing it, for building the index
// and for holding it against the table.
//
// Expressions and the condition are computed a chunk at a time; an index of plain columns computes nothing. Where one
// of the parts is NULL the row's own key ends the index's, so such rows never meet. Keys: docs/formats/catalog.md.
//
// Thread rule: one thread at a time; IndexRows refers to its IndexKeys and to nothing else.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exec/evaluator.h"
#include "plan/environment.h"

namespace drift::exec {

class IndexKeys;

/// What one index has of the rows of a chunk.
class IndexRows final {
 public:
  /// The key of a row's entry, or nothing where it has none. `rowKey` is its own key.
  std::optional<std::string> key(std::size_t row, std::string_view rowKey) const;
  /// True if another row may not have the same key: the index is unique, the row is in it, and no part is NULL.
  bool isAlone(std::size_t row) const;
  /// "(lower(name), b)=(x, 1)".
  std::string text(std::size_t row, const types::TextStyle& style) const;

 private:
  friend class IndexKeys;
  bool isIn(std::size_t row) const;

  const IndexKeys* m_keys = nullptr;
  std::vector<types::Vector> m_parts;
  std::optional<types::Vector> m_holds;  ///< nothing: every row has an entry
};

class IndexKeys final {
 public:
  /// Binds an index of a table. The errors of what it computes, where the definition does not fit.
  static Result<IndexKeys> open(const catalog::Table& table, catalog::Index index, const plan::BindEnvironment& binding,
                                OperatorContext& context);

  const catalog::Index& definition() const { return m_index; }
  /// True if something is computed for each row.
  bool computes() const { return m_condition || m_hasExpressions; }
  /// Looks at rows that have the table's columns in order. The errors of what is computed, without a place.
  Result<IndexRows> rows(const types::Chunk& columns) const;

 private:
  friend class IndexRows;
  /// One part: a column by its position, or what an evaluator gives.
  struct Part {
    std::size_t column = 0;
    EvaluatorPtr expression;  ///< null: the column
    std::string text;
  };

  explicit IndexKeys(catalog::Index index) : m_index(std::move(index)) {}

  catalog::Index m_index;
  std::vector<Part> m_parts;
  EvaluatorPtr m_condition;  ///< null: every row has an entry
  bool m_hasExpressions = false;
};

}  // namespace drift::exec
