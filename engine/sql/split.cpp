#include "sql/split.h"

#include <optional>
#include <utility>

#include "sql/lexer.h"

namespace drift::sql {

std::vector<SourceSpan> splitStatements(std::string_view script) {
  std::vector<SourceSpan> statements;
  std::optional<SourceSpan> current;
  Lexer lexer(script);
  // Levels of BEGIN ATOMIC … END, within which semicolons part the statements of a function.
  std::size_t depth = 0;
  Keyword before = Keyword::NotKeyword;
  while (true) {
    const Token token = lexer.nextSignificant();
    const Keyword last = std::exchange(before, token.kind == TokenKind::Word ? token.keyword : Keyword::NotKeyword);
    if (last == Keyword::Begin && before == Keyword::Atomic) depth = 1;
    else if (depth > 0 && before == Keyword::Case) ++depth;
    else if (depth > 0 && before == Keyword::End) --depth;
    if (token.kind == TokenKind::End || (token.kind == TokenKind::Semicolon && depth == 0)) {
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
