// Blobs of jsonb (docs/formats/jsonb.md): the declarations are in types/json.h.
#include <algorithm>

#include <fmt/format.h>

#include "types/json.h"
#include "types/key_encoding.h"
#include "types/value.h"

namespace drift::types {

namespace {

// First byte of a value. On disk: do not change. They rise as PostgreSQL orders the kinds.
constexpr char kNull = 0x01;
constexpr char kString = 0x02;
constexpr char kNumber = 0x03;
constexpr char kFalse = 0x04;
constexpr char kTrue = 0x05;
constexpr char kArray = 0x06;
constexpr char kObject = 0x07;

Error malformed() { return Error(ErrorKind::DataCorrupted, "a JSON value in the file is malformed"); }

void appendBigEndian(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
}

/// Reads a blob from left to right.
class BlobReader final {
 public:
  explicit BlobReader(std::string_view bytes) : m_bytes(bytes) {}

  bool atEnd() const { return m_at == m_bytes.size(); }

  Result<std::uint32_t> length() {
    DRIFT_ASSIGN(const auto bytes, take(4));
    std::uint32_t value = 0;
    for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
    return value;
  }
  Result<std::string_view> take(std::size_t count) {
    if (count > m_bytes.size() - m_at) return malformed();
    const auto part = m_bytes.substr(m_at, count);
    m_at += count;
    return part;
  }
  Result<std::string_view> name() {
    DRIFT_ASSIGN(const auto size, length());
    return take(size);
  }
  /// Gives the bytes of the value that stands here.
  Result<std::string_view> value() {
    const auto start = m_at;
    DRIFT_TRY(skip(0));
    return m_bytes.substr(start, m_at - start);
  }

 private:
  Status skip(std::size_t depth) {
    DRIFT_ASSIGN(const auto first, take(1));
    switch (first[0]) {
      case kNull:
      case kFalse:
      case kTrue: return {};
      case kString: return skipString();
      case kNumber: return skipNumber();
      case kArray:
      case kObject: break;
      default: return malformed();
    }
    if (depth == kJsonDepthMax) return malformed();
    DRIFT_ASSIGN(const auto count, length());
    // A value takes a byte at least.
    if (count > m_bytes.size() - m_at) return malformed();
    for (std::uint32_t at = 0; at < count; ++at) {
      if (first[0] == kObject) DRIFT_TRY(name());
      DRIFT_TRY(skip(depth + 1));
    }
    return {};
  }

  /// Like a string of a key, without its mark.
  Status skipString() {
    while (true) {
      const auto zero = m_bytes.find('\0', m_at);
      if (zero == m_bytes.npos || zero + 1 == m_bytes.size()) return malformed();
      m_at = zero + 2;
      if (m_bytes[zero + 1] == '\0') return {};
    }
  }

  /// A numeric of a key, then a byte of scale.
  Status skipNumber() {
    DRIFT_ASSIGN(const auto first, take(1));
    if (first[0] != 0x20) {
      const auto end = m_bytes.find(first[0] == 0x30 ? '\0' : '\xff', m_at + 1);
      if (end == m_bytes.npos) return malformed();
      m_at = end + 1;
    }
    DRIFT_TRY(take(1));
    return {};
  }

