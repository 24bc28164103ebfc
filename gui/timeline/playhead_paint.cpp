#include "timeline/playhead_paint.h"

#include <algorithm>
#include <cmath>

#include <QCoreApplication>
#include <QLocale>
#include <QPainter>
#include <QPainterPath>

#include "timeline/time_text.h"

namespace drift::gui::timeline {

namespace {

class PlayheadText {
  Q_DECLARE_TR_FUNCTIONS(PlayheadText)
};

constexpr float kVeil = 0.55F;

}  // namespace

QStringList cardLines(CommitNumber commit, std::optional<TimeMicros> time, const std::optional<Moment>& moment,
                      Zone zone) {
  const bool known = moment && moment->number == commit;
  if (known) time = moment->time;
  QString first = QLatin1Char('#') + QLocale().toString(static_cast<qulonglong>(commit));
  if (known && !moment->ago.isEmpty()) first += QStringLiteral("  \u00b7  ") + moment->ago;
  QStringList lines{first};
  if (time) lines << momentText(*time, zone);
  if (!known) return lines;
  QStringList third{moment->counts, moment->author};
  third.removeAll(QString());
  if (!third.isEmpty()) lines << third.join(QStringLiteral("  \u00b7  "));
  if (!moment->message.isEmpty()) lines << moment->message;
  return lines;
}

void paintPlayhead(QPainter& painter, const TrackFrame& frame, double position, bool live) {
  const auto& layout = frame.layout;
  const double half = frame.metrics().height() * 0.4;
  if (!live && position < layout.histogram.right()) {
    QColor veil = frame.theme.surface;
    veil.setAlphaF(kVeil);
    painter.setRenderHint(QPainter::Antialiasing, false);
    const QRect lanes(0, 0, layout.histogram.width(), layout.histogram.bottom() + 1);
    painter.fillRect(QRectF(std::max(position, 0.0), 0, lanes.right() + 1 - std::max(position, 0.0), lanes.height()),
                     veil);
  }
  if (position < -half || position > layout.liveDock.right()) return;
  const QColor tone = live ? frame.theme.live : frame.theme.past;
  const double x = std::floor(position);
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.fillRect(QRectF(x - 1, 0, 2, layout.ruler.bottom() + 1), tone);
  // A grip shaped like a house upside down: its tip shows the moment.
  painter.setRenderHint(QPainter::Antialiasing);
  QPainterPath grip(QPointF(x - half, 0));
  grip.lineTo(x + half, 0);
  grip.lineTo(x + half, half * 1.5);
  grip.lineTo(x, half * 2.5);
  grip.lineTo(x - half, half * 1.5);
  grip.closeSubpath();
  painter.fillPath(grip, tone);
}

void paintGhost(QPainter& painter, const TrackFrame& frame, double position, const QStringList& lines) {
  const auto& theme = frame.theme;
  const int em = frame.metrics().height();
  const double x = std::floor(position) + 0.5;
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.setPen(QPen(theme.textDim, 1, Qt::DotLine));
  painter.drawLine(QPointF(x, 0), QPointF(x, frame.layout.ruler.bottom()));
  if (lines.isEmpty()) return;

  QFont bold = frame.font;
  bold.setWeight(QFont::DemiBold);
  const QFontMetrics metrics = frame.metrics();
  const int widest = metrics.averageCharWidth() * 46;
  int wide = QFontMetrics(bold).horizontalAdvance(lines.front());
  for (qsizetype at = 1; at < lines.size(); ++at) wide = std::max(wide, metrics.horizontalAdvance(lines[at]));
  wide = std::min(wide, widest);
  const double step = em * 1.1;
  QRectF card(x + em * 0.7, em * 0.3, wide + em * 1.2, step * static_cast<double>(lines.size()) + em * 0.7);
  if (card.right() > frame.layout.histogram.right() - 2) card.moveRight(x - em * 0.7);
  card.moveLeft(std::max(4.0, card.left()));
  painter.setRenderHint(QPainter::Antialiasing);
  QColor shadow(0, 0, 0, theme.dark ? 90 : 28);
  painter.setPen(Qt::NoPen);
  painter.setBrush(shadow);
  painter.drawRoundedRect(card.translated(0, 2), em * 0.35, em * 0.35);
  painter.setPen(QPen(theme.border, 1));
  painter.setBrush(theme.dark ? theme.surfaceRaised : theme.surface);
  painter.drawRoundedRect(card.adjusted(0.5, 0.5, -0.5, -0.5), em * 0.35, em * 0.35);
  for (qsizetype at = 0; at < lines.size(); ++at) {
    painter.setFont(at == 0 ? bold : frame.font);
    painter.setPen(at == 0 ? theme.text : theme.textDim);
    const QRectF line(card.left() + em * 0.6, card.top() + em * 0.35 + step * static_cast<double>(at), wide + 1, step);
    painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter,
                     QFontMetrics(painter.font()).elidedText(lines[at], Qt::ElideRight, wide + 1));
  }
}

