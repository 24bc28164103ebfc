#include "tools/console.h"
#include "tools/result_printer.h"

namespace drift::tools {

namespace {

/// Quotes a field where RFC 4180 asks for it, and an empty one, to tell it from NULL.
std::string field(std::string_view text) {
  if (!text.empty() && text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char byte : text) {
    if (byte == '"') quoted += '"';
    quoted += byte;
  }
  return quoted + '"';
}

class CsvPrinter final : public ResultPrinter {
 public:
  Status begin(const std::vector<api::ResultColumn>& columns, const PrintStyle& style) override {
    m_style = style;
    m_columnCount = columns.size();
    if (columns.empty()) return {};
    std::string line = m_printedOne ? "\n" : "";  // a blank line between results
    for (std::size_t at = 0; at < columns.size(); ++at) line += (at == 0 ? "" : ",") + field(columns[at].name);
    m_printedOne = true;
    return print(line + "\n");
  }

  Status addRows(const api::Chunk& rows) override {
    std::string text;
    for (std::size_t row = 0; row < rows.rowCount(); ++row) {
      for (std::size_t at = 0; at < m_columnCount; ++at) {
        if (at > 0) text += ',';
        const auto& column = rows.column(at);
        if (!column.isNull(row)) text += field(types::toText(column.get(row), {m_style.timeZone}));
      }
      text += '\n';
    }
    return print(text);
  }

  Status end(const std::string&, std::uint64_t, std::optional<CommitNumber>) override { return {}; }

 private:
  PrintStyle m_style;
  std::size_t m_columnCount = 0;
  bool m_printedOne = false;
};

}  // namespace

std::unique_ptr<ResultPrinter> makeCsvPrinter() {
  return std::make_unique<CsvPrinter>();
}

}  // namespace drift::tools
