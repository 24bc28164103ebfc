// How wide text is on a terminal, and what of it can be shown there. Stateless, thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace drift::tools {

/// Columns that UTF-8 text takes on a terminal: wide East Asian characters two, combining marks none.
std::size_t displayWidth(std::string_view text);

/// Replaces control characters by escapes ("\n", "\x1b"), so that a value stays on its line and cannot
/// steer the terminal.
std::string printable(std::string_view text);

}  // namespace drift::tools
