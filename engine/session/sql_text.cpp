// Splitting and highlighting of SQL text for programs: the answers of engine/sql in the API's structs.
#include "api/database.h"
#include "api/highlight.h"
#include "sql/highlight.h"
#include "sql/split.h"

namespace drift::api {

namespace {

HighlightKind kindOf(sql::HighlightClass kind) {
  switch (kind) {
    case sql::HighlightClass::Text: return HighlightKind::Text;
    case sql::HighlightClass::Keyword: return HighlightKind::Keyword;
    case sql::HighlightClass::TimeTravel: return HighlightKind::TimeTravel;
    case sql::HighlightClass::Type: return HighlightKind::Type;
    case sql::HighlightClass::String: return HighlightKind::String;
    case sql::HighlightClass::Number: return HighlightKind::Number;
    case sql::HighlightClass::Comment: return HighlightKind::Comment;
    case sql::HighlightClass::QuotedName: return HighlightKind::QuotedName;
    case sql::HighlightClass::Parameter: return HighlightKind::Parameter;
    case sql::HighlightClass::Operator: return HighlightKind::Operator;
    case sql::HighlightClass::Error: return HighlightKind::Error;
  }
  return HighlightKind::Text;
}

}  // namespace

std::vector<StatementRange> splitStatements(std::string_view script) {
  std::vector<StatementRange> ranges;
  for (const SourceSpan& span : sql::splitStatements(script)) ranges.push_back({span.offsetBytes, span.lengthBytes});
  return ranges;
}

std::vector<HighlightSpan> highlight(std::string_view text) {
  std::vector<HighlightSpan> spans;
  for (const sql::HighlightRange& range : drift::sql::highlight(text))
    spans.push_back({range.offsetBytes, range.lengthBytes, kindOf(range.kind)});
  return spans;
}

}  // namespace drift::api
