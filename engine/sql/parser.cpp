#include "sql/parser.h"

#include "sql/grammar.h"

namespace drift::sql {

namespace {

Status checkText(std::string_view text) {
  if (text.size() > kStatementBytesMax)
    return makeError(ErrorKind::LimitExceeded, "a statement has at most {} bytes; this one has {}", kStatementBytesMax,
                     text.size());
  if (const auto place = findInvalidUtf8(text)) {
    const auto byte = static_cast<unsigned char>(text[place->offsetBytes]);
    return makeError(ErrorKind::InvalidByteSequence, "invalid byte sequence for encoding \"UTF8\": 0x{:02x}", byte)
        .at(*place);
  }
  return {};
}

}  // namespace

Result<StatementPtr> parseStatement(std::string_view text) {
  DRIFT_TRY(checkText(text));
  return Grammar(text).wholeStatement();
}

Result<ExpressionPtr> parseExpression(std::string_view text) {
  DRIFT_TRY(checkText(text));
  return Grammar(text).wholeExpression();
}

Result<Moment> parseMoment(std::string_view text) {
  DRIFT_TRY(checkText(text));
  return Grammar(text).wholeMoment();
}

}  // namespace drift::sql
