#include "session/settings.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <limits>

namespace drift::session {

namespace {

constexpr std::uint64_t kMegabyte = 1024 * 1024;
constexpr std::uint64_t kQueryMemoryMax = 1024 * 1024 * kMegabyte;

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

Result<std::string> memory(std::string_view name, std::string_view value) {
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(value.data(), value.data() + value.size(), number);
  const auto unit = lower(std::string_view(parsed.ptr, value.data() + value.size() - parsed.ptr));
  const bool gigabytes = unit == "gb";
  const auto most = kQueryMemoryMax / kMegabyte / (gigabytes ? 1024 : 1);
  if (parsed.ec != std::errc() || !(unit.empty() || unit == "mb" || gigabytes) || number == 0 || number > most)
    return doesNotFit(name, value).withHint("Give a size such as '256MB' or '2GB'.");
  return fmt::format("{}MB", number * (gigabytes ? 1024 : 1));
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
    Definition{"query_memory", "512MB", memory, "Most memory that one statement may hold for its work."},
    Definition{"server_encoding", "UTF8", nullptr, "Encoding of the database: always UTF8."},
    Definition{"standard_conforming_strings", "on", onlyInitial, "A backslash in '…' is a plain character."},
    Definition{"timezone", "UTC", zone, "Time zone for showing and reading times."},
    Definition{"transaction_isolation", "repeatable read", isolation, "Isolation of this transaction."},
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
  if (!local) m_local.erase(std::string(definition->name));
  (local ? m_local : m_session).insert_or_assign(std::string(definition->name), std::move(normal));
  return {};
}

Status Settings::reset(std::string_view name) { return set(name, {}, false); }

void Settings::resetAll() {
  m_session.clear();
  m_local.clear();
}

Result<std::string> Settings::show(std::string_view name) const {
  const auto* definition = find(name);
  if (!definition) return unknown(name);
  if (const auto at = m_local.find(definition->name); at != m_local.end()) return at->second;
  if (const auto at = m_session.find(definition->name); at != m_session.end()) return at->second;
  return std::string(definition->initial);
}

std::vector<SettingLine> Settings::all() const {
  std::vector<SettingLine> lines;
  for (const auto& definition : kDefinitions)
    lines.push_back({std::string(definition.name), show(definition.name).value(), std::string(definition.description)});
  return lines;
}

std::string Settings::timeZone() const { return show("timezone").value(); }
bool Settings::indexScans() const { return show("enable_indexscan").value() == "on"; }
bool Settings::tableScans() const { return show("enable_seqscan").value() == "on"; }
bool Settings::defaultReadOnly() const { return show("default_transaction_read_only").value() == "on"; }

std::size_t Settings::queryMemoryBytes() const {
  const auto text = show("query_memory").value();
  std::uint64_t megabytes = 0;
  std::from_chars(text.data(), text.data() + text.size(), megabytes);  // written by memory(), so it parses
  return static_cast<std::size_t>(megabytes * kMegabyte);
}

}  // namespace drift::session
