#include "exec_fixture.h"

#include <QtTest>

#include "sql/parser.h"
#include "types/text.h"

namespace drift::exec::test {

namespace {

std::string sentenceOf(const Error& error) { return std::string(error.sqlState()) + " " + error.message(); }

Result<std::string> textOf(Execution& execution) {
  std::string text;
  types::Chunk chunk;
  while (true) {
    DRIFT_ASSIGN(const bool more, execution.next(chunk));
    if (!more) break;
    if (chunk.rowCount() == 0 || chunk.columnCount() != execution.columns().size())
      qFatal("a chunk of the wrong shape");
    for (std::size_t row = 0; row < chunk.rowCount(); ++row) {
      if (!text.empty()) text += ";";
      for (std::size_t at = 0; at < chunk.columnCount(); ++at) {
        const auto value = chunk.column(at).get(row);
        text += (at ? "|" : "") + (value.isNull() ? std::string("NULL") : types::toText(value));
      }
    }
  }
  return execution.columns().empty() ? execution.commandTag() : text;
}

}  // namespace

Database::Database() {
  auto made = storage::Store::create(m_files, "test.drift", m_clock, {});
  if (!made.ok()) qFatal("%s", made.error().toString().c_str());
  m_store = std::move(made).value();
  m_catalog = std::make_unique<catalog::Catalog>(*m_store);
}

Result<std::string> Database::tryRun(txn::Transaction& transaction, std::string_view sql,
                                     std::span<const types::Value> parameters, PlanCache* kept) {
  DRIFT_ASSIGN(const auto statement, sql::parseStatement(sql));
  runtime::MemoryBudget memory(memoryBytesMax);
  const runtime::QueryContext context{m_clock, cancel, memory, m_clock.now()};
  Result<std::string> text = std::string();
  {
    const ExecutionEnvironment environment{.transaction = transaction,
                                           .catalog = *m_catalog,
                                           .registry = m_registry,
                                           .context = context,
                                           .files = m_files,
                                           .parameters = parameters,
                                           .moment = moment,
                                           .text = sql,
                                           .plans = kept};
    planServed = false;
    Result<std::unique_ptr<Execution>> execution = std::unique_ptr<Execution>();
    if (const auto plan = kept ? kept->find(sql) : nullptr) execution = executeCached(plan, environment);
    planServed = execution.ok() && *execution;
    if (execution.ok() && !*execution) execution = execute(*statement, environment);
    if (!execution.ok()) return std::move(execution).error();
    text = textOf(**execution);
  }
  // Whatever a statement took of its memory it gives back.
  if (memory.usedBytes() != 0) qFatal("%zu bytes are still taken", memory.usedBytes());
  return text;
}

Status Database::commit(txn::Transaction& transaction) {
  m_catalog->guardWrites(transaction);
  m_clock.advance(1'000'000);
  auto receipt = transaction.commit({"tester", "", std::nullopt});
  if (!receipt.ok()) return std::move(receipt).error();
  return {};
}

std::string Database::run(std::string_view sql) {
  txn::Transaction transaction(*m_store);
  auto text = tryRun(transaction, sql);
  if (!text.ok()) return sentenceOf(text.error());
  if (transaction.hasWrites())
    if (const auto status = commit(transaction); !status.ok()) return sentenceOf(status.error());
  return *text;
}

void Database::mustRun(std::initializer_list<std::string_view> statements) {
  for (const auto sql : statements) {
    txn::Transaction transaction(*m_store);
    const auto text = tryRun(transaction, sql);
    if (!text.ok()) qFatal("%s: %s", std::string(sql).c_str(), text.error().toString().c_str());
    if (const auto status = commit(transaction); !status.ok()) qFatal("%s", status.error().toString().c_str());
  }
}

Error Database::fails(std::string_view sql) {
  txn::Transaction transaction(*m_store);
  auto text = tryRun(transaction, sql);
  if (text.ok()) qFatal("no error: %s", std::string(sql).c_str());
  if (transaction.hasWrites()) qFatal("a failed statement left writes: %s", std::string(sql).c_str());
  return std::move(text).error();
}

std::string Database::runAgain(const std::string& sql, std::vector<types::Value> parameters) {
  txn::Transaction transaction(*m_store);
  const auto text = tryRun(transaction, sql, parameters, &plans);
  return text.ok() ? *text : sentenceOf(text.error());
}

std::string Database::runNew(const std::string& sql, std::vector<types::Value> parameters) {
  txn::Transaction transaction(*m_store);
  const auto text = tryRun(transaction, sql, parameters);
  return text.ok() ? *text : sentenceOf(text.error());
}

std::string Database::runIn(txn::Transaction& transaction, std::string_view sql) {
  const auto text = tryRun(transaction, sql);
  return text.ok() ? *text : sentenceOf(text.error());
}

Result<std::uint64_t> Database::append(std::string_view table, std::vector<std::string> columns,
                                       const types::Chunk& rows) {
  txn::Transaction transaction(*m_store);
  runtime::MemoryBudget memory(memoryBytesMax);
  const runtime::QueryContext context{m_clock, cancel, memory, m_clock.now()};
  DRIFT_ASSIGN(
      const auto count,
      exec::append(table, columns, rows,
                   {.transaction = transaction,
                    .catalog = *m_catalog,
                    .registry = m_registry,
                    .context = context,
                    .files = m_files}));
  DRIFT_TRY(commit(transaction));
  return count;
}

}  // namespace drift::exec::test
