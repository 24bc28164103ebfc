#include "tools/result_printer.h"

#include <map>

#include <CLI/CLI.hpp>

namespace drift::tools {

std::unique_ptr<ResultPrinter> makePrinter(OutputFormat format) {
  switch (format) {
    case OutputFormat::Table: return makeTablePrinter();
    case OutputFormat::Csv: return makeCsvPrinter();
    case OutputFormat::Json: return makeJsonPrinter(false);
    case OutputFormat::Ndjson: return makeJsonPrinter(true);
  }
  return nullptr;
}

void addFormatOption(CLI::App& command, OutputFormat& format) {
  static const std::map<std::string, OutputFormat> kFormats{{"table", OutputFormat::Table},
                                                            {"csv", OutputFormat::Csv},
                                                            {"json", OutputFormat::Json},
                                                            {"ndjson", OutputFormat::Ndjson}};
  command
      .add_option_function<std::string>(
          "--format", [&format](const std::string& name) { format = kFormats.at(name); },
          "How to print rows: table, csv, json or ndjson (default: table)")
      ->check(CLI::IsMember(kFormats))
      ->type_name("FORMAT");
}

}  // namespace drift::tools
