// LIKE and ILIKE: % stands for any text, _ for one character, the escape character for the one
// after it.
#include <optional>
#include <string>
#include <vector>

#include <unicode/uchar.h>

#include "functions/builtins.h"
#include "functions/kernels.h"
#include "types/utf8.h"

namespace drift::functions {

namespace {

using namespace types;

/// A pattern ready to match. Text is matched by bytes for LIKE, by folded code points for ILIKE.
class LikePattern final {
 public:
  /// InvalidEscapeSequence if the escape character ends the pattern. An empty escape means none.
  static Result<LikePattern> compile(std::string_view pattern, std::string_view escape, bool ignoreCase) {
    LikePattern result;
    result.m_ignoreCase = ignoreCase;
    for (std::size_t at = 0; at < pattern.size();) {
      const auto next = nextCodePoint(pattern, at);
      auto character = pattern.substr(at, next - at);
      at = next;
      if (!escape.empty() && character == escape) {
        if (at == pattern.size())
          return Error(ErrorKind::InvalidEscapeSequence, "LIKE pattern must not end with escape character");
        const auto end = nextCodePoint(pattern, at);
        character = pattern.substr(at, end - at);
        at = end;
      } else if (character == "%") {
        if (result.m_parts.empty() || result.m_parts.back().kind != Part::AnyText)
          result.m_parts.push_back({Part::AnyText, {}});
        continue;
      } else if (character == "_") {
        result.m_parts.push_back({Part::AnyCharacter, {}});
        continue;
      }
      if (result.m_parts.empty() || result.m_parts.back().kind != Part::Literal)
        result.m_parts.push_back({Part::Literal, {}});
      result.appendLiteral(character);
    }
    return result;
  }

  bool matches(std::string_view text) const {
    if (!m_ignoreCase) return matchesFolded(text);
    std::string folded;
    folded.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); at = nextCodePoint(text, at))
      appendCodePoint(
          folded, static_cast<char32_t>(u_foldCase(static_cast<UChar32>(codePointAt(text, at)), U_FOLD_CASE_DEFAULT)));
    return matchesFolded(folded);
  }

 private:
  struct Part {
    enum Kind { Literal, AnyCharacter, AnyText } kind;
    std::string text;
  };

  void appendLiteral(std::string_view character) {
    auto& literal = m_parts.back().text;
    if (m_ignoreCase)
      appendCodePoint(literal, static_cast<char32_t>(
                                   u_foldCase(static_cast<UChar32>(codePointAt(character, 0)), U_FOLD_CASE_DEFAULT)));
    else literal += character;
  }

  /// Greedy with one point to come back to: after the last %, which may swallow one more character.
  /// That is enough, since a later % can stand in for whatever an earlier one could take. O(text *
  /// pattern).
  bool matchesFolded(std::string_view text) const {
    std::size_t part = 0;
    std::size_t at = 0;
    std::optional<std::size_t> backPart;
    std::size_t backAt = 0;
    while (true) {
      if (part == m_parts.size()) {
        if (at == text.size()) return true;
      } else if (m_parts[part].kind == Part::AnyText) {
        backPart = ++part;
        backAt = at;
        if (part == m_parts.size()) return true;
        continue;
      } else if (m_parts[part].kind == Part::AnyCharacter) {
        if (at < text.size()) {
          at = nextCodePoint(text, at);
          ++part;
          continue;
        }
      } else if (text.substr(at).starts_with(m_parts[part].text)) {
        at += m_parts[part].text.size();
        ++part;
        continue;
      }
      if (!backPart || backAt >= text.size()) return false;
      // After a %, the next place is where its literal occurs next.
      part = *backPart;
      const auto next = nextCodePoint(text, backAt);
      const auto found = m_parts[part].kind == Part::Literal ? text.find(m_parts[part].text, next) : next;
      if (found == text.npos) return false;
      at = backAt = found;
    }
  }

  std::vector<Part> m_parts;
  bool m_ignoreCase = false;
};

constexpr std::string_view kDefaultEscape = "\\";

/// text ~~ pattern and, with three arguments, text LIKE pattern ESCAPE escape. A pattern that
/// repeats is compiled once.
template <bool kIgnoreCase, bool kNegated>
Status likeKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  const auto texts = arguments[0].view();
  const auto patterns = arguments[1].view();
  std::optional<LikePattern> compiled;
  std::string compiledFrom;
  std::string compiledEscape;
  auto* result = out.data<std::uint8_t>();
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    const auto pattern = patterns.at<StringRef>(row).view();
    const auto escape = arguments.size() == 3 ? arguments[2].view().at<StringRef>(row).view() : kDefaultEscape;
    if (!compiled || compiledFrom != pattern || compiledEscape != escape) {
      if (codePointCount(escape) > 1)
        return Error(ErrorKind::InvalidEscapeSequence, "invalid escape string")
            .withHint("Escape string must be empty or one character.");
      DRIFT_ASSIGN(compiled, LikePattern::compile(pattern, escape, kIgnoreCase));
      compiledFrom = pattern;
      compiledEscape = escape;
    }
    result[row] = compiled->matches(texts.at<StringRef>(row).view()) != kNegated;
    return {};
  });
}

}  // namespace

void addPatterns(BuiltIns& builtIns) {
  const Type text = TypeId::Text;
  const Type boolean = TypeId::Boolean;
  builtIns.scalar("~~", {text, text}, boolean, likeKernel<false, false>, "LIKE");
  builtIns.scalar("!~~", {text, text}, boolean, likeKernel<false, true>, "NOT LIKE");
  builtIns.scalar("~~*", {text, text}, boolean, likeKernel<true, false>, "ILIKE");
  builtIns.scalar("!~~*", {text, text}, boolean, likeKernel<true, true>, "NOT ILIKE");
  builtIns.scalar("like", {text, text}, boolean, likeKernel<false, false>, "LIKE as a function");
  builtIns.scalar("like", {text, text, text}, boolean, likeKernel<false, false>, "LIKE … ESCAPE …");
  builtIns.scalar("ilike", {text, text}, boolean, likeKernel<true, false>, "ILIKE as a function");
  builtIns.scalar("ilike", {text, text, text}, boolean, likeKernel<true, false>, "ILIKE … ESCAPE …");
}

}  // namespace drift::functions
