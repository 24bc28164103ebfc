// Names that the grammar gives to calls with a syntax of their own. No text of a user means them.
#pragma once

#include <string_view>

namespace drift::sql {

/// x COLLATE "name": of x and the name as text.
inline constexpr std::string_view kCollateCall = "[collate]";

}  // namespace drift::sql
