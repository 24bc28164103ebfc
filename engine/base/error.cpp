#include "base/error.h"

namespace drift {

namespace {

// Made before main(): later there may be no memory for it.
const std::string kOutOfMemory = "memory has run out: close what is not needed, or ask for less at a time";

}  // namespace

std::string_view sqlState(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::SyntaxError: return "42601";
    case ErrorKind::FeatureNotSupported: return "0A000";
    case ErrorKind::UndefinedTable: return "42P01";
    case ErrorKind::UndefinedColumn: return "42703";
    case ErrorKind::UndefinedFunction: return "42883";
    case ErrorKind::UndefinedObject: return "42704";
    case ErrorKind::UndefinedParameter: return "42P02";
    case ErrorKind::DuplicateTable: return "42P07";
    case ErrorKind::DuplicateColumn: return "42701";
    case ErrorKind::DuplicateAlias: return "42712";
    case ErrorKind::DuplicateObject: return "42710";
    case ErrorKind::UndefinedStatement: return "26000";
    case ErrorKind::DuplicateStatement: return "42P05";
    case ErrorKind::UndefinedCursor: return "34000";
    case ErrorKind::DuplicateCursor: return "42P03";
    case ErrorKind::AmbiguousColumn: return "42702";
    case ErrorKind::AmbiguousFunction: return "42725";
    case ErrorKind::DatatypeMismatch: return "42804";
    case ErrorKind::GroupingError: return "42803";
    case ErrorKind::WrongObjectType: return "42809";
    case ErrorKind::InvalidColumnReference: return "42P10";
    case ErrorKind::InvalidTableDefinition: return "42P16";
    case ErrorKind::CannotCoerce: return "42846";
    case ErrorKind::IndeterminateDatatype: return "42P18";
    case ErrorKind::DependentObjects: return "2BP01";
    case ErrorKind::WindowingError: return "42P20";
    case ErrorKind::InvalidRecursion: return "42P19";
    case ErrorKind::InvalidForeignKey: return "42830";
    case ErrorKind::GeneratedAlways: return "428C9";
    case ErrorKind::InvalidObjectDefinition: return "42P17";
    case ErrorKind::NumericValueOutOfRange: return "22003";
    case ErrorKind::DivisionByZero: return "22012";
    case ErrorKind::InvalidTextRepresentation: return "22P02";
    case ErrorKind::InvalidDatetimeFormat: return "22007";
    case ErrorKind::DatetimeFieldOverflow: return "22008";
    case ErrorKind::StringDataRightTruncation: return "22001";
    case ErrorKind::InvalidParameterValue: return "22023";
    case ErrorKind::InvalidRegularExpression: return "2201B";
    case ErrorKind::InvalidEscapeSequence: return "22025";
    case ErrorKind::InvalidByteSequence: return "22021";
    case ErrorKind::InvalidRowCount: return "2201W";
    case ErrorKind::InvalidFrameSize: return "22013";
    case ErrorKind::InvalidTileCount: return "22014";
    case ErrorKind::InvalidNthValue: return "22016";
    case ErrorKind::InvalidSample: return "2202H";
    case ErrorKind::NullNotAllowed: return "22004";
    case ErrorKind::ArraySubscript: return "2202E";
    case ErrorKind::SequenceLimit: return "2200H";
    case ErrorKind::BadCopyFormat: return "22P04";
    case ErrorKind::CardinalityViolation: return "21000";
    case ErrorKind::NotNullViolation: return "23502";
    case ErrorKind::UniqueViolation: return "23505";
    case ErrorKind::CheckViolation: return "23514";
    case ErrorKind::ForeignKeyViolation: return "23503";
    case ErrorKind::ActiveTransaction: return "25001";
    case ErrorKind::NoActiveTransaction: return "25P01";
    case ErrorKind::InFailedTransaction: return "25P02";
    case ErrorKind::ReadOnlyTransaction: return "25006";
    case ErrorKind::SerializationFailure: return "40001";
    case ErrorKind::MomentOutOfRange: return "22023";
    case ErrorKind::WriteInThePast: return "25006";
    case ErrorKind::QueryCanceled: return "57014";
    case ErrorKind::OutOfMemory: return "53200";
    case ErrorKind::DiskFull: return "53100";
    case ErrorKind::LimitExceeded: return "54000";
    case ErrorKind::WrongObjectState: return "55000";
    case ErrorKind::IoError: return "58030";
    case ErrorKind::FileNotFound: return "58P01";
    case ErrorKind::FileExists: return "58P02";
    case ErrorKind::PermissionDenied: return "42501";
    case ErrorKind::DatabaseLocked: return "55006";
    case ErrorKind::NotADatabase: return "XX001";
    case ErrorKind::NewerFormat: return "0A000";
    case ErrorKind::DataCorrupted: return "XX001";
    case ErrorKind::ReadOnlyDatabase: return "25006";
    case ErrorKind::InternalError: return "XX000";
  }
  return "XX000";
}

const std::string& Error::message() const {
  return m_message.empty() && m_kind == ErrorKind::OutOfMemory ? kOutOfMemory : m_message;
}

Error copyOrOutOfMemory(const Error& error) noexcept {
  try {
    return error;
  } catch (const std::bad_alloc&) {
    return Error::outOfMemory();
  }
}

Error& ErrorBox::memoryEnded() {
  static Error error = Error::outOfMemory();
  return error;
}

Error Error::withHint(std::string hint) && {
  m_hint = std::move(hint);
  return std::move(*this);
}

Error Error::withDetail(std::string detail) && {
  m_detail = std::move(detail);
  return std::move(*this);
}

Error Error::at(SourceSpan span) && {
  if (!m_span) m_span = span;
  return std::move(*this);
}

Error Error::causedBy(Error cause) && {
  m_cause = std::make_shared<const Error>(std::move(cause));
  return std::move(*this);
}

std::string Error::toString() const {
  std::string text;
  if (m_span) text += fmt::format("line {}, column {}: ", m_span->line, m_span->column);
  text += message();
  if (!m_hint.empty()) text += fmt::format(" ({})", m_hint);
  return text;
}

}  // namespace drift
