// ~ ~* !~ !~* and regexp_replace(), through RE2: linear time, no back-references.
#include <memory>
#include <string>

#include <re2/re2.h>

#include "functions/builtins.h"
#include "functions/kernels.h"
#include "types/array.h"
#include "types/utf8.h"

namespace drift::functions {

namespace {

using namespace types;

/// RE2's memory for one expression; it gives up with an error beyond.
constexpr std::int64_t kExpressionBytesMax = 8 * 1024 * 1024;

/// Bytes that a text may come to, as much as PostgreSQL lets a value be.
constexpr std::size_t kTextBytesMax = std::size_t{1} << 30;

struct Flags {
  bool ignoreCase = false;
  bool global = false;
  bool newlineSensitive = false;
  bool literal = false;  ///< the pattern is a plain text
};

/// PostgreSQL's \y \m \M \Y \A \Z as RE2 writes them. The start and the end of a word are any boundary to RE2; next to
/// the letters that a pattern has there, that is the same.
std::string translated(std::string_view pattern) {
  std::string out;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    if (pattern[at] != '\\' || at + 1 == pattern.size()) {
      out += pattern[at];
      continue;
    }
    const char c = pattern[++at];
    out += '\\';
    out += c == 'y' || c == 'm' || c == 'M' ? 'b' : c == 'Y' ? 'B' : c == 'Z' ? 'z' : c;
  }
  return out;
}

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

/// The expression of the row before, so that a constant one is compiled once.
class ExpressionCache final {
 public:
  /// InvalidRegularExpression. The pointer holds until the next call.
  Result<const re2::RE2*> get(std::string_view pattern, const Flags& flags) {
    if (m_expression && m_pattern == pattern && m_ignoreCase == flags.ignoreCase &&
        m_newlineSensitive == flags.newlineSensitive && m_literal == flags.literal)
      return m_expression.get();
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(kExpressionBytesMax);
    options.set_case_sensitive(!flags.ignoreCase);
    options.set_dot_nl(!flags.newlineSensitive);
    options.set_never_nl(false);
    options.set_literal(flags.literal);
    // Brackets make the options of ^ and $ settable.
    auto source = flags.literal ? std::string(pattern) : translated(pattern);
    if (flags.newlineSensitive && !flags.literal) source = "(?m:" + source + ")";
    m_expression = std::make_unique<re2::RE2>(source, options);
    if (!m_expression->ok()) {
      auto error =
          makeError(ErrorKind::InvalidRegularExpression, "invalid regular expression: {}", m_expression->error());
      m_expression.reset();
      return error;
    }
    m_pattern = pattern;
    m_ignoreCase = flags.ignoreCase;
    m_newlineSensitive = flags.newlineSensitive;
    m_literal = flags.literal;
    return m_expression.get();
  }

 private:
  std::unique_ptr<re2::RE2> m_expression;
  std::string m_pattern;
  bool m_ignoreCase = false;
  bool m_newlineSensitive = false;
  bool m_literal = false;
};

template <bool kIgnoreCase, bool kNegated>
Status matchKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  ExpressionCache cache;
  return tryRows<std::uint8_t, StringRef, StringRef>(
      arguments, rows, out, [&](const StringRef& text, const StringRef& pattern, std::uint8_t& result) -> Status {
        DRIFT_ASSIGN(const auto* expression, cache.get(pattern.view(), {.ignoreCase = kIgnoreCase}));
        result = re2::RE2::PartialMatch(piece(text.view()), *expression) != kNegated;
        return {};
      });
}

Result<Flags> parseFlags(std::string_view text) {
  Flags flags;
  for (const char c : text) {
    switch (c) {
      case 'g': flags.global = true; break;
      case 'i': flags.ignoreCase = true; break;
      case 'c': flags.ignoreCase = false; break;
      case 'n':
      case 'm': flags.newlineSensitive = true; break;
      case 's': flags.newlineSensitive = false; break;
      case 'q': flags.literal = true; break;
      default: return makeError(ErrorKind::InvalidParameterValue, "invalid regular expression option: \"{}\"", c);
    }
  }
  return flags;
}

