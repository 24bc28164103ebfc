#include <CLI/CLI.hpp>

#include "api/database.h"
#include "tools/command.h"
#include "tools/console.h"

namespace drift::tools {

namespace {

Status verify(const std::string& path) {
  api::OpenOptions options;
  options.readOnly = true;  // looks only: takes no lock and mends nothing
  DRIFT_ASSIGN(const auto database, api::Database::open(path, options));
  if (const auto notice = database->openNotice(); !notice.empty()) printNotice(notice);
  DRIFT_ASSIGN(const auto report, database->verify());
  DRIFT_TRY(database->close());
  for (const auto& finding : report.findings)
    printNotice(fmt::format("offset {}: {}", finding.offset, finding.sentence));
  DRIFT_TRY(print(fmt::format("commits: {}, epochs: {}, frames: {}, bytes: {}\n", report.commits, report.epochs,
                              report.frames, report.bytes)));
  if (report.findings.empty()) return print("sound: every checksum, order and count holds\n");
  return makeError(ErrorKind::DataCorrupted, "{} is damaged; findings: {}", path, report.findings.size());
}

}  // namespace

void addVerifyCommand(CLI::App& app, Command& chosen) {
  auto* command = app.add_subcommand("verify", "Read the whole file and check that it is sound");
  const auto path = std::make_shared<std::string>();
  command->add_option("FILE", *path, "Database")->required();
  command->callback([path, &chosen] { chosen = [path] { return verify(*path); }; });
}

}  // namespace drift::tools