  const std::string_view m_bytes;
  std::size_t m_at = 0;
};

void appendBreak(std::string& out, std::size_t depth) {
  out += '\n';
  out.append(depth * 4, ' ');
}

Status appendValue(std::string& out, const JsonbView& view, bool pretty, std::size_t depth) {
  DRIFT_ASSIGN(const auto kind, view.kind());
  switch (kind) {
    case JsonKind::Null: out += "null"; return {};
    case JsonKind::False: out += "false"; return {};
    case JsonKind::True: out += "true"; return {};
    case JsonKind::String: {
      DRIFT_ASSIGN(const auto text, view.string());
      appendJsonString(out, text);
      return {};
    }
    case JsonKind::Number: {
      DRIFT_ASSIGN(const auto number, view.number());
      out += toString(number);
      return {};
    }
    case JsonKind::Array:
    case JsonKind::Object: break;
  }
  if (depth == kJsonDepthMax) return malformed();
  const bool object = kind == JsonKind::Object;
  out += object ? '{' : '[';
  bool first = true;
  const auto appendMember = [&](std::string_view name, const JsonbView& value) -> Result<bool> {
    if (!first) out += pretty ? "," : ", ";
    first = false;
    if (pretty) appendBreak(out, depth + 1);
    if (object) {
      appendJsonString(out, name);
      out += ": ";
    }
    DRIFT_TRY(appendValue(out, value, pretty, depth + 1));
    return true;
  };
  DRIFT_TRY(view.each(appendMember));
  if (pretty) appendBreak(out, depth);
  out += object ? '}' : ']';
  return {};
}

}  // namespace

Result<JsonKind> JsonbView::kind() const {
  if (m_bytes.empty() || m_bytes[0] < kNull || m_bytes[0] > kObject) return malformed();
  switch (m_bytes[0]) {
    case kString: return JsonKind::String;
    case kNumber: return JsonKind::Number;
    case kFalse: return JsonKind::False;
    case kTrue: return JsonKind::True;
    case kArray: return JsonKind::Array;
    case kObject: return JsonKind::Object;
    default: return JsonKind::Null;
  }
}

Result<std::uint32_t> JsonbView::count() const {
  DRIFT_ASSIGN(const auto own, kind());
  if (own != JsonKind::Array && own != JsonKind::Object) return std::uint32_t{0};
  return BlobReader(m_bytes.substr(1)).length();
}

Status JsonbView::each(const Visitor& visitor) const {
  DRIFT_ASSIGN(const auto own, kind());
  if (own != JsonKind::Object && own != JsonKind::Array) return {};
  BlobReader reader(m_bytes.substr(1));
  DRIFT_ASSIGN(const auto count, reader.length());
  for (std::uint32_t at = 0; at < count; ++at) {
    std::string_view name;
    if (own == JsonKind::Object) {
      DRIFT_ASSIGN(name, reader.name());
    }
    DRIFT_ASSIGN(const auto value, reader.value());
    DRIFT_ASSIGN(const bool more, visitor(name, JsonbView(value)));
    if (!more) return {};
  }
  return reader.atEnd() ? Status() : Status(malformed());
}

Result<Decimal> JsonbView::number() const {
  constexpr Type kNumeric = TypeId::Numeric;
  if (m_bytes.size() < 3 || m_bytes[0] != kNumber) return malformed();
  DRIFT_ASSIGN(const auto values, decodeKey(m_bytes.substr(1, m_bytes.size() - 2), std::span(&kNumeric, 1)));
  const int scale = static_cast<unsigned char>(m_bytes.back());
  const auto& value = values.front();
  if (value.isNull() || value.asDecimal().isNan() || scale > Decimal::kDigitsMax || scale < value.asDecimal().scale())
    return malformed();
  auto scaled = rescale(value.asDecimal(), 0, scale);
  if (!scaled.ok()) return malformed();
  return scaled;
}

Result<std::string> JsonbView::string() const {
  constexpr Type kText = TypeId::Text;
  if (m_bytes.empty() || m_bytes[0] != kString) return malformed();
  // A key's string has another mark in front.
  std::string key(m_bytes);
  key[0] = 0x01;
  DRIFT_ASSIGN(const auto values, decodeKey(key, std::span(&kText, 1)));
  return values.front().asString();
}

Result<std::string> JsonbView::text() const {
  std::string out;
  DRIFT_TRY(appendValue(out, *this, false, 0));
  return out;
}

Result<std::string> JsonbView::plainText() const {
  DRIFT_ASSIGN(const auto own, kind());
  return own == JsonKind::String ? string() : text();
}

void appendJsonbText(std::string& out, std::string_view blob, bool pretty) {
  const auto start = out.size();
  if (appendValue(out, JsonbView(blob), pretty, 0).ok()) return;
  out.resize(start);
  out += "<malformed JSON>";
}

std::string jsonbNull() { return std::string(1, kNull); }

std::string jsonbString(std::string_view text) {
  std::string blob;
  appendKey(blob, Value::text(std::string(text)));
  blob[0] = kString;
  return blob;
}

std::string jsonbNumber(const Decimal& value) {
  std::string blob(1, kNumber);
  appendKey(blob, Value::numeric(value));
  blob += static_cast<char>(value.scale());
  return blob;
}

std::string jsonbArray(const std::vector<std::string>& elements) {
  std::string blob(1, kArray);
  appendBigEndian(blob, static_cast<std::uint32_t>(elements.size()));
  for (const auto& element : elements) blob += element;
  return blob;
}

std::string jsonbObject(std::vector<std::pair<std::string, std::string>> members) {
  const auto before = [](const auto& a, const auto& b) {
    return a.first.size() != b.first.size() ? a.first.size() < b.first.size() : a.first < b.first;
  };
  std::ranges::stable_sort(members, before);
  std::vector<const std::pair<std::string, std::string>*> kept;
  for (const auto& member : members) {
    if (!kept.empty() && kept.back()->first == member.first) kept.back() = &member;
    else kept.push_back(&member);
  }
  std::string blob(1, kObject);
  appendBigEndian(blob, static_cast<std::uint32_t>(kept.size()));
  for (const auto* member : kept) {
    appendBigEndian(blob, static_cast<std::uint32_t>(member->first.size()));
    blob += member->first;
    blob += member->second;
  }
  return blob;
}

}  // namespace drift::types
