// What screen readers see of the track: a slider whose value is a commit number, and whose text says the
// moment. GUI thread.
#pragma once

#include <QAccessibleWidget>

namespace drift::gui::timeline {

class TimelineTrack;

class TrackAccessible final : public QAccessibleWidget, public QAccessibleValueInterface {
 public:
  explicit TrackAccessible(TimelineTrack* track);

  /// Lets Qt find this for every track. May be called again.
  static void install();

  QString text(QAccessible::Text kind) const override;
  void* interface_cast(QAccessible::InterfaceType type) override;

  QVariant currentValue() const override;
  void setCurrentValue(const QVariant& value) override;
  QVariant maximumValue() const override;
  QVariant minimumValue() const override;
  QVariant minimumStepSize() const override;

 private:
  TimelineTrack* track() const;
};

}  // namespace drift::gui::timeline
