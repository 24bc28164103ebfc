#include "session/commit_message.h"

#include <algorithm>

#include "types/utf8.h"

namespace drift::session {

namespace {

bool isBlank(char letter) {
  return letter == ' ' || letter == '\t' || letter == '\n' || letter == '\r' || letter == '\f' || letter == '\v';
}

/// Leaves out blanks and comments in front. An unclosed comment leaves nothing.
std::string_view withoutLeadingComments(std::string_view sql) {
  while (!sql.empty()) {
    if (isBlank(sql.front()) || sql.front() == ';') {
      sql.remove_prefix(1);
    } else if (sql.starts_with("--")) {
      sql.remove_prefix(std::min(sql.size(), sql.find('\n')));
    } else if (sql.starts_with("/*")) {
      int depth = 0;  // comments nest in SQL
      do {
        const bool opens = sql.starts_with("/*");
        const bool closes = sql.starts_with("*/");
        depth += opens ? 1 : closes ? -1 : 0;
        sql.remove_prefix(opens || closes ? 2 : 1);
      } while (depth > 0 && !sql.empty());
    } else {
      break;
    }
  }
  return sql;
}

}  // namespace

std::string commitMessage(std::string_view sql) {
  std::string line;
  std::size_t length = 0;
  for (const char byte : withoutLeadingComments(sql)) {
    const bool blank = isBlank(byte);
    if (blank && (line.empty() || line.back() == ' ')) continue;
    if (types::startsCodePoint(byte) && ++length > kCommitMessageLengthMax) {
      while (line.ends_with(' ')) line.pop_back();
      return line + "…";
    }
    line += blank ? ' ' : byte;
  }
  while (line.ends_with(' ') || line.ends_with(';')) line.pop_back();
  return line;
}

}  // namespace drift::session
