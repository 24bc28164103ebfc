// FindBar: finds and replaces text in the editor above it. GUI thread.
#pragma once

#include <QWidget>

class QCheckBox;
class QLabel;
class QLineEdit;

namespace drift::gui::editor {

class SqlEditor;

class FindBar final : public QWidget {
  Q_OBJECT

 public:
  /// `editor` must outlive the bar.
  explicit FindBar(SqlEditor* editor, QWidget* parent = nullptr);

  /// Shows the bar with the selected text, if it is one line.
  void open();
  void findNext();
  void findPrevious();

 protected:
  void keyPressEvent(QKeyEvent* event) override;

 private:
  void close();
  void find(bool forward, bool fromStart);
  void replaceOne();
  void replaceAll();
  int countMatches() const;

  SqlEditor* m_editor;
  QLineEdit* m_text;
  QLineEdit* m_replacement;
  QCheckBox* m_matchCase;
  QLabel* m_outcome;
};

}  // namespace drift::gui::editor
