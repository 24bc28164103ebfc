#include "catalog/function.h"

#include <limits>

#include "types/value.h"

namespace drift::catalog {

namespace {

/// On disk: do not change; a new shape gets a new number.
constexpr std::uint8_t kFunctionVersion = 1;

// Flags. On disk: do not change.
constexpr std::uint8_t kSetOf = 1;
constexpr std::uint8_t kStrict = 2;
constexpr std::uint8_t kStandardBody = 4;

Error malformed(std::string_view name) {
  return makeError(ErrorKind::DataCorrupted, "the definition of function \"{}\" is malformed", name);
}

void writeParameters(ByteWriter& out, const std::vector<FunctionParameter>& parameters) {
  out.varint(parameters.size());
  for (const auto& parameter : parameters) {
    out.string(parameter.name);
    types::writeType(out, parameter.type);
    out.string(parameter.defaultSql);
  }
}

Status readText(ByteReader& in, std::string& text) {
  DRIFT_ASSIGN(text, in.string());
  return {};
}

/// Reads a count of items of at least one byte each, so that it cannot promise more than there is.
Result<std::size_t> readCount(ByteReader& in) {
  DRIFT_ASSIGN(const auto count, in.varint());
  if (count > in.remaining()) return Error(ErrorKind::DataCorrupted, "a count is too large");
  return static_cast<std::size_t>(count);
}

Status readParameters(ByteReader& in, std::vector<FunctionParameter>& parameters) {
  DRIFT_ASSIGN(const auto count, readCount(in));
  for (std::size_t at = 0; at < count; ++at) {
    FunctionParameter parameter;
    DRIFT_TRY(readText(in, parameter.name));
    DRIFT_ASSIGN(parameter.type, types::readType(in));
    DRIFT_TRY(readText(in, parameter.defaultSql));
    parameters.push_back(std::move(parameter));
  }
  return {};
}

Status read(ByteReader& in, Function& function) {
  DRIFT_TRY(readParameters(in, function.parameters));
  DRIFT_ASSIGN(function.result, types::readType(in));
  DRIFT_TRY(readParameters(in, function.columns));
  DRIFT_ASSIGN(const auto flags, in.fixed<std::uint8_t>());
  DRIFT_ASSIGN(const auto volatility, in.fixed<std::uint8_t>());
  if (flags > (kSetOf | kStrict | kStandardBody) || volatility > static_cast<std::uint8_t>(Volatility::Immutable))
    return malformed(function.name);
  function.setOf = flags & kSetOf;
  function.strict = flags & kStrict;
  function.standardBody = flags & kStandardBody;
  function.volatility = static_cast<Volatility>(volatility);
  DRIFT_TRY(readText(in, function.body));
  DRIFT_ASSIGN(const auto count, readCount(in));
  for (std::size_t at = 0; at < count; ++at) {
    DRIFT_ASSIGN(const auto id, in.varint());
    if (id < kFirstUserTree || id > std::numeric_limits<TreeId>::max()) return malformed(function.name);
    function.dependsOn.push_back(static_cast<TreeId>(id));
  }
  DRIFT_TRY(readText(in, function.comment));
  return in.atEnd() ? Status() : Status(malformed(function.name));
}

}  // namespace

std::string Function::signature() const {
  std::string types;
  for (const auto& parameter : parameters) types += (types.empty() ? "" : ", ") + parameter.type.name();
  return name + "(" + types + ")";
}

std::string encodeFunction(const Function& function) {
  Bytes bytes;
  ByteWriter out(bytes);
  out.fixed(kFunctionVersion);
  writeParameters(out, function.parameters);
  types::writeType(out, function.result);
  writeParameters(out, function.columns);
  out.fixed(static_cast<std::uint8_t>((function.setOf ? kSetOf : 0) | (function.strict ? kStrict : 0) |
                                      (function.standardBody ? kStandardBody : 0)));
  out.fixed(static_cast<std::uint8_t>(function.volatility));
  out.string(function.body);
  out.varint(function.dependsOn.size());
  for (const auto id : function.dependsOn) out.varint(id);
  out.string(function.comment);
  return std::string(asText(bytes));
}

Result<Function> decodeFunction(TreeId id, std::string_view name, ByteSpan bytes) {
  Function function;
  function.id = id;
  function.name = name;
  ByteReader in(bytes);
  auto version = in.fixed<std::uint8_t>();
  if (!version.ok()) return malformed(name);
  if (*version > kFunctionVersion)
    return makeError(ErrorKind::NewerFormat, "version {} of the definition of function \"{}\" is newer than this program "
                     "reads", *version, name);
  if (*version == 0) return malformed(name);
  if (auto status = read(in, function); !status.ok()) {
    auto cause = std::move(status).error();
    return malformed(name).withDetail(cause.message()).causedBy(cause);
  }
  return function;
}

}  // namespace drift::catalog
