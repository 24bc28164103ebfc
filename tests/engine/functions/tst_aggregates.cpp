#include <QtTest>

#include <cmath>
#include <memory>

#include "function_call.h"

using namespace drift;
using namespace drift::functions;

namespace {

/// One state in memory of its own, as an operator keeps it.
class StateMemory final {
 public:
  explicit StateMemory(const AggregateFunction& function)
      : m_function(function), m_memory(new (std::align_val_t(16)) std::byte[function.stateBytes]) {
    m_function.initialize(m_memory);
  }
  ~StateMemory() {
    if (m_function.destroy) m_function.destroy(m_memory);
    ::operator delete[](m_memory, std::align_val_t(16));
  }
  StateMemory(const StateMemory&) = delete;
  StateMemory& operator=(const StateMemory&) = delete;
  std::byte* get() const { return m_memory; }

 private:
  const AggregateFunction& m_function;
  std::byte* m_memory;
};

/// Aggregates rows given as vectors, the second half of them in a state of its own that is then
/// merged.
Result<types::Value> aggregate(const AggregateMatch& match, const std::vector<types::Value>& values,
                               std::size_t split) {
  const auto& function = *match.function;
  const StateMemory first(function);
  const StateMemory second(function);
  std::vector<types::Vector> arguments;
  if (!match.parameters.empty()) {
    types::Vector vector(match.parameters[0], values.size());
    for (std::size_t row = 0; row < values.size(); ++row) {
      DRIFT_ASSIGN(const auto value, types::cast(values[row], match.parameters[0], types::CastContext::Implicit));
      vector.set(row, value);
    }
    arguments.push_back(std::move(vector));
  }
  std::vector<std::byte*> states(values.size(), second.get());
  std::fill_n(states.begin(), split, first.get());
  DRIFT_TRY(function.update(arguments, values.size(), states.data()));
  DRIFT_TRY(function.merge(second.get(), first.get()));
  types::Vector out(match.result, 1);
  std::byte* const last = first.get();
  DRIFT_TRY(function.finalize(&last, 1, out));
  return out.get(0);
}

void addAggregate(const char* name, std::initializer_list<const char*> values, const char* type, const char* expected) {
  testing::addCall(name, values, type, expected);
}

}  // namespace

class TestAggregates : public QObject {
  Q_OBJECT

 private slots:
  void calls_data();
  void calls() {
    QFETCH(QString, name);
    QFETCH(QStringList, arguments);
    QFETCH(QString, type);
    QFETCH(QString, expected);
    const auto context = testing::testContext();
    std::vector<types::Value> values;
    for (const auto& argument : arguments) values.push_back(testing::argumentOf(argument));
    // Without arguments: count(*) over two rows.
    const std::vector<types::Type> types(values.empty() ? 0 : 1, values.empty() ? types::Type() : values[0].type());
    if (values.empty()) values.resize(2);
    const auto match = m_registry.resolveAggregate(name.toStdString(), types);
    if (!match) {
      QCOMPARE(QString::fromStdString(match.error().message()), expected);
      return;
    }
    // In one state, and in two that are merged at every place.
    for (std::size_t split = 0; split <= values.size(); ++split) {
      const auto result = aggregate(*match, values, split);
      // Parts of a sum of doubles, added in another order, may differ in the last digits.
      if (split < values.size() && result && !result->isNull() && type == "double precision") {
        const double exact = expected.toDouble();
        const double value = result->asDouble();
        QVERIFY(value == exact || (std::isnan(value) && std::isnan(exact)) || qFuzzyCompare(value, exact));
        continue;
      }
      QCOMPARE(testing::shown(result, context), expected);
      if (result) QCOMPARE(QString::fromStdString(result->type().name()), type);
    }
  }

  void stringsAreJoinedInOrder() {
    const types::Type types[] = {types::TypeId::Text, types::TypeId::Unknown};
    const auto match = m_registry.resolveAggregate("string_agg", types);
    QVERIFY(match.ok());
    const auto& function = *match->function;
    const StateMemory first(function);
    const StateMemory second(function);
    types::Vector texts(types::TypeId::Text, 4);
    for (const std::size_t row : {0, 1, 3})
      texts.set(row, types::Value::text(std::string(20, static_cast<char>('a' + row))));
    texts.setNull(2);
    const std::array<types::Vector, 2> arguments{texts, types::Vector::constant(types::Value::text(", "))};
    std::byte* const states[] = {first.get(), first.get(), first.get(), second.get()};
    QVERIFY(function.update(arguments, 4, states).ok());
    QVERIFY(function.merge(second.get(), first.get()).ok());
    types::Vector out(types::TypeId::Text, 1);
    std::byte* const state = first.get();
    QVERIFY(function.finalize(&state, 1, out).ok());
    const auto expected = std::string(20, 'a') + ", " + std::string(20, 'b') + ", " + std::string(20, 'd');
    QCOMPARE(out.get(0).asString(), expected);
  }

 private:
  Registry m_registry;
};

