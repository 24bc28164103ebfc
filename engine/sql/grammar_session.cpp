// Transactions and settings.
#include "sql/grammar.h"

namespace drift::sql {

void Grammar::acceptTransactionWord() {
  if (!m_tokens.accept(Keyword::Transaction)) m_tokens.accept(Keyword::Work);
}

// BEGIN [WORK | TRANSACTION] [modes] [AS OF SYSTEM TIME p]; START TRANSACTION likewise.
Result<StatementNode> Grammar::begin() {
  BeginTransaction node;
  if (m_tokens.take().keyword == Keyword::Start) {
    DRIFT_TRY(m_tokens.expect(Keyword::Transaction));
  } else {
    acceptTransactionWord();
  }
  DRIFT_ASSIGN(node.modes, transactionModes());
  if (atAsOfSystemTime()) DRIFT_TRY(asOfSystemTime(node.asOf));
  return StatementNode(std::move(node));
}

Result<TransactionModes> Grammar::transactionModes() {
  TransactionModes modes;
  bool more = false;
  while (more || m_tokens.at(Keyword::Isolation) || m_tokens.at(Keyword::Read) || m_tokens.at(Keyword::Deferrable) ||
         m_tokens.at(Keyword::Not)) {
    DRIFT_TRY(transactionMode(modes));
    more = m_tokens.accept(TokenKind::Comma);
  }
  return modes;
}

Status Grammar::transactionMode(TransactionModes& modes) {
  if (m_tokens.accept(Keyword::Isolation)) {
    DRIFT_TRY(m_tokens.expect(Keyword::Level));
    if (m_tokens.accept(Keyword::Read, Keyword::Uncommitted)) {
      modes.isolation = IsolationLevel::ReadUncommitted;
    } else if (m_tokens.accept(Keyword::Read, Keyword::Committed)) {
      modes.isolation = IsolationLevel::ReadCommitted;
    } else if (m_tokens.accept(Keyword::Repeatable, Keyword::Read)) {
      modes.isolation = IsolationLevel::RepeatableRead;
    } else if (m_tokens.accept(Keyword::Serializable)) {
      modes.isolation = IsolationLevel::Serializable;
    } else {
      return m_tokens.syntaxError();
    }
    return {};
  }
  if (m_tokens.accept(Keyword::Read, Keyword::Only)) {
    modes.readOnly = true;
    return {};
  }
  if (m_tokens.accept(Keyword::Read, Keyword::Write)) {
    modes.readOnly = false;
    return {};
  }
  if (m_tokens.accept(Keyword::Not, Keyword::Deferrable)) return {};
  if (m_tokens.at(Keyword::Deferrable)) return m_tokens.notSupported("DEFERRABLE", here());
  return m_tokens.syntaxError();
}

// AND NO CHAIN is what happens anyway.
Status Grammar::refuseChain() {
  if (!m_tokens.accept(Keyword::And)) return {};
  const bool no = m_tokens.accept(Keyword::No);
  const SourceSpan place = here();
  DRIFT_TRY(m_tokens.expect(Keyword::Chain));
  if (!no) return m_tokens.notSupported("AND CHAIN", place);
  return {};
}

Result<StatementNode> Grammar::commit() {
  m_tokens.take();
  if (m_tokens.at(Keyword::Prepared)) return m_tokens.notSupported("COMMIT PREPARED", here());
  acceptTransactionWord();
  DRIFT_TRY(refuseChain());
  return StatementNode(CommitTransaction{});
}

// ROLLBACK [WORK | TRANSACTION] [TO [SAVEPOINT] name].
Result<StatementNode> Grammar::rollback() {
  const bool abort = m_tokens.take().keyword == Keyword::Abort;
  if (m_tokens.at(Keyword::Prepared)) return m_tokens.notSupported("ROLLBACK PREPARED", here());
  acceptTransactionWord();
  if (!abort && m_tokens.accept(Keyword::To)) {
    m_tokens.accept(Keyword::Savepoint);
    RollbackToSavepoint node;
    DRIFT_ASSIGN(node.name, m_tokens.name(NameClass::Column));
    return StatementNode(std::move(node));
  }
  DRIFT_TRY(refuseChain());
  return StatementNode(RollbackTransaction{});
}

Result<StatementNode> Grammar::savepoint() {
  m_tokens.take();
  Savepoint node;
  DRIFT_ASSIGN(node.name, m_tokens.name(NameClass::Column));
  return StatementNode(std::move(node));
}

Result<StatementNode> Grammar::release() {
  m_tokens.take();
  m_tokens.accept(Keyword::Savepoint);
  ReleaseSavepoint node;
  DRIFT_ASSIGN(node.name, m_tokens.name(NameClass::Column));
  return StatementNode(std::move(node));
}

Result<StatementNode> Grammar::set() {
  m_tokens.take();
  if (m_tokens.at(Keyword::Transaction)) {
    m_tokens.take();
    if (m_tokens.at(Keyword::Snapshot)) return m_tokens.notSupported("SET TRANSACTION SNAPSHOT", here());
    SetTransaction node;
    DRIFT_ASSIGN(node.modes, transactionModes());
    return StatementNode(node);
  }
  if (m_tokens.accept(Keyword::Session, Keyword::Characteristics)) {
    DRIFT_TRY(m_tokens.expect(Keyword::As));
    DRIFT_TRY(m_tokens.expect(Keyword::Transaction));
    SetTransaction node{{}, true};
    DRIFT_ASSIGN(node.modes, transactionModes());
    return StatementNode(node);
  }
  if (m_tokens.at(Keyword::Constraints) || m_tokens.at(Keyword::Role))
    return m_tokens.notSupported(m_tokens.at(Keyword::Role) ? "SET ROLE" : "SET CONSTRAINTS", here());
  if (m_tokens.at(Keyword::Session, Keyword::Authorization))
    return m_tokens.notSupported("SET SESSION AUTHORIZATION", here());
  if (m_tokens.accept(Keyword::Local)) return setVariable(SettingScope::Local);
  m_tokens.accept(Keyword::Session);
  return setVariable(SettingScope::Session);
}

Result<StatementNode> Grammar::setVariable(SettingScope scope) {
  SetVariable node{scope, {}, {}, here()};
  const bool systemTime = m_tokens.at(Keyword::SystemTime);
  if (systemTime && scope == SettingScope::Local)
    return m_tokens.notSupported("SET LOCAL SYSTEM_TIME", here());
  DRIFT_ASSIGN(node.name, settingName());
  node.nameSpan = m_tokens.since(node.nameSpan);
  // SET TIME ZONE 'x' has no sign between.
  const bool bare = node.name == "timezone" && m_tokens.textOf(m_tokens.peek()) != "=" && !m_tokens.at(Keyword::To);
  if (!bare && !m_tokens.acceptOperator("=")) DRIFT_TRY(m_tokens.expect(Keyword::To));
  if (m_tokens.at(Keyword::Default) || (bare && m_tokens.at(Keyword::Local))) {
    m_tokens.take();
    if (systemTime) return StatementNode(ResetSystemTime{});
    return StatementNode(std::move(node));
  }
  if (systemTime) {
    SetSystemTime time;
    DRIFT_ASSIGN(time.moment, point());
    return StatementNode(std::move(time));
  }
  do {
    DRIFT_ASSIGN(std::string value, settingValue());
    node.values.push_back(std::move(value));
  } while (m_tokens.accept(TokenKind::Comma));
  return StatementNode(std::move(node));
}

// A name with dots, or one of the settings that SQL spells in words.
Result<std::string> Grammar::settingName() {
  if (m_tokens.accept(Keyword::Time, Keyword::Zone)) return std::string("timezone");
  if (m_tokens.accept(Keyword::Transaction, Keyword::Isolation)) {
    DRIFT_TRY(m_tokens.expect(Keyword::Level));
    return std::string("transaction_isolation");
  }
  DRIFT_ASSIGN(const QualifiedName name, qualifiedName(NameClass::Column));
  return name.toString();
}

// A string, a number with its sign, or a word.
Result<std::string> Grammar::settingValue() {
  if (m_tokens.atString()) return m_tokens.string();
  const SourceSpan start = here();
  const bool sign = m_tokens.acceptOperator("-") || m_tokens.acceptOperator("+");
  if (m_tokens.at(TokenKind::Integer) || m_tokens.at(TokenKind::Numeric)) {
    m_tokens.take();
    return std::string(m_tokens.textOf(Token{TokenKind::Numeric, Keyword::NotKeyword, m_tokens.since(start)}));
  }
  if (sign) return m_tokens.syntaxError();
  DRIFT_ASSIGN(const Identifier word, m_tokens.name(NameClass::Label));
  return word.text;
}

Result<StatementNode> Grammar::reset() {
  m_tokens.take();
  if (m_tokens.accept(Keyword::SystemTime)) return StatementNode(ResetSystemTime{});
  ResetVariable node{{}, here()};
  if (!m_tokens.accept(Keyword::All)) {
    DRIFT_ASSIGN(node.name, settingName());
  }
  node.nameSpan = m_tokens.since(node.nameSpan);
  return StatementNode(std::move(node));
}

Result<StatementNode> Grammar::show() {
  m_tokens.take();
  if (m_tokens.accept(Keyword::SystemTime)) return StatementNode(ShowSystemTime{});
  ShowVariable node{{}, here()};
  if (!m_tokens.accept(Keyword::All)) {
    DRIFT_ASSIGN(node.name, settingName());
  }
  node.nameSpan = m_tokens.since(node.nameSpan);
  return StatementNode(std::move(node));
}

}  // namespace drift::sql
