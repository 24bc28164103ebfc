// Operands: literals, parameters, names, parentheses, CASE, CAST and the other forms that begin with a word.
#include <algorithm>
#include <charconv>

#include "sql/grammar.h"

namespace drift::sql {

namespace {

bool isReservedForOperands(Keyword keyword) {
  if (keyword == Keyword::NotKeyword) return false;
  const KeywordClass category = keywordInfo(keyword).category;
  return category == KeywordClass::Reserved;
}

bool isTypeKeyword(Keyword keyword) {
  switch (keyword) {
    case Keyword::Bigint:
    case Keyword::Boolean:
    case Keyword::Char:
    case Keyword::Character:
    case Keyword::Dec:
    case Keyword::Decimal:
    case Keyword::Double:
    case Keyword::Float:
    case Keyword::Int:
    case Keyword::Integer:
    case Keyword::Interval:
    case Keyword::Nchar:
    case Keyword::Numeric:
    case Keyword::Real:
    case Keyword::Smallint:
    case Keyword::Time:
    case Keyword::Timestamp:
    case Keyword::Varchar: return true;
    default: return false;
  }
}

}  // namespace

bool Grammar::startsQuery(std::size_t ahead) {
  switch (m_tokens.peek(ahead).keyword) {
    case Keyword::Select:
    case Keyword::Values:
    case Keyword::With:
    case Keyword::Table: return true;
    default: return false;
  }
}

Result<ExpressionPtr> Grammar::primary() {
  const Token& token = m_tokens.peek();
  switch (token.kind) {
    case TokenKind::Integer:
    case TokenKind::Numeric:
    case TokenKind::String:
    case TokenKind::EscapeString:
    case TokenKind::DollarString: return literal();
    case TokenKind::Parameter: return parameter();
    case TokenKind::LeftParen: return parenthesizedPrimary();
    case TokenKind::QuotedIdentifier:
    case TokenKind::Word: return keywordPrimary();
    default: return m_tokens.syntaxError();
  }
}

Result<ExpressionPtr> Grammar::keywordPrimary() {
  const Token token = m_tokens.peek();
  const bool call = m_tokens.peek(1).kind == TokenKind::LeftParen;
  switch (token.keyword) {
    case Keyword::Null:
    case Keyword::True:
    case Keyword::False: return literal();
    case Keyword::Case: return caseExpression();
    case Keyword::Cast: return castCall();
    case Keyword::Array: return array();
    case Keyword::CurrentDate: return systemValue(SystemValueKind::CurrentDate);
    case Keyword::CurrentTime: return systemValue(SystemValueKind::CurrentTime);
    case Keyword::CurrentTimestamp: return systemValue(SystemValueKind::CurrentTimestamp);
    case Keyword::Localtime: return systemValue(SystemValueKind::LocalTime);
    case Keyword::Localtimestamp: return systemValue(SystemValueKind::LocalTimestamp);
    case Keyword::CurrentUser:
    case Keyword::User: return systemValue(SystemValueKind::CurrentUser);
    case Keyword::SessionUser: return systemValue(SystemValueKind::SessionUser);
    case Keyword::CurrentRole: return systemValue(SystemValueKind::CurrentRole);
    case Keyword::CurrentCatalog: return systemValue(SystemValueKind::CurrentCatalog);
    case Keyword::CurrentSchema:
      if (call) break;
      return systemValue(SystemValueKind::CurrentSchema);
    case Keyword::Exists:
      if (!call) break;
      return exists();
    case Keyword::Row:
      if (!call) break;
      return row();
    case Keyword::Coalesce:
      if (!call) break;
      return conditional(ConditionalKind::Coalesce);
    case Keyword::Nullif:
      if (!call) break;
      return conditional(ConditionalKind::NullIf);
    case Keyword::Greatest:
      if (!call) break;
      return conditional(ConditionalKind::Greatest);
    case Keyword::Least:
      if (!call) break;
      return conditional(ConditionalKind::Least);
    case Keyword::Extract:
      if (!call) break;
      return extractCall();
    case Keyword::Substring:
      if (!call) break;
      return substringCall();
    case Keyword::Trim:
      if (!call) break;
      return trimCall();
    case Keyword::Position:
      if (!call) break;
      return positionCall();
    case Keyword::Overlay:
      if (!call) break;
      return overlayCall();
    case Keyword::Grouping:
      if (!call) break;
      return groupingCall();
    case Keyword::Normalize:
    case Keyword::Treat:
    case Keyword::Xmlelement:
    case Keyword::Xmlforest:
    case Keyword::Xmlparse:
      if (!call) break;
      return m_tokens.notSupported(m_tokens.textOf(token), token.span);
    default: break;
  }
  if (isReservedForOperands(token.keyword)) return m_tokens.syntaxError();
  if (startsTypedLiteral()) return typedLiteral();
  return columnOrCall();
}

Result<ExpressionPtr> Grammar::literal() {
  const Token token = m_tokens.peek();
  const std::string text(m_tokens.textOf(token));
  switch (token.kind) {
    case TokenKind::Integer: m_tokens.take(); return make(token.span, Literal{LiteralKind::Integer, text});
    case TokenKind::Numeric: m_tokens.take(); return make(token.span, Literal{LiteralKind::Numeric, text});
    case TokenKind::Word: {
      m_tokens.take();
      if (token.keyword == Keyword::Null) return make(token.span, Literal{LiteralKind::Null, {}});
      return make(token.span, Literal{LiteralKind::Boolean, token.keyword == Keyword::True ? "true" : "false"});
    }
    default: break;
  }
  DRIFT_ASSIGN(std::string value, m_tokens.string());
  return make(m_tokens.since(token.span), Literal{LiteralKind::String, std::move(value)});
}

Result<ExpressionPtr> Grammar::parameter() {
  const Token token = m_tokens.take();
  const std::string_view digits = m_tokens.textOf(token).substr(1);
  std::uint32_t number = 0;  // the lexer has checked the range
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  m_parameterMax = std::max(m_parameterMax, number);
  return make(token.span, ParameterReference{number});
}

Result<ExpressionPtr> Grammar::parenthesizedPrimary() {
  DRIFT_ASSIGN(Parenthesized inside, parenthesized());
  if (inside.query) return make(inside.span, ScalarSubquery{std::move(inside.query)});
  if (inside.items.size() > 1) return make(inside.span, RowExpression{std::move(inside.items)});
  ExpressionPtr only = std::move(inside.items.front());
  only->span = inside.span;  // so that a parent's text begins with the parenthesis
  return only;
}

// "((SELECT 1) + 1, 2)" and "((SELECT 1) UNION SELECT 2)" begin alike; what follows the inner parentheses
// decides, so nothing is read twice.
Result<Grammar::Parenthesized> Grammar::parenthesized() {
  const Level level(*this);
  DRIFT_TRY(level.check());
  Parenthesized result;
  const SourceSpan start = here();
  DRIFT_TRY(m_tokens.expect(TokenKind::LeftParen));
  if (startsQuery()) {
    DRIFT_ASSIGN(result.query, query());
  } else {
    ExpressionPtr first;
    if (m_tokens.at(TokenKind::LeftParen)) {
      const SourceSpan innerStart = here();
      DRIFT_ASSIGN(Parenthesized inner, parenthesized());
      if (inner.query && (m_tokens.at(TokenKind::RightParen) || continuesQuery())) {
        DRIFT_ASSIGN(result.query, queryAfter(std::move(inner.query), innerStart));
      } else if (inner.query) {
        DRIFT_ASSIGN(first, make(inner.span, ScalarSubquery{std::move(inner.query)}));
      } else if (inner.items.size() > 1) {
        DRIFT_ASSIGN(first, make(inner.span, RowExpression{std::move(inner.items)}));
      } else {
        first = std::move(inner.items.front());
        first->span = inner.span;
      }
      if (first) {
        DRIFT_ASSIGN(first, infix(std::move(first), Power::Lowest, false));
      }
    } else {
      DRIFT_ASSIGN(first, expression());
    }
    if (first) result.items.push_back(std::move(first));
    while (!result.query && m_tokens.accept(TokenKind::Comma)) {
      DRIFT_ASSIGN(ExpressionPtr item, expression());
      result.items.push_back(std::move(item));
    }
  }
  DRIFT_TRY(m_tokens.expect(TokenKind::RightParen));
  result.span = m_tokens.since(start);
  return result;
}

Result<ExpressionPtr> Grammar::caseExpression() {
  const SourceSpan start = m_tokens.take().span;
  CaseExpression node;
  if (!m_tokens.at(Keyword::When)) {
    DRIFT_ASSIGN(node.operand, expression());
  }
  while (m_tokens.accept(Keyword::When)) {
    CaseBranch branch;
    DRIFT_ASSIGN(branch.when, expression());
    DRIFT_TRY(m_tokens.expect(Keyword::Then));
    DRIFT_ASSIGN(branch.then, expression());
    node.branches.push_back(std::move(branch));
  }
  if (node.branches.empty()) return m_tokens.syntaxError();
  if (m_tokens.accept(Keyword::Else)) {
    DRIFT_ASSIGN(node.otherwise, expression());
  }
  DRIFT_TRY(m_tokens.expect(Keyword::End));
  return make(m_tokens.since(start), std::move(node));
}

Result<ExpressionPtr> Grammar::castCall() {
  const SourceSpan start = m_tokens.take().span;
  DRIFT_TRY(m_tokens.expect(TokenKind::LeftParen));
  DRIFT_ASSIGN(ExpressionPtr operand, expression());
  DRIFT_TRY(m_tokens.expect(Keyword::As));
  DRIFT_ASSIGN(TypeName type, typeName());
  DRIFT_TRY(m_tokens.expect(TokenKind::RightParen));
  return make(m_tokens.since(start), CastExpression{std::move(operand), std::move(type), CastSyntax::Function});
}

Result<ExpressionPtr> Grammar::conditional(ConditionalKind kind) {
  const SourceSpan start = m_tokens.take().span;
  DRIFT_TRY(m_tokens.expect(TokenKind::LeftParen));
  DRIFT_ASSIGN(auto arguments, expressionList());
  if (kind == ConditionalKind::NullIf && arguments.size() != 2) return m_tokens.syntaxError();
  DRIFT_TRY(m_tokens.expect(TokenKind::RightParen));
  return make(m_tokens.since(start), ConditionalExpression{kind, std::move(arguments)});
}

Result<ExpressionPtr> Grammar::systemValue(SystemValueKind kind) {
  const SourceSpan start = m_tokens.take().span;
  SystemValue node{kind, std::nullopt};
  const bool takesPrecision = kind == SystemValueKind::CurrentTime || kind == SystemValueKind::CurrentTimestamp ||
                              kind == SystemValueKind::LocalTime || kind == SystemValueKind::LocalTimestamp;
  if (takesPrecision && m_tokens.at(TokenKind::LeftParen)) {
    DRIFT_ASSIGN(const auto modifiers, typeModifiers());
    if (modifiers.size() != 1 || modifiers.front() < 0 || modifiers.front() > 6)
      return Error(ErrorKind::InvalidParameterValue, "the precision of a time must be between 0 and 6")
          .at(m_tokens.since(start));
    node.precision = static_cast<std::int32_t>(modifiers.front());
  }
  return make(m_tokens.since(start), node);
}

Result<ExpressionPtr> Grammar::exists() {
  const SourceSpan start = m_tokens.take().span;
  DRIFT_ASSIGN(Parenthesized inside, parenthesized());
  if (!inside.query)
    return Error(ErrorKind::SyntaxError, "EXISTS takes a query in parentheses").at(inside.span);
  return make(m_tokens.since(start), ExistsExpression{std::move(inside.query)});
}

Result<ExpressionPtr> Grammar::row() {
  const SourceSpan start = m_tokens.take().span;
  DRIFT_TRY(m_tokens.expect(TokenKind::LeftParen));
  RowExpression node;
  if (!m_tokens.at(TokenKind::RightParen)) {
    DRIFT_ASSIGN(node.items, expressionList());
  }
  DRIFT_TRY(m_tokens.expect(TokenKind::RightParen));
  return make(m_tokens.since(start), std::move(node));
}

Result<ExpressionPtr> Grammar::array() {
  const SourceSpan start = m_tokens.take().span;
  if (m_tokens.at(TokenKind::LeftBracket)) return arrayItems(start);
  DRIFT_ASSIGN(Parenthesized inside, parenthesized());
  if (!inside.query) return Error(ErrorKind::SyntaxError, "ARRAY takes a list in brackets or a query").at(inside.span);
  return make(m_tokens.since(start), ArrayExpression{{}, std::move(inside.query)});
}

// [ item, … ]; an item may be such a list itself.
Result<ExpressionPtr> Grammar::arrayItems(SourceSpan start) {
  const Level level(*this);
  DRIFT_TRY(level.check());
  DRIFT_TRY(m_tokens.expect(TokenKind::LeftBracket));
  ArrayExpression node;
  while (!m_tokens.at(TokenKind::RightBracket)) {
    DRIFT_ASSIGN(ExpressionPtr item, m_tokens.at(TokenKind::LeftBracket) ? arrayItems(here()) : expression());
    node.items.push_back(std::move(item));
    if (!m_tokens.accept(TokenKind::Comma)) break;
    if (m_tokens.at(TokenKind::RightBracket)) return m_tokens.syntaxError();
  }
  DRIFT_TRY(m_tokens.expect(TokenKind::RightBracket));
  return make(m_tokens.since(start), std::move(node));
}

// name, table.name, function(…). A keyword that may only name functions must be followed by a call.
Result<ExpressionPtr> Grammar::columnOrCall() {
  const SourceSpan start = here();
  const bool mayBeColumn = m_tokens.atName(NameClass::Column);
  const bool mayBeFunction = m_tokens.atName(NameClass::Function);
  DRIFT_ASSIGN(QualifiedName name, qualifiedName(mayBeColumn ? NameClass::Column : NameClass::Function));
  if (m_tokens.at(TokenKind::LeftParen)) {
    if (!mayBeFunction && name.parts.size() == 1) return m_tokens.syntaxError();
    return call(std::move(name));
  }
  if (!mayBeColumn) return m_tokens.syntaxError();
  if (m_tokens.at(TokenKind::Dot) && m_tokens.atOperator("*", 1))
    return m_tokens.notSupported("A whole row as a value", m_tokens.since(start));
  return make(m_tokens.since(start), ColumnReference{std::move(name)});
}

// type 'text': the type is one word of any kind, or the words and modifiers of a type keyword.
bool Grammar::startsTypedLiteral() {
  if (m_tokens.atName(NameClass::Function) && m_tokens.atString(1)) return true;
  const Keyword keyword = m_tokens.peek().keyword;
  if (!isTypeKeyword(keyword)) return false;
  TokenStream saved = m_tokens;
  const bool typed = typeNameWords().ok() && m_tokens.atString();
  m_tokens = saved;
  return typed;
}

Result<ExpressionPtr> Grammar::typedLiteral() {
  const SourceSpan start = here();
  DRIFT_ASSIGN(TypeName type, typeNameWords());
  const SourceSpan textStart = here();
  DRIFT_ASSIGN(std::string text, m_tokens.string());
  SourceSpan textSpan = m_tokens.since(textStart);
  if (type.name == "interval" && m_tokens.peek().kind == TokenKind::Word) {
    // INTERVAL '1' DAY is INTERVAL '1 day'; finer forms (YEAR TO MONTH) would need field masks.
    switch (m_tokens.peek().keyword) {
      case Keyword::Year:
      case Keyword::Month:
      case Keyword::Day:
      case Keyword::Hour:
      case Keyword::Minute:
      case Keyword::Second: {
        const Token unit = m_tokens.take();
        if (m_tokens.at(Keyword::To)) return m_tokens.notSupported("An interval with a range of fields", unit.span);
        if (text.find_first_not_of("+-0123456789. ") != std::string::npos)
          return m_tokens.notSupported("An interval that has both units and a field", unit.span);
        text += ' ';
        text += keywordInfo(unit.keyword).text;
        break;
      }
      default: break;
    }
  }
  DRIFT_ASSIGN(ExpressionPtr operand, make(textSpan, Literal{LiteralKind::String, std::move(text)}));
  return make(m_tokens.since(start), CastExpression{std::move(operand), std::move(type), CastSyntax::TypedLiteral});
}

}  // namespace drift::sql
