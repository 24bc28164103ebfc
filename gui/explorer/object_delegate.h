// ObjectDelegate: draws one line of the object tree: icon, name, and at the right what it is. GUI thread.
#pragma once

#include <QStyledItemDelegate>

namespace drift::gui::explorer {

class ObjectDelegate final : public QStyledItemDelegate {
  Q_OBJECT

 public:
  using QStyledItemDelegate::QStyledItemDelegate;

  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

}  // namespace drift::gui::explorer