void paintRange(QPainter& painter, const TrackFrame& frame, double from, double to) {
  const QRectF range =
      QRectF(QPointF(std::min(from, to), 0), QPointF(std::max(from, to), frame.layout.ruler.bottom() + 1));
  QColor tint = frame.theme.accent;
  tint.setAlphaF(0.16F);
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.fillRect(range, tint);
  painter.fillRect(QRectF(range.left(), 0, 1, range.height()), frame.theme.accent);
  painter.fillRect(QRectF(range.right() - 1, 0, 1, range.height()), frame.theme.accent);
  painter.setPen(frame.theme.text);
  painter.setFont(frame.font);
  const QString text = durationText(frame.axis.timeAt(range.right()) - frame.axis.timeAt(range.left()));
  if (frame.metrics().horizontalAdvance(text) + 8 < range.width())
    painter.drawText(range.adjusted(0, frame.layout.histogram.top(), 0, 0), Qt::AlignHCenter | Qt::AlignTop, text);
}

void paintLiveDock(QPainter& painter, const TrackFrame& frame, bool live, bool hovered) {
  const auto& theme = frame.theme;
  const QRect dock = frame.layout.liveDock;
  const int em = frame.metrics().height();
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.fillRect(dock, theme.window);
  painter.setPen(theme.border);
  painter.drawLine(dock.topLeft(), dock.bottomLeft());
  painter.setRenderHint(QPainter::Antialiasing);
  QFont bold = frame.font;
  bold.setWeight(QFont::Bold);
  painter.setFont(bold);
  const QString text = PlayheadText::tr("LIVE");
  const double wide = QFontMetrics(bold).horizontalAdvance(text);
  const double dot = em * 0.22;
  const double tall = em * 1.7;
  const double whole = std::min<double>(dock.width() - 6, wide + dot * 2 + em * 1.2);
  const QRectF pill(dock.center().x() - whole / 2 + 1, dock.center().y() - tall / 2, whole, tall);
  painter.setPen(live ? QPen(Qt::NoPen) : QPen(hovered ? theme.live : theme.border, 1.2));
  painter.setBrush(live ? theme.live : (hovered ? theme.hover : theme.surface));
  painter.drawRoundedRect(pill, tall / 2, tall / 2);
  const QColor ink = live ? (theme.dark ? theme.surface : theme.accentText) : (hovered ? theme.text : theme.textDim);
  const double left = pill.center().x() - (dot * 2 + em * 0.35 + wide) / 2;
  painter.setPen(live ? QPen(Qt::NoPen) : QPen(ink, 1.4));
  painter.setBrush(live ? QBrush(ink) : QBrush(Qt::NoBrush));
  painter.drawEllipse(QPointF(left + dot, pill.center().y()), dot, dot);
  painter.setPen(ink);
  painter.drawText(QRectF(left + dot * 2 + em * 0.35, pill.top(), wide + 2, tall), Qt::AlignLeft | Qt::AlignVCenter,
                   text);
}

}  // namespace drift::gui::timeline
