// Points in history: each is resolved to a commit number here, once; below there are only numbers.
#include <algorithm>

#include "plan/bind.h"
#include "plan/binder.h"
#include "types/text.h"

namespace drift::plan {

using types::CastContext;
using types::TypeId;
using types::Value;

namespace {

std::string timeText(TimeMicros time, const runtime::QueryContext& context) {
  return types::toText(Value::timestampTz(time), types::TextStyle{context.timeZone});
}

/// "commit 12 of 2024-05-01 10:00:00+00"
Result<std::string> commitText(CommitNumber number, const BindEnvironment& environment) {
  DRIFT_ASSIGN(const auto time, environment.moments.timeOf(number));
  return fmt::format("commit {} of {}", number, timeText(time, environment.context));
}

Error noCommits(SourceSpan span) {
  return Error(ErrorKind::MomentOutOfRange, "the database has no commits yet, so there is no past to look at").at(span);
}

/// A string is a timestamp, or else an interval from now: '-1 hour'.
Result<ExpressionPtr> timeOfLiteral(const Expression& literal, const BindEnvironment& environment) {
  const auto& text = literal.value.asString();
  auto time = types::parseText(text, TypeId::TimestampTz, types::TextStyle{environment.context.timeZone});
  if (time.ok()) return makeConstant(std::move(time).value(), literal.span);
  auto distance = types::parseText(text, TypeId::Interval);
  if (distance.ok()) return makeConstant(std::move(distance).value(), literal.span);
  return makeError(ErrorKind::InvalidDatetimeFormat, "invalid point in history: \"{}\"", text)
      .withHint("Write a timestamp, an interval from now such as '-1 hour', COMMIT n, or LATEST.")
      .at(literal.span);
}

}  // namespace

Result<Point> Binder::bindTimePoint(const sql::Expression& expression) {
  if (m_environment.traits) m_environment.traits->lasting = false;
  const Scope noColumns;
  DRIFT_ASSIGN(auto bound, bindExpression(expression, noColumns, Clause::Moment));
  const auto span = bound->span;
  if (bound->kind == ExpressionKind::Constant && bound->type.id() == TypeId::Unknown && !bound->value.isNull()) {
    DRIFT_ASSIGN(bound, timeOfLiteral(*bound, m_environment));
  }
  if (bound->type.id() == TypeId::Interval) {
    std::vector<ExpressionPtr> sum;
    sum.push_back(makeConstant(Value::timestampTz(m_environment.context.transactionTime), span));
    sum.push_back(std::move(bound));
    DRIFT_ASSIGN(bound, makeOperatorCall("+", std::move(sum), span, span, m_environment));
  }
  if (!bound->type.isTemporal() && bound->type.id() != TypeId::Unknown)
    return makeError(ErrorKind::DatatypeMismatch, "a point in history must be a timestamp, not {}", bound->type.name())
        .withHint("To name a commit by its number, write COMMIT n.")
        .at(span);
  DRIFT_ASSIGN(bound, coerce(std::move(bound), TypeId::TimestampTz, CastContext::Assignment, m_environment));
  if (bound->kind != ExpressionKind::Constant)
    return Error(ErrorKind::FeatureNotSupported, "a point in history must be a constant").at(span);
  if (bound->value.isNull())
    return Error(ErrorKind::InvalidParameterValue, "a point in history must not be NULL").at(span);

  const auto time = bound->value.asInt();
  const auto& moments = m_environment.moments;
  const auto last = moments.lastCommit();
  if (last == 0) return noCommits(span);
  DRIFT_ASSIGN(const auto lastTime, moments.timeOf(last));
  if (time > m_environment.context.clock.now() && time > lastTime) {
    DRIFT_ASSIGN(const auto lastText, commitText(last, m_environment));
    return makeError(ErrorKind::MomentOutOfRange, "the moment {} is in the future; the last change is {}",
                     timeText(time, m_environment.context), lastText)
        .at(span);
  }
  Point point;
  const auto reached = moments.momentAt(time);
  if (!reached.ok()) return Error(reached.error()).at(span);
  point.number = std::min(*reached, last);
  if (time == INT64_MIN) {
    point.firstFrom = 1;
  } else {
    DRIFT_ASSIGN(const auto before, moments.commitAt(time - 1));
    point.firstFrom = std::min(before, last) + 1;
  }
  point.span = span;
  return point;
}

Result<Point> Binder::bindMoment(const sql::Moment& moment) {
  // What a moment means may be another commit the next time, also where no scan keeps it.
  if (m_environment.traits) m_environment.traits->lasting = false;
  const auto last = m_environment.moments.lastCommit();
  switch (moment.kind) {
    case sql::MomentKind::Time: return bindTimePoint(*moment.expression);
    case sql::MomentKind::Tag: return notSupported(fmt::format("TAG '{}': tags are", moment.name), moment.span);
    case sql::MomentKind::Branch:
      return notSupported(fmt::format("BRANCH '{}': branches are", moment.name), moment.span);
    case sql::MomentKind::Latest: return Point{std::nullopt, last + 1, moment.span};
    case sql::MomentKind::Commit: break;
  }
  const Scope noColumns;
  DRIFT_ASSIGN(auto bound, bindExpression(*moment.expression, noColumns, Clause::Moment));
  DRIFT_ASSIGN(bound, coerce(std::move(bound), TypeId::BigInt, CastContext::Assignment, m_environment));
  if (bound->kind != ExpressionKind::Constant || bound->value.isNull())
    return Error(ErrorKind::InvalidParameterValue, "the number of a commit must be a constant").at(moment.span);
  const auto number = bound->value.asInt();
  if (last == 0) return noCommits(moment.span);
  if (number < 1 || static_cast<CommitNumber>(number) > last)
    return makeError(ErrorKind::MomentOutOfRange, "there is no commit {}; the commits are {} to {}", number,
                     m_environment.moments.firstCommit(), last)
        .at(moment.span);
  if (auto status = m_environment.moments.checkKept(static_cast<CommitNumber>(number)); !status.ok())
    return std::move(status).error().at(moment.span);
  return Point{static_cast<CommitNumber>(number), static_cast<CommitNumber>(number), moment.span};
}

namespace {

Error undefinedTable(const std::string& name, const catalog::CatalogView& view, SourceSpan span) {
  auto error = makeError(ErrorKind::UndefinedTable, "relation \"{}\" does not exist", name).at(span);
  std::size_t distance = name.size() / 3 + 1;
  catalog::TableRef nearest;
  for (const auto& table : view.tables()) {
    const auto edits = editDistance(name, table->name);
    if (edits >= distance) continue;
    distance = edits;
    nearest = table;
  }
  if (!nearest) return error;
  return std::move(error).withHint(fmt::format("Perhaps you meant the table \"{}\".", nearest->name));
}

/// The first commit after `number` whose schema has the table, if there is one.
Result<std::optional<CommitNumber>> nextWith(const std::string& name, CommitNumber number, const Moments& moments) {
  DRIFT_ASSIGN(auto at, moments.schemaStep(number, true));
  while (at && *at <= moments.lastCommit()) {
    DRIFT_ASSIGN(const auto view, moments.tablesAt(*at));
    if (view->find(name)) return at;
    DRIFT_ASSIGN(at, moments.schemaStep(*at, true));
  }
  return std::optional<CommitNumber>();
}

/// The last commit before `number` whose schema has the table, if there is one.
Result<std::optional<CommitNumber>> previousWith(const std::string& name, CommitNumber number, const Moments& moments) {
  DRIFT_ASSIGN(auto at, moments.schemaStep(number, false));
  while (at) {
    DRIFT_ASSIGN(const auto view, moments.tablesAt(*at));
    if (view->find(name)) return at;
    DRIFT_ASSIGN(at, moments.schemaStep(*at, false));
  }
  return std::optional<CommitNumber>();
}

}  // namespace

Status Binder::checkKeptFrom(const catalog::Table& table, const Point& point, SourceSpan span) const {
  const auto from = m_environment.moments.keptFrom(table.id);
  if (!point.number || *point.number >= from) return {};
  DRIFT_ASSIGN(const auto fromText, commitText(from, m_environment));
  return makeError(ErrorKind::MomentOutOfRange,
                   "the history of \"{}\" before {} was deleted; that is the nearest moment that is kept", table.name,
                   fromText)
      .at(point.span.lengthBytes ? point.span : span);
}

Result<catalog::TableRef> Binder::tableAt(const std::string& name, const Point& point, SourceSpan span) const {
  const auto& moments = m_environment.moments;
  if (!point.number) {
    DRIFT_ASSIGN(const auto view, moments.tablesNow());
    if (auto table = view->find(name)) return table;
    return undefinedTable(name, *view, span);
  }
  DRIFT_ASSIGN(const auto now, moments.tablesNow());
  if (const auto own = now->find(name); own && own->isTemporary()) return noHistory(name, span);
  if (*point.number == 0) {
    DRIFT_ASSIGN(const auto firstText, commitText(moments.firstCommit(), m_environment));
    return makeError(ErrorKind::MomentOutOfRange, "the moment is before the first change{}, {}",
                     moments.firstCommit() == 1 ? "" : " that was kept", firstText)
        .at(point.span.lengthBytes ? point.span : span);
  }
  DRIFT_ASSIGN(const auto view, moments.tablesAt(*point.number));
  if (auto table = view->find(name)) {
    DRIFT_TRY(checkKeptFrom(*table, point, span));
    return table;
  }
  DRIFT_ASSIGN(const auto later, nextWith(name, *point.number, moments));
  DRIFT_ASSIGN(const auto pointText, commitText(*point.number, m_environment));
  if (later) {
    DRIFT_ASSIGN(const auto laterText, commitText(*later, m_environment));
    return makeError(ErrorKind::UndefinedTable, "relation \"{}\" does not exist as of {}: it came with {}", name,
                     pointText, laterText)
        .at(span);
  }
  DRIFT_ASSIGN(const auto earlier, previousWith(name, *point.number, moments));
  if (earlier)
    return makeError(ErrorKind::UndefinedTable, "relation \"{}\" does not exist as of {}: it was gone by then", name,
                     pointText)
        .at(span);
  return undefinedTable(name, *view, span);
}

Error noHistory(const std::string& table, SourceSpan span) {
  return makeError(ErrorKind::FeatureNotSupported, "temporary table \"{}\" has no history", table)
      .withHint("It is there now only, for this session; moments of the past are those of permanent tables.")
      .at(span);
}

Result<catalog::TableRef> Binder::newestTable(const std::string& name, SourceSpan span) const {
  const auto& moments = m_environment.moments;
  DRIFT_ASSIGN(const auto view, moments.tablesNow());
  if (auto table = view->find(name)) {
    if (table->isTemporary()) return noHistory(name, span);
    return table;
  }
  DRIFT_ASSIGN(const auto at, previousWith(name, moments.lastCommit() + 1, moments));
  if (!at) return undefinedTable(name, *view, span);
  DRIFT_ASSIGN(const auto then, moments.tablesAt(*at));
  return then->find(name);
}

}  // namespace drift::plan
