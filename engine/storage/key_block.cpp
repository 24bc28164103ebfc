#include "storage/key_block.h"

#include <algorithm>
#include <cstring>
#include <ranges>
#include <string>

#include "storage/byte_block.h"
#include "storage/integer_block.h"
#include "storage/padded_text.h"

namespace drift::storage {

namespace {

// How keys are stored. Numbers on disk: do not change.
constexpr std::uint8_t kNumbers = 0;
constexpr std::uint8_t kFrontCoded = 1;

constexpr std::size_t kNumberBytesMax = 8;
/// Bytes of all keys together up to which they are front-coded, so that a reader can bound what it makes room
/// for: keys that share all their bytes with one another take almost none in the file. Do not change.
constexpr std::size_t kSharingBytesMax = 16u << 20;

using types::StringRef;
using Keys = std::span<const std::string_view>;

Error malformed() { return Error(ErrorKind::DataCorrupted, "a block of keys in the file is malformed"); }

std::size_t sharedBytes(std::string_view a, std::string_view b) {
  return static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
}

std::size_t totalBytes(Keys keys) {
  std::size_t total = 0;
  for (const auto key : keys) total += key.size();
  return total;
}

std::string withPadding(std::string_view text) {
  std::string padded;
  padded.reserve(text.size() + kPaddingBytes);
  padded.append(text).append(kPaddingBytes, '\0');
  return padded;
}

/// Bytes at the end that all keys have in common, such as the end mark of texts.
std::string_view commonEnd(Keys keys) {
  auto end = keys[0];
  for (const auto key : keys) {
    const auto [inKey, inEnd] = std::ranges::mismatch(std::views::reverse(key), std::views::reverse(end));
    end = end.substr(static_cast<std::size_t>(end.rend() - inEnd));
  }
  return end;
}

/// A key's bytes as a number, highest byte first.
std::int64_t numberOf(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char byte : bytes) number = number << 8 | static_cast<std::uint8_t>(byte);
  return static_cast<std::int64_t>(number);
}

/// Writes keys as numbers, if they have one length and share all but eight bytes in a row.
bool writeNumbers(ByteWriter& out, Keys keys) {
  auto prefix = keys[0].size();
  for (const auto key : keys) {
    if (key.size() != keys[0].size()) return false;
    prefix = std::min(prefix, sharedBytes(key, keys[0]));
  }
  const auto end = commonEnd(keys);
  const auto suffix = std::min(end.size(), keys[0].size() - prefix);
  const auto length = keys[0].size() - prefix - suffix;
  if (length > kNumberBytesMax) return false;
  std::vector<std::int64_t> numbers;
  numbers.reserve(keys.size());
  for (const auto key : keys) numbers.push_back(numberOf(key.substr(prefix, length)));
  out.fixed(kNumbers);
  out.string(keys[0].substr(0, prefix));
  out.string(end.substr(end.size() - suffix));
  out.fixed(static_cast<std::uint8_t>(length));
  writeIntegerBlock(out, numbers);
  return true;
}

/// The lowest `size` bytes of a number, highest first, in front of zeros.
std::uint64_t highestFirst(std::int64_t number, unsigned size) {
  auto rest = size ? static_cast<std::uint64_t>(number) << (64 - 8 * size) : 0;
  std::uint64_t bytes = 0;
  for (int i = 0; i < 8; ++i, rest >>= 8) bytes = bytes << 8 | (rest & 0xff);  // one swap instruction
  return bytes;
}

Result<KeyArray> readNumbers(ByteReader& in, std::size_t count) {
  DRIFT_ASSIGN(const auto prefix, in.string());
  DRIFT_ASSIGN(const auto suffix, in.string());
  DRIFT_ASSIGN(const auto numberBytes, in.fixed<std::uint8_t>());
  if (numberBytes > kNumberBytesMax) return malformed();
  const auto keyBytes = prefix.size() + numberBytes + suffix.size();
  if (keyBytes <= StringRef::kInlineBytesMax && numberBytes > 0) {
    DRIFT_ASSIGN(auto numbers, NumberSequence::read(in, count));
    return KeyArray(prefix, suffix, numberBytes, std::move(numbers));
  }
  std::vector<std::int64_t> numbers(count);
  DRIFT_TRY(readIntegerBlock<std::int64_t>(in, numbers));
  if (count * keyBytes > kSharingBytesMax) return malformed();
  const auto arenaBytes = count * keyBytes;
  std::vector<StringRef> keys;
  keys.reserve(count);
  const std::shared_ptr<char[]> arena(new char[arenaBytes + kPaddingBytes]);
  auto* target = arena.get();
  const auto start = withPadding(prefix);
  const auto end = withPadding(suffix);
  for (const auto number : numbers) {
    const auto bytes = highestFirst(number, numberBytes);
    copyPadded(target, start.data(), prefix.size());
    std::memcpy(target + prefix.size(), &bytes, sizeof bytes);
    copyPadded(target + prefix.size() + numberBytes, end.data(), suffix.size());
    keys.push_back(StringRef(std::string_view(target, keyBytes)));
    target += keyBytes;
  }
  return KeyArray(std::move(keys), arena, arenaBytes);
}

void writeFrontCoded(ByteWriter& out, Keys keys) {
  const bool share = totalBytes(keys) <= kSharingBytesMax;
  const auto end = share ? commonEnd(keys) : std::string_view();
  std::vector<std::int64_t> shared(keys.size());
  std::vector<std::int64_t> lengths(keys.size());
  Bytes rest;
  ByteWriter restWriter(rest);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto start = keys[i].substr(0, keys[i].size() - end.size());
    const auto bytes = i && share ? std::min(sharedBytes(start, keys[i - 1]), keys[i - 1].size() - end.size()) : 0;
    shared[i] = static_cast<std::int64_t>(bytes);
    lengths[i] = static_cast<std::int64_t>(start.size() - bytes);
    restWriter.raw(asBytes(start.substr(bytes)));
  }
  out.fixed(kFrontCoded);
  out.string(end);
  writeIntegerBlock(out, shared);
  writeIntegerBlock(out, lengths);
  writeBlock(out, rest);
}

