// The part of EngineDatabase that rewrites and exports, and that reads moments as people write them.
#include <algorithm>
#include <map>

#include "session/engine_database.h"
#include "types/ascii.h"
#include "types/calendar.h"
#include "types/text.h"

namespace drift::session {

namespace {

using TreesVersion = catalog::Catalog::TreesVersion;

storage::RetentionRule ruleOf(const api::Retention& keep) {
  storage::RetentionRule rule{.since = keep.since, .last = keep.last};
  if (!keep.thinning) return rule;
  rule.thinning = storage::RetentionRule::Thinning{storage::RetentionRule::Period::Day, keep.thinning->before};
  switch (keep.thinning->period) {
    case api::Retention::Period::Hour: rule.thinning->period = storage::RetentionRule::Period::Hour; break;
    case api::Retention::Period::Day: rule.thinning->period = storage::RetentionRule::Period::Day; break;
    case api::Retention::Period::Week: rule.thinning->period = storage::RetentionRule::Period::Week; break;
    case api::Retention::Period::Month: rule.thinning->period = storage::RetentionRule::Period::Month; break;
    case api::Retention::Period::Year: rule.thinning->period = storage::RetentionRule::Period::Year; break;
  }
  return rule;
}

/// Trees of tables and indexes that `isSeen` finds at no kept moment: nobody could ask for their rows again.
template <class IsSeen>
std::vector<TreeId> unreachable(const std::vector<TreesVersion>& versions, IsSeen isSeen) {
  std::map<TreeId, bool> seen;
  for (const auto& version : versions) {
    const bool is = isSeen(version);
    seen[version.table] |= is;
    for (const auto index : version.indexes) seen[index] |= is;
  }
  std::vector<TreeId> result;
  for (const auto& [tree, is] : seen)
    if (!is) result.push_back(tree);
  return result;
}

/// Passes progress on, and a wish to stop.
storage::RewriteProgress progressOf(const std::function<bool(std::uint64_t, std::uint64_t)>& progress,
                                    const runtime::CancelToken& cancel) {
  if (!progress) return {};
  return [progress, cancel](std::uint64_t done, std::uint64_t total) {
    if (!progress(done, total)) cancel.cancel();
  };
}

api::CompactReport reportOf(const storage::RewriteReport& report) {
  return {.bytesBefore = report.bytesBefore, .bytesAfter = report.bytesAfter, .commitsBefore = report.commitsBefore,
          .commitsAfter = report.commitsAfter};
}

/// `now` less a distance, whichever sign that was written with.
TimeMicros timeBefore(TimeMicros now, types::Interval distance) {
  const auto negative = distance.months < 0 || distance.days < 0 || distance.micros < 0;
  const int sign = negative ? 1 : -1;
  const auto day = types::floorDivide(now, types::kMicrosPerDay);
  const auto date = types::addMonths(types::civilFromDays(day), std::int64_t{sign} * distance.months);
  const auto days = types::daysFromCivil(date.year, date.month, date.day) + std::int64_t{sign} * distance.days;
  return days * types::kMicrosPerDay + types::floorModulo(now, types::kMicrosPerDay) + sign * distance.micros;
}

}  // namespace

Result<storage::RewriteRequest> EngineDatabase::rewriteRequest(const api::CompactOptions& options) const {
  storage::RewriteRequest request;
  request.progress = progressOf(options.progress, request.cancel);
  DRIFT_ASSIGN(request.commits, storage::planRetention(*m_store, ruleOf(options.keep)));
  DRIFT_ASSIGN(const auto versions, m_catalog.treesOfAllTimes());
  request.leftOut = unreachable(versions, [&](const TreesVersion& version) {
    return version.end == kNoCommit || request.commits->nextFrom(version.from) < version.end;
  });
  return request;
}

Result<api::CompactReport> EngineDatabase::compact(const api::CompactOptions& options) {
  DRIFT_ASSIGN(const auto request, rewriteRequest(options));
  DRIFT_ASSIGN(const auto report, m_store->rewrite(request));
  return reportOf(report);
}

Result<api::CompactPreview> EngineDatabase::previewCompact(const api::CompactOptions& options) const {
  DRIFT_ASSIGN(const auto request, rewriteRequest(options));
  DRIFT_ASSIGN(const auto found, m_store->previewRewrite(request));
  api::CompactPreview preview{.commits = found.commits, .commitsKept = found.commitsKept,
                              .fileBytes = found.fileBytes, .fileBytesKept = found.fileBytesKept, .tables = {}};
  DRIFT_ASSIGN(const auto versions, m_catalog.treesOfAllTimes());
  std::map<TreeId, api::TablePreview> tables;
  std::map<TreeId, TreeId> tableOf;
  for (const auto& version : versions) {
    tables[version.table].table = version.table;
    tables[version.table].name = version.name;
    tableOf[version.table] = version.table;
    for (const auto index : version.indexes) tableOf[index] = version.table;
  }
  for (const auto& tree : found.trees) {
    const auto owner = tableOf.find(tree.tree);
    if (owner == tableOf.end()) continue;  // the catalog itself
    auto& table = tables[owner->second];
    table.bytes += tree.bytes;
    table.bytesKept += tree.bytesKept;
    if (owner->second != tree.tree) continue;  // an index has a version for each of its table's
    table.versions += tree.versions;
    table.versionsKept += tree.versionsKept;
  }
  for (auto& [tree, table] : tables) preview.tables.push_back(std::move(table));
  std::ranges::sort(preview.tables, {}, [](const auto& table) { return std::pair(table.name, table.table); });
  return preview;
}

Result<api::CompactReport> EngineDatabase::exportAsOf(const std::string& path,
                                                      const api::ExportOptions& options) const {
  storage::ExportRequest request{.through = options.at, .withHistory = options.withHistory};
  request.progress = progressOf(options.progress, request.cancel);
  DRIFT_ASSIGN(request.through, knownCommit(options.at));
  DRIFT_ASSIGN(const auto versions, m_catalog.treesOfAllTimes());
  request.leftOut = unreachable(versions, [&](const TreesVersion& version) {
    if (options.withHistory) return version.from <= request.through;
    return version.from <= request.through && version.end > request.through;
  });
  DRIFT_ASSIGN(const auto report, m_store->exportTo(path, request));
  return reportOf(report);
}

Status EngineDatabase::deleteHistory(TreeId table, CommitNumber from, const runtime::CancelToken& cancel) {
  storage::RewriteRequest request{.horizons = {{table, from}}, .cancel = cancel};
  DRIFT_ASSIGN(const auto versions, m_catalog.treesOfAllTimes());
  for (const auto& version : versions)
    if (version.table == table)
      for (const auto index : version.indexes) request.horizons[index] = from;
  DRIFT_TRY(m_store->rewrite(request));
  return {};
}

Result<CommitNumber> EngineDatabase::momentAt(TimeMicros time) const {
  DRIFT_ASSIGN(const auto number, m_store->momentAt(time));
  if (number != 0) return number;
  const auto first = m_store->firstCommit();
  if (first == 0) return Error(ErrorKind::MomentOutOfRange, "the database has no commits yet");
  DRIFT_ASSIGN(const auto firstTime, m_store->timeOf(first));
  return makeError(ErrorKind::MomentOutOfRange, "the moment is before the first commit that there is, {} of {}", first,
                   types::toText(types::Value::timestampTz(firstTime)));
}

Result<TimeMicros> EngineDatabase::parseMoment(std::string_view text) const {
  constexpr std::string_view kCommit = "commit ";
  if (text.size() > kCommit.size() && types::equalsIgnoringCase(text.substr(0, kCommit.size()), kCommit)) {
    auto number = types::parseText(text.substr(kCommit.size()), types::TypeId::BigInt);
    if (number.ok() && number->asInt() > 0) {
      DRIFT_ASSIGN(const auto known, knownCommit(static_cast<CommitNumber>(number->asInt())));
      return m_store->timeOf(known);
    }
  }
  if (const auto time = types::parseText(text, types::TypeId::TimestampTz); time.ok()) return time->asInt();
  if (const auto distance = types::parseText(text, types::TypeId::Interval); distance.ok())
    return timeBefore(m_foundation.clock->now(), distance->asInterval());
  return makeError(ErrorKind::InvalidDatetimeFormat, "invalid point in history: \"{}\"", text)
      .withHint("Write a timestamp, a distance back from now such as '30 days', or COMMIT n.");
}

}  // namespace drift::session
