#include "editor/sql_editor.h"

#include <algorithm>

#include <QFontDatabase>
#include <QKeyEvent>

#include "api/highlight.h"
#include "editor/sql_lexer.h"
#include "widgets/theme.h"

namespace drift::gui::editor {

namespace {

constexpr int kNumberMargin = 0;
constexpr int kStatementMargin = 1;
constexpr int kTintMarker = 0;
constexpr int kBarMarker = 1;
constexpr int kErrorIndicator = 8;
constexpr int kIndentWidth = 2;

std::string_view viewOf(const QByteArray& bytes) {
  return {bytes.constData(), static_cast<std::size_t>(bytes.size())};
}

/// Place of a byte of the text as line and column.
SourceSpan placeOf(const QByteArray& bytes, std::uint32_t offset) {
  SourceSpan span;
  span.offsetBytes = offset;
  for (qsizetype at = 0; at < static_cast<qsizetype>(offset) && at < bytes.size(); ++at) {
    if (bytes[at] == '\n') {
      ++span.line;
      span.column = 1;
    } else if ((static_cast<unsigned char>(bytes[at]) & 0xC0) != 0x80) {
      ++span.column;  // continuation bytes are part of the code point before
    }
  }
  return span;
}

}  // namespace

SqlEditor::SqlEditor(QWidget* parent) : QsciScintilla(parent), m_lexer(new SqlLexer(this)) {
  setUtf8(true);
  setAccessibleName(tr("SQL editor"));
  setFrameShape(QFrame::NoFrame);
  setIndentationsUseTabs(false);
  setTabWidth(kIndentWidth);
  setAutoIndent(true);
  setBackspaceUnindents(true);
  setBraceMatching(QsciScintilla::SloppyBraceMatch);
  setEolMode(QsciScintilla::EolUnix);
  setWrapMode(QsciScintilla::WrapNone);
  setScrollWidth(1);
  setScrollWidthTracking(true);
  setExtraAscent(2);
  setExtraDescent(2);
  SendScintilla(SCI_SETMARGINLEFT, 0UL, 6L);
  setMarginLineNumbers(kNumberMargin, true);
  setMarginType(kStatementMargin, QsciScintilla::SymbolMargin);
  setMarginWidth(kStatementMargin, 5);
  setMarginMarkerMask(kStatementMargin, 1 << kBarMarker);
  setMarginMarkerMask(kNumberMargin, 0);
  for (int margin = 2; margin < 5; ++margin) setMarginWidth(margin, 0);
  markerDefine(QsciScintilla::Background, kTintMarker);
  markerDefine(QsciScintilla::FullRectangle, kBarMarker);
  indicatorDefine(QsciScintilla::SquiggleIndicator, kErrorIndicator);
  setLexer(m_lexer);
  recolour();
  connect(this, &QsciScintilla::textChanged, this, &SqlEditor::handleTextChanged);
  connect(this, &QsciScintilla::cursorPositionChanged, this, &SqlEditor::markCurrentStatement);
  handleTextChanged();
}

void SqlEditor::recolour() {
  const auto& theme = widgets::Theme::of(palette());
  QFont mono = QFontDatabase::systemFont(QFontDatabase::FixedFont);
  mono.setPointSizeF(font().pointSizeF() + 0.5);
  m_lexer->recolour(palette(), mono);
  setPaper(theme.surface);
  setColor(theme.text);
  setCaretForegroundColor(theme.text);
  setSelectionBackgroundColor(theme.selection);
  resetSelectionForegroundColor();
  setMarginsFont(mono);
  setMarginsBackgroundColor(theme.surface);
  setMarginsForegroundColor(theme.textDim);
  setMarkerBackgroundColor(theme.currentStatement, kTintMarker);
  setMarkerBackgroundColor(theme.accent, kBarMarker);
  setMarkerForegroundColor(theme.accent, kBarMarker);
  setIndicatorForegroundColor(theme.error, kErrorIndicator);
  setMatchedBraceBackgroundColor(theme.selection);
  setMatchedBraceForegroundColor(theme.text);
  setUnmatchedBraceForegroundColor(theme.error);
  setUnmatchedBraceBackgroundColor(theme.surface);
}

void SqlEditor::changeEvent(QEvent* event) {
  QsciScintilla::changeEvent(event);
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) recolour();
}

void SqlEditor::handleTextChanged() {
  if (m_errorMarked) clearErrorMark();
  m_statements = api::splitStatements(viewOf(text().toUtf8()));
  setMarginWidth(kNumberMargin, QString(QLatin1Char('9')).repeated(std::max(3, static_cast<int>(
                                    QString::number(lines()).size()) + 1)));
  m_markedLines = {-1, -1};
  markCurrentStatement();
}

std::size_t SqlEditor::caretByte() const {
  return static_cast<std::size_t>(SendScintilla(SCI_GETCURRENTPOS));
}

void SqlEditor::markCurrentStatement() {
  m_tabLeaves = false;
  std::pair<int, int> wanted{-1, -1};
  const auto current = currentStatement();
  if (!current.empty()) {
    const auto start = static_cast<unsigned long>(current.front().origin.offsetBytes);
    const auto end = start + static_cast<unsigned long>(current.front().sql.size());
    wanted = {static_cast<int>(SendScintilla(SCI_LINEFROMPOSITION, start)),
              static_cast<int>(SendScintilla(SCI_LINEFROMPOSITION, end))};
  }
  if (wanted == m_markedLines) return;
  m_markedLines = wanted;
  markerDeleteAll(kTintMarker);
  markerDeleteAll(kBarMarker);
  if (wanted.first < 0) return;
  for (int line = wanted.first; line <= wanted.second; ++line) {
    markerAdd(line, kTintMarker);
    markerAdd(line, kBarMarker);
  }
}

