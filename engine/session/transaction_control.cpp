#include "session/transaction_control.h"

#include "session/results.h"

namespace drift::session {

namespace {

using ResultSetPtr = std::unique_ptr<api::ResultSet>;

Error needsBlock(std::string_view what) {
  return makeError(ErrorKind::NoActiveTransaction, "{} can only be used in transaction blocks", what);
}

Status checkIsolation(const sql::TransactionModes& modes) {
  if (modes.isolation != sql::IsolationLevel::Serializable) return {};
  // The same sentence as for SET transaction_isolation.
  return Settings().set("transaction_isolation", {"serializable"}, false);
}

std::string momentText(const std::optional<CommitNumber>& moment) {
  return moment ? fmt::format("COMMIT {}", *moment) : "LATEST";
}

/// One overload for each control statement; null for all others.
class Control final {
 public:
  Control(SessionState& state, const ControlActions& actions) : m_state(state), m_actions(actions) {}

  Result<ResultSetPtr> operator()(const sql::BeginTransaction& begin) {
    DRIFT_TRY(checkIsolation(begin.modes));
    if (m_state.block) {
      if (begin.asOf || begin.modes.isolation || begin.modes.readOnly)
        return Error(ErrorKind::ActiveTransaction, "there is already a transaction in progress");
      return tagResult("BEGIN");
    }
    if (begin.asOf && begin.modes.readOnly == false)
      return Error(ErrorKind::WriteInThePast, "a transaction in the past cannot be READ WRITE")
          .at(begin.asOf->span);
    auto block = m_actions.begin();
    block->settingsBefore = m_state.settings;
    block->readOnly = begin.modes.readOnly.value_or(begin.asOf || m_state.settings.forStatements().readOnly);
    if (begin.asOf) {
      DRIFT_ASSIGN(block->moment, m_actions.resolve(*begin.asOf, block));
    }
    m_state.block = std::move(block);
    return tagResult("BEGIN");
  }

  Result<ResultSetPtr> operator()(const sql::CommitTransaction&) {
    if (!m_state.block) return tagResult("COMMIT");
    if (m_state.block->failed()) return (*this)(sql::RollbackTransaction{});
    const auto block = std::move(m_state.block);
    auto number = m_actions.commit(*block);
    if (!number.ok()) {
      m_state.settings = block->settingsBefore;
      return std::move(number).error();
    }
    m_state.settings.endLocal();
    return tagResult("COMMIT", *number);
  }

  Result<ResultSetPtr> operator()(const sql::RollbackTransaction&) {
    if (const auto block = std::move(m_state.block)) {
      block->endRuns();
      m_state.settings = block->settingsBefore;
    }
    return tagResult("ROLLBACK");
  }

  Result<ResultSetPtr> operator()(const sql::Savepoint& savepoint) {
    if (!m_state.block) return needsBlock("SAVEPOINT");
    m_state.block->addSavepoint(savepoint.name.text, m_state.settings);
    return tagResult("SAVEPOINT");
  }

  Result<ResultSetPtr> operator()(const sql::RollbackToSavepoint& savepoint) {
    if (!m_state.block) return needsBlock("ROLLBACK TO SAVEPOINT");
    auto settings = m_state.block->rollbackTo(savepoint.name.text);
    if (!settings.ok()) return std::move(settings).error().at(savepoint.name.span);
    m_state.settings = std::move(settings).value();
    return tagResult("ROLLBACK");
  }

  Result<ResultSetPtr> operator()(const sql::ReleaseSavepoint& savepoint) {
    if (!m_state.block) return needsBlock("RELEASE SAVEPOINT");
    if (auto released = m_state.block->release(savepoint.name.text); !released.ok())
      return std::move(released).error().at(savepoint.name.span);
    return tagResult("RELEASE");
  }

  /// It rewrites the file, which no transaction could take back.
  Result<ResultSetPtr> operator()(const sql::DeleteHistory& statement) {
    if (m_state.block)
      return Error(ErrorKind::ActiveTransaction, "DELETE HISTORY cannot run inside a transaction block")
          .at(statement.table.span);
    DRIFT_TRY(m_actions.deleteHistory(statement));
    return tagResult("DELETE HISTORY");
  }

