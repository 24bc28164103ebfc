// Who holds the lock of a file, for the message of the one who cannot have it. POSIX systems only.
#pragma once

#include <string>

namespace drift::platform {

/// Describes the process that holds flock() on the file behind `descriptor`: "driftdb (process 4711)", "this
/// program", or "another program" where the system does not tell.
std::string lockHolder(int descriptor);

}  // namespace drift::platform