std::vector<bridge::ScriptStatement> SqlEditor::statementsIn(const QByteArray& bytes, const SourceSpan& origin) const {
  std::vector<bridge::ScriptStatement> statements;
  for (const auto& range : api::splitStatements(viewOf(bytes))) {
    SourceSpan place = placeOf(bytes, range.offsetBytes);
    if (place.line == 1) place.column += origin.column - 1;
    place.line += origin.line - 1;
    place.offsetBytes += origin.offsetBytes;
    statements.push_back({bytes.mid(range.offsetBytes, range.lengthBytes), place});
  }
  return statements;
}

std::vector<bridge::ScriptStatement> SqlEditor::currentStatement() const {
  if (m_statements.empty()) return {};
  const std::size_t caret = caretByte();
  const auto after = std::upper_bound(m_statements.begin(), m_statements.end(), caret,
                                      [](std::size_t at, const api::StatementRange& range) { return at < range.offsetBytes; });
  const auto& chosen = after == m_statements.begin() ? m_statements.front() : *std::prev(after);
  const QByteArray bytes = text().toUtf8();
  return {{bytes.mid(chosen.offsetBytes, chosen.lengthBytes), placeOf(bytes, chosen.offsetBytes)}};
}

bool SqlEditor::currentStatementNamesTime() const {
  const auto current = currentStatement();
  if (current.empty()) return false;
  const auto spans = api::highlight(viewOf(current.front().sql));
  return std::any_of(spans.begin(), spans.end(),
                     [](const api::HighlightSpan& span) { return span.kind == api::HighlightKind::TimeTravel; });
}

std::vector<bridge::ScriptStatement> SqlEditor::selectedStatements() const {
  if (!hasSelectedText()) return {};
  const auto start = static_cast<std::uint32_t>(SendScintilla(SCI_GETSELECTIONSTART));
  return statementsIn(selectedText().toUtf8(), placeOf(text().toUtf8(), start));
}

std::vector<bridge::ScriptStatement> SqlEditor::allStatements() const { return statementsIn(text().toUtf8(), {}); }

void SqlEditor::markError(const SourceSpan& span) {
  clearErrorMark();
  const long length = SendScintilla(SCI_GETLENGTH);
  const long start = std::min<long>(span.offsetBytes, length);
  // A point at the end of the text is shown under its last character.
  const long from = start == length && start > 0 ? start - 1 : start;
  const long size = std::clamp<long>(span.lengthBytes, 1, std::max(1L, length - from));
  SendScintilla(SCI_SETINDICATORCURRENT, static_cast<unsigned long>(kErrorIndicator));
  SendScintilla(SCI_INDICATORFILLRANGE, static_cast<unsigned long>(from), size);
  SendScintilla(SCI_GOTOPOS, static_cast<unsigned long>(start));
  m_errorMarked = true;
}

void SqlEditor::clearErrorMark() {
  SendScintilla(SCI_SETINDICATORCURRENT, static_cast<unsigned long>(kErrorIndicator));
  SendScintilla(SCI_INDICATORCLEARRANGE, 0UL, SendScintilla(SCI_GETLENGTH));
  m_errorMarked = false;
}

void SqlEditor::toggleComment() {
  int firstLine = 0;
  int firstIndex = 0;
  int lastLine = 0;
  int lastIndex = 0;
  if (hasSelectedText()) {
    getSelection(&firstLine, &firstIndex, &lastLine, &lastIndex);
    if (lastIndex == 0 && lastLine > firstLine) --lastLine;
  } else {
    getCursorPosition(&firstLine, &firstIndex);
    lastLine = firstLine;
  }
  bool all = true;
  for (int line = firstLine; line <= lastLine; ++line) {
    const QString content = text(line).trimmed();
    if (!content.isEmpty() && !content.startsWith(QLatin1String("--"))) all = false;
  }
  beginUndoAction();
  for (int line = firstLine; line <= lastLine; ++line) {
    const QString content = text(line);
    if (content.trimmed().isEmpty()) continue;
    if (!all) {
      insertAt(QStringLiteral("-- "), line, 0);
      continue;
    }
    const auto at = static_cast<int>(content.indexOf(QLatin1String("--")));
    setSelection(line, at, line, at + (content.mid(at + 2).startsWith(QLatin1Char(' ')) ? 3 : 2));
    removeSelectedText();
  }
  endUndoAction();
}

void SqlEditor::insertAtCaret(const QString& text) {
  insert(text);
  const auto caret = caretByte() + static_cast<std::size_t>(text.toUtf8().size());
  SendScintilla(SCI_GOTOPOS, static_cast<unsigned long>(caret));
}

bool SqlEditor::event(QEvent* event) {
  // QScintilla would take Esc and the comment key before the window's shortcuts see them.
  if (event->type() == QEvent::ShortcutOverride) {
    const auto* key = static_cast<QKeyEvent*>(event);
    if (key->modifiers() & Qt::ControlModifier &&
        (key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter || key->key() == Qt::Key_Slash)) {
      event->ignore();
      return true;
    }
  }
  return QsciScintilla::event(event);
}

void SqlEditor::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Escape) {
    m_tabLeaves = true;
    emit escapePressed();
    return;
  }
  if (event->key() == Qt::Key_Tab && m_tabLeaves) {
    focusNextChild();
    return;
  }
  m_tabLeaves = false;
  QsciScintilla::keyPressEvent(event);
}

}  // namespace drift::gui::editor
