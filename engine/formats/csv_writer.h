// CSV writing (RFC 4180, LF line ends as PostgreSQL's COPY writes them). Stateless, thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace drift::formats {

/// Appends a field. Quotes it where it holds the delimiter, a quote, a line end or an outer blank, or is
/// empty: an unquoted empty field is how appendCsvNull() writes NULL.
void appendCsvField(std::string& out, std::string_view text, char delimiter = ',');
/// Appends NULL: nothing.
inline void appendCsvNull(std::string&) {}

}  // namespace drift::formats
