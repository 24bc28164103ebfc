#include "timeline/track_accessible.h"

#include "timeline/timeline_track.h"

namespace drift::gui::timeline {

namespace {

QAccessibleInterface* make(const QString&, QObject* object) {
  auto* track = qobject_cast<TimelineTrack*>(object);
  return track ? new TrackAccessible(track) : nullptr;  // Qt owns it
}

}  // namespace

TrackAccessible::TrackAccessible(TimelineTrack* track) : QAccessibleWidget(track, QAccessible::Slider) {}

void TrackAccessible::install() { QAccessible::installFactory(make); }

TimelineTrack* TrackAccessible::track() const { return static_cast<TimelineTrack*>(widget()); }

QString TrackAccessible::text(QAccessible::Text kind) const {
  return kind == QAccessible::Value ? track()->valueText() : QAccessibleWidget::text(kind);
}

void* TrackAccessible::interface_cast(QAccessible::InterfaceType type) {
  if (type == QAccessible::ValueInterface) return static_cast<QAccessibleValueInterface*>(this);
  return QAccessibleWidget::interface_cast(type);
}

QVariant TrackAccessible::currentValue() const {
  return QVariant::fromValue(static_cast<qulonglong>(track()->playhead().value_or(track()->extent().last)));
}

void TrackAccessible::setCurrentValue(const QVariant& value) {
  emit track()->momentRequested(static_cast<CommitNumber>(value.toULongLong()));
}

QVariant TrackAccessible::maximumValue() const {
  return QVariant::fromValue(static_cast<qulonglong>(track()->extent().last));
}

QVariant TrackAccessible::minimumValue() const {
  return QVariant::fromValue(static_cast<qulonglong>(track()->extent().first));
}

QVariant TrackAccessible::minimumStepSize() const { return QVariant::fromValue(qulonglong{1}); }

}  // namespace drift::gui::timeline
