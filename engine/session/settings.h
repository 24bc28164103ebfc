// Settings: the variables of SET, RESET and SHOW, as one session has them.
//
// Values follow PostgreSQL's names. Those that this engine has only one value for (server_encoding …) can
// be shown, and set to that value. SYSTEM_TIME is not among them: it is the session's moment.
//
// Thread rule: plain value, owned by its session.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "exec/spill_space.h"
#include "types/text.h"

namespace drift::session {

/// One line of SHOW ALL.
struct SettingLine {
  std::string name;
  std::string value;
  std::string description;
};

/// The settings that statements run under.
struct StatementSettings {
  std::string timeZone;
  bool readOnly = false;    ///< default_transaction_read_only
  bool indexScans = true;   ///< enable_indexscan
  bool tableScans = true;   ///< enable_seqscan
  std::size_t parallelWorkers = 1;  ///< max_parallel_workers: threads of one statement, its own among them
  std::size_t memoryBytesMax = 0;  ///< query_memory: what the blocking operators of one statement may hold
  exec::SpillLimits spill;
};

class Settings final {
 public:
  /// Sets a variable from the words of a SET; none = the default. `local` lasts until endLocal().
  /// UndefinedObject for a name that is not known, InvalidParameterValue for a value that does not fit,
  /// FeatureNotSupported for one that PostgreSQL has and this engine has not.
  Status set(std::string_view name, const std::vector<std::string>& values, bool local);
  Status reset(std::string_view name);
  void resetAll();
  /// Ends what SET LOCAL did.
  void endLocal();

  /// Gives the value as SHOW does. UndefinedObject.
  Result<std::string> show(std::string_view name) const;
  /// All variables by name.
  std::vector<SettingLine> all() const;

  /// What statements take from the settings, read once for each change.
  const StatementSettings& forStatements() const;

 private:
  using Values = std::map<std::string, std::string, std::less<>>;

  Values m_session;  ///< only what differs from the default
  Values m_local;    ///< lies over m_session until the transaction ends
  mutable std::optional<StatementSettings> m_forStatements;  ///< nothing: a setting has changed
};

}  // namespace drift::session