/// Appends the replacement: \1 to \9 are groups, \& the whole match, \\ a backslash.
void appendReplacement(std::string& out, std::string_view replacement, std::span<const re2::StringPiece> groups) {
  for (std::size_t at = 0; at < replacement.size(); ++at) {
    if (replacement[at] != '\\' || at + 1 == replacement.size()) {
      out += replacement[at];
      continue;
    }
    const char c = replacement[++at];
    if (c == '&' || (c >= '1' && c <= '9')) {
      const auto group = c == '&' ? std::size_t{0} : static_cast<std::size_t>(c - '0');
      if (group < groups.size() && groups[group].data()) out.append(groups[group].data(), groups[group].size());
    } else {
      if (c != '\\') out += '\\';
      out += c;
    }
  }
}

/// Replaces the matches from `from` on, in bytes: the `wanted`-th one, or all where it is 0.
Status replaceMatches(std::string_view source, const re2::RE2& expression, std::string_view replacement,
                      std::size_t from, std::int32_t wanted, std::string& out) {
  std::vector<re2::StringPiece> groups(static_cast<std::size_t>(expression.NumberOfCapturingGroups()) + 1);
  std::size_t at = from;
  std::size_t copied = 0;
  std::int32_t seen = 0;
  while (at <= source.size() && expression.Match(piece(source), at, source.size(), re2::RE2::UNANCHORED, groups.data(),
                                                 static_cast<int>(groups.size()))) {
    const auto start = static_cast<std::size_t>(groups[0].data() - source.data());
    const auto end = start + groups[0].size();
    if (wanted == 0 || ++seen == wanted) {
      out.append(source, copied, start - copied);
      appendReplacement(out, replacement, groups);
      copied = end;
      if (out.size() > kTextBytesMax) return Error(ErrorKind::LimitExceeded, "requested length too large");
      if (wanted != 0) break;
    }
    // An empty match must not be found again at the same place.
    at = !groups[0].empty() ? end : end < source.size() ? nextCodePoint(source, end) : source.size() + 1;
  }
  out.append(source, copied);
  return {};
}

Status replaceKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  ExpressionCache cache;
  return writeRows<StringRef, StringRef, StringRef>(
      arguments, rows, out,
      [&](const StringRef& source, const StringRef& pattern, const StringRef& replacement,
          std::string& text) -> Status {
        DRIFT_ASSIGN(const auto* expression, cache.get(pattern.view(), {}));
        return replaceMatches(source.view(), *expression, replacement.view(), 0, 1, text);
      });
}

Status replaceWithFlags(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  ExpressionCache cache;
  return writeRows<StringRef, StringRef, StringRef, StringRef>(
      arguments, rows, out,
      [&](const StringRef& source, const StringRef& pattern, const StringRef& replacement, const StringRef& options,
          std::string& text) -> Status {
        DRIFT_ASSIGN(const auto flags, parseFlags(options.view()));
        DRIFT_ASSIGN(const auto* expression, cache.get(pattern.view(), flags));
        return replaceMatches(source.view(), *expression, replacement.view(), 0, flags.global ? 0 : 1, text);
      });
}

/// substring(text from pattern): the first group, or the whole match; NULL where nothing matches.
Status extractMatch(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  ExpressionCache cache;
  const auto texts = arguments[0].view();
  const auto patterns = arguments[1].view();
  out.keepHeapsOf(arguments[0]);
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    DRIFT_ASSIGN(const auto* expression, cache.get(patterns.at<StringRef>(row).view(), {}));
    const auto& reference = texts.at<StringRef>(row);
    const auto text = reference.view();
    re2::StringPiece groups[2];
    const int wanted = expression->NumberOfCapturingGroups() > 0 ? 2 : 1;
    const bool found = expression->Match(piece(text), 0, text.size(), re2::RE2::UNANCHORED, groups, wanted);
    const auto& group = groups[wanted - 1];
    if (!found || !group.data()) out.setNull(row);
    else out.data<StringRef>()[row] = StringRef(std::string_view(group.data(), group.size()));
    return {};
  });
}

