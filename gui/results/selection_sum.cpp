#include "results/selection_sum.h"

#include <cmath>

#include <QCoreApplication>
#include <QLocale>

namespace drift::gui::results {

namespace {

class SelectionSum {
  Q_DECLARE_TR_FUNCTIONS(SelectionSum)

 public:
  void add(const api::Value& value) {
    if (value.isNull() || !value.type().isNumber()) return;
    ++m_numbers;
    if (value.type().id() == api::TypeId::Double || value.type().id() == api::TypeId::Real) {
      m_exact = false;
      note(value.asDouble());
      return;
    }
    const types::Decimal decimal = value.type().id() == api::TypeId::Numeric
                                       ? value.asDecimal()
                                       : types::Decimal::fromInteger(value.asInt());
    note(types::toDouble(decimal));
    if (!m_exact) return;
    const auto sum = types::add(m_sum, decimal);
    if (sum.ok()) {
      m_sum = sum.value();
    } else {
      m_exact = false;  // beyond 38 digits: the rounded sum is shown
    }
  }

  QString describe(qint64 cells, bool summed) const {
    QStringList parts{tr("%L1 cells").arg(cells)};
    if (summed && m_numbers > 0) {
      const QString sum = m_exact ? QString::fromStdString(types::toString(m_sum)) : rounded(m_rounded);
      parts << tr("sum %1").arg(sum) << tr("avg %1").arg(rounded(m_rounded / static_cast<double>(m_numbers)))
            << tr("min %1").arg(rounded(m_least)) << tr("max %1").arg(rounded(m_greatest));
    }
    return parts.join(QStringLiteral("   "));
  }

 private:
  static QString rounded(double value) { return QLocale::c().toString(value, 'g', 10); }
  void note(double value) {
    m_rounded += value;
    if (m_numbers == 1 || value < m_least) m_least = value;
    if (m_numbers == 1 || value > m_greatest) m_greatest = value;
  }

  qint64 m_numbers = 0;
  bool m_exact = true;
  types::Decimal m_sum;
  double m_rounded = 0;
  double m_least = 0;
  double m_greatest = 0;
};

}  // namespace

QString describeSelection(const models::GridModel& model, const QItemSelection& selection) {
  qint64 cells = 0;
  for (const auto& range : selection) cells += qint64{range.width()} * range.height();
  if (cells < 2) return {};
  SelectionSum sum;
  const bool summed = cells <= kSummedCellsMax;
  if (summed) {
    for (const auto& range : selection)
      for (int row = range.top(); row <= range.bottom(); ++row)
        for (int column = range.left(); column <= range.right(); ++column)
          if (const auto value = model.value(row, column)) sum.add(*value);
  }
  return sum.describe(cells, summed);
}

}  // namespace drift::gui::results
