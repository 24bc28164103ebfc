// Error: what went wrong, as data. Plain value, no thread rule.
//
// Code branches on kind(), never on text. The text is one sentence for a person: static part first,
// values last. It is translated only in gui/.
#pragma once

#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/core.h>

namespace drift {

/// Kinds of failure; each has one SQLSTATE (PostgreSQL 15, appendix A), see sqlState().
enum class ErrorKind : std::uint8_t {
  // SQL: text and names
  SyntaxError,            // 42601
  FeatureNotSupported,    // 0A000
  UndefinedTable,         // 42P01
  UndefinedColumn,        // 42703
  UndefinedFunction,      // 42883
  UndefinedObject,        // 42704
  UndefinedParameter,     // 42P02
  DuplicateTable,         // 42P07
  DuplicateColumn,        // 42701
  DuplicateAlias,         // 42712
  DuplicateObject,        // 42710
  UndefinedStatement,     // 26000: a prepared one
  DuplicateStatement,     // 42P05
  UndefinedCursor,        // 34000
  DuplicateCursor,        // 42P03
  AmbiguousColumn,        // 42702
  AmbiguousFunction,      // 42725
  DatatypeMismatch,       // 42804
  GroupingError,          // 42803
  WrongObjectType,        // 42809
  InvalidColumnReference, // 42P10
  InvalidTableDefinition, // 42P16
  CannotCoerce,           // 42846
  IndeterminateDatatype,  // 42P18
  DependentObjects,       // 2BP01
  WindowingError,         // 42P20
  InvalidRecursion,       // 42P19
  InvalidForeignKey,      // 42830
  GeneratedAlways,        // 428C9
  InvalidObjectDefinition,// 42P17
  // SQL: data
  NumericValueOutOfRange,   // 22003
  DivisionByZero,           // 22012
  InvalidTextRepresentation,// 22P02
  InvalidDatetimeFormat,    // 22007
  DatetimeFieldOverflow,    // 22008
  StringDataRightTruncation,// 22001
  InvalidParameterValue,    // 22023
  InvalidRegularExpression, // 2201B
  InvalidEscapeSequence,    // 22025
  InvalidByteSequence,      // 22021
  InvalidRowCount,          // 2201W (LIMIT) and 2201X (OFFSET)
  InvalidFrameSize,         // 22013: a window frame's offset
  InvalidTileCount,         // 22014: ntile()
  InvalidNthValue,          // 22016: nth_value()
  InvalidSample,            // 2202H: what TABLESAMPLE is given
  NullNotAllowed,           // 22004
  ArraySubscript,           // 2202E
  SequenceLimit,            // 2200H
  BadCopyFormat,            // 22P04
  CardinalityViolation,     // 21000
  NotNullViolation,         // 23502
  UniqueViolation,          // 23505
  CheckViolation,           // 23514
  ForeignKeyViolation,      // 23503
  // Transactions
  ActiveTransaction,        // 25001
  NoActiveTransaction,      // 25P01
  InFailedTransaction,      // 25P02
  ReadOnlyTransaction,      // 25006
  SerializationFailure,     // 40001
  // Time travel
  MomentOutOfRange,         // 22023: before the first commit, after the last, or not kept
  WriteInThePast,           // 25006
  // Limits and control
  QueryCanceled,            // 57014
  OutOfMemory,              // 53200
  DiskFull,                 // 53100
  LimitExceeded,            // 54000
  WrongObjectState,         // 55000: currval() before nextval(), writing to a view
  // Files
  IoError,                  // 58030
  FileNotFound,             // 58P01
  FileExists,               // 58P02
  PermissionDenied,         // 42501
  DatabaseLocked,           // 55006: another process holds the file
  NotADatabase,             // XX001
  NewerFormat,              // 0A000
  DataCorrupted,            // XX001
  ReadOnlyDatabase,         // 25006: opened read-only, or read-only after a failed write
  InternalError,            // XX000: a defect of ours
};

/// Gives the five-character SQLSTATE of a kind.
std::string_view sqlState(ErrorKind kind);

/// A place in the text of a statement or a file.
struct SourceSpan {
  std::uint32_t offsetBytes = 0;  ///< from the start of the whole text, 0-based
  std::uint32_t lengthBytes = 0;  ///< 0 = a point
  std::uint32_t line = 1;         ///< 1-based
  std::uint32_t column = 1;       ///< 1-based, in Unicode code points
};

/// One failure: kind, sentence, and optionally hint, detail, place and cause.
class [[nodiscard]] Error final {
 public:
  Error(ErrorKind kind, std::string message) : m_kind(kind), m_message(std::move(message)) {}

  /// Memory has run out. Needs none itself, and can be told where nothing else can.
  static Error outOfMemory() noexcept { return Error(ErrorKind::OutOfMemory, std::string()); }

  ErrorKind kind() const { return m_kind; }
  std::string_view sqlState() const { return drift::sqlState(m_kind); }
  const std::string& message() const;
  const std::string& hint() const { return m_hint; }
  const std::string& detail() const { return m_detail; }
  const std::optional<SourceSpan>& span() const { return m_span; }
  const Error* cause() const { return m_cause.get(); }

  /// Adds what to do next, as one sentence.
  Error withHint(std::string hint) &&;
  /// Adds facts that the sentence leaves out (offending row, path).
  Error withDetail(std::string detail) &&;
  /// Sets the place; keeps one that is already there (the innermost knows best).
  Error at(SourceSpan span) &&;
  /// Keeps the failure that led to this one.
  Error causedBy(Error cause) &&;

  /// Gives "message (hint)" with line and column in front where known.
  std::string toString() const;

 private:
  ErrorKind m_kind;
  std::string m_message;
  std::string m_hint;
  std::string m_detail;
  std::optional<SourceSpan> m_span;
  std::shared_ptr<const Error> m_cause;
};

/// Copies an error, or gives OutOfMemory where there is no memory for the copy.
Error copyOrOutOfMemory(const Error& error) noexcept;

/// Owns an error that a Result carries. Where there is no memory to hold it, it is OutOfMemory instead: what ended
/// the work is then the second thing to see to.
class ErrorBox final {
 public:
  ErrorBox() = default;  ///< empty
  explicit ErrorBox(Error error) noexcept : m_error(new (std::nothrow) Error(std::move(error))) {
    if (!m_error) m_error.reset(&memoryEnded());
  }

  explicit operator bool() const { return m_error != nullptr; }
  const Error& operator*() const { return *m_error; }
  Error take() { return m_error.get() == &memoryEnded() ? Error::outOfMemory() : std::move(*m_error); }

 private:
  /// The one that all boxes share for which there was no memory; never changed.
  static Error& memoryEnded();
  struct Release {
    void operator()(Error* error) const {
      if (error != &memoryEnded()) delete error;
    }
  };
  std::unique_ptr<Error, Release> m_error;
};

/// Makes an error with a formatted sentence: makeError(kind, "no table named \"{}\"", name).
template <class... Args>
Error makeError(ErrorKind kind, fmt::format_string<Args...> format, Args&&... args) {
  return Error(kind, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace drift
