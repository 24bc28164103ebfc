#include "tools/size_text.h"

#include <fmt/format.h>

namespace drift::tools {

std::string sizeText(std::uint64_t bytes) {
  if (bytes < 1000) return fmt::format("{} bytes", bytes);
  auto size = static_cast<double>(bytes);
  const char* unit = "kB";
  for (const char* next : {"kB", "MB", "GB", "TB"}) {
    size /= 1000;
    unit = next;
    if (size < 999.95) break;
  }
  return fmt::format("{:.1f} {}", size, unit);
}

}  // namespace drift::tools
