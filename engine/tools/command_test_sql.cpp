#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include <CLI/CLI.hpp>

#include "tools/command.h"
#include "tools/console.h"
#include "tools/script_test.h"

namespace drift::tools {

namespace {

namespace fs = std::filesystem;

struct TestSqlOptions {
  std::vector<std::string> files;
  std::string dialect{kOwnDialect};
};

struct Tally {
  std::size_t passed = 0;
  std::size_t failed = 0;
  std::size_t unsupported = 0;
};

/// A folder that goes with the object; the program works in it meanwhile, so that files of COPY land there.
class WorkingFolder final {
 public:
  static Result<std::unique_ptr<WorkingFolder>> make() {
    std::error_code error;
    const auto before = fs::current_path(error);
    const auto parent = error ? fs::path() : fs::temp_directory_path(error);
    std::random_device random;
    for (int attempt = 0; attempt < 100 && !error; ++attempt) {
      const auto path = parent / fmt::format("drift-test-{:08x}{:08x}", random(), random());
      if (!fs::create_directory(path, error)) continue;
      fs::current_path(path, error);
      if (!error) return std::unique_ptr<WorkingFolder>(new WorkingFolder(path, before));
    }
    return makeError(ErrorKind::IoError, "no temporary folder can be made: {}", error.message());
  }
  ~WorkingFolder() {
    std::error_code ignored;  // what stays is in the folder of temporary files
    fs::current_path(m_before, ignored);
    fs::remove_all(m_path, ignored);
  }
  WorkingFolder(const WorkingFolder&) = delete;
  WorkingFolder& operator=(const WorkingFolder&) = delete;

  std::string file(const char* name) const { return (m_path / name).string(); }

 private:
  WorkingFolder(fs::path path, fs::path before) : m_path(std::move(path)), m_before(std::move(before)) {}

  const fs::path m_path;
  const fs::path m_before;
};

std::string indented(std::string_view text) {
  std::string result;
  for (const char letter : text) result += letter == '\n' ? std::string("\n  ") : std::string(1, letter);
  return result;
}

Status runFile(const std::string& name, const std::string& dialect, Tally& tally) {
  std::ifstream file(name, std::ios::binary);
  if (!file) return makeError(ErrorKind::FileNotFound, "the script {} cannot be opened", name);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (file.bad()) return makeError(ErrorKind::IoError, "{} could not be read", name);
  const auto records = readRecords(text, dialect);
  if (!records.ok()) return Error(records.error().kind(), name + ": " + records.error().message());
  DRIFT_ASSIGN(const auto folder, WorkingFolder::make());
  DRIFT_ASSIGN(const auto test, ScriptTest::open(folder->file("script.drift"), dialect));
  for (const auto& record : *records) {
    if (record.kind == RecordKind::Unsupported) {
      ++tally.unsupported;
      DRIFT_TRY(print(fmt::format("{}:{}: not supported: {}\n", name, record.line, record.argument)));
      continue;
    }
    DRIFT_ASSIGN(const auto failure, test->check(record));
    if (record.sql.empty() && !failure) continue;
    ++(failure ? tally.failed : tally.passed);
    if (!failure) continue;
    DRIFT_TRY(print(fmt::format("{}:{}: {}\n  expected: {}\n  got: {}\n", name, record.line, indented(record.sql),
                                failure->expected, failure->got)));
  }
  return {};
}

Status testSql(const TestSqlOptions& options) {
  Tally tally;
  for (const auto& file : options.files) {
    // A file that cannot be read, or a database that cannot go on, keeps no other file from being run.
    if (const auto done = runFile(file, options.dialect, tally); !done.ok()) {
      ++tally.failed;
      DRIFT_TRY(print(fmt::format("{}: {}\n", file, done.error().toString())));
    }
  }
  if (tally.unsupported > 0) DRIFT_TRY(print(fmt::format("{} directives are not supported\n", tally.unsupported)));
  DRIFT_TRY(print(fmt::format("{} passed, {} failed\n", tally.passed, tally.failed)));
  if (tally.failed > 0) return makeError(ErrorKind::CheckViolation, "{} records failed", tally.failed);
  return {};
}

}  // namespace

void addTestSqlCommand(CLI::App& app, Command& chosen) {
  auto* command =
      app.add_subcommand("test-sql", "Run SQL test scripts in sqllogictest form, each on a database of its own");
  const auto options = std::make_shared<TestSqlOptions>();
  command->add_option("FILE", options->files, "Scripts")->required();
  command->add_option("--dialect", options->dialect, "What skipif and onlyif call this database")
      ->capture_default_str();
  command->callback([options, &chosen] { chosen = [options] { return testSql(*options); }; });
}

}  // namespace drift::tools
