#include "tools/moment_option.h"

#include <string_view>

#include <CLI/CLI.hpp>

namespace drift::tools {

namespace {

/// Gives the statement that sets the moment of --as-of: a commit number with or without #, @seq:n, or a time.
std::string setMomentSql(std::string_view moment) {
  if (moment.starts_with('@')) return fmt::format("SET SYSTEM_TIME = {}", moment);
  const auto digits = moment.starts_with('#') ? moment.substr(1) : moment;
  if (!digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos)
    return fmt::format("SET SYSTEM_TIME = COMMIT {}", digits);
  std::string quoted;
  for (const char byte : moment) quoted += byte == '\'' ? "''" : std::string(1, byte);
  return fmt::format("SET SYSTEM_TIME = '{}'", quoted);
}

}  // namespace

void addMomentOption(CLI::App& command, std::string& moment) {
  command.add_option("--as-of", moment,
                     "See the database as it was: a commit (123 or #123) or a time ('2025-01-31 18:00')");
}

Status setMoment(api::Session& session, const std::string& moment) {
  if (moment.empty()) return {};
  const auto set = session.execute(setMomentSql(moment));
  if (set.ok()) return {};
  // Its place would be one in a statement that the user never wrote.
  return Error(set.error().kind(), "--as-of: " + set.error().message()).withHint(set.error().hint());
}

}  // namespace drift::tools