/// Flags of functions to which "all matches" means nothing.
Result<Flags> matchFlags(std::string_view text, std::string_view function) {
  DRIFT_ASSIGN(const auto flags, parseFlags(text));
  if (flags.global)
    return makeError(ErrorKind::InvalidParameterValue, "{}() does not support the \"global\" option", function);
  return flags;
}

std::string_view textAt(const Vector& values, std::size_t row) { return values.view().at<StringRef>(row).view(); }

/// regexp_like(text, pattern, flags)
Status likeKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  ExpressionCache cache;
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    Flags flags;
    if (arguments.size() > 2) {
      DRIFT_ASSIGN(flags, matchFlags(textAt(arguments[2], row), "regexp_like"));
    }
    DRIFT_ASSIGN(const auto* expression, cache.get(textAt(arguments[1], row), flags));
    out.data<std::uint8_t>()[row] = re2::RE2::PartialMatch(piece(textAt(arguments[0], row)), *expression);
    return {};
  });
}

/// Calls visit(start, end) in bytes for each match from a place on; visit gives false to stop.
template <class Visit>
void eachMatch(std::string_view text, std::size_t from, const re2::RE2& expression, const Visit& visit) {
  re2::StringPiece found;
  std::size_t at = from;
  while (at <= text.size() && expression.Match(piece(text), at, text.size(), re2::RE2::UNANCHORED, &found, 1)) {
    const auto start = static_cast<std::size_t>(found.data() - text.data());
    const auto end = start + found.size();
    if (!visit(start, end)) return;
    at = !found.empty() ? end : end < text.size() ? nextCodePoint(text, end) : text.size() + 1;
  }
}

/// Where a search begins, in bytes; `start` counts characters from 1.
Result<std::size_t> searchStart(std::string_view text, std::int32_t start) {
  if (start <= 0)
    return makeError(ErrorKind::InvalidParameterValue, "invalid value for parameter \"start\": {}", start);
  return start - 1 > static_cast<std::int64_t>(codePointCount(text))
             ? text.size() + 1
             : codePointOffset(text, static_cast<std::size_t>(start - 1));
}

/// regexp_replace(text, pattern, new, start, n, flags): n = 0 replaces all.
Status replaceFrom(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  ExpressionCache cache;
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    const auto text = textAt(arguments[0], row);
    DRIFT_ASSIGN(const auto from, searchStart(text, arguments[3].view().at<std::int32_t>(row)));
    const auto wanted = arguments.size() > 4 ? arguments[4].view().at<std::int32_t>(row) : 1;
    if (wanted < 0)
      return makeError(ErrorKind::InvalidParameterValue, "invalid value for parameter \"n\": {}", wanted);
    Flags flags;
    if (arguments.size() > 5) {
      DRIFT_ASSIGN(flags, parseFlags(textAt(arguments[5], row)));
    }
    DRIFT_ASSIGN(const auto* expression, cache.get(textAt(arguments[1], row), flags));
    std::string result;
    DRIFT_TRY(replaceMatches(text, *expression, textAt(arguments[2], row), from, wanted, result));
    out.setString(row, result);
    return {};
  });
}

/// regexp_substr(text, pattern, start, n, flags, group): the n-th match or a group of it; NULL where there is none.
Status substrKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  ExpressionCache cache;
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    const auto text = textAt(arguments[0], row);
    const auto number = [&](std::size_t at, std::int32_t otherwise) {
      return at < arguments.size() ? arguments[at].view().at<std::int32_t>(row) : otherwise;
    };
    DRIFT_ASSIGN(auto at, searchStart(text, number(2, 1)));
    const auto wanted = number(3, 1);
    const auto group = number(5, 0);
    if (wanted <= 0)
      return makeError(ErrorKind::InvalidParameterValue, "invalid value for parameter \"n\": {}", wanted);
    if (group < 0)
      return makeError(ErrorKind::InvalidParameterValue, "invalid value for parameter \"subexpr\": {}", group);
    Flags flags;
    if (arguments.size() > 4) {
      DRIFT_ASSIGN(flags, matchFlags(textAt(arguments[4], row), "regexp_substr"));
    }
    DRIFT_ASSIGN(const auto* expression, cache.get(textAt(arguments[1], row), flags));
    std::vector<re2::StringPiece> groups(static_cast<std::size_t>(expression->NumberOfCapturingGroups()) + 1);
    std::int32_t seen = 0;
    while (at <= text.size() && expression->Match(piece(text), at, text.size(), re2::RE2::UNANCHORED, groups.data(),
                                                  static_cast<int>(groups.size()))) {
      const auto end = static_cast<std::size_t>(groups[0].data() - text.data()) + groups[0].size();
      if (++seen == wanted) break;
      at = !groups[0].empty() ? end : end < text.size() ? nextCodePoint(text, end) : text.size() + 1;
    }
    const auto index = static_cast<std::size_t>(group);
    if (seen < wanted || index >= groups.size() || !groups[index].data()) out.setNull(row);
    else out.setString(row, std::string_view(groups[index].data(), groups[index].size()));
    return {};
  });
}

