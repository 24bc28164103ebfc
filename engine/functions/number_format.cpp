// to_char() of numbers and to_number(): text by a template such as '9,990.00' (PostgreSQL 9.8, table 9.28).
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "functions/builtins.h"
#include "functions/kernels.h"
#include "types/ascii.h"
#include "types/decimal.h"

namespace drift::functions {

namespace {

using namespace types;

enum class Part {
  Nine,
  Zero,
  Point,
  Group,
  Literal,
  Sign,       ///< S
  Minus,      ///< MI
  Plus,       ///< PL
  PlusMinus,  ///< SG
  Currency,   ///< L
  Ending,     ///< TH, th
  Roman,      ///< RN, rn
};

struct Piece {
  Part part = Part::Literal;
  std::string text;        ///< of Literal, Ending, Roman: as written
  bool fraction = false;   ///< digits: behind the point
  std::size_t number = 0;  ///< digits: which one, from 0
};

/// A template taken apart.
struct NumberTemplate {
  std::vector<Piece> pieces;
  std::size_t whole = 0;  ///< digits before the point
  std::size_t decimals = 0;
  std::size_t shift = 0;                 ///< digits behind V
  std::optional<std::size_t> firstZero;  ///< digit from which on there are zeros
  bool hasPoint = false;
  bool hasSign = false;  ///< S
  bool signBehind = false;
  bool signOfItsOwn = false;   ///< MI, PL or SG
  bool signElsewhere = false;  ///< MI or SG: no place for a sign before the digits
  bool brackets = false;       ///< PR
  bool noFill = false;         ///< FM
  bool scientific = false;
  bool roman = false;
};

Error templateError(std::string sentence) { return Error(ErrorKind::SyntaxError, std::move(sentence)); }

class TemplateReader final {
 public:
  explicit TemplateReader(std::string_view text) : m_rest(text) {}

  Result<NumberTemplate> read() {
    while (!m_rest.empty()) DRIFT_TRY(readPiece());
    return std::move(m_result);
  }

 private:
  bool accept(std::string_view word) {
    if (m_rest.size() < word.size() || !equalsIgnoringCase(m_rest.substr(0, word.size()), word)) return false;
    m_rest.remove_prefix(word.size());
    return true;
  }

  void add(Part part, std::string text = {}) { m_result.pieces.push_back({part, std::move(text)}); }

  Status addDigit(Part part) {
    if (m_result.brackets) return templateError("\"9\" must be ahead of \"PR\"");
    auto& count = m_result.hasPoint ? m_result.decimals : m_result.whole;
    if (part == Part::Zero && !m_result.hasPoint && !m_result.firstZero) m_result.firstZero = count;
    m_result.pieces.push_back({part, {}, m_result.hasPoint, count});
    ++count;
    if (m_shifting) ++m_result.shift;
    return {};
  }

