// Import of dated snapshots: every file of a set becomes a commit that turns the table into its contents.
#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "api/import.h"
#include "formats/file_moment.h"
#include "formats/file_set.h"
#include "formats/type_inference.h"
#include "platform/file_system.h"
#include "session/import_target.h"
#include "session/snapshot_file.h"

namespace drift::session {

namespace {

/// The set is held in memory while it is sorted by moment and read twice.
constexpr formats::FileSetLimits kSetLimits{.fileBytesMax = 256u << 20, .totalBytesMax = 1u << 30};

struct DatedFile {
  TimeMicros moment = 0;
  std::string name;
  std::string contents;
};

/// What a table's rows are before a file: texts, in the columns of the file before.
struct TableState {
  std::vector<std::string> columns;
  SnapshotRows rows;
};

class SnapshotImport final {
 public:
  SnapshotImport(api::Database& database, const api::ImportOptions& options)
      : m_database(database), m_options(options), m_target(database, options) {}

  Result<api::ImportReport> run() {
    if (m_options.key.empty())
      return Error(ErrorKind::InvalidParameterValue, "an import of snapshots needs a key column, so that rows are known again");
    DRIFT_TRY(collect());
    DRIFT_TRY(checkMoments());
    DRIFT_ASSIGN(const bool exists, m_target.open());
    DRIFT_TRY(survey());
    if (exists) {
      for (const auto& column : m_target.columns()) m_state.columns.push_back(column.name);
      DRIFT_ASSIGN(m_state.rows, m_target.readRows());
    }
    for (std::size_t i = 0; i < m_files.size(); ++i) {
      DRIFT_TRY(importFile(m_files[i]));
      DRIFT_TRY(reportProgress(i + 1));
    }
    m_report.files = m_files.size();
    return std::move(m_report);
  }

 private:
  Status collect() {
    const auto files = platform::makeNativeFileSystem();
    DRIFT_TRY(formats::visitFiles(*files, m_options.path, kSetLimits, [this](formats::SetFile file) -> Status {
      const auto moment = formats::momentInName(file.name);
      if (!moment)
        return makeError(ErrorKind::InvalidParameterValue,
                         "\"{}\" has no moment in its name, such as 2020-01-31T23-59-59Z; take it out of the set or rename it",
                         file.name);
      m_files.push_back({*moment, std::move(file.name), std::move(file.contents)});
      return {};
    }));
    if (m_files.empty()) return makeError(ErrorKind::InvalidParameterValue, "\"{}\" holds no files", m_options.path);
    std::ranges::sort(m_files, {}, &DatedFile::moment);
    return {};
  }

  Status checkMoments() const {
    for (std::size_t i = 1; i < m_files.size(); ++i)
      if (m_files[i].moment == m_files[i - 1].moment)
        return makeError(ErrorKind::InvalidParameterValue, "\"{}\" and \"{}\" carry the same moment", m_files[i - 1].name,
                         m_files[i].name);
    DRIFT_ASSIGN(const auto extent, m_database.extent());
    if (extent.last == 0 || m_files.front().moment > extent.lastTime) return {};
    return makeError(ErrorKind::MomentOutOfRange,
                     "\"{}\" is dated {}, but the database already has a commit of {}; history is only ever added at its end",
                     m_files.front().name, types::toText(api::Value::timestampTz(m_files.front().moment)),
                     types::toText(api::Value::timestampTz(extent.lastTime)))
        .withHint("import into a new database file");
  }

