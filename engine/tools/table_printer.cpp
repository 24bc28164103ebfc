// The table format, aligned as psql does it:
//
//    id | name
//   ----+------
//     1 | Ada
//   (1 row)
#include <algorithm>

#include "tools/console.h"
#include "tools/result_printer.h"
#include "tools/text_width.h"

namespace drift::tools {

namespace {

/// Text held back to find the widths. Past it, rows are printed with the widths known by then.
constexpr std::size_t kHeldBytesMax = 16u << 20;

class TablePrinter final : public ResultPrinter {
 public:
  Status begin(const std::vector<api::ResultColumn>& columns, const PrintStyle& style) override {
    m_style = style;
    m_columns = columns;
    m_widths.clear();
    m_headerPrinted = false;
    for (const auto& column : columns) m_widths.push_back(displayWidth(printable(column.name)));
    return {};
  }

  Status addRows(const api::Chunk& rows) override {
    for (std::size_t row = 0; row < rows.rowCount(); ++row) {
      std::vector<std::string> cells;
      for (std::size_t at = 0; at < m_columns.size(); ++at) {
        cells.push_back(cell(rows.column(at), row));
        m_widths[at] = std::max(m_widths[at], displayWidth(cells.back()));
        m_heldBytes += cells.back().size();
      }
      m_held.push_back(std::move(cells));
    }
    return m_heldBytes > kHeldBytesMax ? printHeld() : Status();
  }

  Status end(const std::string& tag, std::uint64_t rows, std::optional<CommitNumber> committed) override {
    const auto commit = committed ? fmt::format(" (commit {})", *committed) : std::string();
    if (m_columns.empty()) return print(fmt::format("{}{}\n", tag, commit));
    DRIFT_TRY(printHeld());
    DRIFT_TRY(print(fmt::format("({} row{})\n", rows, rows == 1 ? "" : "s")));
    // Rows of RETURNING come with a tag of their own.
    if (committed) DRIFT_TRY(print(fmt::format("{}{}\n", tag, commit)));
    return print("\n");
  }

 private:
  std::string cell(const api::Vector& column, std::size_t row) const {
    if (column.isNull(row)) return m_style.nullText;
    return printable(types::toText(column.get(row), {m_style.timeZone}));
  }

  bool isRightAligned(std::size_t column) const { return m_columns[column].type.isNumber(); }

  Status printHeld() {
    if (!m_headerPrinted) DRIFT_TRY(printHeader());
    m_headerPrinted = true;
    for (const auto& cells : m_held) {
      std::string line;
      for (std::size_t at = 0; at < cells.size(); ++at) {
        const std::string padding(m_widths[at] - displayWidth(cells[at]), ' ');
        line += at == 0 ? " " : " | ";
        line += isRightAligned(at) ? padding + cells[at] : cells[at] + padding;
      }
      line.erase(line.find_last_not_of(' ') + 1);
      DRIFT_TRY(print(line + "\n"));
    }
    m_held.clear();
    m_heldBytes = 0;
    return {};
  }

  Status printHeader() {
    std::string names;
    std::string rule;
    for (std::size_t at = 0; at < m_columns.size(); ++at) {
      const auto name = printable(m_columns[at].name);
      const auto padding = m_widths[at] - displayWidth(name);
      names += at == 0 ? " " : " | ";
      names += std::string(padding / 2, ' ') + name + std::string(padding - padding / 2, ' ');
      rule += (at == 0 ? "" : "+") + std::string(m_widths[at] + 2, '-');
    }
    names.erase(names.find_last_not_of(' ') + 1);
    return print(names + "\n" + rule + "\n");
  }

  PrintStyle m_style;
  std::vector<api::ResultColumn> m_columns;
  std::vector<std::size_t> m_widths;
  std::vector<std::vector<std::string>> m_held;
  std::size_t m_heldBytes = 0;
  bool m_headerPrinted = false;
};

}  // namespace

std::unique_ptr<ResultPrinter> makeTablePrinter() {
  return std::make_unique<TablePrinter>();
}

}  // namespace drift::tools
