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
#include "types/text.h"

namespace drift::session {

/// One line of SHOW ALL.
struct SettingLine {
  std::string name;
  std::string value;
  std::string description;
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
  void endLocal() { m_local.clear(); }

  /// Gives the value as SHOW does. UndefinedObject.
  Result<std::string> show(std::string_view name) const;
  /// All variables by name.
  std::vector<SettingLine> all() const;

  std::string timeZone() const;
  bool defaultReadOnly() const;
  bool indexScans() const;
  bool tableScans() const;
  /// Bytes that the blocking operators of one statement may hold.
  std::size_t queryMemoryBytes() const;

 private:
  using Values = std::map<std::string, std::string, std::less<>>;

  Values m_session;  ///< only what differs from the default
  Values m_local;    ///< lies over m_session until the transaction ends
};

}  // namespace drift::session
