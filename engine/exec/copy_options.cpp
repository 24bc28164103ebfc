#include "exec/copy_options.h"

#include <algorithm>
#include <array>

#include "sql/ascii_case.h"

namespace drift::exec {

namespace {

Error invalid(std::string sentence) { return Error(ErrorKind::InvalidParameterValue, std::move(sentence)); }
Error unsupported(std::string sentence) { return Error(ErrorKind::FeatureNotSupported, std::move(sentence)); }

constexpr std::array<std::string_view, 11> kOptions = {"format",     "delimiter",      "null",     "header",
                                                       "quote",      "escape",         "encoding", "force_quote",
                                                       "force_null", "force_not_null", "freeze"};

class Reader final {
 public:
  explicit Reader(const sql::Copy& copy) : m_copy(copy) {}

  Result<CopyOptions> read() {
    for (const auto& option : m_copy.options) {
      if (std::ranges::find(kOptions, option.name.text) == kOptions.end())
        return makeError(ErrorKind::SyntaxError, "option \"{}\" not recognized", option.name.text).at(option.name.span);
      if (find(option.name.text) != &option)
        return Error(ErrorKind::SyntaxError, "conflicting or redundant options").at(option.name.span);
    }
    DRIFT_TRY(readFormat());
    DRIFT_TRY(readTexts());
    DRIFT_TRY(readHeader());
    DRIFT_TRY(readColumns());
    return std::move(m_options);
  }

 private:
  const sql::CopyOption* find(std::string_view name) const {
    for (const auto& option : m_copy.options)
      if (option.name.text == name) return &option;
    return nullptr;
  }

  /// The value of an option; nothing where it is not there.
  Result<std::optional<std::string>> value(std::string_view name) const {
    const auto* option = find(name);
    if (!option) return std::optional<std::string>();
    if (!option->value) return makeError(ErrorKind::SyntaxError, "{} requires a parameter", name).at(option->name.span);
    return option->value;
  }

  Status readFormat() {
    DRIFT_ASSIGN(const auto format, value("format"));
    if (format && *format == "binary")
      return unsupported("COPY BINARY is not supported yet").at(find("format")->name.span);
    if (format && *format != "csv" && *format != "text")
      return invalid(fmt::format("COPY format \"{}\" not recognized", *format)).at(find("format")->name.span);
    m_options.csv = format && *format == "csv";
    if (m_options.csv) {
      m_options.delimiter = ',';
      m_options.null.clear();
    }
    DRIFT_ASSIGN(const auto encoding, value("encoding"));
    if (encoding && sql::lowerAscii(*encoding) != "utf8" && sql::lowerAscii(*encoding) != "utf-8")
      return unsupported("COPY in an encoding other than UTF8 is not supported").at(find("encoding")->name.span);
    if (const auto* freeze = find("freeze"))
      return unsupported("COPY FREEZE is not supported yet").at(freeze->name.span);
    return {};
  }

  /// A value of one byte, into `target`.
  Status readByte(std::string_view name, bool csvOnly, char& target) const {
    DRIFT_ASSIGN(const auto text, value(name));
    if (!text) return {};
    const auto span = find(name)->name.span;
    if (csvOnly && !m_options.csv) return unsupported(fmt::format("COPY {} available only in CSV mode", name)).at(span);
    if (text->size() != 1) return invalid(fmt::format("COPY {} must be a single one-byte character", name)).at(span);
    if (*text == "\n" || *text == "\r")
      return invalid(fmt::format("COPY {} cannot be newline or carriage return", name)).at(span);
    target = text->front();
    return {};
  }

  Status readTexts() {
    DRIFT_TRY(readByte("delimiter", false, m_options.delimiter));
    constexpr std::string_view kTaken = "\\.abcdefghijklmnopqrstuvwxyz0123456789";
    if (!m_options.csv && kTaken.find(m_options.delimiter) != std::string_view::npos)
      return invalid(fmt::format("COPY delimiter cannot be \"{}\"", m_options.delimiter))
          .at(find("delimiter")->name.span);
    DRIFT_TRY(readByte("quote", true, m_options.quote));
    m_options.escape = m_options.quote;
    DRIFT_TRY(readByte("escape", true, m_options.escape));
    DRIFT_ASSIGN(const auto null, value("null"));
    if (null) m_options.null = *null;
    const auto span = null ? find("null")->name.span : SourceSpan{};
    if (null && null->find_first_of("\r\n") != std::string::npos)
      return invalid("COPY null representation cannot use newline or carriage return").at(span);
    if (m_options.null.find(m_options.delimiter) != std::string::npos)
      return invalid("COPY delimiter must not appear in the NULL specification").at(span);
    if (m_options.csv && m_options.delimiter == m_options.quote)
      return invalid("COPY delimiter and quote must be different");
    if (m_options.csv && m_options.null.find(m_options.quote) != std::string::npos)
      return invalid("CSV quote character must not appear in the NULL specification").at(span);
    return {};
  }

  Status readHeader() {
    const auto* option = find("header");
    if (!option) return {};
    const auto text = option->value ? sql::lowerAscii(*option->value) : "true";
    if (text == "match" && !m_copy.from)
      return invalid("cannot use \"match\" with HEADER in COPY TO").at(option->name.span);
    if (text == "match") m_options.header = CopyOptions::Header::Match;
    else if (text == "true" || text == "on" || text == "1") m_options.header = CopyOptions::Header::Skip;
    else if (text != "false" && text != "off" && text != "0")
      return Error(ErrorKind::SyntaxError, "header requires a Boolean value or \"match\"").at(option->name.span);
    return {};
  }

  Status readColumns() {
    const auto take = [&](std::string_view name, std::string_view words, bool from,
                          const sql::CopyOption*& target) -> Status {
      const auto* option = find(name);
      if (!option) return {};
      if (!m_options.csv)
        return unsupported(fmt::format("COPY {} available only in CSV mode", words)).at(option->name.span);
      if (from != m_copy.from)
        return unsupported(fmt::format("COPY {} only available using COPY {}", words, from ? "FROM" : "TO"))
            .at(option->name.span);
      if (option->columns.empty() && !option->allColumns)
        return makeError(ErrorKind::InvalidParameterValue, "argument to option \"{}\" must be a list of column names",
                         name)
            .at(option->name.span);
      target = option;
      return {};
    };
    DRIFT_TRY(take("force_quote", "force quote", false, m_options.forceQuote));
    DRIFT_TRY(take("force_not_null", "force not null", true, m_options.forceNotNull));
    return take("force_null", "force null", true, m_options.forceNull);
  }

  const sql::Copy& m_copy;
  CopyOptions m_options;
};

}  // namespace

Result<CopyOptions> copyOptions(const sql::Copy& copy) { return Reader(copy).read(); }

Status refuseGenerated(const catalog::Column& column, SourceSpan span) {
  if (!column.isGenerated()) return {};
  return makeError(ErrorKind::InvalidColumnReference, "column \"{}\" is a generated column", column.name)
      .withDetail("Generated columns cannot be used in COPY.")
      .at(span);
}

}  // namespace drift::exec