  Status readPiece() {
    if (m_rest.front() == '"') return readQuoted();
    if (accept("9")) return addDigit(Part::Nine);
    if (accept("0")) return addDigit(Part::Zero);
    if (accept(".") || accept("D")) {
      if (m_result.hasPoint) return templateError("multiple decimal points");
      if (m_shifting) return templateError("cannot use \"V\" and decimal point together");
      m_result.hasPoint = true;
      add(Part::Point);
    } else if (accept(",") || accept("G")) {
      add(Part::Group);
    } else if (accept("FM")) {
      m_result.noFill = true;
    } else if (accept("EEEE")) {
      m_result.scientific = true;
    } else if (accept("PR")) {
      if (m_result.hasSign || m_result.signOfItsOwn)
        return templateError("cannot use \"PR\" and \"S\"/\"PL\"/\"MI\"/\"SG\" together");
      m_result.brackets = true;
    } else if (accept("PL")) {
      DRIFT_TRY(ownSign(Part::Plus));
    } else if (accept("MI")) {
      DRIFT_TRY(ownSign(Part::Minus));
    } else if (accept("SG")) {
      DRIFT_TRY(ownSign(Part::PlusMinus));
    } else if (accept("S")) {
      if (m_result.hasSign) return templateError("cannot use \"S\" twice");
      if (m_result.signOfItsOwn || m_result.brackets)
        return templateError("cannot use \"S\" and \"PL\"/\"MI\"/\"SG\"/\"PR\" together");
      m_result.hasSign = true;
      m_result.signBehind = m_result.whole + m_result.decimals > 0;
      add(Part::Sign);
    } else if (accept("L")) {
      add(Part::Currency);
    } else if (accept("V")) {
      if (m_result.hasPoint) return templateError("cannot use \"V\" and decimal point together");
      m_shifting = true;
    } else if (m_rest.size() > 1 && equalsIgnoringCase(m_rest.substr(0, 2), "TH")) {
      add(Part::Ending, std::string(m_rest.substr(0, 2)));
      m_rest.remove_prefix(2);
    } else if (m_rest.size() > 1 && equalsIgnoringCase(m_rest.substr(0, 2), "RN")) {
      m_result.roman = true;
      add(Part::Roman, std::string(m_rest.substr(0, 2)));
      m_rest.remove_prefix(2);
    } else {
      if (m_rest.front() == '\\' && m_rest.size() > 1) m_rest.remove_prefix(1);
      add(Part::Literal, std::string(1, m_rest.front()));
      m_rest.remove_prefix(1);
    }
    return {};
  }

  Status ownSign(Part part) {
    if (m_result.hasSign) return templateError("cannot use \"S\" and \"PL\"/\"MI\"/\"SG\"/\"PR\" together");
    m_result.signOfItsOwn = true;
    m_result.signElsewhere = m_result.signElsewhere || part != Part::Plus;
    add(part);
    return {};
  }

  Status readQuoted() {
    m_rest.remove_prefix(1);
    std::string text;
    while (!m_rest.empty() && m_rest.front() != '"') {
      if (m_rest.front() == '\\' && m_rest.size() > 1) m_rest.remove_prefix(1);
      text += m_rest.front();
      m_rest.remove_prefix(1);
    }
    if (!m_rest.empty()) m_rest.remove_prefix(1);
    add(Part::Literal, std::move(text));
    return {};
  }

