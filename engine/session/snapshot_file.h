// SnapshotFile: one dated CSV file, read into rows by key. One thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/import.h"

namespace drift::session {

/// A field as text; nothing where the record was too short to have it.
using Field = std::optional<std::string>;

/// Rows by the text of their key fields, each joined with its length so that no two keys meet.
using SnapshotRows = std::map<std::string, std::vector<Field>>;

struct DatedSnapshot {
  std::string name;
  std::vector<std::string> columns;
  SnapshotRows rows;
};

/// Reads the CSV text of one snapshot. Ragged records are padded or cut and noted in `report`.
/// InvalidTextRepresentation, InvalidByteSequence, InvalidParameterValue (no header, a column named twice, no
/// key column), UniqueViolation (a key twice); each sentence starts with file and line.
Result<DatedSnapshot> readSnapshot(const std::string& name, const std::string& text, const api::ImportOptions& options,
                              api::ImportReport& report);

/// Checks a header row: names present and distinct.
Status checkHeader(const std::string& file, const std::vector<std::string>& columns);
/// Makes `fields` as long as the header, noting a ragged record.
Status fitRecord(const std::string& file, std::uint64_t line, std::size_t expected, std::vector<Field>& fields,
                 const api::ImportOptions& options, api::ImportReport& report);
/// Joins key fields into one unambiguous text.
std::string joinKey(const std::vector<Field>& fields, const std::vector<std::size_t>& keyColumns);

}  // namespace drift::session
