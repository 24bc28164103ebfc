// EmptyState: what a view says when it has nothing to show: a drawing, a title, a sentence. GUI thread.
#pragma once

#include <QWidget>

#include "widgets/icons.h"

class QLabel;

namespace drift::gui::widgets {

class EmptyState final : public QWidget {
  Q_OBJECT

 public:
  explicit EmptyState(QWidget* parent = nullptr);

  void setText(const QString& iconName, const QString& title, const QString& sentence,
               IconTone tone = IconTone::Dim);
  QString title() const;

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void recolour();

  QString m_iconName;
  IconTone m_tone = IconTone::Dim;
  QLabel* m_icon;
  QLabel* m_title;
  QLabel* m_sentence;
};

}  // namespace drift::gui::widgets
