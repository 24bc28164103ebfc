// ForeignKeys: what the foreign keys of one statement ask for: rows that refer need the row that they refer to, and
// rows that lose it are seen to by the actions of their keys (SQL:2016 4.18.3.3, PostgreSQL 5.4.5).
//
// Writers report what they wrote, chunk by chunk. finish() then does the actions, which write more, until there are
// none left, and at last looks for what NO ACTION forbids and for rows that refer to nothing. The transaction is told
// what the commit has to find unchanged, so that no other one slips an orphan through: docs/adr/0011.
//
// Thread rule: one thread at a time; one a statement. Refers to the context.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "exec/row_buffer.h"
#include "plan/environment.h"
#include "types/vector.h"

namespace drift::exec {

class RowWriter;
struct OperatorContext;
struct Reference;

class ForeignKeys final {
 public:
  ForeignKeys(const plan::BindEnvironment& binding, OperatorContext& context);
  ~ForeignKeys();
  ForeignKeys(const ForeignKeys&) = delete;
  ForeignKeys& operator=(const ForeignKeys&) = delete;

  /// Rows of a table came, under `keys`; they have the table's columns in order.
  Status rowsCame(const catalog::TableRef& table, const types::Chunk& rows, const std::vector<std::string>& keys);
  Status rowsWent(const catalog::TableRef& table, const types::Chunk& rows);
  Status rowsChanged(const catalog::TableRef& table, const types::Chunk& before, const types::Chunk& after,
                     const std::vector<std::string>& keys);
  /// Ends the statement. ForeignKeyViolation with PostgreSQL's sentences, and whatever writing rows gives.
  Status finish();

 private:
  struct Keys;       // keys that are gone, each once
  struct Referring;  // rows that refer to them

  Status openTable(const catalog::TableRef& table);
  Status act(Reference& reference, bool deleted);
  Status refuse(Reference& reference, const RowBufferRef& gone, bool onlyWhereGone);
  Status requireNoNew(const Reference& reference, const Keys& keys) const;
  Result<Keys> keysOf(const Reference& reference, const RowBufferRef& gone, bool onlyWhereGone) const;
  Result<Referring> findReferring(const Reference& reference, const Keys& keys, bool onlyOne);
  Status update(Reference& reference, const Keys& keys, const Referring& rows, bool deleted);
  Status checkWaiting(Reference& reference);
  Result<RowWriter*> writerOf(const catalog::TableRef& table);
  Result<bool> isThere(const Reference& reference, const std::string& key) const;

  const plan::BindEnvironment& m_binding;
  OperatorContext& m_context;
  catalog::CatalogViewRef m_catalog;  ///< null until the first table is opened
  std::vector<std::unique_ptr<Reference>> m_references;
  std::map<TreeId, std::vector<Reference*>> m_outgoing;  ///< by referring table
  std::map<TreeId, std::vector<Reference*>> m_incoming;  ///< by referenced table
  std::map<TreeId, std::unique_ptr<RowWriter>> m_writers;
  std::unordered_set<TreeId> m_opened;
};

}  // namespace drift::exec
