// CREATE, ALTER and DROP SEQUENCE, and the options of sequences.
#include <charconv>

#include "sql/grammar.h"

namespace drift::sql {

// [IF NOT EXISTS] name [option …], from the word after SEQUENCE on.
Result<StatementNode> Grammar::createSequence() {
  CreateSequence create;
  DRIFT_ASSIGN(create.ifNotExists, ifNotExists());
  DRIFT_ASSIGN(create.name, qualifiedName(NameClass::Column));
  DRIFT_ASSIGN(create.options, sequenceOptions());
  if (create.options.restart) return m_tokens.syntaxError();
  return StatementNode(std::move(create));
}

Result<StatementNode> Grammar::alterSequence() {
  AlterSequence alter;
  DRIFT_ASSIGN(alter.ifExists, ifExists());
  DRIFT_ASSIGN(alter.name, qualifiedName(NameClass::Column));
  if (m_tokens.accept(Keyword::Rename)) {
    DRIFT_TRY(m_tokens.expect(Keyword::To));
    DRIFT_ASSIGN(alter.renameTo, m_tokens.name(NameClass::Column));
    return StatementNode(std::move(alter));
  }
  if (m_tokens.at(Keyword::Owner, Keyword::To) || m_tokens.at(Keyword::Set))
    return m_tokens.notSupported(m_tokens.at(Keyword::Set) ? "ALTER SEQUENCE … SET" : "ALTER SEQUENCE … OWNER TO",
                                 here());
  const SourceSpan start = here();
  DRIFT_ASSIGN(alter.options, sequenceOptions());
  if (m_tokens.since(start).lengthBytes == 0) return m_tokens.syntaxError();
  return StatementNode(std::move(alter));
}

Result<StatementNode> Grammar::dropSequence() {
  DropSequence drop;
  DRIFT_ASSIGN(drop.ifExists, ifExists());
  DRIFT_ASSIGN(drop.names, relationNames());
  drop.behavior = dropBehavior();
  return StatementNode(std::move(drop));
}

// A whole number with its sign.
Result<std::int64_t> Grammar::signedNumber() {
  const SourceSpan start = here();
  const bool negative = m_tokens.acceptOperator("-");
  if (!negative) m_tokens.acceptOperator("+");
  if (!m_tokens.at(TokenKind::Integer)) return m_tokens.syntaxError();
  const std::string text = (negative ? "-" : "") + std::string(m_tokens.textOf(m_tokens.take()));
  std::int64_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || stop != text.data() + text.size())
    return makeError(ErrorKind::NumericValueOutOfRange, "value \"{}\" is out of range for type bigint", text)
        .at(m_tokens.since(start));
  return number;
}

// INCREMENT BY n, MINVALUE n, NO MAXVALUE …, in any order.
Result<SequenceOptions> Grammar::sequenceOptions() {
  SequenceOptions options;
  const SourceSpan start = here();
  const auto number = [&](std::optional<std::int64_t>& target) -> Status {
    if (target) return Error(ErrorKind::SyntaxError, "conflicting or redundant options").at(here());
    DRIFT_ASSIGN(target, signedNumber());
    return {};
  };
  while (true) {
    if (m_tokens.accept(Keyword::As)) {
      DRIFT_ASSIGN(options.type, typeName());
    } else if (m_tokens.accept(Keyword::Increment)) {
      m_tokens.accept(Keyword::By);
      DRIFT_TRY(number(options.increment));
    } else if (m_tokens.accept(Keyword::Minvalue)) {
      DRIFT_TRY(number(options.minimum));
    } else if (m_tokens.accept(Keyword::Maxvalue)) {
      DRIFT_TRY(number(options.maximum));
    } else if (m_tokens.accept(Keyword::No, Keyword::Minvalue)) {
      options.noMinimum = true;
    } else if (m_tokens.accept(Keyword::No, Keyword::Maxvalue)) {
      options.noMaximum = true;
    } else if (m_tokens.accept(Keyword::No, Keyword::Cycle)) {
      options.cycle = false;
    } else if (m_tokens.accept(Keyword::Cycle)) {
      options.cycle = true;
    } else if (m_tokens.accept(Keyword::Start)) {
      m_tokens.accept(Keyword::With);
      DRIFT_TRY(number(options.start));
    } else if (m_tokens.accept(Keyword::Cache)) {
      DRIFT_TRY(number(options.cache));
    } else if (m_tokens.accept(Keyword::Restart)) {
      options.restart = true;
      const bool with = m_tokens.accept(Keyword::With);
      if (with || m_tokens.at(TokenKind::Integer) || m_tokens.atOperator("-")) DRIFT_TRY(number(options.restartWith));
    } else if (m_tokens.accept(Keyword::Owned)) {
      DRIFT_TRY(m_tokens.expect(Keyword::By));
      options.ownedByNone = m_tokens.accept(Keyword::None);
      if (!options.ownedByNone) {
        DRIFT_ASSIGN(options.ownedBy, qualifiedName(NameClass::Column));
      }
    } else {
      options.span = m_tokens.since(start);
      return options;
    }
  }
}

}  // namespace drift::sql
