// What the standard streams are connected to.
#pragma once

namespace drift::tools {

/// True if standard input is a person at a terminal rather than a file or a pipe.
bool inputIsTerminal();
/// True if standard error is shown to a person at a terminal.
bool errorsAreOnTerminal();

}  // namespace drift::tools
