// Calls: arguments, aggregates' clauses, windows, and the calls with a grammar of their own.
#include "sql/grammar.h"

namespace drift::sql {

FunctionCall Grammar::builtinCall(std::string name, CallSyntax syntax, SourceSpan place) const {
  FunctionCall call;
  call.name = QualifiedName{{Identifier{std::move(name), false, place}}, place};
  call.syntax = syntax;
  return call;
}

Result<ExpressionPtr> Grammar::call(QualifiedName name) {
  const Level level(*this);
  DRIFT_TRY(level.check());
  const SourceSpan start = name.span;
  FunctionCall node;
  node.name = std::move(name);
  m_takesNumbers = m_takesNumbers || node.name.last().text == "nextval" || node.name.last().text == "setval";
  DRIFT_TRY(m_tokens.expect(TokenKind::LeftParen));
  DRIFT_TRY(callArguments(node));
  DRIFT_TRY(m_tokens.expect(TokenKind::RightParen));
  return callSuffixes(std::move(node), start);
}

Status Grammar::callArguments(FunctionCall& call) {
  if (m_tokens.at(TokenKind::RightParen)) return {};
  if (m_tokens.atOperator("*") && m_tokens.peek(1).kind == TokenKind::RightParen) {
    m_tokens.take();
    call.star = true;
    return {};
  }
  call.distinct = m_tokens.accept(Keyword::Distinct);
  if (!call.distinct) m_tokens.accept(Keyword::All);
  do {
    DRIFT_TRY(argumentName(call.names));
    DRIFT_ASSIGN(ExpressionPtr argument, expression());
    call.arguments.push_back(std::move(argument));
  } while (m_tokens.accept(TokenKind::Comma));
  if (m_tokens.at(Keyword::Order)) {
    DRIFT_ASSIGN(call.orderBy, orderBy());
  }
  return {};
}

// name => value, or name := value
Status Grammar::argumentName(std::vector<Identifier>& names) {
  if (m_tokens.at(Keyword::Variadic)) return m_tokens.notSupported("VARIADIC", here());
  const bool named = m_tokens.atName(NameClass::Function) &&
                     (m_tokens.peek(1).kind == TokenKind::ColonEquals || m_tokens.atOperator("=>", 1));
  if (!named) {
    if (names.empty()) return {};
    return Error(ErrorKind::SyntaxError, "positional argument cannot follow named argument").at(here());
  }
  DRIFT_ASSIGN(Identifier name, m_tokens.name(NameClass::Function));
  for (const auto& other : names)
    if (other.text == name.text)
      return makeError(ErrorKind::SyntaxError, "argument name \"{}\" used more than once", name.text).at(name.span);
  names.push_back(std::move(name));
  m_tokens.take();
  return {};
}

Result<ExpressionPtr> Grammar::callSuffixes(FunctionCall call, SourceSpan start) {
  if (m_tokens.accept(Keyword::Within)) {
    DRIFT_TRY(m_tokens.expect(Keyword::Group));
    DRIFT_TRY(m_tokens.expect(TokenKind::LeftParen));
    DRIFT_ASSIGN(call.withinGroup, orderBy());
    DRIFT_TRY(m_tokens.expect(TokenKind::RightParen));
  }
  if (m_tokens.at(Keyword::Filter) && m_tokens.peek(1).kind == TokenKind::LeftParen) {
    m_tokens.take();
    m_tokens.take();
    DRIFT_TRY(m_tokens.expect(Keyword::Where));
    DRIFT_ASSIGN(call.filter, expression());
    DRIFT_TRY(m_tokens.expect(TokenKind::RightParen));
  }
  const bool window = m_tokens.at(Keyword::Over) && (m_tokens.peek(1).kind == TokenKind::LeftParen ||
                                                     m_tokens.atName(NameClass::Column, 1));
  if (window) {
    const SourceSpan overStart = m_tokens.take().span;
    auto over = std::make_unique<WindowDefinition>();
    if (m_tokens.at(TokenKind::LeftParen)) {
      DRIFT_ASSIGN(*over, windowDefinition());
    } else {
      DRIFT_ASSIGN(over->base, m_tokens.name(NameClass::Column));
      over->nameOnly = true;
      over->span = m_tokens.since(overStart);
    }
    call.over = std::move(over);
  }
  return make(m_tokens.since(start), std::move(call));
}

// EXTRACT(field FROM x); the field is a word or a string.
Result<ExpressionPtr> Grammar::extractCall() {
  const SourceSpan start = here();
  FunctionCall call = builtinCall("extract", CallSyntax::Extract, m_tokens.take().span);
  DRIFT_TRY(m_tokens.expect(TokenKind::LeftParen));
  const SourceSpan fieldSpan = here();
  std::string field;
  if (m_tokens.atString()) {
    DRIFT_ASSIGN(field, m_tokens.string());
  } else {
    DRIFT_ASSIGN(const Identifier word, m_tokens.name(NameClass::Label));
    field = word.text;
  }
  DRIFT_ASSIGN(ExpressionPtr fieldLiteral, make(fieldSpan, Literal{LiteralKind::String, std::move(field)}));
  call.arguments.push_back(std::move(fieldLiteral));
  DRIFT_TRY(m_tokens.expect(Keyword::From));
  DRIFT_ASSIGN(ExpressionPtr source, expression());
  call.arguments.push_back(std::move(source));
  DRIFT_TRY(m_tokens.expect(TokenKind::RightParen));
  return make(m_tokens.since(start), std::move(call));
}

// SUBSTRING(x FROM a [FOR b]), SUBSTRING(x FOR b [FROM a]) or plain arguments.
Result<ExpressionPtr> Grammar::substringCall() {
  const SourceSpan start = here();
  FunctionCall call = builtinCall("substring", CallSyntax::Substring, m_tokens.take().span);
  DRIFT_TRY(m_tokens.expect(TokenKind::LeftParen));
  DRIFT_ASSIGN(call.arguments, expressionList());
  if (m_tokens.at(Keyword::Similar)) return m_tokens.notSupported("SUBSTRING with SIMILAR", here());
  if (m_tokens.at(Keyword::From) || m_tokens.at(Keyword::For)) {
    if (call.arguments.size() != 1) return m_tokens.syntaxError();
    ExpressionPtr from;
    ExpressionPtr count;
    while (m_tokens.at(Keyword::From) || m_tokens.at(Keyword::For)) {
      ExpressionPtr& target = m_tokens.at(Keyword::From) ? from : count;
      if (target) return m_tokens.syntaxError();
      m_tokens.take();
      DRIFT_ASSIGN(target, expression());
    }
    if (!from) {
      DRIFT_ASSIGN(from, make(count->span, Literal{LiteralKind::Integer, "1"}));
    }
    call.arguments.push_back(std::move(from));
    if (count) call.arguments.push_back(std::move(count));
  } else {
    call.syntax = CallSyntax::Plain;
  }
  DRIFT_TRY(m_tokens.expect(TokenKind::RightParen));
  return make(m_tokens.since(start), std::move(call));
}

// TRIM([BOTH | LEADING | TRAILING] [characters] FROM x), or TRIM([side] x [, characters]).
Result<ExpressionPtr> Grammar::trimCall() {
  const SourceSpan start = here();
  FunctionCall call = builtinCall("btrim", CallSyntax::Trim, m_tokens.take().span);
  DRIFT_TRY(m_tokens.expect(TokenKind::LeftParen));
  if (m_tokens.accept(Keyword::Leading)) {
    call.name.parts.front().text = "ltrim";
  } else if (m_tokens.accept(Keyword::Trailing)) {
    call.name.parts.front().text = "rtrim";
  } else {
    m_tokens.accept(Keyword::Both);
  }
  std::vector<ExpressionPtr> before;
  if (!m_tokens.at(Keyword::From)) {
    DRIFT_ASSIGN(before, expressionList());
  }
  if (m_tokens.accept(Keyword::From)) {
    DRIFT_ASSIGN(call.arguments, expressionList());
    for (ExpressionPtr& characters : before) call.arguments.push_back(std::move(characters));
  } else {
    call.arguments = std::move(before);
  }
  if (call.arguments.empty() || call.arguments.size() > 2) return m_tokens.syntaxError();
  DRIFT_TRY(m_tokens.expect(TokenKind::RightParen));
  return make(m_tokens.since(start), std::move(call));
}

// POSITION(part IN whole) is position(whole, part).
Result<ExpressionPtr> Grammar::positionCall() {
  const SourceSpan start = here();
  FunctionCall call = builtinCall("position", CallSyntax::Position, m_tokens.take().span);
  DRIFT_TRY(m_tokens.expect(TokenKind::LeftParen));
  DRIFT_ASSIGN(ExpressionPtr part, expressionAt(Power::Lowest, true));
  DRIFT_TRY(m_tokens.expect(Keyword::In));
  DRIFT_ASSIGN(ExpressionPtr whole, expressionAt(Power::Lowest, true));
  DRIFT_TRY(m_tokens.expect(TokenKind::RightParen));
  call.arguments.push_back(std::move(whole));
  call.arguments.push_back(std::move(part));
  return make(m_tokens.since(start), std::move(call));
}

// OVERLAY(x PLACING y FROM a [FOR b]) or plain arguments.
Result<ExpressionPtr> Grammar::overlayCall() {
  const SourceSpan start = here();
  FunctionCall call = builtinCall("overlay", CallSyntax::Overlay, m_tokens.take().span);
  DRIFT_TRY(m_tokens.expect(TokenKind::LeftParen));
  DRIFT_ASSIGN(call.arguments, expressionList());
  if (call.arguments.size() == 1 && m_tokens.accept(Keyword::Placing)) {
    DRIFT_ASSIGN(ExpressionPtr replacement, expression());
    call.arguments.push_back(std::move(replacement));
    DRIFT_TRY(m_tokens.expect(Keyword::From));
    DRIFT_ASSIGN(ExpressionPtr from, expression());
    call.arguments.push_back(std::move(from));
    if (m_tokens.accept(Keyword::For)) {
      DRIFT_ASSIGN(ExpressionPtr count, expression());
      call.arguments.push_back(std::move(count));
    }
  } else {
    call.syntax = CallSyntax::Plain;
  }
  DRIFT_TRY(m_tokens.expect(TokenKind::RightParen));
  return make(m_tokens.since(start), std::move(call));
}

// ( [base] [PARTITION BY …] [ORDER BY …] [frame] )
Result<WindowDefinition> Grammar::windowDefinition() {
  WindowDefinition window;
  const SourceSpan start = here();
  DRIFT_TRY(m_tokens.expect(TokenKind::LeftParen));
  const bool startsClause = m_tokens.at(Keyword::Partition) || m_tokens.at(Keyword::Range) ||
                            m_tokens.at(Keyword::Rows) || m_tokens.at(Keyword::Groups);
  if (!startsClause && m_tokens.atName(NameClass::Column)) {
    DRIFT_ASSIGN(window.base, m_tokens.name(NameClass::Column));
  }
  if (m_tokens.accept(Keyword::Partition)) {
    DRIFT_TRY(m_tokens.expect(Keyword::By));
    DRIFT_ASSIGN(window.partitionBy, expressionList());
  }
  if (m_tokens.at(Keyword::Order)) {
    DRIFT_ASSIGN(window.orderBy, orderBy());
  }
  if (m_tokens.at(Keyword::Range) || m_tokens.at(Keyword::Rows) || m_tokens.at(Keyword::Groups)) {
    DRIFT_ASSIGN(window.frame, windowFrame());
  }
  DRIFT_TRY(m_tokens.expect(TokenKind::RightParen));
  window.span = m_tokens.since(start);
  return window;
}

Result<WindowFrame> Grammar::windowFrame() {
  WindowFrame frame;
  const Keyword unit = m_tokens.take().keyword;
  frame.unit = unit == Keyword::Rows ? FrameUnit::Rows : unit == Keyword::Range ? FrameUnit::Range : FrameUnit::Groups;
  frame.end.kind = FrameBoundKind::CurrentRow;
  if (m_tokens.accept(Keyword::Between)) {
    DRIFT_ASSIGN(frame.start, frameBound());
    DRIFT_TRY(m_tokens.expect(Keyword::And));
    DRIFT_ASSIGN(frame.end, frameBound());
  } else {
    DRIFT_ASSIGN(frame.start, frameBound());
  }
  if (!m_tokens.accept(Keyword::Exclude)) return frame;
  if (m_tokens.accept(Keyword::Current, Keyword::Row)) {
    frame.exclusion = FrameExclusion::CurrentRow;
  } else if (m_tokens.accept(Keyword::Group)) {
    frame.exclusion = FrameExclusion::Group;
  } else if (m_tokens.accept(Keyword::Ties)) {
    frame.exclusion = FrameExclusion::Ties;
  } else if (!m_tokens.accept(Keyword::No, Keyword::Others)) {
    return m_tokens.syntaxError();
  }
  return frame;
}

Result<FrameBound> Grammar::frameBound() {
  FrameBound bound;
  if (m_tokens.accept(Keyword::Current, Keyword::Row)) {
    bound.kind = FrameBoundKind::CurrentRow;
    return bound;
  }
  const bool unbounded = m_tokens.at(Keyword::Unbounded) && (m_tokens.peek(1).keyword == Keyword::Preceding ||
                                                             m_tokens.peek(1).keyword == Keyword::Following);
  if (unbounded) {
    m_tokens.take();
  } else {
    DRIFT_ASSIGN(bound.offset, expression());
  }
  if (m_tokens.accept(Keyword::Preceding)) {
    bound.kind = unbounded ? FrameBoundKind::UnboundedPreceding : FrameBoundKind::Preceding;
  } else if (m_tokens.accept(Keyword::Following)) {
    bound.kind = unbounded ? FrameBoundKind::UnboundedFollowing : FrameBoundKind::Following;
  } else {
    return m_tokens.syntaxError();
  }
  return bound;
}

}  // namespace drift::sql
