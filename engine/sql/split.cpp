#include "sql/split.h"

#include <optional>

#include "sql/lexer.h"

namespace drift::sql {

std::vector<SourceSpan> splitStatements(std::string_view script) {
  std::vector<SourceSpan> statements;
  std::optional<SourceSpan> current;
  Lexer lexer(script);
  while (true) {
    const Token token = lexer.nextSignificant();
    if (token.kind == TokenKind::End || token.kind == TokenKind::Semicolon) {
      if (current) statements.push_back(*current);
      current.reset();
      if (token.kind == TokenKind::End) return statements;
      continue;
    }
    if (!current) current = token.span;
    current->lengthBytes = token.span.offsetBytes + token.span.lengthBytes - current->offsetBytes;
  }
}

}  // namespace drift::sql
