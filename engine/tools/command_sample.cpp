#include <CLI/CLI.hpp>

#include "sample/sample.h"
#include "tools/command.h"
#include "tools/console.h"
#include "tools/progress_bar.h"

namespace drift::tools {

namespace {

struct SampleArguments {
  std::string path;
  std::uint64_t seed = 1;
};

Status makeSample(const SampleArguments& arguments) {
  sample::SampleReport report;
  {
    ProgressBar bar("making the sample shop");
    sample::SampleOptions options;
    options.seed = arguments.seed;
    options.progress = [&](double share) { bar.show(share); };
    DRIFT_ASSIGN(report, sample::createSample(arguments.path, options));
  }
  return print(fmt::format("{}: {} commits, {} orders, {} customers\n", arguments.path, report.commits, report.orders,
                           report.customers));
}

}  // namespace

void addSampleCommand(CLI::App& app, Command& chosen) {
  auto* command = app.add_subcommand("sample", "Make a sample database: a shop with two years of history");
  const auto arguments = std::make_shared<SampleArguments>();
  command->add_option("FILE", arguments->path, "Database to make")->required();
  command->add_option("--seed", arguments->seed, "The same seed makes the same history")->capture_default_str();
  command->callback([arguments, &chosen] { chosen = [arguments] { return makeSample(*arguments); }; });
}

}  // namespace drift::tools
