// --as-of: the moment at which a command looks at a database. Main thread only.
#pragma once

#include <string>

#include "api/database.h"

namespace CLI {
class App;
}

namespace drift::tools {

void addMomentOption(CLI::App& command, std::string& moment);

/// Sets the moment of a session: a commit number with or without #, @seq:n, or a time. Nothing for an empty text.
Status setMoment(api::Session& session, const std::string& moment);

}  // namespace drift::tools
