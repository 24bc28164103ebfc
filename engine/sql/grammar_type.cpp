// Type names with their modifiers, and qualified names.
#include <charconv>

#include "sql/grammar.h"

namespace drift::sql {

namespace {

// Types whose keyword is their whole name, under PostgreSQL's normal spelling.
std::string_view normalName(Keyword keyword) {
  switch (keyword) {
    case Keyword::Int:
    case Keyword::Integer: return "integer";
    case Keyword::Bigint: return "bigint";
    case Keyword::Smallint: return "smallint";
    case Keyword::Real: return "real";
    case Keyword::Boolean: return "boolean";
    case Keyword::Dec:
    case Keyword::Decimal:
    case Keyword::Numeric: return "numeric";
    case Keyword::Interval: return "interval";
    case Keyword::Varchar: return "character varying";
    default: return {};
  }
}

constexpr std::size_t kQualifiersMax = 3;  // database, schema, table

}  // namespace

Result<QualifiedName> Grammar::qualifiedName(NameClass first) {
  QualifiedName name;
  const SourceSpan start = here();
  DRIFT_ASSIGN(Identifier part, m_tokens.name(first));
  name.parts.push_back(std::move(part));
  while (m_tokens.at(TokenKind::Dot) && !m_tokens.atOperator("*", 1)) {
    m_tokens.take();
    DRIFT_ASSIGN(Identifier next, m_tokens.name(NameClass::Label));
    name.parts.push_back(std::move(next));
    if (name.parts.size() > kQualifiersMax + 1)
      return Error(ErrorKind::SyntaxError, "improper qualified name (too many dotted names)").at(m_tokens.since(start));
  }
  name.span = m_tokens.since(start);
  return name;
}

Result<TypeName> Grammar::typeName() {
  if (m_tokens.at(Keyword::Setof)) return m_tokens.notSupported("SETOF", here());
  DRIFT_ASSIGN(TypeName type, typeNameWords());
  const SourceSpan start = type.span;
  const bool word = m_tokens.accept(Keyword::Array);
  type.array = word;
  // Neither the number of dimensions nor their lengths are held to, as in PostgreSQL; ARRAY takes one pair at most.
  for (bool more = true; more && m_tokens.accept(TokenKind::LeftBracket); more = !word) {
    type.array = true;
    if (m_tokens.at(TokenKind::Integer)) m_tokens.take();
    DRIFT_TRY(m_tokens.expect(TokenKind::RightBracket));
  }
  type.span = m_tokens.since(start);
  return type;
}

Result<TypeName> Grammar::typeNameWords() {
  TypeName type;
  const SourceSpan start = here();
  const Token first = m_tokens.peek();
  bool modifiers = true;
  if (const std::string_view normal = normalName(first.keyword); !normal.empty()) {
    m_tokens.take();
    type.name = normal;
  } else if (first.keyword == Keyword::Double) {
    m_tokens.take();
    DRIFT_TRY(m_tokens.expect(Keyword::Precision));
    type.name = "double precision";
    modifiers = false;
  } else if (first.keyword == Keyword::Float) {
    m_tokens.take();
    type.name = "float";
  } else if (first.keyword == Keyword::National || first.keyword == Keyword::Character ||
             first.keyword == Keyword::Char || first.keyword == Keyword::Nchar) {
    m_tokens.take();
    if (first.keyword == Keyword::National && !m_tokens.accept(Keyword::Char))
      DRIFT_TRY(m_tokens.expect(Keyword::Character));
    type.name = m_tokens.accept(Keyword::Varying) ? "character varying" : "character";
  } else if (first.keyword == Keyword::Timestamp || first.keyword == Keyword::Time) {
    m_tokens.take();
    type.name = first.keyword == Keyword::Time ? "time" : "timestamp";
    if (m_tokens.at(TokenKind::LeftParen)) {
      DRIFT_ASSIGN(type.modifiers, typeModifiers());
    }
    DRIFT_TRY(timeZoneSuffix(type));
    modifiers = false;
  } else if (first.keyword == Keyword::Bit) {
    return m_tokens.notSupported("The type bit", first.span);
  } else {
    DRIFT_ASSIGN(const QualifiedName name, qualifiedName(NameClass::Function));
    // Built-in types may be written with their schema.
    const bool builtin = name.parts.size() == 2 && name.parts.front().text == "pg_catalog";
    type.name = builtin ? name.last().text : name.toString();
  }
  if (modifiers && m_tokens.at(TokenKind::LeftParen)) {
    DRIFT_ASSIGN(type.modifiers, typeModifiers());
  }
  type.span = m_tokens.since(start);
  return type;
}

Status Grammar::timeZoneSuffix(TypeName& type) {
  const bool with = m_tokens.at(Keyword::With, Keyword::Time);
  const bool without = m_tokens.at(Keyword::Without, Keyword::Time);
  if (with || without) {
    m_tokens.take();
    m_tokens.take();
    DRIFT_TRY(m_tokens.expect(Keyword::Zone));
  }
  type.name += with ? " with time zone" : " without time zone";
  return {};
}

// ( integer, … ), at least one, maybe signed.
Result<std::vector<std::int64_t>> Grammar::typeModifiers() {
  std::vector<std::int64_t> modifiers;
  DRIFT_TRY(m_tokens.expect(TokenKind::LeftParen));
  do {
    const bool negative = m_tokens.acceptOperator("-");
    if (!m_tokens.at(TokenKind::Integer)) return m_tokens.syntaxError();
    const Token token = m_tokens.take();
    const std::string_view digits = m_tokens.textOf(token);
    std::int64_t value = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (parsed.ec != std::errc())
      return makeError(ErrorKind::InvalidParameterValue, "type modifier {} is too large", digits).at(token.span);
    modifiers.push_back(negative ? -value : value);
  } while (m_tokens.accept(TokenKind::Comma));
  DRIFT_TRY(m_tokens.expect(TokenKind::RightParen));
  return modifiers;
}

}  // namespace drift::sql
