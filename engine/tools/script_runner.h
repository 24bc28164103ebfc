// ScriptRunner: runs the statements of a text one after the other and prints what they give.
//
// Thread rule: main thread only. Refers to the session and the printer.
#pragma once

#include <string>
#include <string_view>

#include "api/database.h"
#include "tools/result_printer.h"

namespace drift::tools {

class ScriptRunner final {
 public:
  ScriptRunner(api::Session& session, ResultPrinter& printer, std::string nullText)
      : m_session(session), m_printer(printer), m_nullText(std::move(nullText)) {}

  /// Runs all statements and stops at the first error, whose place is in `script`; where there are several
  /// statements, its detail says which one it was.
  Status run(std::string_view script);

 private:
  Status runStatement(std::string_view sql, const SourceSpan& origin);
  /// Gives how values are shown now; the time zone is the session's, which a statement can change.
  Result<PrintStyle> style();

  api::Session& m_session;
  ResultPrinter& m_printer;
  const std::string m_nullText;
};

/// Gives line and column (both 1-based, in code points) of a byte of the text.
SourceSpan placeOf(std::string_view text, std::size_t offsetBytes);

}  // namespace drift::tools
