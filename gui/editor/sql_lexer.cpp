#include "editor/sql_lexer.h"

#include <algorithm>
#include <array>

#include <Qsci/qsciscintilla.h>

#include "api/highlight.h"
#include "widgets/theme.h"

namespace drift::gui::editor {

namespace {

using api::HighlightKind;

constexpr std::array kKinds{HighlightKind::Text,       HighlightKind::Keyword,    HighlightKind::TimeTravel,
                            HighlightKind::Type,       HighlightKind::String,     HighlightKind::Number,
                            HighlightKind::Comment,    HighlightKind::QuotedName, HighlightKind::Parameter,
                            HighlightKind::Operator,   HighlightKind::Error};

QColor colourOf(HighlightKind kind, const widgets::Theme& theme) {
  switch (kind) {
    case HighlightKind::Text:
    case HighlightKind::QuotedName:
    case HighlightKind::Operator: return theme.text;
    case HighlightKind::Keyword: return theme.syntaxKeyword;
    case HighlightKind::TimeTravel: return theme.syntaxTime;
    case HighlightKind::Type: return theme.syntaxType;
    case HighlightKind::String: return theme.syntaxString;
    case HighlightKind::Number:
    case HighlightKind::Parameter: return theme.syntaxNumber;
    case HighlightKind::Comment: return theme.syntaxComment;
    case HighlightKind::Error: return theme.error;
  }
  return theme.text;
}

}  // namespace

SqlLexer::SqlLexer(QObject* parent) : QsciLexerCustom(parent) {}

void SqlLexer::recolour(const QPalette& palette, const QFont& font) {
  const auto& theme = widgets::Theme::of(palette);
  setDefaultColor(theme.text);
  setDefaultPaper(theme.surface);
  setDefaultFont(font);
  for (const HighlightKind kind : kKinds) {
    const int style = static_cast<int>(kind);
    QFont styled = font;
    styled.setItalic(kind == HighlightKind::Comment);
    if (kind == HighlightKind::TimeTravel) styled.setWeight(QFont::DemiBold);
    setFont(styled, style);
    setColor(colourOf(kind, theme), style);
    setPaper(theme.surface, style);
  }
}

QString SqlLexer::description(int style) const {
  // QScintilla asks for names up to the first empty one; they are shown nowhere.
  return style >= 0 && style < static_cast<int>(kKinds.size()) ? QStringLiteral("style %1").arg(style) : QString();
}

void SqlLexer::styleText(int start, int end) {
  auto* scintilla = editor();
  if (!scintilla) return;
  const long length = scintilla->SendScintilla(QsciScintilla::SCI_GETLENGTH);
  startStyling(start);
  if (length > kHighlightBytesMax) {
    setStyling(end - start, static_cast<int>(HighlightKind::Text));
    return;
  }
  // A comment or string may have begun anywhere before: tokens are read from the start of the text.
  const QByteArray bytes = scintilla->text().toUtf8();
  for (const auto& span : api::highlight(std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size())))) {
    const int from = std::max(start, static_cast<int>(span.offsetBytes));
    const int to = std::min(end, static_cast<int>(span.offsetBytes + span.lengthBytes));
    if (to > from) setStyling(to - from, static_cast<int>(span.kind));
    if (static_cast<int>(span.offsetBytes) >= end) break;
  }
}

}  // namespace drift::gui::editor
