#include "widgets/icons.h"

#include <QFile>
#include <QGuiApplication>
#include <QIconEngine>
#include <QPainter>
#include <QPalette>
#include <QPixmapCache>
#include <QSvgRenderer>

#include "widgets/theme.h"

// Names the resource file, so that the linker keeps it in the static library (must be outside a namespace).
static void registerResources() { Q_INIT_RESOURCE(driftdb); }

namespace drift::gui::widgets {

namespace {

QColor toneColor(IconTone tone, QIcon::Mode mode) {
  const Theme& theme = Theme::of(QGuiApplication::palette());
  QColor color = theme.text;
  switch (tone) {
    case IconTone::Text: break;
    case IconTone::Dim: color = theme.textDim; break;
    case IconTone::Accent: color = theme.accent; break;
    case IconTone::Past: color = theme.past; break;
    case IconTone::Error: color = theme.error; break;
  }
  if (mode == QIcon::Disabled) color.setAlphaF(0.38F);
  return color;
}

/// Renders one drawing in which "currentColor" stands for the colour of the moment.
class LineIconEngine final : public QIconEngine {
 public:
  LineIconEngine(QString name, QByteArray svg, IconTone tone)
      : m_name(std::move(name)), m_svg(std::move(svg)), m_tone(tone) {}

  void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State) override {
    const QColor color = toneColor(m_tone, mode);
    QByteArray svg = m_svg;
    svg.replace("currentColor", color.name(QColor::HexRgb).toLatin1());
    QSvgRenderer renderer(svg);
    painter->save();
    painter->setOpacity(painter->opacity() * color.alphaF());
    renderer.render(painter, rect);
    painter->restore();
  }

  QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override {
    return scaledPixmap(size, mode, state, 1.0);
  }

  QPixmap scaledPixmap(const QSize& size, QIcon::Mode mode, QIcon::State state, qreal) override {
    const QString key = QStringLiteral("drift:%1:%2:%3:%4")
                            .arg(m_name, toneColor(m_tone, mode).name(QColor::HexArgb))
                            .arg(size.width())
                            .arg(size.height());
    QPixmap pixmap;
    if (QPixmapCache::find(key, &pixmap)) return pixmap;
    pixmap = QPixmap(size);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    paint(&painter, QRect(QPoint(0, 0), size), mode, state);
    painter.end();
    QPixmapCache::insert(key, pixmap);
    return pixmap;
  }

  QIconEngine* clone() const override { return new LineIconEngine(m_name, m_svg, m_tone); }  // NOLINT: QIcon owns it

 private:
  QString m_name;
  QByteArray m_svg;
  IconTone m_tone;
};

}  // namespace

QIcon icon(const QString& name, IconTone tone) {
  [[maybe_unused]] static const bool registered = (registerResources(), true);
  QFile file(QStringLiteral(":/icons/%1.svg").arg(name));
  if (!file.open(QIODevice::ReadOnly)) return {};
  return QIcon(new LineIconEngine(name, file.readAll(), tone));  // QIcon owns the engine
}

}  // namespace drift::gui::widgets
