#include "timeline/key_sheet.h"

#include <algorithm>
#include <vector>

#include <QEvent>
#include <QPainter>

#include "widgets/theme.h"

namespace drift::gui::timeline {

namespace {

constexpr int kColumns = 3;

}  // namespace

KeySheet::KeySheet(QWidget* track) : QWidget(track) {
  setAccessibleName(tr("Keys of the timeline"));
  track->installEventFilter(this);
  hide();
}

void KeySheet::toggle() {
  resize(parentWidget()->size());
  setVisible(!isVisible());
  raise();
}

void KeySheet::mousePressEvent(QMouseEvent*) { hide(); }

bool KeySheet::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::Resize) resize(parentWidget()->size());
  if (event->type() == QEvent::FocusOut || event->type() == QEvent::Hide) hide();
  if (event->type() == QEvent::KeyPress && isVisible()) {
    hide();
    return true;
  }
  return QWidget::eventFilter(watched, event);
}

void KeySheet::paintEvent(QPaintEvent*) {
  const std::vector<std::pair<QString, QString>> rows{{tr("\u2190  \u2192"), tr("previous, next change")},
                                                      {tr("Shift+\u2190  \u2192"), tr("ten changes")},
                                                      {tr("Home  End"), tr("oldest, live")},
                                                      {tr("Space"), tr("play or pause")},
                                                      {tr("J  K  L"), tr("play back, stop, play on")},
                                                      {tr("Esc"), tr("return to live")},
                                                      {tr("+  \u2212  0"), tr("zoom in, out, show all")},
                                                      {tr("F"), tr("centre, again: fit the burst")},
                                                      {tr("Backspace"), tr("previous view")},
                                                      {tr("PgUp  PgDn"), tr("move one view")},
                                                      {tr("G"), tr("go to a moment")},
                                                      {tr("Ctrl+wheel"), tr("zoom at the pointer")},
                                                      {tr("Drag"), tr("scrub; far below: finer")},
                                                      {tr("Alt+drag"), tr("without snapping")},
                                                      {tr("Drag on the ruler"), tr("zoom to that range")}};
  const auto& theme = widgets::Theme::of(palette());
  QPainter painter(this);
  painter.fillRect(rect(), theme.surface);
  const int em = fontMetrics().height();
  QFont bold = font();
  bold.setWeight(QFont::DemiBold);
  int keyWidth = 0;
  for (const auto& row : rows) keyWidth = std::max(keyWidth, QFontMetrics(bold).horizontalAdvance(row.first));
  const int lines = static_cast<int>((rows.size() + kColumns - 1) / kColumns);
  const double step = std::min(em * 1.5, (height() - em * 0.5) / lines);
  const double top = (height() - step * lines) / 2;
  const double wide = (width() - em * 2.0) / kColumns;
  for (int at = 0; at < static_cast<int>(rows.size()); ++at) {
    const auto& [key, does] = rows[static_cast<std::size_t>(at)];
    const double x = em + wide * (at / lines);
    const double y = top + step * (at % lines);
    painter.setFont(bold);
    painter.setPen(theme.text);
    painter.drawText(QRectF(x, y, keyWidth, step), Qt::AlignRight | Qt::AlignVCenter, key);
    painter.setFont(font());
    painter.setPen(theme.textDim);
    const int room = static_cast<int>(wide) - keyWidth - em * 3 / 2;
    painter.drawText(QRectF(x + keyWidth + em * 0.8, y, room, step), Qt::AlignLeft | Qt::AlignVCenter,
                     fontMetrics().elidedText(does, Qt::ElideRight, room));
  }
}

}  // namespace drift::gui::timeline