  /// Reads every file once: decides the columns' types and finds every error before the first commit.
  Status survey() {
    std::unordered_map<std::string, formats::TypeInference> inferred;
    std::set<std::string> seen;
    for (const auto& column : m_target.columns()) m_types.emplace(column.name, column.type);
    for (const auto& [name, type] : m_options.types) m_types.insert_or_assign(name, type);
    for (const auto& file : m_files) {
      DRIFT_ASSIGN(const auto snapshot, readSnapshot(file.name, file.contents, m_options, m_report));
      for (std::size_t column = 0; column < snapshot.columns.size(); ++column) {
        const auto& name = snapshot.columns[column];
        seen.insert(name);
        const auto known = m_types.find(name);
        if (known != m_types.end()) DRIFT_TRY(checkColumn(snapshot, column, known->second));
        else
          for (const auto& [key, fields] : snapshot.rows) inferred[name].add(fields[column].value_or(""));
      }
    }
    for (const auto& [name, inference] : inferred) m_types.emplace(name, inference.type());
    for (const auto& [name, type] : m_options.types)
      if (!seen.contains(name)) return makeError(ErrorKind::UndefinedColumn, "no file has a column \"{}\"", name);
    return {};
  }

  static Status checkColumn(const DatedSnapshot& snapshot, std::size_t column, api::Type type) {
    for (const auto& [key, fields] : snapshot.rows)
      if (auto value = fieldValue(fields[column], type); !value.ok())
        return Error(value.error().kind(), fmt::format("{}: row \"{}\", column \"{}\": {}", snapshot.name, key,
                                                       snapshot.columns[column], value.error().message()));
    return {};
  }

  Status importFile(const DatedFile& file) {
    api::ImportReport counted;  // the survey has reported the ragged rows already
    DRIFT_ASSIGN(auto snapshot, readSnapshot(file.name, file.contents, m_options, counted));
    const bool columnsDiffer = !std::ranges::is_permutation(snapshot.columns, m_state.columns);
    if (!columnsDiffer && sameRows(snapshot)) {
      ++m_report.unchangedFiles;
      return {};
    }
    DRIFT_TRY(m_target.begin(fmt::format("Import {}", file.name), file.moment));
    if (auto status = writeChanges(snapshot, columnsDiffer); !status.ok()) {
      m_target.rollback();
      return Error(status.error().kind(), fmt::format("{}: {}", file.name, status.error().message()));
    }
    DRIFT_TRY(m_target.commit());
    ++m_report.commits;
    m_state = {std::move(snapshot.columns), std::move(snapshot.rows)};
    return {};
  }

  /// Position of each of the snapshot's columns in the state before; none where it is new.
  std::vector<std::optional<std::size_t>> pairColumns(const DatedSnapshot& snapshot) const {
    std::vector<std::optional<std::size_t>> pairs;
    for (const auto& name : snapshot.columns) {
      const auto found = std::ranges::find(m_state.columns, name);
      if (found == m_state.columns.end()) pairs.emplace_back();
      else pairs.emplace_back(static_cast<std::size_t>(found - m_state.columns.begin()));
    }
    return pairs;
  }

  /// True if both texts are one value of the column's type.
  bool sameField(const std::string& column, const Field& before, const Field& after) const {
    if (before == after) return true;
    const auto type = m_types.at(column);
    if (type.id() == api::TypeId::Text) return false;
    const auto left = fieldValue(before, type);
    const auto right = fieldValue(after, type);
    return left.ok() && right.ok() && *left == *right;
  }

  std::vector<std::size_t> changedColumns(const DatedSnapshot& snapshot,
                                          const std::vector<std::optional<std::size_t>>& pairs,
                                          const std::vector<Field>& before, const std::vector<Field>& after) const {
    std::vector<std::size_t> changed;
    for (std::size_t column = 0; column < after.size(); ++column)
      if (!sameField(snapshot.columns[column], pairs[column] ? before[*pairs[column]] : Field(), after[column]))
        changed.push_back(column);
    return changed;
  }

  bool sameRows(const DatedSnapshot& snapshot) const {
    if (snapshot.rows.size() != m_state.rows.size()) return false;
    const auto pairs = pairColumns(snapshot);
    return std::ranges::equal(snapshot.rows, m_state.rows, [&](const auto& after, const auto& before) {
      return after.first == before.first && changedColumns(snapshot, pairs, before.second, after.second).empty();
    });
  }

