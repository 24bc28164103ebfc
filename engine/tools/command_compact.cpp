#include <CLI/CLI.hpp>

#include "api/database.h"
#include "tools/command.h"
#include "tools/console.h"
#include "tools/progress_bar.h"
#include "tools/result_printer.h"
#include "tools/size_text.h"

namespace drift::tools {

namespace {

struct CompactArguments {
  std::string path;
  std::string keep = "all";
  std::string keepSince;
  std::uint64_t keepLast = 0;
  std::string thin;
  std::string thinAfter = "30 days";
  bool preview = false;
  OutputFormat format = OutputFormat::Table;
};

Result<api::Retention::Period> periodOf(const std::string& name) {
  using Period = api::Retention::Period;
  if (name == "hour") return Period::Hour;
  if (name == "day") return Period::Day;
  if (name == "week") return Period::Week;
  if (name == "month") return Period::Month;
  if (name == "year") return Period::Year;
  return makeError(ErrorKind::InvalidParameterValue, "--thin takes hour, day, week, month or year, not \"{}\"", name);
}

Result<api::Retention> readRetention(const CompactArguments& arguments, const api::Database& database) {
  api::Retention keep;
  if (!arguments.keepSince.empty()) {
    DRIFT_ASSIGN(keep.since, database.parseMoment(arguments.keepSince));
  }
  if (arguments.keepLast != 0) keep.last = arguments.keepLast;
  if (arguments.thin.empty()) return keep;
  keep.thinning = api::Retention::Thinning{};
  DRIFT_ASSIGN(keep.thinning->period, periodOf(arguments.thin));
  DRIFT_ASSIGN(keep.thinning->before, database.parseMoment(arguments.thinAfter));
  return keep;
}

Status printPreview(const api::CompactPreview& preview, OutputFormat format) {
  const auto printer = makePrinter(format);
  DRIFT_TRY(printer->begin({{"table", types::TypeId::Text, {}, {}},
                            {"versions", types::TypeId::BigInt, {}, {}},
                            {"kept", types::TypeId::BigInt, {}, {}},
                            {"log_bytes", types::TypeId::BigInt, {}, {}},
                            {"freed", types::TypeId::BigInt, {}, {}}},
                           {}));
  const auto number = [](std::uint64_t value) { return api::Value::bigInt(static_cast<std::int64_t>(value)); };
  for (const auto& table : preview.tables) {
    const auto freed = table.bytes > table.bytesKept ? table.bytes - table.bytesKept : 0;
    const std::vector<api::Value> values{api::Value::text(table.name), number(table.versions),
                                         number(table.versionsKept), number(table.bytes), number(freed)};
    std::vector<api::Type> types;
    for (const auto& value : values) types.push_back(value.type());
    api::Chunk row(types, 1);
    for (std::size_t at = 0; at < values.size(); ++at) row.column(at).set(0, values[at]);
    row.setRowCount(1);
    DRIFT_TRY(printer->addRows(row));
  }
  DRIFT_TRY(printer->end({}, preview.tables.size(), std::nullopt));
  printNotice(fmt::format("{} of {} commits would be kept; the file would have about {} of its {}", preview.commitsKept,
                          preview.commits, sizeText(preview.fileBytesKept), sizeText(preview.fileBytes)));
  return {};
}

Status compact(const CompactArguments& arguments) {
  if (arguments.keep != "all")
    return makeError(ErrorKind::InvalidParameterValue, "--keep takes all, not \"{}\"", arguments.keep)
        .withHint("use --keep-since, --keep-last or --thin to leave some of the history out");
  api::OpenOptions open;
  open.readOnly = arguments.preview;
  DRIFT_ASSIGN(const auto database, api::Database::open(arguments.path, open));
  api::CompactOptions options;
  DRIFT_ASSIGN(options.keep, readRetention(arguments, *database));
  ProgressBar bar(arguments.preview ? "counting" : "compacting");
  options.progress = [&](std::uint64_t done, std::uint64_t total) {
    bar.show(total ? static_cast<double>(done) / static_cast<double>(total) : 1.0);
    return true;
  };
  if (arguments.preview) {
    DRIFT_ASSIGN(const auto preview, database->previewCompact(options));
    DRIFT_TRY(database->close());
    return printPreview(preview, arguments.format);
  }
  DRIFT_ASSIGN(const auto report, database->compact(options));
  DRIFT_TRY(database->close());
  return print(fmt::format("{}: {} of {} commits kept, {} became {}\n", arguments.path, report.commitsAfter,
                           report.commitsBefore, sizeText(report.bytesBefore), sizeText(report.bytesAfter)));
}

}  // namespace

void addCompactCommand(CLI::App& app, Command& chosen) {
  auto* command = app.add_subcommand("compact", "Rewrite a database, with all of its history or without some of it");
  const auto arguments = std::make_shared<CompactArguments>();
  command->add_option("FILE", arguments->path, "Database")->required();
  auto* keep = command->add_option_group("keep", "What to keep; the rest of the history is gone for good");
  keep->add_option("--keep", arguments->keep, "all: every commit")->capture_default_str();
  keep->add_option("--keep-since", arguments->keepSince,
                   "The state as of this moment and all that came later: a timestamp, a distance back from now such as "
                   "\"90 days\", or \"COMMIT n\"");
  keep->add_option("--keep-last", arguments->keepLast, "So many of the newest commits")->check(CLI::PositiveNumber);
  keep->require_option(0, 1);
  command->add_option("--thin", arguments->thin, "Of each hour, day, week, month or year keep only the last commit …");
  command->add_option("--thin-after", arguments->thinAfter, "… where it is older than this")->capture_default_str();
  command->add_flag("--preview", arguments->preview, "Only tell what would be left, table by table; change nothing");
  addFormatOption(*command, arguments->format);
  command->callback([arguments, &chosen] { chosen = [arguments] { return compact(*arguments); }; });
}

}  // namespace drift::tools
