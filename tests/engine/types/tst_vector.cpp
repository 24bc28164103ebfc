#include <QtTest>

#include <array>

#include "random_values.h"
#include "types/vector.h"

using namespace drift;
using namespace drift::types;

class TestVector : public QObject {
  Q_OBJECT

 private slots:
  void everyKindGivesTheSameRows() {
    types::testing::RandomValues random;
    constexpr std::size_t kRows = 200;
    for (const auto type : types::testing::kAllTypes) {
      Vector flat(type, kRows);
      std::vector<Value> values;
      for (std::size_t row = 0; row < kRows; ++row) {
        values.push_back(random.between(0, 4) ? random.value(type) : Value::null(type));
        flat.set(row, values.back());
      }
      Selection selection;
      for (int i = 0; i < 50; ++i) selection.push_back(static_cast<std::uint16_t>(random.between(0, kRows - 1)));
      const auto picked = Vector::select(flat, selection);
      const auto twice = Vector::select(picked, std::array<std::uint16_t, 2>{49, 7});
      const auto copied = twice.flattened(2);
      const auto constant = Vector::constant(values[0]);
      const auto same = [](const Value& a, const Value& b) {
        const bool nan = !a.isNull() && !b.isNull() && a.type().id() == TypeId::Double && std::isnan(a.asDouble());
        return nan ? std::isnan(b.asDouble()) : a == b;
      };
      for (std::size_t i = 0; i < 50; ++i) QVERIFY(same(picked.get(i), values[selection[i]]));
      for (const auto* vector : {&twice, &copied}) {
        QVERIFY(same(vector->get(0), values[selection[49]]));
        QVERIFY(same(vector->get(1), values[selection[7]]));
      }
      QVERIFY(copied.kind() == VectorKind::Flat);
      QVERIFY(same(constant.get(1234), values[0]));
      QVERIFY(Vector::select(constant, selection).kind() == VectorKind::Constant);
    }
  }

  void stringsOutliveTheirSource() {
    Vector copy;
    const std::string text(100, 'x');
    {
      Vector source(TypeId::Text, 1);
      source.set(0, Value::text(text));
      copy = Vector::select(source, std::array<std::uint16_t, 1>{0}).flattened(1);
    }
    QVERIFY(copy.view().at<StringRef>(0).view() == text);
  }

  void shortAndLongReferencesCompareByBytes() {
    const std::string a = "abcdefghijkl";   // 12 bytes lie inline
    const std::string b = "abcdefghijklm";  // 13 do not
    const std::string c = "abcdefghijkln";
    QVERIFY(StringRef(a) == StringRef(std::string(a)));
    QVERIFY(StringRef(a) < StringRef(b));
    QVERIFY(StringRef(b) < StringRef(c));
    QVERIFY(!(StringRef(b) == StringRef(c)));
    QVERIFY(StringRef("\x7f") < StringRef("\x80"));
    QVERIFY(StringRef("") < StringRef(std::string_view("\0", 1)));
  }

  void chunksSelectAllColumns() {
    const Type types[] = {TypeId::Integer, TypeId::Text};
    Chunk chunk(types, 3);
    for (std::size_t row = 0; row < 3; ++row) {
      chunk.column(0).set(row, Value::integer(static_cast<std::int32_t>(row)));
      chunk.column(1).set(row, Value::text("row " + std::to_string(row)));
    }
    chunk.setRowCount(3);
    const auto picked = chunk.selected(std::array<std::uint16_t, 2>{2, 0});
    QCOMPARE(picked.rowCount(), std::size_t{2});
    QVERIFY(picked.column(0).get(0) == Value::integer(2));
    QVERIFY(picked.column(1).get(1) == Value::text("row 0"));
  }
};

QTEST_APPLESS_MAIN(TestVector)
#include "tst_vector.moc"
