// SqlEditor: a text editor for SQL scripts that knows its statements. GUI thread.
//
// The statement at the caret is marked by a tint and a bar in the margin: it is what "Run" runs. All places
// are bytes of UTF-8, as in the engine's errors.
#pragma once

#include <vector>

#include <Qsci/qsciscintilla.h>

#include "bridge/query_session.h"

namespace drift::gui::editor {

class SqlLexer;

class SqlEditor final : public QsciScintilla {
  Q_OBJECT

 public:
  explicit SqlEditor(QWidget* parent = nullptr);

  /// Gives the statement at the caret, or before it where the caret stands between two; none in an empty text.
  std::vector<bridge::ScriptStatement> currentStatement() const;
  /// Gives the statements of the selection; none where nothing is selected.
  std::vector<bridge::ScriptStatement> selectedStatements() const;
  std::vector<bridge::ScriptStatement> allStatements() const;
  /// True if the statement at the caret says itself at which moment it sees the database.
  bool currentStatementNamesTime() const;

  /// Underlines a place of the text and puts the caret there.
  void markError(const SourceSpan& span);
  void clearErrorMark();
  bool hasErrorMark() const { return m_errorMarked; }

  /// Puts "--" before the selected lines, or takes it away where all have it.
  void toggleComment();
  void insertAtCaret(const QString& text);

 signals:
  /// Esc was pressed and nothing in the editor wanted it.
  void escapePressed();

 protected:
  void changeEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  bool event(QEvent* event) override;

 private:
  void recolour();
  void handleTextChanged();
  void markCurrentStatement();
  std::vector<bridge::ScriptStatement> statementsIn(const QByteArray& bytes, const SourceSpan& origin) const;
  std::size_t caretByte() const;

  SqlLexer* m_lexer;
  std::vector<api::StatementRange> m_statements;
  std::pair<int, int> m_markedLines{-1, -1};
  bool m_errorMarked = false;
  bool m_tabLeaves = false;  // after Esc, Tab moves the focus on instead of indenting
};

}  // namespace drift::gui::editor
