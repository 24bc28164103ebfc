#include <CLI/CLI.hpp>

#include "api/database.h"
#include "tools/command.h"
#include "tools/console.h"

namespace drift::tools {

namespace {

std::string rangeText(const api::SalvageReport::CommitRange& range) {
  return range.first == range.last ? fmt::format("commit {}", range.first)
                                   : fmt::format("commits {} to {}", range.first, range.last);
}

Status salvage(const std::string& damaged, const std::string& target) {
  DRIFT_ASSIGN(const auto report, api::Database::salvage(damaged, target));
  for (const auto& range : report.lost)
    printNotice(fmt::format("{} could not be read and {} lost", rangeText(range), range.first == range.last ? "is" : "are"));
  if (report.changesAdapted > 0)
    printNotice(fmt::format("{} later changes were adapted to what is left", report.changesAdapted));
  for (const auto& note : report.notes) printNotice(note);
  return print(fmt::format("saved {} commits into {}; {} bytes could not be read\n", report.commits, target,
                           report.bytesUnread));
}

}  // namespace

void addSalvageCommand(CLI::App& app, Command& chosen) {
  auto* command = app.add_subcommand("salvage", "Save what can be read of a damaged database into a new one");
  const auto damaged = std::make_shared<std::string>();
  const auto target = std::make_shared<std::string>();
  command->add_option("FILE", *damaged, "Damaged database; it is only read")->required();
  command->add_option("NEWFILE", *target, "File to make; it must not exist yet")->required();
  command->callback([damaged, target, &chosen] { chosen = [damaged, target] { return salvage(*damaged, *target); }; });
}

}  // namespace drift::tools
