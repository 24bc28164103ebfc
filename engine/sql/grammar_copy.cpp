// COPY: rows of a table or a query to a file, and rows of a file into a table. What the options mean, and which of them
// go together, is for the executor to say.
#include "sql/grammar.h"

namespace drift::sql {

Result<StatementNode> Grammar::copy() {
  m_tokens.take();
  Copy copy;
  if (m_tokens.at(TokenKind::LeftParen)) {
    const SourceSpan inner = m_tokens.peek(1).span;
    const Keyword first = m_tokens.peek(1).keyword;
    if (first == Keyword::Insert || first == Keyword::Update || first == Keyword::Delete)
      return m_tokens.notSupported("COPY of what a statement returns", inner);
    DRIFT_ASSIGN(copy.query, parenthesizedQuery());
    if (!m_tokens.at(Keyword::To)) return m_tokens.syntaxError();
  } else {
    if (m_tokens.at(Keyword::Binary)) return m_tokens.notSupported("COPY BINARY", here());
    DRIFT_ASSIGN(copy.table, qualifiedName(NameClass::Column));
    if (m_tokens.at(TokenKind::LeftParen)) {
      DRIFT_ASSIGN(copy.columns, nameList());
    }
  }
  copy.from = m_tokens.at(Keyword::From);
  if (!copy.from && !m_tokens.at(Keyword::To)) return m_tokens.syntaxError();
  m_tokens.take();
  DRIFT_TRY(copyFile(copy));
  if (m_tokens.at(Keyword::Delimiters) || m_tokens.at(Keyword::Using))
    return m_tokens.notSupported("USING DELIMITERS", here());
  m_tokens.accept(Keyword::With);
  if (m_tokens.at(TokenKind::LeftParen)) DRIFT_TRY(copyOptions(copy));
  else DRIFT_TRY(oldCopyOptions(copy));
  if (m_tokens.at(Keyword::Where) && copy.from) return m_tokens.notSupported("COPY … WHERE", here());
  return StatementNode(std::move(copy));
}

Status Grammar::copyFile(Copy& copy) {
  copy.pathSpan = here();
  if (m_tokens.at(Keyword::Program)) return m_tokens.notSupported("COPY … PROGRAM", here());
  if (m_tokens.at(Keyword::Stdin) || m_tokens.at(Keyword::Stdout))
    return m_tokens.notSupported(copy.from ? "COPY FROM STDIN" : "COPY TO STDOUT", here())
        .withHint("Name a file in quotes.");
  if (!m_tokens.atString()) return m_tokens.syntaxError();
  DRIFT_ASSIGN(copy.path, m_tokens.string());
  copy.pathSpan = m_tokens.since(copy.pathSpan);
  return {};
}

// (name [value], …)
Status Grammar::copyOptions(Copy& copy) {
  m_tokens.take();
  do {
    CopyOption option;
    DRIFT_ASSIGN(option.name, m_tokens.name(NameClass::Label));
    if (m_tokens.at(TokenKind::LeftParen)) {
      DRIFT_ASSIGN(option.columns, nameList());
    } else if (m_tokens.acceptOperator("*")) {
      option.allColumns = true;
    } else if (!m_tokens.at(TokenKind::Comma) && !m_tokens.at(TokenKind::RightParen)) {
      DRIFT_ASSIGN(option.value, settingValue());
    }
    copy.options.push_back(std::move(option));
  } while (m_tokens.accept(TokenKind::Comma));
  return m_tokens.expect(TokenKind::RightParen);
}

// CSV HEADER DELIMITER AS ';' …: as before PostgreSQL 9.0, and as many still write it.
Status Grammar::oldCopyOptions(Copy& copy) {
  while (true) {
    CopyOption option;
    option.name.span = here();
    const auto named = [&](const char* name) { option.name.text = name; };
    if (m_tokens.accept(Keyword::Csv)) {
      named("format");
      option.value = "csv";
    } else if (m_tokens.accept(Keyword::Header)) {
      named("header");
    } else if (m_tokens.at(Keyword::Binary) || m_tokens.at(Keyword::Freeze)) {
      return m_tokens.notSupported(m_tokens.at(Keyword::Binary) ? "COPY BINARY" : "COPY FREEZE", here());
    } else if (m_tokens.accept(Keyword::Force)) {
      if (m_tokens.accept(Keyword::Quote)) named("force_quote");
      else if (m_tokens.accept(Keyword::Not, Keyword::Null)) named("force_not_null");
      else if (m_tokens.accept(Keyword::Null)) named("force_null");
      else return m_tokens.syntaxError();
      if (option.name.text == "force_quote" && m_tokens.acceptOperator("*")) {
        option.allColumns = true;
      } else {
        do {
          DRIFT_ASSIGN(Identifier column, m_tokens.name(NameClass::Column));
          option.columns.push_back(std::move(column));
        } while (m_tokens.accept(TokenKind::Comma));
      }
    } else {
      if (m_tokens.accept(Keyword::Delimiter)) named("delimiter");
      else if (m_tokens.accept(Keyword::Null)) named("null");
      else if (m_tokens.accept(Keyword::Quote)) named("quote");
      else if (m_tokens.accept(Keyword::Escape)) named("escape");
      else if (m_tokens.accept(Keyword::Encoding)) named("encoding");
      else return {};
      m_tokens.accept(Keyword::As);
      if (!m_tokens.atString()) return m_tokens.syntaxError();
      DRIFT_ASSIGN(option.value, m_tokens.string());
    }
    option.name.span = m_tokens.since(option.name.span);
    copy.options.push_back(std::move(option));
  }
}

}  // namespace drift::sql
