#include "results/cell_delegate.h"

#include <QApplication>
#include <QFontDatabase>
#include <QPainter>

#include "models/grid_model.h"
#include "widgets/theme.h"

namespace drift::gui::results {

namespace {

constexpr int kPadding = 8;

}  // namespace

CellDelegate::CellDelegate(QObject* parent)
    : QStyledItemDelegate(parent), m_numberFont(QFontDatabase::systemFont(QFontDatabase::FixedFont)) {
  m_numberFont.setPointSizeF(QApplication::font().pointSizeF());
}

void CellDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
  const auto& theme = widgets::Theme::of(option.palette);
  const bool selected = option.state & QStyle::State_Selected;
  const bool null = index.data(models::IsNullRole).toBool();
  const bool loaded = index.data(models::IsLoadedRole).toBool();
  const auto alignment = Qt::Alignment(index.data(Qt::TextAlignmentRole).toInt());

  painter->save();
  if (index.data(models::IsFlashingRole).toBool()) {
    painter->fillRect(option.rect, theme.flash);
  } else if (selected) {
    painter->fillRect(option.rect, theme.selection);
  } else if (index.row() % 2) {
    painter->fillRect(option.rect, theme.alternate);
  }
  QFont font = index.data(models::IsTabularRole).toBool() ? m_numberFont : option.font;
  if (null) font.setItalic(true);
  painter->setFont(font);
  painter->setPen(null || !loaded ? theme.textDim : theme.text);
  if (m_stale) painter->setOpacity(0.55);
  const QRect inner = option.rect.adjusted(kPadding, 0, -kPadding, 0);
  const QFontMetrics metrics(font);
  QString text = index.data(Qt::DisplayRole).toString();
  if (null) {
    // Smaller, so that it is never taken for the text "NULL".
    font.setPointSizeF(font.pointSizeF() * 0.85);
    painter->setFont(font);
  } else {
    text = metrics.elidedText(text, Qt::ElideRight, inner.width());
  }
  painter->drawText(inner, static_cast<int>(alignment) | Qt::TextSingleLine, text);
  painter->setOpacity(1);
  if ((option.state & QStyle::State_HasFocus) && option.widget && option.widget->hasFocus()) {
    painter->setPen(QPen(theme.accent, 1.5));
    painter->drawRect(QRectF(option.rect).adjusted(0.75, 0.75, -1.25, -1.25));
  }
  painter->restore();
}

QSize CellDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const {
  const QFontMetrics metrics(index.data(models::IsTabularRole).toBool() ? m_numberFont : option.font);
  return {metrics.horizontalAdvance(index.data(Qt::DisplayRole).toString()) + 2 * kPadding + 4, metrics.height() + 8};
}

}  // namespace drift::gui::results
