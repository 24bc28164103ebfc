#include "session/settings.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>

#include "runtime/worker_pool.h"

namespace drift::session {

namespace {

// Sizes are counted in kB, as PostgreSQL does.
constexpr std::uint64_t kMegabyte = 1024;
constexpr std::uint64_t kGigabyte = 1024 * kMegabyte;
constexpr std::uint64_t kMemoryMin = 64;
constexpr std::uint64_t kMemoryMax = 1024 * kGigabyte;

/// Stands for as many threads as the machine has cores.
constexpr std::string_view kAllCores = "cores";

/// Brings a value into the form that SHOW gives, or refuses it.
using Normalize = Result<std::string> (*)(std::string_view name, std::string_view value);

struct Definition {
  std::string_view name;
  std::string_view initial;
  Normalize normalize;  ///< null: the value cannot be changed
  std::string_view description;
};

std::string lower(std::string_view text) {
  std::string result(text);
  for (auto& letter : result)
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  return result;
}

Error doesNotFit(std::string_view name, std::string_view value) {
  return makeError(ErrorKind::InvalidParameterValue, "invalid value for parameter \"{}\": \"{}\"", name, value);
}

Result<std::string> anyText(std::string_view, std::string_view value) { return std::string(value); }

Result<std::string> onOff(std::string_view name, std::string_view value) {
  const auto word = lower(value);
  for (const auto* yes : {"on", "true", "yes", "1"})
    if (word == yes) return std::string("on");
  for (const auto* no : {"off", "false", "no", "0"})
    if (word == no) return std::string("off");
  return makeError(ErrorKind::InvalidParameterValue, "parameter \"{}\" requires a Boolean value", name);
}

Result<std::string> zone(std::string_view name, std::string_view value) {
  // Reading a time in it tells whether the zone is known.
  const auto zoneName = lower(value) == "utc" || lower(value) == "default" ? std::string("UTC") : std::string(value);
  const auto probe = types::parseText("2000-01-01 00:00:00", types::TypeId::TimestampTz, {zoneName});
  if (!probe.ok()) return doesNotFit(name, value).withHint("Use a name like 'UTC' or 'Europe/Berlin'.");
  return zoneName;
}

Result<std::string> isolation(std::string_view name, std::string_view value) {
  const auto level = lower(value);
  if (level == "serializable")
    return Error(ErrorKind::FeatureNotSupported, "isolation level SERIALIZABLE is not supported yet")
        .withHint("REPEATABLE READ gives each transaction one snapshot; the first committer wins.");
  if (level == "read uncommitted" || level == "read committed" || level == "repeatable read")
    return std::string("repeatable read");
  return doesNotFit(name, value);
}

/// Reads a size with its unit, or one without that counts `unit` kB; nothing where it is none.
std::optional<std::uint64_t> kilobytes(std::string_view value, std::uint64_t unit) {
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(value.data(), value.data() + value.size(), number);
  const auto word = lower(std::string_view(parsed.ptr, value.data() + value.size() - parsed.ptr));
  if (parsed.ec != std::errc()) return std::nullopt;
  if (word == "kb") unit = 1;
  else if (word == "mb") unit = kMegabyte;
  else if (word == "gb") unit = kGigabyte;
  else if (!word.empty()) return std::nullopt;
  if (number > kMemoryMax / unit) return std::nullopt;
  return number * unit;
}

std::string sizeText(std::uint64_t kilobytes) {
  const bool whole = kilobytes % kMegabyte == 0;
  return fmt::format("{}{}", whole ? kilobytes / kMegabyte : kilobytes, whole ? "MB" : "kB");
}

Result<std::string> memorySize(std::string_view name, std::string_view value, std::uint64_t unit) {
  const auto size = kilobytes(value, unit);
  if (!size || *size < kMemoryMin)
    return doesNotFit(name, value).withHint("Give a size such as '256MB' or '2GB', at least '64kB'.");
  return sizeText(*size);
}

Result<std::string> memory(std::string_view name, std::string_view value) { return memorySize(name, value, kMegabyte); }
Result<std::string> workMemory(std::string_view name, std::string_view value) { return memorySize(name, value, 1); }

Result<std::string> fileLimit(std::string_view name, std::string_view value) {
  if (value == "-1") return std::string(value);
  const auto size = kilobytes(value, 1);
  if (!size) return doesNotFit(name, value).withHint("Give a size such as '2GB', or -1 for no limit.");
  return sizeText(*size);
}

std::optional<std::size_t> workerCount(std::string_view value) {
  constexpr std::size_t kWorkersMax = 1024;
  std::size_t number = 0;
  const auto* end = value.data() + value.size();
  const auto parsed = std::from_chars(value.data(), end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end || number > kWorkersMax) return std::nullopt;
  return number;
}

Result<std::string> workers(std::string_view name, std::string_view value) {
  if (value == kAllCores) return std::to_string(runtime::WorkerPool::threadsOfMachine() + 1);
  const auto number = workerCount(value);
  if (!number)
    return doesNotFit(name, value).withHint("Give a number of threads up to 1024; 1 is the statement's own.");
  return std::to_string(*number);
}

Result<std::string> onlyInitial(std::string_view name, std::string_view value);

constexpr std::array kDefinitions{
    Definition{"application_name", "", anyText, "Name that the program gave itself."},
    Definition{"client_encoding", "UTF8", onlyInitial, "Encoding of all text: always UTF8."},
    Definition{"datestyle", "ISO, MDY", onlyInitial, "Form of dates and times: always ISO."},
    Definition{"default_transaction_isolation", "repeatable read", isolation, "Isolation of new transactions."},
    Definition{"default_transaction_read_only", "off", onOff, "Whether new transactions refuse to write."},
    Definition{"enable_indexscan", "on", onOff, "Whether queries may use indexes."},
    Definition{"enable_seqscan", "on", onOff, "Whether queries may read whole tables where an index serves too."},
    Definition{"max_parallel_workers", kAllCores, workers, "Threads that one statement may use; 1: only its own."},
    Definition{"query_memory", "512MB", memory, "Most memory that one statement may hold for its work."},
    Definition{"server_encoding", "UTF8", nullptr, "Encoding of the database: always UTF8."},
    Definition{"standard_conforming_strings", "on", onlyInitial, "A backslash in '…' is a plain character."},
    Definition{"temp_directory", "", anyText, "Folder for temporary files; empty: beside the database."},
    Definition{"temp_file_limit", "-1", fileLimit,
               "Most room that one statement may take in temporary files; -1: any."},
    Definition{"timezone", "UTC", zone, "Time zone for showing and reading times."},
    Definition{"transaction_isolation", "repeatable read", isolation, "Isolation of this transaction."},
    Definition{"work_mem", "128MB", workMemory, "Memory of one sort or hash table, beyond which it uses a file."},
};

const Definition* find(std::string_view name) {
  const auto wanted = name == "time zone" ? std::string_view("timezone") : name;
  for (const auto& definition : kDefinitions)
    if (definition.name == wanted) return &definition;
  return nullptr;
}

Result<std::string> onlyInitial(std::string_view name, std::string_view value) {
  const auto* definition = find(name);
  assert(definition);
  const std::string_view initial = definition->initial;
  const auto firstWord = initial.substr(0, initial.find(','));
  const bool sameWord = lower(value) == lower(firstWord) || (firstWord == "UTF8" && lower(value) == "utf-8");
  if (sameWord || lower(value) == lower(initial)) return std::string(initial);
  return makeError(ErrorKind::FeatureNotSupported, "\"{}\" cannot be anything but {}", name, initial);
}

Error unknown(std::string_view name) {
  return makeError(ErrorKind::UndefinedObject, "unrecognized configuration parameter \"{}\"", name);
}

}  // namespace

Status Settings::set(std::string_view name, const std::vector<std::string>& values, bool local) {
  const auto* definition = find(name);
  if (!definition) return unknown(name);
  if (!definition->normalize)
    return makeError(ErrorKind::InvalidParameterValue, "parameter \"{}\" cannot be changed", definition->name);
  std::string value;
  for (const auto& word : values) value += (value.empty() ? "" : ", ") + word;
  if (values.empty()) value = definition->initial;
  DRIFT_ASSIGN(auto normal, definition->normalize(definition->name, value));
  m_forStatements.reset();
  if (!local) m_local.erase(std::string(definition->name));
  (local ? m_local : m_session).insert_or_assign(std::string(definition->name), std::move(normal));
  return {};
}

Status Settings::reset(std::string_view name) { return set(name, {}, false); }

void Settings::endLocal() {
  if (m_local.empty()) return;
  m_local.clear();
  m_forStatements.reset();
}

void Settings::resetAll() {
  m_forStatements.reset();
  m_session.clear();
  m_local.clear();
}

Result<std::string> Settings::show(std::string_view name) const {
  const auto* definition = find(name);
  if (!definition) return unknown(name);
  if (const auto at = m_local.find(definition->name); at != m_local.end()) return at->second;
  if (const auto at = m_session.find(definition->name); at != m_session.end()) return at->second;
  if (definition->initial == kAllCores) return definition->normalize(definition->name, kAllCores);
  return std::string(definition->initial);
}

std::vector<SettingLine> Settings::all() const {
  std::vector<SettingLine> lines;
  for (const auto& definition : kDefinitions)
    lines.push_back({std::string(definition.name), show(definition.name).value(), std::string(definition.description)});
  return lines;
}

const StatementSettings& Settings::forStatements() const {
  if (m_forStatements) return *m_forStatements;
  const auto text = [&](std::string_view name) { return show(name).value(); };
  // Sizes were written by the functions above, so they parse.
  const auto bytes = [&](std::string_view name) { return kilobytes(text(name), 1).value() * 1024; };
  auto& made = m_forStatements.emplace();
  made.timeZone = text("timezone");
  made.readOnly = text("default_transaction_read_only") == "on";
  made.indexScans = text("enable_indexscan") == "on";
  made.tableScans = text("enable_seqscan") == "on";
  made.memoryBytesMax = bytes("query_memory");
  made.parallelWorkers = workerCount(text("max_parallel_workers")).value();
  made.spill.workBytes = bytes("work_mem");
  if (text("temp_file_limit") != "-1") made.spill.fileBytesMax = bytes("temp_file_limit");
  made.spill.folder = text("temp_directory");
  return made;
}

}  // namespace drift::session
