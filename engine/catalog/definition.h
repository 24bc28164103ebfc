// The bytes of a table definition. Described with a test vector in docs/formats/catalog.md.
// Stateless, thread-safe. On disk: do not change; a new shape gets a new version number.
#pragma once

#include <string>

#include "base/bytes.h"
#include "catalog/table.h"

namespace drift::catalog {

/// Versions that encodeDefinition() writes: a table without an identity column is as older programs read it.
inline constexpr std::uint8_t kTableVersion = 2;
/// Of views and identity columns.
inline constexpr std::uint8_t kViewVersion = 3;
/// Of tables with foreign keys and those that they refer to.
inline constexpr std::uint8_t kForeignKeyVersion = 4;
/// Of sequences and tables that have some.
inline constexpr std::uint8_t kSequenceVersion = 5;
/// Of tables with columns of arrays or JSON.
inline constexpr std::uint8_t kBlobVersion = 6;
/// Of tables with generated columns, indexes on expressions or with a condition, or constraints that are not valid or may
/// be deferred.
inline constexpr std::uint8_t kComputedVersion = 7;
/// Of what has comments, and of materialized views.
inline constexpr std::uint8_t kCommentVersion = 8;
/// The newest one; decodeDefinition() reads all up to it.
inline constexpr std::uint8_t kDefinitionVersion = kCommentVersion;

/// Gives the bytes of everything but id and name, which are columns of the catalog row.
std::string encodeDefinition(const Table& table);

/// Reads a definition and checks that it hangs together: ids in range and unique, constraints on columns
/// that exist. DataCorrupted, or NewerFormat for a version above kDefinitionVersion; both name the table.
Result<Table> decodeDefinition(TreeId id, std::string_view name, ByteSpan bytes);

}  // namespace drift::catalog
