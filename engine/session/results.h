// The kinds of api::ResultSet: rows that are still computed, rows at hand, and a bare tag.
//
// Thread rule: one thread at a time, the session's.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/database.h"
#include "session/statement_run.h"

namespace drift::session {

/// Pulls rows from a statement at work.
class StreamedResult final : public api::ResultSet {
 public:
  explicit StreamedResult(std::shared_ptr<StatementRun> run) : m_run(std::move(run)) {}

  const std::vector<api::ResultColumn>& columns() const override { return m_run->columns(); }
  Result<bool> next(types::Chunk& out) override { return m_run->next(out); }
  std::string commandTag() const override { return m_run->commandTag(); }
  std::uint64_t affectedRows() const override { return m_run->affectedRows(); }
  std::optional<CommitNumber> committed() const override { return std::nullopt; }

 private:
  std::shared_ptr<StatementRun> m_run;
};

/// Holds all rows: those of RETURNING after the commit, of SHOW, or none.
class StoredResult final : public api::ResultSet {
 public:
  struct Contents {
    std::vector<api::ResultColumn> columns;
    std::vector<types::Chunk> chunks;
    std::string tag;
    std::uint64_t affectedRows = 0;
    std::optional<CommitNumber> committed;
  };
  explicit StoredResult(Contents contents) : m_contents(std::move(contents)) {}

  const std::vector<api::ResultColumn>& columns() const override { return m_contents.columns; }
  Result<bool> next(types::Chunk& out) override;
  std::string commandTag() const override { return m_contents.tag; }
  std::uint64_t affectedRows() const override { return m_contents.affectedRows; }
  std::optional<CommitNumber> committed() const override { return m_contents.committed; }

 private:
  Contents m_contents;
  std::size_t m_next = 0;
};

/// Gives a result without rows.
std::unique_ptr<api::ResultSet> tagResult(std::string tag, std::optional<CommitNumber> committed = std::nullopt);
/// Gives a result of text columns.
std::unique_ptr<api::ResultSet> textResult(const std::vector<std::string>& columns,
                                           const std::vector<std::vector<std::string>>& rows, std::string tag);

}  // namespace drift::session
