// Numbers of the format of pages, for those who write and read them: docs/formats/tree.md. Do not change.
#pragma once

#include <cstddef>
#include <cstdint>

namespace drift::storage {

inline constexpr std::uint8_t kKeysHere = 0;
inline constexpr std::uint8_t kKeysElsewhere = 1;
inline constexpr std::uint8_t kNoKeys = 2;

inline constexpr std::uint8_t kValuesOfAllRows = 0;
inline constexpr std::uint8_t kValuesOfSomeRows = 1;
inline constexpr std::uint8_t kValuesElsewhere = 2;

/// Of a block of at least so many bytes, the first ones stand in the head too: they have the bounds of its values.
inline constexpr std::size_t kZoneFrom = 1024;
inline constexpr std::size_t kZoneBytes = 64;

}  // namespace drift::storage
