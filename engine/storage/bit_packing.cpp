#include "storage/bit_packing.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

namespace drift::storage {

namespace {

/// Numbers that one kernel call unpacks; they take `width` bytes.
constexpr std::size_t kGroup = 8;

constexpr bool isWidth(unsigned width) { return width <= 58 || width == 60 || width == 64; }

/// Where the load for a group's last number ends, counted from the group's first byte.
constexpr std::size_t groupReach(unsigned width) { return (kGroup - 1) * width / 8 + 8; }

template <unsigned kWidth, class T>
void unpackGroup(const std::byte* in, T base, T* out) {
  constexpr std::uint64_t kMask = kWidth == 64 ? ~0ull : (1ull << kWidth) - 1;
  [&]<std::size_t... i>(std::index_sequence<i...>) {
    ((
        [&] {
          std::uint64_t word;
          std::memcpy(&word, in + i * kWidth / 8, sizeof word);
          out[i] = static_cast<T>(base + static_cast<T>((word >> (i * kWidth % 8)) & kMask));
        }(),
        ...));
  }
  (std::make_index_sequence<kGroup>());
}

/// Numbers that are whole integers of the machine: a loop that the compiler vectorizes.
template <class Source, class T>
void widen(const std::byte* in, T base, T* out, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    Source value;
    std::memcpy(&value, in + i * sizeof value, sizeof value);
    out[i] = static_cast<T>(base + static_cast<T>(value));
  }
}

template <unsigned kWidth, class T>
void unpackWidth(ByteSpan packed, T base, T* out, std::size_t count) {
  if constexpr (kWidth == 0) {
    std::fill_n(out, count, base);
  } else if constexpr (kWidth == 8) {
    widen<std::uint8_t>(packed.data(), base, out, count);
  } else if constexpr (kWidth == 16) {
    widen<std::uint16_t>(packed.data(), base, out, count);
  } else if constexpr (kWidth == 32) {
    widen<std::uint32_t>(packed.data(), base, out, count);
  } else if constexpr (kWidth == 64) {
    widen<std::uint64_t>(packed.data(), base, out, count);
  } else {
    std::size_t done = 0;
    std::size_t at = 0;
    // Groups whose eight-byte loads stay within the input.
    for (; done + kGroup <= count && at + groupReach(kWidth) <= packed.size(); done += kGroup, at += kWidth)
      unpackGroup<kWidth>(packed.data() + at, base, out + done);
    // The rest is less than a group and a load behind it: at most eight groups of a narrow width.
    std::array<std::byte, 2 * (kWidth + 16)> tail{};
    std::memcpy(tail.data(), packed.data() + at, packed.size() - at);
    for (std::size_t tailAt = 0; done < count; done += kGroup, tailAt += kWidth) {
      std::array<T, kGroup> values;
      unpackGroup<kWidth>(tail.data() + tailAt, base, values.data());
      std::copy_n(values.begin(), std::min(kGroup, count - done), out + done);
    }
  }
}

template <class T>
using Kernel = void (*)(ByteSpan, T, T*, std::size_t);

template <class T>
constexpr std::size_t kKernels = std::min<std::size_t>(8 * sizeof(T) + 1, 64) + 1;

template <class T>
constexpr auto makeKernels() {
  std::array<Kernel<T>, kKernels<T>> kernels{};
  [&]<std::size_t... width>(std::index_sequence<width...>) {
    ((
        [&] {
          if constexpr (isWidth(width)) kernels[width] = &unpackWidth<width, T>;
        }(),
        ...));
  }
  (std::make_index_sequence<kKernels<T>>());
  return kernels;
}

}  // namespace

unsigned packedWidth(std::uint64_t max) {
  const auto width = static_cast<unsigned>(std::bit_width(max));
  return width == 59 ? 60 : width > 60 ? 64 : width;
}

std::size_t packedBytes(std::size_t count, unsigned width) { return count / 8 * width + (count % 8 * width + 7) / 8; }

void pack(Bytes& out, std::span<const std::uint64_t> values, unsigned width) {
  if (width == 0) return;
  const auto start = out.size();
  const auto size = packedBytes(values.size(), width);
  out.resize(start + size);
  auto* target = out.data() + start;
  std::uint64_t word = 0;
  unsigned fill = 0;  // bits of `word` in use
  for (const auto value : values) {
    word |= value << fill;
    fill += width;
    if (fill < 64) continue;
    std::memcpy(target, &word, sizeof word);
    target += sizeof word;
    fill -= 64;
    word = fill ? value >> (width - fill) : 0;
  }
  if (fill) std::memcpy(target, &word, (fill + 7) / 8);
}

bool canUnpack(unsigned width, std::size_t targetBits) {
  return isWidth(width) && width <= std::min<std::size_t>(targetBits + 1, 64);
}

template <class T>
void unpack(ByteSpan packed, unsigned width, T base, T* out, std::size_t count) {
  static constexpr auto kKernelTable = makeKernels<T>();
  kKernelTable[width](packed, base, out, count);
}

template void unpack(ByteSpan, unsigned, std::uint8_t, std::uint8_t*, std::size_t);
template void unpack(ByteSpan, unsigned, std::uint16_t, std::uint16_t*, std::size_t);
template void unpack(ByteSpan, unsigned, std::uint32_t, std::uint32_t*, std::size_t);
template void unpack(ByteSpan, unsigned, std::uint64_t, std::uint64_t*, std::size_t);

}  // namespace drift::storage
