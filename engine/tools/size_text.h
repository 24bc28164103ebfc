// Sizes as people read them. Stateless.
#pragma once

#include <cstdint>
#include <string>

namespace drift::tools {

/// "512 bytes", "12.4 MB"; powers of ten, as file managers show them.
std::string sizeText(std::uint64_t bytes);

}  // namespace drift::tools
