// The kinds of Execution that statements give, and the families of statements, for execute() alone. One
// thread at a time.
#pragma once

#include "exec/operator.h"
#include "exec/row_buffer.h"
#include "exec/statement.h"
#include "plan/environment.h"
#include "sql/ast.h"

namespace drift::exec {

using ExecutionPtr = std::unique_ptr<Execution>;

/// What a writing statement did: a tag, and the rows of RETURNING if it has that.
class DoneExecution final : public Execution {
 public:
  explicit DoneExecution(std::string tag, std::uint64_t affectedRows = 0, std::vector<OutputColumn> columns = {},
                         RowBufferRef rows = nullptr);

  const std::vector<OutputColumn>& columns() const override { return m_columns; }
  Result<bool> next(types::Chunk& out) override;
  std::string commandTag() const override { return m_tag; }
  std::uint64_t affectedRows() const override { return m_affectedRows; }

 private:
  const std::string m_tag;
  const std::uint64_t m_affectedRows;
  const std::vector<OutputColumn> m_columns;
  const RowBufferRef m_rows;  ///< null: no rows
  std::size_t m_at = 0;
};

/// What a statement that writes works with. References outlive it.
struct WriteContext {
  OperatorContext& operators;
  const plan::BindEnvironment& binding;
  std::optional<txn::Savepoint> start{};  ///< set: reading shows nothing that was written after it

  txn::Transaction& transaction() const { return operators.environment.transaction; }
};

/// INSERT, UPDATE, DELETE, MERGE, and a query of which a WITH writes.
Result<ExecutionPtr> runChanges(const sql::Statement& statement, const WriteContext& context);
Result<ExecutionPtr> runTruncate(const sql::Truncate& truncate, const WriteContext& context);
Result<ExecutionPtr> runCopyFrom(const sql::Copy& copy, const WriteContext& context);
Result<ExecutionPtr> runCopyTo(const sql::Copy& copy, OperatorContext& operators, const plan::BindEnvironment& binding);
/// Adds the rows of a plan, which has the table's columns in order; gives their number.
Result<std::uint64_t> insertAll(const catalog::TableRef& table, const plan::Node& source, const WriteContext& context);

Result<ExecutionPtr> runCreateTable(const sql::CreateTable& create, const WriteContext& context);
Result<ExecutionPtr> runCreateTableAs(const sql::CreateTableAs& create, const WriteContext& context);
Result<ExecutionPtr> runDropTable(const sql::DropTable& drop, const WriteContext& context);
Result<ExecutionPtr> runCreateView(const sql::CreateView& create, const WriteContext& context);
Result<ExecutionPtr> runDropView(const sql::DropView& drop, const WriteContext& context);
Result<ExecutionPtr> runAlterTable(const sql::AlterTable& alter, const WriteContext& context);
Result<ExecutionPtr> runRefreshView(const sql::RefreshView& refresh, const WriteContext& context);
Result<ExecutionPtr> runCreateFunction(const sql::CreateFunction& create, const WriteContext& context);
Result<ExecutionPtr> runDropFunction(const sql::DropFunction& drop, const WriteContext& context);
Result<ExecutionPtr> runComment(const sql::Comment& statement, const WriteContext& context);
Result<ExecutionPtr> runCreateSequence(const sql::CreateSequence& create, const WriteContext& context);
Result<ExecutionPtr> runAlterSequence(const sql::AlterSequence& alter, const WriteContext& context);
Result<ExecutionPtr> runDropSequence(const sql::DropSequence& drop, const WriteContext& context);
Result<ExecutionPtr> runCreateIndex(const sql::CreateIndex& create, const WriteContext& context);
Result<ExecutionPtr> runDropIndex(const sql::DropIndex& drop, const WriteContext& context);
Result<ExecutionPtr> runRenameIndex(const sql::RenameIndex& rename, const WriteContext& context);

}  // namespace drift::exec
