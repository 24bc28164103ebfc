#include "tools/terminal.h"

#include <cstdio>

#ifdef _WIN32
#include <io.h>
#else
#include <unistd.h>
#endif

namespace drift::tools {

namespace {

bool isTerminal(std::FILE* stream) {
#ifdef _WIN32
  return _isatty(_fileno(stream)) != 0;
#else
  return isatty(fileno(stream)) == 1;
#endif
}

}  // namespace

bool inputIsTerminal() { return isTerminal(stdin); }

bool errorsAreOnTerminal() { return isTerminal(stderr); }

}  // namespace drift::tools
