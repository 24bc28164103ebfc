// drift_bench [import] [storage] [--rows N]: prints figures; without names, all of them.
#include <cstdlib>
#include <cstring>
#include <set>
#include <string>

#include <fmt/format.h>

#include "benches.h"
#include "report.h"

int main(int argc, char** argv) {
  std::set<std::string> names;
  std::size_t rows = 200'000;
  for (int i = 1; i < argc; ++i) {
    if (!std::strcmp(argv[i], "--rows") && i + 1 < argc) rows = std::strtoull(argv[++i], nullptr, 10);
    else names.insert(argv[i]);
  }
  for (const auto& name : names)
    if (name != "import" && name != "storage") drift::bench::fail(fmt::format("no benchmark named \"{}\"", name));
  if (rows < 1000) drift::bench::fail("--rows needs a number of at least 1,000");
  const auto wanted = [&](const char* name) { return names.empty() || names.contains(name); };
  if (wanted("import")) drift::bench::benchImport();
  if (wanted("storage")) drift::bench::benchStorage(rows);
}
