#include "formats/file_moment.h"

#include <string>

#include <fmt/format.h>

#include "types/text.h"

namespace drift::formats {

namespace {

bool isDigit(char c) { return c >= '0' && c <= '9'; }

/// Reads the parts of a moment from the front of a text, one after the other.
class Scanner final {
 public:
  explicit Scanner(std::string_view text) : m_text(text) {}

  /// Takes exactly `count` digits.
  bool digits(std::size_t count, std::string& into) {
    if (m_text.size() < count) return false;
    for (std::size_t i = 0; i < count; ++i)
      if (!isDigit(m_text[i])) return false;
    into.assign(m_text.substr(0, count));
    m_text.remove_prefix(count);
    return true;
  }
  bool oneOf(std::string_view characters) {
    if (m_text.empty() || characters.find(m_text.front()) == std::string_view::npos) return false;
    m_text.remove_prefix(1);
    return true;
  }
  bool atDigit() const { return !m_text.empty() && isDigit(m_text.front()); }
  /// Takes up to six digits after a point, as a fraction of a second.
  std::string fraction() {
    std::string digits;
    if (m_text.size() < 2 || m_text[0] != '.' || !isDigit(m_text[1])) return digits;
    m_text.remove_prefix(1);
    while (atDigit()) {
      if (digits.size() < 6) digits += m_text.front();
      m_text.remove_prefix(1);
    }
    return digits;
  }

 private:
  std::string_view m_text;
};

std::string readTime(Scanner scanner) {
  std::string hour, minute, second;
  if (!scanner.oneOf("T_ -") || !scanner.digits(2, hour)) return {};
  scanner.oneOf(":-.");
  if (!scanner.digits(2, minute)) return {};
  scanner.oneOf(":-.");
  if (!scanner.digits(2, second)) return scanner.atDigit() ? std::string() : fmt::format("{}:{}:00", hour, minute);
  if (scanner.atDigit()) return {};
  const auto fraction = scanner.fraction();
  return fmt::format("{}:{}:{}{}{}", hour, minute, second, fraction.empty() ? "" : ".", fraction);
}

std::optional<TimeMicros> readMoment(std::string_view text) {
  Scanner scanner(text);
  std::string year, month, day;
  if (!scanner.digits(4, year)) return std::nullopt;
  const bool dashed = scanner.oneOf("-");
  if (!scanner.digits(2, month) || scanner.oneOf("-") != dashed || !scanner.digits(2, day) || scanner.atDigit())
    return std::nullopt;
  const auto time = readTime(scanner);
  const auto written = fmt::format("{}-{}-{} {}+00", year, month, day, time.empty() ? "00:00:00" : time);
  const auto value = types::parseText(written, types::TypeId::TimestampTz);
  if (!value.ok()) return std::nullopt;
  return value->asInt();
}

}  // namespace

std::optional<TimeMicros> momentInName(std::string_view name) {
  for (std::size_t at = 0; at < name.size(); ++at) {
    if (!isDigit(name[at]) || (at > 0 && isDigit(name[at - 1]))) continue;
    if (const auto moment = readMoment(name.substr(at))) return moment;
  }
  return std::nullopt;
}

}  // namespace drift::formats