// Types, values and sentences are PostgreSQL 15's.
void TestAggregates::calls_data() {
  testing::addCallColumns();
  addAggregate("count", {"integer:1", "integer:NULL", "integer:3"}, "bigint", "2");
  addAggregate("count", {"text:NULL"}, "bigint", "0");
  addAggregate("count", {}, "bigint", "2");
  addAggregate("sum", {"smallint:1", "smallint:2", "smallint:NULL"}, "bigint", "3");
  addAggregate("sum", {"integer:2147483647", "integer:2147483647"}, "bigint", "4294967294");
  addAggregate("sum", {"bigint:9223372036854775807", "bigint:1"}, "numeric", "9223372036854775808");
  addAggregate("sum", {"numeric:1.5", "numeric:2.25"}, "numeric", "3.75");
  addAggregate("sum", {"numeric:1.5", "numeric:NaN"}, "numeric", "NaN");
  addAggregate("sum", {"double precision:0.1", "double precision:0.2"}, "double precision", "0.30000000000000004");
  addAggregate("sum", {"double precision:1e308", "double precision:1e308"}, "", "value out of range: overflow");
  addAggregate("sum", {"interval:1 day", "interval:25 hours"}, "interval", "1 day 25:00:00");
  addAggregate("sum", {"integer:NULL"}, "bigint", "NULL");
  addAggregate("sum", {"text:a"}, "", "function sum(text) does not exist");
  addAggregate("avg", {"integer:1", "integer:2"}, "numeric", "1.5000000000000000");
  addAggregate("avg", {"integer:1", "integer:2", "integer:2"}, "numeric", "1.6666666666666667");
  addAggregate("avg", {"smallint:10000", "smallint:20000"}, "numeric", "15000.000000000000");
  addAggregate("avg", {"bigint:9223372036854775807", "bigint:9223372036854775807"}, "numeric", "9223372036854775807");
  addAggregate("avg", {"numeric:1.50", "numeric:2.25", "numeric:3"}, "numeric", "2.2500000000000000");
  addAggregate("avg", {"numeric:10", "numeric:20"}, "numeric", "15.0000000000000000");
  addAggregate("avg", {"double precision:1", "double precision:2"}, "double precision", "1.5");
  addAggregate("avg", {"interval:1 day", "interval:2 days"}, "interval", "1 day 12:00:00");
  addAggregate("avg", {"integer:NULL"}, "numeric", "NULL");
  addAggregate("min", {"integer:3", "integer:1", "integer:NULL"}, "integer", "1");
  addAggregate("max", {"integer:3", "integer:1", "integer:NULL"}, "integer", "3");
  addAggregate("min", {"text:b", "text:a long text that is not inline", "text:c"}, "text",
               "a long text that is not inline");
  addAggregate("max", {"varchar:b", "varchar:a"}, "text", "b");
  addAggregate("max", {"numeric:1.0", "numeric:NaN"}, "numeric", "NaN");
  addAggregate("max", {"double precision:1", "double precision:nan", "double precision:infinity"}, "double precision",
               "NaN");
  addAggregate("min", {"date:2020-01-01", "date:-infinity"}, "date", "-infinity");
  addAggregate("max", {"timestamptz:2020-01-01 00:00+00", "timestamptz:2021-01-01 00:00+00"},
               "timestamp with time zone", "2021-01-01 00:00:00+00");
  addAggregate("max", {"interval:1 mon", "interval:31 days"}, "interval", "31 days");
  addAggregate("min", {"boolean:t"}, "", "function min(boolean) does not exist");
  addAggregate("min", {"uuid:a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"}, "", "function min(uuid) does not exist");
  addAggregate("max", {"unknown:x"}, "text", "x");
  addAggregate("bool_and", {"boolean:t", "boolean:NULL", "boolean:f"}, "boolean", "f");
  addAggregate("bool_and", {"boolean:t", "boolean:NULL"}, "boolean", "t");
  addAggregate("bool_or", {"boolean:f", "boolean:t"}, "boolean", "t");
  addAggregate("every", {"boolean:NULL"}, "boolean", "NULL");
  addAggregate("stddev", {"integer:1", "integer:2", "integer:3", "integer:4"}, "numeric", "1.2909944487358056");
  addAggregate("stddev", {"integer:1"}, "numeric", "NULL");
  addAggregate("stddev_pop", {"integer:1"}, "numeric", "0");
  addAggregate("stddev_samp", {"numeric:1.5", "numeric:2.5", "numeric:10"}, "numeric", "4.6457866215887846");
  addAggregate("stddev_pop",
               {"bigint:2", "bigint:4", "bigint:4", "bigint:4", "bigint:5", "bigint:5", "bigint:7", "bigint:9"},
               "numeric", "2.0000000000000000");
  addAggregate("stddev", {"double precision:1", "double precision:2", "double precision:4"}, "double precision",
               "1.5275252316519468");
  addAggregate("variance", {"integer:1", "integer:2", "integer:3", "integer:4"}, "numeric", "1.6666666666666667");
  addAggregate("variance", {"numeric:5", "numeric:5"}, "numeric", "0");
  addAggregate("var_samp", {"double precision:1.5", "double precision:2.5", "double precision:10"}, "double precision",
               "21.583333333333332");
  addAggregate("var_pop", {"integer:1", "integer:2"}, "numeric", "0.25000000000000000000");
  addAggregate("var_pop", {"numeric:NaN", "numeric:1"}, "numeric", "NaN");
  addAggregate("var_pop", {"double precision:infinity"}, "double precision", "NaN");
}

QTEST_APPLESS_MAIN(TestAggregates)
#include "tst_aggregates.moc"
