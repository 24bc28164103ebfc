// CREATE and DROP FUNCTION.
#include "sql/ascii_case.h"
#include "sql/grammar.h"

namespace drift::sql {

namespace {

/// True where two words begin a type: the first one is no parameter's name then.
bool startsLongType(Keyword first, Keyword second) {
  switch (second) {
    case Keyword::Precision: return first == Keyword::Double;
    case Keyword::Varying: return first == Keyword::Character || first == Keyword::Char || first == Keyword::Bit;
    case Keyword::With:
    case Keyword::Without: return first == Keyword::Timestamp || first == Keyword::Time;
    case Keyword::Character:
    case Keyword::Char: return first == Keyword::National;
    case Keyword::Year:
    case Keyword::Month:
    case Keyword::Day:
    case Keyword::Hour:
    case Keyword::Minute:
    case Keyword::Second: return first == Keyword::Interval;
    case Keyword::Array:
    case Keyword::Default: return true;
    default: return false;
  }
}

}  // namespace

// [IN] [name] type [DEFAULT value | = value]; a column of RETURNS TABLE has a name, and no default.
Result<FunctionParameter> Grammar::functionParameter(bool isColumn) {
  FunctionParameter parameter;
  const SourceSpan start = here();
  if (!isColumn) {
    switch (m_tokens.peek().keyword) {
      case Keyword::Out: return m_tokens.notSupported("An OUT parameter", here());
      case Keyword::Inout: return m_tokens.notSupported("An INOUT parameter", here());
      case Keyword::Variadic: return m_tokens.notSupported("VARIADIC", here());
      default: m_tokens.accept(Keyword::In);
    }
  }
  const Token next = m_tokens.peek(1);
  const bool twoWords = next.kind == TokenKind::Word || next.kind == TokenKind::QuotedIdentifier;
  const bool named = m_tokens.atName(NameClass::Function) && twoWords &&
                     !startsLongType(m_tokens.peek().keyword, next.keyword);
  if (named || isColumn) {
    DRIFT_ASSIGN(parameter.name, m_tokens.name(NameClass::Function));
  }
  DRIFT_ASSIGN(parameter.type, typeName());
  if (!isColumn && (m_tokens.accept(Keyword::Default) || m_tokens.acceptOperator("="))) {
    DRIFT_ASSIGN(parameter.defaultValue, expression());
  }
  parameter.span = m_tokens.since(start);
  return parameter;
}

Result<std::vector<FunctionParameter>> Grammar::functionParameters(bool areColumns) {
  std::vector<FunctionParameter> parameters;
  DRIFT_TRY(m_tokens.expect(TokenKind::LeftParen));
  if (!areColumns && m_tokens.accept(TokenKind::RightParen)) return parameters;
  do {
    DRIFT_ASSIGN(FunctionParameter parameter, functionParameter(areColumns));
    parameters.push_back(std::move(parameter));
  } while (m_tokens.accept(TokenKind::Comma));
  DRIFT_TRY(m_tokens.expect(TokenKind::RightParen));
  return parameters;
}

// The parameters of a function that is there: their types count.
Result<std::vector<TypeName>> Grammar::functionTypes() {
  std::vector<TypeName> types;
  DRIFT_ASSIGN(const auto parameters, functionParameters(false));
  for (const auto& parameter : parameters) {
    if (parameter.defaultValue)
      return Error(ErrorKind::SyntaxError, "a default value does not belong here").at(parameter.span);
    types.push_back(parameter.type);
  }
  return types;
}

// RETURNS type | SETOF type | TABLE (column type, …)
Status Grammar::functionReturns(CreateFunction& function) {
  if (m_tokens.accept(Keyword::Table)) {
    DRIFT_ASSIGN(function.columns, functionParameters(true));
    function.setOf = true;
    return {};
  }
  function.setOf = m_tokens.accept(Keyword::Setof);
  DRIFT_ASSIGN(function.returns, typeName());
  return {};
}

// One word or more behind RETURNS, but the body.
Status Grammar::functionOption(CreateFunction& function) {
  const Token first = m_tokens.take();
  switch (first.keyword) {
    case Keyword::Language:
      function.languageSpan = here();
      if (m_tokens.atString()) {
        DRIFT_ASSIGN(function.language, m_tokens.string());
        function.language = lowerAscii(function.language);
        return {};
      } else {
        DRIFT_ASSIGN(const Identifier name, m_tokens.name(NameClass::Column));
        function.language = name.text;
        return {};
      }
    case Keyword::Immutable: function.volatility = Volatility::Immutable; return {};
    case Keyword::Stable: function.volatility = Volatility::Stable; return {};
    case Keyword::Volatile: function.volatility = Volatility::Volatile; return {};
    case Keyword::Strict: function.strict = true; return {};
    case Keyword::Called:
      function.strict = false;
      break;
    case Keyword::Returns:
      function.strict = true;
      DRIFT_TRY(m_tokens.expect(Keyword::Null));
      break;
    // Hints for PostgreSQL's planner, which a body that is put in the place of the call does not need.
    case Keyword::Parallel: return m_tokens.name(NameClass::Column).ok() ? Status() : Status(m_tokens.syntaxError());
    case Keyword::Cost:
    case Keyword::Rows:
      if (!m_tokens.at(TokenKind::Integer) && !m_tokens.at(TokenKind::Numeric)) return m_tokens.syntaxError();
      m_tokens.take();
      return {};
    case Keyword::Leakproof: return {};
    case Keyword::Not: return m_tokens.expect(Keyword::Leakproof);
    case Keyword::Security:
      if (m_tokens.at(Keyword::Definer)) return m_tokens.notSupported("SECURITY DEFINER", first.span);
      return m_tokens.expect(Keyword::Invoker);
    default:
      return m_tokens.notSupported(fmt::format("CREATE FUNCTION … {}", upperAscii(m_tokens.textOf(first))), first.span);
  }
  DRIFT_TRY(m_tokens.expect(Keyword::On));
  DRIFT_TRY(m_tokens.expect(Keyword::Null));
  return m_tokens.expect(Keyword::Input);
}

// AS 'text' | RETURN expression | BEGIN ATOMIC statement; END
Status Grammar::functionBody(CreateFunction& function) {
  if (function.body || function.query || function.returnsExpression)
    return Error(ErrorKind::SyntaxError, "conflicting or redundant options").at(here());
  if (m_tokens.accept(Keyword::As)) {
    if (!m_tokens.atString()) return m_tokens.syntaxError();
    function.bodySpan = here();
    DRIFT_ASSIGN(function.body, m_tokens.string());
    return {};
  }
  // $1 in a body is a parameter of the function, not of the statement.
  const std::uint32_t parameterMax = m_parameterMax;
  if (m_tokens.accept(Keyword::Return)) {
    DRIFT_ASSIGN(const ExpressionPtr value, expression());
    function.bodySpan = value->span;
    function.returnsExpression = true;
  } else {
    m_tokens.take();
    DRIFT_TRY(m_tokens.expect(Keyword::Atomic));
    DRIFT_ASSIGN(function.query, statement());
    function.bodySpan = function.query->span;
    DRIFT_TRY(m_tokens.expect(TokenKind::Semicolon));
    if (!m_tokens.at(Keyword::End))
      return m_tokens.notSupported("A function of more than one statement", here());
    m_tokens.take();
  }
  m_parameterMax = parameterMax;
  return {};
}

Result<StatementNode> Grammar::createFunction(bool orReplace) {
  CreateFunction function;
  const SourceSpan start = here();
  function.orReplace = orReplace;
  DRIFT_ASSIGN(function.name, qualifiedName(NameClass::Function));
  DRIFT_ASSIGN(function.parameters, functionParameters(false));
  if (!m_tokens.accept(Keyword::Returns)) {
    const bool ended = m_tokens.at(TokenKind::End) || m_tokens.at(TokenKind::Semicolon);
    if (!ended && m_tokens.peek().kind != TokenKind::Word) return m_tokens.syntaxError();
    return Error(ErrorKind::InvalidObjectDefinition, "function result type must be specified").at(here());
  }
  DRIFT_TRY(functionReturns(function));
  while (!m_tokens.at(TokenKind::End) && !m_tokens.at(TokenKind::Semicolon)) {
    switch (m_tokens.peek().keyword) {
      case Keyword::As:
      case Keyword::Return:
      case Keyword::Begin: DRIFT_TRY(functionBody(function)); break;
      default:
        if (m_tokens.peek().kind != TokenKind::Word || m_tokens.at(Keyword::End)) return m_tokens.syntaxError();
        DRIFT_TRY(functionOption(function));
    }
  }
  if (!function.body && !function.query && !function.returnsExpression)
    return Error(ErrorKind::InvalidObjectDefinition, "no function body specified").at(m_tokens.since(start));
  function.span = m_tokens.since(start);
  return StatementNode(std::move(function));
}

Result<StatementNode> Grammar::dropFunction() {
  DropFunction drop;
  DRIFT_ASSIGN(drop.ifExists, ifExists());
  do {
    FunctionSignature function;
    DRIFT_ASSIGN(function.name, qualifiedName(NameClass::Function));
    if (m_tokens.at(TokenKind::LeftParen)) {
      DRIFT_ASSIGN(function.types, functionTypes());
    }
    drop.functions.push_back(std::move(function));
  } while (m_tokens.accept(TokenKind::Comma));
  drop.behavior = dropBehavior();
  return StatementNode(std::move(drop));
}

}  // namespace drift::sql
