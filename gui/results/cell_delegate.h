// CellDelegate: draws one cell of a grid. GUI thread.
#pragma once

#include <QFont>
#include <QStyledItemDelegate>

namespace drift::gui::results {

class CellDelegate final : public QStyledItemDelegate {
  Q_OBJECT

 public:
  explicit CellDelegate(QObject* parent = nullptr);

  /// Dims everything: what is shown is not yet what was asked for.
  void setStale(bool stale) { m_stale = stale; }
  bool isStale() const { return m_stale; }
  /// Digits of one width, so that numbers line up.
  const QFont& numberFont() const { return m_numberFont; }

  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

 private:
  bool m_stale = false;
  QFont m_numberFont;
};

}  // namespace drift::gui::results
