// generate_series(): numbers, or timestamps by steps of an interval.
#include "exec/operator_kinds.h"
#include "types/calendar.h"
#include "types/cast.h"
#include "types/time_zone.h"

namespace drift::exec {

using types::Chunk;
using types::kChunkRows;
using types::TypeId;
using types::Value;
using types::Vector;

namespace {

class IntegerSeries final : public Operator {
 public:
  IntegerSeries(std::int64_t start, std::int64_t stop, std::int64_t step, const OperatorContext& context)
      : m_next(start), m_stop(stop), m_step(step), m_cancel(context.query().cancel) {}

  Result<bool> next(Chunk& out) override {
    DRIFT_TRY(m_cancel.check());
    out.clear();
    Vector values(TypeId::BigInt);
    std::size_t rows = 0;
    while (rows < kChunkRows && m_next && (m_step > 0 ? *m_next <= m_stop : *m_next >= m_stop)) {
      values.data<std::int64_t>()[rows++] = *m_next;
      std::int64_t after = 0;
      if (__builtin_add_overflow(*m_next, m_step, &after)) m_next.reset();
      else m_next = after;
    }
    if (rows == 0) return false;
    out.addColumn(std::move(values));
    out.setRowCount(rows);
    return true;
  }

 private:
  std::optional<std::int64_t> m_next;  ///< nothing: at the end
  const std::int64_t m_stop;
  const std::int64_t m_step;
  const runtime::CancelToken m_cancel;
};

/// Any other type, value by value.
class ValueSeries final : public Operator {
 public:
  ValueSeries(Value start, Value stop, Value step, bool rising, types::TimeZone zone, const OperatorContext& context)
      : m_next(std::move(start)),
        m_stop(std::move(stop)),
        m_step(std::move(step)),
        m_rising(rising),
        m_zone(std::move(zone)),
        m_cancel(context.query().cancel) {}

  Result<bool> next(Chunk& out) override {
    DRIFT_TRY(m_cancel.check());
    out.clear();
    Vector values(m_stop.type());
    std::size_t rows = 0;
    while (rows < kChunkRows && !m_ended) {
      const auto order = types::compareValues(m_next, m_stop);
      m_ended = m_rising ? order > 0 : order < 0;
      if (m_ended) break;
      values.set(rows++, m_next);
      DRIFT_TRY(advance());
    }
    if (rows == 0) return false;
    out.addColumn(std::move(values));
    out.setRowCount(rows);
    return true;
  }

 private:
  Status advance() {
    const auto type = m_stop.type();
    if (type.id() == TypeId::Numeric) {
      DRIFT_ASSIGN(const auto sum, types::add(m_next.asDecimal(), m_step.asDecimal()));
      m_next = Value(type, sum);
      return {};
    }
    auto after = m_next.asInt();
    auto step = m_step.asInterval();
    if (type.id() == TypeId::TimestampTz && (step.months != 0 || step.days != 0)) {
      // A day is a day of the clock on the wall, also where it has 23 hours; an hour is an hour.
      DRIFT_ASSIGN(const auto local, types::addInterval(m_zone.toLocal(after), {0, step.days, step.months}));
      after = m_zone.toUtc(local);
      step.days = 0;
      step.months = 0;
    }
    DRIFT_ASSIGN(after, types::addInterval(after, step));
    m_next = Value(type, std::int64_t{after});
    return {};
  }

  Value m_next;
  const Value m_stop;
  const Value m_step;
  const bool m_rising;
  const types::TimeZone m_zone;
  const runtime::CancelToken m_cancel;
  bool m_ended = false;
};

class NoRows final : public Operator {
 public:
  Result<bool> next(Chunk& out) override {
    out.clear();
    return false;
  }
};

}  // namespace

Result<OperatorPtr> makeSeries(const plan::SeriesFunction& function, OperatorContext& context) {
  DRIFT_ASSIGN(auto start, evaluateConstant(*function.start, context));
  DRIFT_ASSIGN(auto stop, evaluateConstant(*function.stop, context));
  DRIFT_ASSIGN(auto step, evaluateConstant(*function.step, context));
  if (start.isNull() || stop.isNull() || step.isNull()) return std::make_unique<NoRows>();
  const auto type = stop.type().id();
  int sign = 0;
  const auto signOf = [](auto order) { return order < 0 ? -1 : order > 0 ? 1 : 0; };
  if (type == TypeId::BigInt) sign = signOf(step.asInt() <=> 0);
  else if (type == TypeId::Numeric) sign = signOf(types::compare(step.asDecimal(), types::Decimal()));
  else sign = signOf(types::compare(step.asInterval(), types::Interval()));
  if (sign == 0) return Error(ErrorKind::InvalidParameterValue, "step size cannot equal zero").at(function.step->span);
  if (type == TypeId::BigInt)
    return std::make_unique<IntegerSeries>(start.asInt(), stop.asInt(), step.asInt(), context);
  DRIFT_ASSIGN(auto zone, types::TimeZone::find(context.functions.text.timeZone));
  return std::make_unique<ValueSeries>(std::move(start), std::move(stop), std::move(step), sign > 0, std::move(zone),
                                       context);
}

}  // namespace drift::exec