  std::string_view m_rest;
  NumberTemplate m_result;
  bool m_shifting = false;
};

std::string romanText(std::int64_t value) {
  struct Digit {
    int value;
    const char* text;
  };
  constexpr Digit kDigits[] = {{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"},
                               {40, "XL"},  {10, "X"},   {9, "IX"},  {5, "V"},    {4, "IV"},  {1, "I"}};
  std::string text;
  for (const auto& digit : kDigits)
    for (; value >= digit.value; value -= digit.value) text += digit.text;
  return text;
}

/// Fills a template with one number.
class NumberWriter final {
 public:
  /// `tooLarge`: the value stands for one that no template has room for.
  NumberWriter(const NumberTemplate& form, const Decimal& value, bool tooLarge = false)
      : m_form(form), m_value(value), m_tooLarge(tooLarge) {}

  Result<std::string> write() {
    if (m_form.scientific) return scientific();
    DRIFT_TRY(takeDigits());
    if (m_form.roman) return roman();
    // Without decimals to write, PostgreSQL ends at the point, whatever is behind it.
    const bool endsAtPoint = m_fraction.empty();
    for (const auto& piece : m_form.pieces) {
      if (piece.part == Part::Point && endsAtPoint && m_whole.find('#') == std::string::npos) return std::move(m_out);
      put(piece);
    }
    finish();
    return std::move(m_out);
  }

 private:
  Status takeDigits() {
    auto value = m_value;
    for (std::size_t at = 0; at < m_form.shift; ++at) {
      DRIFT_ASSIGN(value, multiply(value, Decimal(10, 0)));
    }
    m_places = m_form.whole;
    m_negative = value.isNegative();
    if (m_tooLarge) {
      m_whole.assign(m_places + 1, '9');
    } else if (value.isNan()) {
      m_whole = "NaN";
    } else {
      if (static_cast<int>(m_form.decimals) < value.scale() || value.scale() == 0) {
        DRIFT_ASSIGN(value, rescale(value, 0, std::min(static_cast<int>(m_form.decimals), value.scale())));
      }
      auto text = toString(m_negative ? negate(value) : value);
      const auto point = text.find('.');
      m_fraction = point == std::string::npos ? "" : text.substr(point + 1);
      m_whole = text.substr(0, point);
      m_fraction.resize(m_form.decimals, '0');
    }
    if (m_whole.size() > m_places && m_whole != "0") {
      m_whole.assign(m_places, '#');
      m_fraction.assign(m_form.decimals, '#');
    }
    m_wholeIsZero = m_whole == "0";
    if (m_places == 0) m_whole.clear();
    m_padding = m_places - m_whole.size();
    // With FM, zeros at the end are only written where the template has a 0 for them.
    m_keptDecimals = m_form.decimals;
    if (m_form.noFill && m_fraction.find('#') == std::string::npos) {
      std::size_t needed = m_fraction.find_last_not_of('0') + 1;
      for (const auto& piece : m_form.pieces)
        if (piece.part == Part::Zero && piece.fraction) needed = std::max(needed, piece.number + 1);
      m_keptDecimals = needed;
    }
    return {};
  }

  void putSign() {
    if (m_signDone) return;
    m_signDone = true;
    if (m_form.signElsewhere) {
      return;
    } else if (m_form.hasSign) {
      if (!m_form.signBehind) m_out += m_negative ? '-' : '+';
    } else if (m_form.brackets) {
      if (m_negative) m_out += '<';
      else if (!m_form.noFill) m_out += ' ';
    } else if (m_negative) {
      m_out += '-';
    } else if (!m_form.noFill) {
      m_out += ' ';
    }
  }

  void put(const Piece& piece) {
    switch (piece.part) {
      case Part::Nine:
      case Part::Zero: return piece.fraction ? putDecimal(piece) : putWhole(piece);
      case Part::Point:
        putSign();
        // FM9.9 keeps the point of "0." and "5.".
        m_out += '.';
        return;
      case Part::Group:
        if (m_started) m_out += ',';
        else if (!m_form.noFill) m_out += ' ';
        return;
      case Part::Literal: m_out += piece.text; return;
      case Part::Sign:
        if (m_form.signBehind) m_out += m_negative ? '-' : '+';
        return;
      case Part::Minus:
        if (m_negative) m_out += '-';
        else if (!m_form.noFill) m_out += ' ';
        return;
      case Part::Plus:
        if (!m_negative) m_out += '+';
        else if (!m_form.noFill) m_out += ' ';
        return;
      case Part::PlusMinus: m_out += m_negative ? '-' : '+'; return;
      case Part::Currency:
        if (!m_form.noFill) m_out += ' ';
        return;
      case Part::Ending: putEnding(piece.text); return;
      case Part::Roman: return;
    }
  }

  void putWhole(const Piece& piece) {
    const bool blank = piece.number < m_padding;
    const bool zero = m_form.firstZero && *m_form.firstZero <= piece.number;
    // A single 0 before decimals is a blank: 9.9 makes " .1".
    const bool hidden =
        !blank && m_wholeIsZero && m_form.decimals > 0 && !m_form.firstZero && !(m_form.noFill && m_keptDecimals == 0);
    if (blank && !zero) {
      if (!m_form.noFill) m_out += ' ';
      return;
    }
    if (hidden) {
      if (!m_form.noFill) m_out += ' ';
      return;
    }
    putSign();
    m_out += blank ? '0' : m_whole[piece.number - m_padding];
    m_started = true;
  }

  void putDecimal(const Piece& piece) {
    putSign();
    m_started = true;
    if (piece.number >= m_keptDecimals) return;
    m_out += m_fraction[piece.number];
  }

  void putEnding(const std::string& written) {
    if (m_negative || m_form.decimals > 0 || m_whole.empty() || m_whole.find('#') != std::string::npos) return;
    const char last = m_whole.back();
    const bool teen = m_whole.size() > 1 && m_whole[m_whole.size() - 2] == '1';
    std::string ending = teen || last == '0' || last > '3' ? "th" : last == '1' ? "st" : last == '2' ? "nd" : "rd";
    if (written[0] == 'T')
      for (auto& letter : ending) letter = static_cast<char>(letter - 32);
    m_out += ending;
  }

  void finish() {
    if (!m_form.brackets) return;
    if (m_negative) m_out += '>';
    else if (!m_form.noFill) m_out += ' ';
  }

  Result<std::string> roman() {
    const auto& written = std::ranges::find(m_form.pieces, Part::Roman, &Piece::part)->text;
    std::string text;
    auto whole = m_value.isNan() ? Result<std::int64_t>(std::int64_t{-1}) : toInteger(m_value);
    if (!whole.ok() || *whole < 1 || *whole > 3999) text.assign(15, '#');
    else text = romanText(*whole);
    if (written[0] == 'r') text = lowerAscii(text);
    return m_form.noFill ? text : fmt::format("{:>15}", text);
  }

  Result<std::string> scientific() {
    if (m_value.isNan()) return std::string(m_form.whole + m_form.decimals + 6, '#');
    const bool negative = m_value.isNegative();
    auto digits = toString(Decimal(negative ? -m_value.coefficient() : m_value.coefficient(), 0));
    int exponent = static_cast<int>(digits.size()) - 1 - m_value.scale();
    if (m_value.isZero()) exponent = 0;
    const auto wanted = m_form.decimals + 1;
    bool carried = false;
    if (digits.size() > wanted) {
      const bool up = digits[wanted] >= '5';
      digits.resize(wanted);
      for (auto at = wanted; up && at-- > 0;) {
        if (digits[at] != '9') {
          ++digits[at];
          break;
        }
        digits[at] = '0';
        // As PostgreSQL writes it: 9.99 with one decimal is 10.0e+00.
        if (at == 0) carried = true;
      }
    }
    digits.resize(wanted, '0');
    std::string text(1, negative ? '-' : ' ');
    if (!negative && m_form.noFill) text.clear();
    if (carried) text += '1';
    text += digits[0];
    if (m_form.decimals > 0) text += "." + digits.substr(1);
    return text + fmt::format("e{}{:02}", exponent < 0 ? '-' : '+', std::abs(exponent));
  }

  const NumberTemplate& m_form;
  const Decimal m_value;
  const bool m_tooLarge;
  std::string m_out;
  std::string m_whole;
  std::string m_fraction;
  std::size_t m_places = 0;
  std::size_t m_padding = 0;
  std::size_t m_keptDecimals = 0;
  bool m_negative = false;
  bool m_wholeIsZero = false;
  bool m_signDone = false;
  bool m_started = false;
};

/// A numeric that the template rounds to zero has no sign, as there is no -0; double precision keeps it.
Result<Decimal> withoutSignOfZero(const Decimal& value, const NumberTemplate& form) {
  if (!value.isNegative() || form.scientific) return value;
  const auto places = static_cast<int>(form.decimals + form.shift);
  if (places >= value.scale()) return value;
  DRIFT_ASSIGN(auto rounded, rescale(value, 0, places));
  return rounded.coefficient() == 0 ? rounded : value;
}

Status formatDecimals(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return writeRows<Decimal, StringRef>(arguments, rows, out,
                                       [](const Decimal& value, const StringRef& pattern, std::string& text) -> Status {
                                         if (pattern.size() == 0) return {};
                                         DRIFT_ASSIGN(const auto form, TemplateReader(pattern.view()).read());
                                         DRIFT_ASSIGN(const auto shown, withoutSignOfZero(value, form));
                                         DRIFT_ASSIGN(text, NumberWriter(form, shown).write());
                                         return {};
                                       });
}

template <class T>
Status formatIntegers(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return writeRows<T, StringRef>(arguments, rows, out,
                                 [](const T& value, const StringRef& pattern, std::string& text) -> Status {
                                   if (pattern.size() == 0) return {};
                                   DRIFT_ASSIGN(const auto form, TemplateReader(pattern.view()).read());
                                   DRIFT_ASSIGN(text, NumberWriter(form, Decimal::fromInteger(value)).write());
                                   return {};
                                 });
}

Status formatDoubles(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return writeRows<double, StringRef>(
      arguments, rows, out, [](const double& value, const StringRef& pattern, std::string& text) -> Status {
        if (pattern.size() == 0) return {};
        DRIFT_ASSIGN(const auto form, TemplateReader(pattern.view()).read());
        const auto decimal = std::isfinite(value) ? decimalFromDouble(value) : Result<Decimal>(Decimal::nan());
        // What 38 digits do not hold no template does either.
        const bool tooLarge = std::isinf(value) || !decimal.ok();
        const auto shown = tooLarge ? Decimal(value < 0 ? -1 : 1, 0) : *decimal;
        DRIFT_ASSIGN(text, NumberWriter(form, shown, tooLarge).write());
        return {};
      });
}

/// Reads the digits that a template has room for.
Result<Decimal> readNumber(std::string_view text, const NumberTemplate& form) {
  std::string digits;
  bool negative = false;
  bool point = false;
  std::size_t whole = 0;
  std::size_t decimals = 0;
  for (const char letter : text) {
    if (letter == '-' || letter == '<') {
      negative = true;
    } else if (isDigit(letter)) {
      if (point ? decimals == form.decimals : whole == form.whole) {
        if (!point) break;
        continue;
      }
      ++(point ? decimals : whole);
      digits += letter;
    } else if (letter == '.' && form.hasPoint && !point) {
      point = true;
      digits += '.';
    }
  }
  if (whole + decimals == 0)
    return makeError(ErrorKind::InvalidTextRepresentation, "invalid input syntax for type numeric: \"{}\"", text);
  return parseDecimal((negative ? "-" : "") + digits);
}

Status parseNumbers(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<Decimal, StringRef, StringRef>(
      arguments, rows, out, [](const StringRef& text, const StringRef& pattern, Decimal& result) -> Status {
        DRIFT_ASSIGN(const auto form, TemplateReader(pattern.view()).read());
        if (form.roman) return Error(ErrorKind::FeatureNotSupported, "\"RN\" not supported for input");
        if (form.scientific) return Error(ErrorKind::FeatureNotSupported, "\"EEEE\" not supported for input");
        DRIFT_ASSIGN(result, readNumber(text.view(), form));
        return {};
      });
}

}  // namespace

void addNumberFormatting(BuiltIns& builtIns) {
  const Type text = TypeId::Text;
  constexpr std::string_view kDescription = "Text of a number by a template such as '9,990.00'";
  builtIns.scalar("to_char", {TypeId::Integer, text}, text, formatIntegers<std::int32_t>, kDescription);
  builtIns.scalar("to_char", {TypeId::BigInt, text}, text, formatIntegers<std::int64_t>, kDescription);
  builtIns.scalar("to_char", {TypeId::Numeric, text}, text, formatDecimals, kDescription);
  builtIns.scalar("to_char", {TypeId::Double, text}, text, formatDoubles, kDescription);
  builtIns.scalar("to_number", {text, text}, TypeId::Numeric, parseNumbers, "Number in a text, by a template");
}

}  // namespace drift::functions
