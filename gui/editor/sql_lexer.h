// SqlLexer: colours SQL in a QScintilla editor by the engine's own lexer. GUI thread.
#pragma once

#include <Qsci/qscilexercustom.h>

namespace drift::gui::editor {

class SqlLexer final : public QsciLexerCustom {
  Q_OBJECT

 public:
  /// Longer texts stay plain: they are lexed as a whole on each change.
  static constexpr long kHighlightBytesMax = 1 << 20;

  explicit SqlLexer(QObject* parent = nullptr);

  /// Takes the colours of the theme that goes with a palette.
  void recolour(const QPalette& palette, const QFont& font);

  const char* language() const override { return "SQL"; }
  QString description(int style) const override;
  void styleText(int start, int end) override;
};

}  // namespace drift::gui::editor
