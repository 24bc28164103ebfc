// ResultPrinter: writes results to standard output in one of the formats of `drift sql`.
//
// Thread rule: main thread only.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/database.h"

namespace CLI {
class App;
}

namespace drift::tools {

enum class OutputFormat : std::uint8_t {
  Table,   ///< aligned columns, as psql prints them
  Csv,     ///< RFC 4180 with a header; NULL is empty, an empty text is ""
  Json,    ///< one array of objects a result
  Ndjson,  ///< one object a line
};

struct PrintStyle {
  std::string nullText;            ///< what the table format shows for NULL
  std::string timeZone = "UTC";    ///< of times with time zone
};

/// Prints results one after the other: begin(), addRows() any number of times, end(). Rows are not kept
/// longer than needed: the table format holds back a bounded number of them to find the widths.
class ResultPrinter {
 public:
  virtual ~ResultPrinter() = default;
  /// Starts a result; no columns: one that has only a tag.
  virtual Status begin(const std::vector<api::ResultColumn>& columns, const PrintStyle& style) = 0;
  virtual Status addRows(const api::Chunk& rows) = 0;
  /// `tag` is PostgreSQL's command tag, `committed` the commit that the statement made.
  virtual Status end(const std::string& tag, std::uint64_t rows, std::optional<CommitNumber> committed) = 0;
};

std::unique_ptr<ResultPrinter> makePrinter(OutputFormat format);
std::unique_ptr<ResultPrinter> makeTablePrinter();
std::unique_ptr<ResultPrinter> makeCsvPrinter();
/// `lines`: one object a line instead of one array a result.
std::unique_ptr<ResultPrinter> makeJsonPrinter(bool lines);

/// Adds --format to a subcommand.
void addFormatOption(CLI::App& command, OutputFormat& format);

}  // namespace drift::tools