  Result<ResultSetPtr> operator()(const sql::SetTransaction& set) {
    DRIFT_TRY(checkIsolation(set.modes));
    if (set.session) {
      if (set.modes.readOnly)
        DRIFT_TRY(m_state.settings.set("default_transaction_read_only", {*set.modes.readOnly ? "on" : "off"}, false));
    } else if (m_state.block && set.modes.readOnly) {
      if (m_state.block->moment && !*set.modes.readOnly)
        return Error(ErrorKind::WriteInThePast, "a transaction in the past cannot be READ WRITE");
      m_state.block->readOnly = *set.modes.readOnly;
    }
    return tagResult("SET");
  }

  Result<ResultSetPtr> operator()(const sql::SetVariable& set) {
    const bool local = set.scope == sql::SettingScope::Local;
    // Outside a block the change ends with its own statement, but what is asked for is checked all the same.
    Settings changed = m_state.settings;
    if (auto done = changed.set(set.name, set.values, local); !done.ok())
      return std::move(done).error().at(set.nameSpan);
    if (!local || m_state.block) m_state.settings = std::move(changed);
    return tagResult("SET");
  }

  Result<ResultSetPtr> operator()(const sql::ResetVariable& reset) {
    if (reset.name.empty()) {
      m_state.settings.resetAll();
      m_state.moment.reset();
    } else if (auto done = m_state.settings.reset(reset.name); !done.ok()) {
      return std::move(done).error().at(reset.nameSpan);
    }
    return tagResult("RESET");
  }

  Result<ResultSetPtr> operator()(const sql::ShowVariable& show) {
    if (show.name.empty()) return showAll();
    if (show.name == "transaction_read_only")
      return textResult({show.name}, {{readOnly() ? "on" : "off"}}, "SHOW");
    auto value = m_state.settings.show(show.name);
    if (!value.ok()) return std::move(value).error().at(show.nameSpan);
    return textResult({show.name}, {{std::move(value).value()}}, "SHOW");
  }

  Result<ResultSetPtr> operator()(const sql::SetSystemTime& set) {
    if (set.moment.kind == sql::MomentKind::Latest) {
      m_state.moment.reset();
    } else {
      const auto block = m_state.block ? m_state.block : m_actions.begin();
      DRIFT_ASSIGN(m_state.moment, m_actions.resolve(set.moment, block));
    }
    return tagResult("SET");
  }

  Result<ResultSetPtr> operator()(const sql::ResetSystemTime&) {
    m_state.moment.reset();
    return tagResult("RESET");
  }

  Result<ResultSetPtr> operator()(const sql::ShowSystemTime&) {
    const bool ofBlock = m_state.block && m_state.block->moment;
    return textResult({"system_time"}, {{momentText(ofBlock ? m_state.block->moment : m_state.moment)}}, "SHOW");
  }

  template <class Other>
  Result<ResultSetPtr> operator()(const Other&) {
    return ResultSetPtr();
  }

 private:
  bool readOnly() const { return m_state.block ? m_state.block->readOnly : m_state.settings.forStatements().readOnly; }

  Result<ResultSetPtr> showAll() const {
    std::vector<std::vector<std::string>> rows;
    for (auto& line : m_state.settings.all()) rows.push_back({line.name, line.value, line.description});
    return textResult({"name", "setting", "description"}, rows, "SHOW");
  }

  SessionState& m_state;
  const ControlActions& m_actions;
};

}  // namespace

bool isAllowedInFailedBlock(const sql::Statement& statement) {
  return std::holds_alternative<sql::CommitTransaction>(statement.node) ||
         std::holds_alternative<sql::RollbackTransaction>(statement.node) ||
         std::holds_alternative<sql::RollbackToSavepoint>(statement.node);
}

Result<std::unique_ptr<api::ResultSet>> runControl(const sql::Statement& statement, SessionState& state,
                                                   const ControlActions& actions) {
  return std::visit(Control(state, actions), statement.node);
}

}  // namespace drift::session
