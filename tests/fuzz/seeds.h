// Inputs to begin with: pieces of a real file, made anew each time, so that they are always of today's format.
// Stateless.
#pragma once

#include <string_view>
#include <vector>

#include "faults/history.h"
#include "storage/frame.h"

namespace drift::fuzz {

/// Names of the targets.
std::vector<std::string_view> targets();
/// Inputs for a target; none for a name that is not one.
std::vector<Bytes> seedsFor(std::string_view target);

/// The history that the seeds' files hold.
const faults::History& seedHistory();

/// What the first byte of an input of the target "page" says of the rest.
enum class Piece : std::uint8_t { Base, Run, Inner, Epoch, CommitIndex, Column, Keys, WholeBase, WholeRun };
inline constexpr std::size_t kPieces = 9;

/// What the first byte of an input of the target "array", halved, says its elements are.
inline constexpr types::TypeId kArrayElements[] = {
    types::TypeId::Boolean, types::TypeId::SmallInt, types::TypeId::Integer,   types::TypeId::BigInt,
    types::TypeId::Double,  types::TypeId::Numeric,  types::TypeId::Text,      types::TypeId::Bytea,
    types::TypeId::Date,    types::TypeId::Uuid,     types::TypeId::Timestamp, types::TypeId::Interval};

/// Rows of the base that runs are put on, and its frame.
inline constexpr std::size_t kBaseRows = 4;
inline constexpr storage::FrameRef kBaseRef{8192, 100};

/// Makes every checksum right that stands in the superblocks, and in a chain of frames from the first on: what a
/// fuzzer cannot guess shall not keep it out.
void fixChecksums(Bytes& file);

}  // namespace drift::fuzz