/// regexp_count(text, pattern, start, flags)
Status countKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  ExpressionCache cache;
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    const auto text = textAt(arguments[0], row);
    Flags flags;
    if (arguments.size() > 3) {
      DRIFT_ASSIGN(flags, matchFlags(textAt(arguments[3], row), "regexp_count"));
    }
    std::size_t from = 0;
    if (arguments.size() > 2) {
      DRIFT_ASSIGN(from, searchStart(text, arguments[2].view().at<std::int32_t>(row)));
    }
    DRIFT_ASSIGN(const auto* expression, cache.get(textAt(arguments[1], row), flags));
    std::int32_t count = 0;
    eachMatch(text, from, *expression, [&](std::size_t, std::size_t) { return ++count > 0; });
    out.data<std::int32_t>()[row] = count;
    return {};
  });
}

/// regexp_instr(text, pattern, start, n, endoption, flags): place of the n-th match, or behind it; 0 without one.
Status instrKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  ExpressionCache cache;
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    const auto text = textAt(arguments[0], row);
    const auto number = [&](std::size_t at, std::int32_t otherwise) {
      return at < arguments.size() ? arguments[at].view().at<std::int32_t>(row) : otherwise;
    };
    DRIFT_ASSIGN(const auto from, searchStart(text, number(2, 1)));
    const auto wanted = number(3, 1);
    const auto behind = number(4, 0);
    if (wanted <= 0)
      return makeError(ErrorKind::InvalidParameterValue, "invalid value for parameter \"n\": {}", wanted);
    if (behind != 0 && behind != 1)
      return makeError(ErrorKind::InvalidParameterValue, "invalid value for parameter \"endoption\": {}", behind);
    Flags flags;
    if (arguments.size() > 5) {
      DRIFT_ASSIGN(flags, matchFlags(textAt(arguments[5], row), "regexp_instr"));
    }
    DRIFT_ASSIGN(const auto* expression, cache.get(textAt(arguments[1], row), flags));
    std::int32_t seen = 0;
    std::int32_t place = 0;
    eachMatch(text, from, *expression, [&](std::size_t start, std::size_t end) {
      if (++seen < wanted) return true;
      place = static_cast<std::int32_t>(codePointCount(text.substr(0, behind ? end : start))) + 1;
      return false;
    });
    out.data<std::int32_t>()[row] = place;
    return {};
  });
}

/// Adds the groups of a match as an array, or the whole match where the expression has none.
std::string groupsOf(std::span<const re2::StringPiece> groups) {
  ArrayBuilder builder;
  for (const auto& group : groups.size() > 1 ? groups.subspan(1) : groups) {
    if (group.data()) builder.add(Value::text(std::string(group.data(), group.size())));
    else builder.addNull();
  }
  return builder.finish();
}

/// Calls add(groups) for each match, or for the first one.
template <class Add>
void eachGroups(std::string_view text, const re2::RE2& expression, bool global, const Add& add) {
  std::vector<re2::StringPiece> groups(static_cast<std::size_t>(expression.NumberOfCapturingGroups()) + 1);
  std::size_t at = 0;
  while (at <= text.size() && expression.Match(piece(text), at, text.size(), re2::RE2::UNANCHORED, groups.data(),
                                               static_cast<int>(groups.size()))) {
    add(groups);
    if (!global) return;
    const auto end = static_cast<std::size_t>(groups[0].data() - text.data()) + groups[0].size();
    at = !groups[0].empty() ? end : end < text.size() ? nextCodePoint(text, end) : text.size() + 1;
  }
}

