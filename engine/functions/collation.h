// Collations: orders of text by name, "C" by bytes and ICU's as PostgreSQL names them: "de-x-icu". All of them are
// deterministic: texts are equal where their bytes are. Stateless, thread-safe.
#pragma once

#include <string_view>

#include "base/result.h"

namespace drift::functions {

/// Name of the call that makes a bytea of a text and a collation's name; the order of these is that of the collation.
inline constexpr std::string_view kCollationKeyName = "[collate]";

/// True for the collations that order text by its bytes, as no collation does: "C", "POSIX", "ucs_basic", "default".
bool isBytewiseCollation(std::string_view name);
/// UndefinedObject where there is no collation of that name.
Status checkCollation(std::string_view name);

}  // namespace drift::functions
