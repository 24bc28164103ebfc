#include "explorer/object_delegate.h"

#include <QApplication>
#include <QPainter>

#include "models/schema_model.h"
#include "widgets/icons.h"
#include "widgets/theme.h"

namespace drift::gui::explorer {

namespace {

using models::SchemaModel;

QString iconOf(SchemaModel::Kind kind, bool ghost) {
  switch (kind) {
    case SchemaModel::Kind::Database: return QStringLiteral("database");
    case SchemaModel::Kind::Tables: return QStringLiteral("folder");
    case SchemaModel::Kind::Table: return ghost ? QStringLiteral("ghost") : QStringLiteral("table");
    case SchemaModel::Kind::Column: return QStringLiteral("column");
    case SchemaModel::Kind::Index: return QStringLiteral("index");
  }
  return {};
}

}  // namespace

void ObjectDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
  QStyleOptionViewItem item = option;
  initStyleOption(&item, index);
  item.text.clear();
  const QStyle* style = option.widget ? option.widget->style() : QApplication::style();
  style->drawControl(QStyle::CE_ItemViewItem, &item, painter, option.widget);

  const auto& theme = widgets::Theme::of(option.palette);
  const auto kind = static_cast<SchemaModel::Kind>(index.data(SchemaModel::KindRole).toInt());
  const bool ghost = index.data(SchemaModel::GhostRole).toInt() != static_cast<int>(SchemaModel::Ghost::None);
  const QString detail = index.data(SchemaModel::DetailRole).toString();
  const int side = option.fontMetrics.height();
  QRect line = option.rect.adjusted(4, 0, -8, 0);
  const QRect iconRect(line.left(), line.center().y() - side / 2 + 1, side, side);
  widgets::icon(iconOf(kind, ghost), ghost || kind >= SchemaModel::Kind::Column ? widgets::IconTone::Dim
                                                                                : widgets::IconTone::Accent)
      .paint(painter, iconRect);
  line.setLeft(iconRect.right() + 7);

  painter->save();
  QFont font = option.font;
  font.setItalic(ghost);
  painter->setFont(font);
  const QFontMetrics metrics(font);
  const QString name = index.data(Qt::DisplayRole).toString();
  const int nameWidth = std::min(metrics.horizontalAdvance(name), line.width());
  painter->setPen(ghost ? theme.textDim : theme.text);
  painter->drawText(line, Qt::AlignVCenter | Qt::AlignLeft | Qt::TextSingleLine,
                    metrics.elidedText(name, Qt::ElideRight, line.width()));
  QRect rest = line;
  rest.setLeft(line.left() + nameWidth + 10);
  if (!detail.isEmpty() && rest.width() > metrics.averageCharWidth() * 3) {
    painter->setPen(theme.textDim);
    painter->drawText(rest, Qt::AlignVCenter | Qt::AlignRight | Qt::TextSingleLine,
                      metrics.elidedText(detail, Qt::ElideRight, rest.width()));
  }
  painter->restore();
}

QSize ObjectDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const {
  const QSize base = QStyledItemDelegate::sizeHint(option, index);
  return {base.width() + option.fontMetrics.height() + 12, option.fontMetrics.height() + 9};
}

}  // namespace drift::gui::explorer
