// Operators: a Pratt parser with PostgreSQL's precedence (table 4.2).
#include <algorithm>
#include <optional>

#include "sql/call_names.h"
#include "sql/grammar.h"

namespace drift::sql {

namespace {

Power tighter(Power power) { return static_cast<Power>(static_cast<int>(power) + 1); }

Power looser(Power power) { return static_cast<Power>(static_cast<int>(power) - 1); }

Power powerOf(std::string_view op) {
  if (op == "+" || op == "-") return Power::Additive;
  if (op == "*" || op == "/" || op == "%") return Power::Multiplicative;
  if (op == "^") return Power::Exponent;
  if (op == "=" || op == "<" || op == ">" || op == "<=" || op == ">=" || op == "<>" || op == "!=")
    return Power::Comparison;
  return Power::OtherOperator;
}

std::string normalOperator(std::string_view op) { return op == "!=" ? "<>" : std::string(op); }

SourceSpan cover(SourceSpan from, SourceSpan to) {
  from.lengthBytes = to.offsetBytes + to.lengthBytes - from.offsetBytes;
  return from;
}

}  // namespace

Result<ExpressionPtr> Grammar::expressionAt(Power least, bool restricted) {
  const Level level(*this);
  DRIFT_TRY(level.check());
  DRIFT_ASSIGN(ExpressionPtr left, prefix(restricted));
  return infix(std::move(left), least, restricted);
}

Result<std::vector<ExpressionPtr>> Grammar::expressionList() {
  std::vector<ExpressionPtr> list;
  do {
    DRIFT_ASSIGN(ExpressionPtr item, expression());
    list.push_back(std::move(item));
  } while (m_tokens.accept(TokenKind::Comma));
  return list;
}

Result<ExpressionPtr> Grammar::prefix(bool restricted) {
  const SourceSpan start = here();
  if (!restricted && m_tokens.at(Keyword::Not)) {
    m_tokens.take();
    DRIFT_ASSIGN(ExpressionPtr operand, expressionAt(Power::Not, restricted));
    return make(m_tokens.since(start), NotExpression{std::move(operand)});
  }
  if (!m_tokens.at(TokenKind::Operator)) return primary();
  const Token op = m_tokens.take();
  const std::string text(m_tokens.textOf(op));
  const Power power = powerOf(text);
  // Only signs and the operators without a place of their own in the table can stand in front.
  if (power != Power::Additive && power != Power::OtherOperator)
    return makeError(ErrorKind::SyntaxError, "syntax error at or near \"{}\"", text).at(op.span);
  DRIFT_ASSIGN(ExpressionPtr operand,
               expressionAt(power == Power::Additive ? Power::Sign : tighter(power), restricted));
  return make(m_tokens.since(start), UnaryExpression{text, op.span, std::move(operand)});
}

// The power of the operator at the current token, or nothing where the expression ends.
std::optional<Power> Grammar::infixPower(bool restricted) {
  const Token& token = m_tokens.peek();
  if (token.kind == TokenKind::Operator) return powerOf(m_tokens.textOf(token));
  if (token.kind == TokenKind::DoubleColon) return Power::Cast;
  if (token.kind == TokenKind::LeftBracket) return Power::Subscript;
  if (token.keyword == Keyword::Is) return Power::Is;
  if (restricted) return std::nullopt;
  switch (token.keyword) {
    case Keyword::Or: return Power::Or;
    case Keyword::And: return Power::And;
    case Keyword::Isnull:
    case Keyword::Notnull: return Power::Is;
    case Keyword::Collate:
    case Keyword::Overlaps: return Power::Collate;
    default: break;
  }
  if (startsContainment(false, 0)) return Power::Containment;
  if (m_tokens.at(Keyword::At, Keyword::Time)) return Power::AtTimeZone;
  return std::nullopt;
}

// Reads operators that bind at least as tightly as `least`. A comparison, BETWEEN, LIKE or IS DISTINCT FROM
// that ends in an operand does not chain with its like: a < b < c is an error at the second sign.
Result<ExpressionPtr> Grammar::infix(ExpressionPtr left, Power least, bool restricted) {
  Power stop = Power::Cast;  // the tightest power that may still follow
  while (true) {
    const Token token = m_tokens.peek();
    const std::optional<Power> power = infixPower(restricted);
    if (!power || *power < least) return left;
    if (*power > stop) return m_tokens.syntaxError();
    Power nextStop = Power::Cast;
    Result<ExpressionPtr> next = ExpressionPtr();
    switch (*power) {
      case Power::Or: next = logical(std::move(left), LogicalOperator::Or); break;
      case Power::And: next = logical(std::move(left), LogicalOperator::And); break;
      case Power::Is:
        next = isTest(std::move(left), restricted);
        if (next.ok() && getIf<DistinctTest>(**next)) nextStop = looser(Power::Is);
        break;
      case Power::Containment: {
        const bool closed = m_tokens.at(Keyword::In) || m_tokens.at(Keyword::Not, Keyword::In);
        next = containment(std::move(left));
        if (!closed) nextStop = looser(Power::Containment);
        break;
      }
      case Power::AtTimeZone: next = timeZone(std::move(left)); break;
      case Power::Cast: next = castSuffix(std::move(left)); break;
      case Power::Comparison: nextStop = looser(Power::Comparison); [[fallthrough]];
      case Power::OtherOperator:
      case Power::Additive:
      case Power::Multiplicative:
      case Power::Exponent: next = binary(std::move(left), *power, restricted); break;
      case Power::Subscript: next = subscripts(std::move(left)); break;
      case Power::Collate:
        if (token.keyword != Keyword::Collate) return m_tokens.notSupported("OVERLAPS", token.span);
        next = collation(std::move(left));
        break;
      case Power::Lowest:
      case Power::Not:
      case Power::Sign: return left;
    }
    if (!next.ok()) return next;
    left = std::move(next).value();
    stop = nextStop;
  }
}

Result<ExpressionPtr> Grammar::binary(ExpressionPtr left, Power power, bool restricted) {
  const Token op = m_tokens.take();
  const std::string text = normalOperator(m_tokens.textOf(op));
  if (text == "=>") return m_tokens.notSupported("A named argument", op.span);
  const bool quantifier = m_tokens.at(Keyword::Any) || m_tokens.at(Keyword::Some) || m_tokens.at(Keyword::All);
  if (quantifier && !restricted) return quantified(std::move(left), op);
  DRIFT_ASSIGN(ExpressionPtr right, expressionAt(tighter(power), restricted));
  const SourceSpan span = cover(left->span, m_tokens.since(left->span));
  return make(span, BinaryExpression{text, op.span, std::move(left), std::move(right)});
}

Result<ExpressionPtr> Grammar::quantified(ExpressionPtr left, const Token& op) {
  const Quantifier quantifier = m_tokens.take().keyword == Keyword::All ? Quantifier::All : Quantifier::Any;
  QuantifiedComparison node{nullptr, normalOperator(m_tokens.textOf(op)), op.span, quantifier, nullptr, nullptr, {}};
  DRIFT_ASSIGN(Parenthesized inside, parenthesized());
  node.query = std::move(inside.query);
  if (!node.query) {
    if (inside.items.size() != 1) return m_tokens.syntaxError();
    node.array = std::move(inside.items.front());
    // A list of items is compared item by item, which need not have one type.
    auto* list = std::get_if<ArrayExpression>(&node.array->node);
    const bool plain = list && !list->query && std::ranges::none_of(list->items, [](const ExpressionPtr& item) {
      return getIf<ArrayExpression>(*item) != nullptr;
    });
    if (plain) {
      node.items = std::move(list->items);
      node.array.reset();
    }
  }
  const SourceSpan span = m_tokens.since(left->span);
  node.left = std::move(left);
  return make(span, std::move(node));
}

// A chain of the same operator becomes one node, however long it is.
Result<ExpressionPtr> Grammar::logical(ExpressionPtr left, LogicalOperator op) {
  const Keyword keyword = op == LogicalOperator::And ? Keyword::And : Keyword::Or;
  const Power power = op == LogicalOperator::And ? Power::And : Power::Or;
  const SourceSpan start = left->span;
  LogicalExpression node{op, {}};
  node.operands.push_back(std::move(left));
  while (m_tokens.accept(keyword)) {
    DRIFT_ASSIGN(ExpressionPtr operand, expressionAt(tighter(power), false));
    node.operands.push_back(std::move(operand));
  }
  return make(m_tokens.since(start), std::move(node));
}

Result<ExpressionPtr> Grammar::isTest(ExpressionPtr left, bool restricted) {
  const SourceSpan start = left->span;
  const Keyword word = m_tokens.take().keyword;
  if (word != Keyword::Is)
    return make(m_tokens.since(start), IsTest{std::move(left), IsTestKind::Null, word == Keyword::Notnull});
  const bool negated = m_tokens.accept(Keyword::Not);
  if (m_tokens.accept(Keyword::Distinct)) {
    DRIFT_TRY(m_tokens.expect(Keyword::From));
    DRIFT_ASSIGN(ExpressionPtr right, expressionAt(tighter(Power::Is), restricted));
    return make(m_tokens.since(start), DistinctTest{std::move(left), std::move(right), negated});
  }
  const Token test = m_tokens.peek();
  IsTestKind kind = IsTestKind::Null;
  switch (test.keyword) {
    case Keyword::Null: kind = IsTestKind::Null; break;
    case Keyword::True: kind = IsTestKind::True; break;
    case Keyword::False: kind = IsTestKind::False; break;
    case Keyword::Unknown: kind = IsTestKind::Unknown; break;
    case Keyword::Document:
    case Keyword::Normalized:
    case Keyword::Nfc:
    case Keyword::Nfd:
    case Keyword::Nfkc:
    case Keyword::Nfkd: return m_tokens.notSupported("This form of IS", test.span);
    default: return m_tokens.syntaxError();
  }
  if (restricted) return m_tokens.syntaxError();
  m_tokens.take();
  return make(m_tokens.since(start), IsTest{std::move(left), kind, negated});
}

bool Grammar::startsContainment(bool afterNot, std::size_t ahead) {
  switch (m_tokens.peek(ahead).keyword) {
    case Keyword::Between:
    case Keyword::In:
    case Keyword::Like:
    case Keyword::Ilike:
    case Keyword::Similar: return true;
    case Keyword::Not: return !afterNot && startsContainment(true, ahead + 1);
    default: return false;
  }
}

Result<ExpressionPtr> Grammar::containment(ExpressionPtr left) {
  const bool negated = m_tokens.accept(Keyword::Not);
  switch (m_tokens.peek().keyword) {
    case Keyword::Between: return between(std::move(left), negated);
    case Keyword::In: return inTest(std::move(left), negated);
    case Keyword::Similar: return m_tokens.notSupported("SIMILAR TO", here());
    default: return like(std::move(left), negated);
  }
}

Result<ExpressionPtr> Grammar::between(ExpressionPtr left, bool negated) {
  const SourceSpan start = left->span;
  m_tokens.take();
  const bool symmetric = m_tokens.accept(Keyword::Symmetric);
  if (!symmetric) m_tokens.accept(Keyword::Asymmetric);
  DRIFT_ASSIGN(ExpressionPtr low, expressionAt(Power::Lowest, true));
  DRIFT_TRY(m_tokens.expect(Keyword::And));
  DRIFT_ASSIGN(ExpressionPtr high, expressionAt(tighter(Power::Containment), false));
  return make(m_tokens.since(start),
              BetweenExpression{std::move(left), std::move(low), std::move(high), symmetric, negated});
}

Result<ExpressionPtr> Grammar::inTest(ExpressionPtr left, bool negated) {
  const SourceSpan start = left->span;
  m_tokens.take();
  if (!m_tokens.at(TokenKind::LeftParen)) return m_tokens.syntaxError();
  DRIFT_ASSIGN(Parenthesized inside, parenthesized());
  const SourceSpan span = m_tokens.since(start);
  if (inside.query) return make(span, InQueryExpression{std::move(left), std::move(inside.query), negated});
  return make(span, InListExpression{std::move(left), std::move(inside.items), negated});
}

Result<ExpressionPtr> Grammar::like(ExpressionPtr left, bool negated) {
  const SourceSpan start = left->span;
  LikeExpression node;
  const Token word = m_tokens.take();
  node.ignoreCase = word.keyword == Keyword::Ilike;
  node.negated = negated;
  if (m_tokens.at(Keyword::Any) || m_tokens.at(Keyword::Some) || m_tokens.at(Keyword::All)) {
    DRIFT_ASSIGN(ExpressionPtr each, quantified(std::move(left), word));
    std::get<QuantifiedComparison>(each->node).op =
        std::string(negated ? "!" : "") + (node.ignoreCase ? "~~*" : "~~");
    return each;
  }
  DRIFT_ASSIGN(node.pattern, expressionAt(tighter(Power::Containment), false));
  if (m_tokens.accept(Keyword::Escape)) {
    DRIFT_ASSIGN(node.escape, expressionAt(tighter(Power::Containment), false));
  }
  node.operand = std::move(left);
  return make(m_tokens.since(start), std::move(node));
}

Result<ExpressionPtr> Grammar::timeZone(ExpressionPtr left) {
  const SourceSpan start = left->span;
  const Token at = m_tokens.take();
  m_tokens.take();
  DRIFT_TRY(m_tokens.expect(Keyword::Zone));
  DRIFT_ASSIGN(ExpressionPtr zone, expressionAt(tighter(Power::AtTimeZone), false));
  FunctionCall call = builtinCall("timezone", CallSyntax::TimeZone, at.span);
  call.arguments.push_back(std::move(zone));
  call.arguments.push_back(std::move(left));
  return make(m_tokens.since(start), std::move(call));
}

// x COLLATE "name" is a call with the name as text, which binding knows.
Result<ExpressionPtr> Grammar::collation(ExpressionPtr left) {
  const SourceSpan start = left->span;
  const Token word = m_tokens.take();
  DRIFT_ASSIGN(const QualifiedName name, qualifiedName(NameClass::Column));
  // Those that there are stand in pg_catalog.
  const bool known = name.parts.size() == 1 || (name.parts.size() == 2 && name.parts.front().text == "pg_catalog");
  DRIFT_ASSIGN(ExpressionPtr text,
               make(name.span, Literal{LiteralKind::String, known ? name.last().text : name.toString()}));
  FunctionCall call = builtinCall(std::string(kCollateCall), CallSyntax::Plain, word.span);
  call.arguments.push_back(std::move(left));
  call.arguments.push_back(std::move(text));
  return make(m_tokens.since(start), std::move(call));
}

Result<ExpressionPtr> Grammar::subscripts(ExpressionPtr left) {
  const SourceSpan start = left->span;
  SubscriptExpression node;
  while (m_tokens.accept(TokenKind::LeftBracket)) {
    Subscript subscript;
    if (!m_tokens.at(TokenKind::Colon)) {
      DRIFT_ASSIGN(subscript.upper, expression());
    }
    if (m_tokens.accept(TokenKind::Colon)) {
      subscript.slice = true;
      subscript.lower = std::move(subscript.upper);
      if (!m_tokens.at(TokenKind::RightBracket)) {
        DRIFT_ASSIGN(subscript.upper, expression());
      }
    }
    DRIFT_TRY(m_tokens.expect(TokenKind::RightBracket));
    node.subscripts.push_back(std::move(subscript));
  }
  node.operand = std::move(left);
  return make(m_tokens.since(start), std::move(node));
}

Result<ExpressionPtr> Grammar::castSuffix(ExpressionPtr left) {
  const SourceSpan start = left->span;
  m_tokens.take();
  DRIFT_ASSIGN(TypeName type, typeName());
  return make(m_tokens.since(start), CastExpression{std::move(left), std::move(type), CastSyntax::DoubleColon});
}

}  // namespace drift::sql