  Status writeChanges(const DatedSnapshot& snapshot, bool columnsDiffer) {
    for (const auto& [key, fields] : m_state.rows) {
      if (snapshot.rows.contains(key)) continue;
      DRIFT_ASSIGN(const auto values, keyValues(m_state.columns, fields));
      DRIFT_TRY(m_target.erase(values));
      ++m_report.deleted;
    }
    if (columnsDiffer) {
      std::vector<TargetColumn> columns;
      for (const auto& name : snapshot.columns) columns.push_back({name, m_types.at(name)});
      DRIFT_TRY(m_target.setColumns(columns));
    }
    const auto pairs = pairColumns(snapshot);
    const auto targets = targetPositions(snapshot);
    for (const auto& [key, fields] : snapshot.rows) {
      const auto before = m_state.rows.find(key);
      if (before == m_state.rows.end()) {
        DRIFT_TRY(insertRow(snapshot, targets, fields));
      } else if (const auto changed = changedColumns(snapshot, pairs, before->second, fields); !changed.empty()) {
        DRIFT_TRY(updateRow(snapshot, targets, changed, fields));
      }
    }
    return {};
  }

  /// Position in the table of each of the snapshot's columns.
  std::vector<std::size_t> targetPositions(const DatedSnapshot& snapshot) const {
    std::vector<std::size_t> positions;
    for (const auto& name : snapshot.columns)
      positions.push_back(static_cast<std::size_t>(
          std::ranges::find(m_target.columns(), name, &TargetColumn::name) - m_target.columns().begin()));
    return positions;
  }

  Status insertRow(const DatedSnapshot& snapshot, const std::vector<std::size_t>& targets, const std::vector<Field>& fields) {
    std::vector<api::Value> values(fields.size());
    for (std::size_t column = 0; column < fields.size(); ++column) {
      DRIFT_ASSIGN(values[targets[column]], fieldValue(fields[column], m_types.at(snapshot.columns[column])));
    }
    DRIFT_TRY(m_target.insert(values));
    ++m_report.inserted;
    return {};
  }

  Status updateRow(const DatedSnapshot& snapshot, const std::vector<std::size_t>& targets,
                   const std::vector<std::size_t>& changed, const std::vector<Field>& fields) {
    std::vector<std::size_t> positions;
    std::vector<api::Value> values;
    for (const auto column : changed) {
      DRIFT_ASSIGN(auto value, fieldValue(fields[column], m_types.at(snapshot.columns[column])));
      positions.push_back(targets[column]);
      values.push_back(std::move(value));
    }
    DRIFT_ASSIGN(const auto key, keyValues(snapshot.columns, fields));
    DRIFT_TRY(m_target.update(positions, std::move(values), key));
    ++m_report.updated;
    return {};
  }

  Result<std::vector<api::Value>> keyValues(const std::vector<std::string>& columns, const std::vector<Field>& fields) const {
    std::vector<api::Value> values;
    for (const auto& key : m_options.key) {
      const auto column = static_cast<std::size_t>(std::ranges::find(columns, key) - columns.begin());
      DRIFT_ASSIGN(auto value, fieldValue(fields[column], m_types.at(key)));
      values.push_back(std::move(value));
    }
    return values;
  }

  Status reportProgress(std::size_t done) const {
    if (m_options.progress && !m_options.progress(done, m_files.size()))
      return makeError(ErrorKind::QueryCanceled, "the import was stopped after {} of {} files; the commits made so far stay",
                       done, m_files.size());
    return {};
  }

  api::Database& m_database;
  const api::ImportOptions& m_options;
  ImportTarget m_target;
  std::vector<DatedFile> m_files;
  std::map<std::string, api::Type> m_types;
  TableState m_state;
  api::ImportReport m_report;
};

}  // namespace

}  // namespace drift::session

namespace drift::api {

Result<ImportReport> importSnapshots(Database& database, const ImportOptions& options) {
  return session::SnapshotImport(database, options).run();
}

}  // namespace drift::api