Result<KeyArray> readFrontCoded(ByteReader& in, std::size_t count) {
  std::vector<std::int32_t> shared(count);
  std::vector<std::int32_t> lengths(count);
  DRIFT_ASSIGN(const auto end, in.string());
  DRIFT_TRY(readIntegerBlock<std::int32_t>(in, shared));
  DRIFT_TRY(readIntegerBlock<std::int32_t>(in, lengths));
  DRIFT_ASSIGN(const auto block, openBlock(in));
  // All is checked before room is made.
  std::size_t restBytes = 0;
  std::size_t arenaBytes = 0;
  std::size_t before = 0;
  // The versions of one row have one key, whose bytes they share.
  const auto repeatsKey = [&](std::size_t i) {
    return i && lengths[i] == 0 && shared[i] == shared[i - 1] + lengths[i - 1];
  };
  for (std::size_t i = 0; i < count; ++i) {
    if (shared[i] < 0 || lengths[i] < 0 || static_cast<std::size_t>(shared[i]) > before) return malformed();
    before = static_cast<std::size_t>(shared[i]) + static_cast<std::size_t>(lengths[i]);
    restBytes += static_cast<std::size_t>(lengths[i]);
    if (restBytes > block.rawSize) return malformed();
    if (!repeatsKey(i)) arenaBytes += before + end.size();
    if (arenaBytes > std::max(kSharingBytesMax, block.rawSize)) return malformed();
  }
  if (restBytes != block.rawSize) return malformed();
  const auto rest = std::make_unique_for_overwrite<char[]>(block.rawSize + kPaddingBytes);
  std::memset(rest.get() + block.rawSize, 0, kPaddingBytes);
  DRIFT_TRY(unpackBlock(block, reinterpret_cast<std::byte*>(rest.get())));
  std::vector<StringRef> keys;
  keys.reserve(count);
  const std::shared_ptr<char[]> arena(new char[arenaBytes + kPaddingBytes]);
  const auto endBytes = withPadding(end);
  const auto* source = rest.get();
  const char* previous = arena.get();
  auto* target = arena.get();
  for (std::size_t i = 0; i < count; ++i) {
    if (repeatsKey(i)) {
      keys.push_back(keys.back());
      continue;
    }
    const auto common = static_cast<std::size_t>(shared[i]);
    const auto length = static_cast<std::size_t>(lengths[i]);
    copyPadded(target, previous, common);
    copyPadded(target + common, source, length);
    source += length;
    previous = target;
    copyPadded(target + common + length, endBytes.data(), end.size());
    const auto size = common + length + end.size();
    keys.push_back(paddedRef(target, static_cast<std::uint32_t>(size)));
    target += size;
  }
  return KeyArray(std::move(keys), arena, arenaBytes);
}

}  // namespace

void writeKeys(ByteWriter& out, Keys keys) {
  if (keys.empty()) return;
  Bytes numbers;
  ByteWriter numbersOut(numbers);
  const bool asNumbers = totalBytes(keys) <= kSharingBytesMax && writeNumbers(numbersOut, keys);
  // Numbers are faster to read, so what takes little is not tried the other way.
  if (asNumbers && numbers.size() <= keys.size()) return out.raw(numbers);
  Bytes coded;
  ByteWriter codedOut(coded);
  writeFrontCoded(codedOut, keys);
  out.raw(asNumbers && numbers.size() * 7 <= coded.size() * 8 ? numbers : coded);
}

Result<KeyArray> readKeys(ByteReader& in, std::size_t count) {
  if (count == 0) return KeyArray();
  DRIFT_ASSIGN(const auto kind, in.fixed<std::uint8_t>());
  if (kind == kNumbers) return readNumbers(in, count);
  if (kind == kFrontCoded) return readFrontCoded(in, count);
  return malformed();
}

}  // namespace drift::storage