/// regexp_match(text, pattern [, flags])
Status matchGroups(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  ExpressionCache cache;
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    Flags flags;
    if (arguments.size() > 2) {
      DRIFT_ASSIGN(flags, matchFlags(textAt(arguments[2], row), "regexp_match"));
    }
    DRIFT_ASSIGN(const auto* expression, cache.get(textAt(arguments[1], row), flags));
    bool found = false;
    eachGroups(textAt(arguments[0], row), *expression, false, [&](const auto& groups) {
      found = true;
      out.setString(row, groupsOf(groups));
    });
    if (!found) out.setNull(row);
    return {};
  });
}

bool anyNull(std::span<const Value> arguments) {
  return std::ranges::any_of(arguments, [](const Value& value) { return value.isNull(); });
}

/// regexp_matches(text, pattern [, flags])
Status matchRows(const FunctionContext&, std::span<const Value> arguments, SetRows& out) {
  if (anyNull(arguments)) return {};
  Flags flags;
  if (arguments.size() > 2) {
    DRIFT_ASSIGN(flags, parseFlags(arguments[2].asString()));
  }
  ExpressionCache cache;
  DRIFT_ASSIGN(const auto* expression, cache.get(arguments[1].asString(), flags));
  eachGroups(arguments[0].asString(), *expression, flags.global, [&](const auto& groups) {
    const Value row[] = {Value(Type::array(TypeId::Text), groupsOf(groups))};
    out.add(row);
  });
  return {};
}

/// Calls add(part) for each part between matches. An empty match at an end, or right behind another one, parts nothing.
template <class Add>
void splitAtMatches(std::string_view text, const re2::RE2& expression, const Add& add) {
  std::size_t from = 0;
  eachMatch(text, 0, expression, [&](std::size_t start, std::size_t end) {
    if (start == end && (start == from || start == text.size())) return true;
    add(text.substr(from, start - from));
    from = end;
    return true;
  });
  add(text.substr(from));
}

/// regexp_split_to_array(text, pattern [, flags])
Status splitArray(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  ExpressionCache cache;
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    Flags flags;
    if (arguments.size() > 2) {
      DRIFT_ASSIGN(flags, matchFlags(textAt(arguments[2], row), "regexp_split_to_array"));
    }
    DRIFT_ASSIGN(const auto* expression, cache.get(textAt(arguments[1], row), flags));
    ArrayBuilder builder;
    splitAtMatches(textAt(arguments[0], row), *expression,
                   [&](std::string_view part) { builder.add(Value::text(std::string(part))); });
    out.setString(row, builder.finish());
    return {};
  });
}

/// regexp_split_to_table(): the same as rows.
Status splitRows(const FunctionContext&, std::span<const Value> arguments, SetRows& out) {
  if (anyNull(arguments)) return {};
  Flags flags;
  if (arguments.size() > 2) {
    DRIFT_ASSIGN(flags, matchFlags(arguments[2].asString(), "regexp_split_to_table"));
  }
  ExpressionCache cache;
  DRIFT_ASSIGN(const auto* expression, cache.get(arguments[1].asString(), flags));
  splitAtMatches(arguments[0].asString(), *expression, [&](std::string_view part) {
    const Value row[] = {Value::text(std::string(part))};
    out.add(row);
  });
  return {};
}

}  // namespace

void addRegularExpressions(BuiltIns& builtIns) {
  const Type integer = TypeId::Integer;
  const Type text = TypeId::Text;
  const Type boolean = TypeId::Boolean;
  builtIns.scalar("~", {text, text}, boolean, matchKernel<false, false>, "Matches a regular expression");
  builtIns.scalar("~*", {text, text}, boolean, matchKernel<true, false>, "Matches a regular expression, ignoring case");
  builtIns.scalar("!~", {text, text}, boolean, matchKernel<false, true>, "Does not match a regular expression");
  builtIns.scalar("!~*", {text, text}, boolean, matchKernel<true, true>,
                  "Does not match a regular expression, ignoring case");
  builtIns.scalar("regexp_replace", {text, text, text}, text, replaceKernel,
                  "Replaces the first match of a regular expression");
  builtIns.scalar("regexp_replace", {text, text, text, text}, text, replaceWithFlags,
                  "Replaces matches; flags g (all), i (ignore case)");
  constexpr std::string_view kReplace = "Replaces matches: text, pattern, new, start, n (0: all), flags";
  builtIns.scalar("regexp_replace", {text, text, text, integer}, text, replaceFrom, kReplace);
  builtIns.scalar("regexp_replace", {text, text, text, integer, integer}, text, replaceFrom, kReplace);
  builtIns.scalar("regexp_replace", {text, text, text, integer, integer, text}, text, replaceFrom, kReplace);
  constexpr std::string_view kLike = "Matches a regular expression: text, pattern, flags";
  builtIns.scalar("regexp_like", {text, text}, boolean, likeKernel, kLike);
  builtIns.scalar("regexp_like", {text, text, text}, boolean, likeKernel, kLike);
  constexpr std::string_view kCount = "Number of matches: text, pattern, start, flags";
  builtIns.scalar("regexp_count", {text, text}, integer, countKernel, kCount);
  builtIns.scalar("regexp_count", {text, text, integer}, integer, countKernel, kCount);
  builtIns.scalar("regexp_count", {text, text, integer, text}, integer, countKernel, kCount);
  constexpr std::string_view kPlace = "Place of the n-th match: text, pattern, start, n, endoption, flags";
  builtIns.scalar("regexp_instr", {text, text}, integer, instrKernel, kPlace);
  builtIns.scalar("regexp_instr", {text, text, integer}, integer, instrKernel, kPlace);
  builtIns.scalar("regexp_instr", {text, text, integer, integer}, integer, instrKernel, kPlace);
  builtIns.scalar("regexp_instr", {text, text, integer, integer, integer}, integer, instrKernel, kPlace);
  builtIns.scalar("regexp_instr", {text, text, integer, integer, integer, text}, integer, instrKernel, kPlace);
  const Type texts = Type::array(text);
  constexpr std::string_view kMatch = "Groups of the first match: text, pattern, flags";
  builtIns.scalar("regexp_match", {text, text}, texts, matchGroups, kMatch);
  builtIns.scalar("regexp_match", {text, text, text}, texts, matchGroups, kMatch);
  constexpr std::string_view kMatches = "Groups of a match as a row, with flag g of each: text, pattern, flags";
  builtIns.set("regexp_matches", {text, text}, {{{}, texts}}, matchRows, kMatches);
  builtIns.set("regexp_matches", {text, text, text}, {{{}, texts}}, matchRows, kMatches);
  constexpr std::string_view kSplit = "Parts between matches: text, pattern, flags";
  builtIns.scalar("regexp_split_to_array", {text, text}, texts, splitArray, kSplit);
  builtIns.scalar("regexp_split_to_array", {text, text, text}, texts, splitArray, kSplit);
  builtIns.set("regexp_split_to_table", {text, text}, {{{}, text}}, splitRows, kSplit);
  builtIns.set("regexp_split_to_table", {text, text, text}, {{{}, text}}, splitRows, kSplit);
  builtIns.scalar("substring", {text, text}, text, extractMatch, "Part of a text that matches a regular expression");
  constexpr std::string_view kPart = "The n-th match or a group of it: text, pattern, start, n, flags, group";
  builtIns.scalar("regexp_substr", {text, text}, text, substrKernel, kPart);
  builtIns.scalar("regexp_substr", {text, text, integer}, text, substrKernel, kPart);
  builtIns.scalar("regexp_substr", {text, text, integer, integer}, text, substrKernel, kPart);
  builtIns.scalar("regexp_substr", {text, text, integer, integer, text}, text, substrKernel, kPart);
  builtIns.scalar("regexp_substr", {text, text, integer, integer, text, integer}, text, substrKernel, kPart);
}

}  // namespace drift::functions
