#include <QtTest>

#include "sql/lexer.h"
#include "sql/string_literal.h"

using namespace drift;
using namespace drift::sql;

Q_DECLARE_METATYPE(drift::sql::TokenKind)

namespace {

std::vector<Token> significantTokens(std::string_view text) {
  std::vector<Token> tokens;
  Lexer lexer(text);
  for (Token token = lexer.nextSignificant(); token.kind != TokenKind::End; token = lexer.nextSignificant())
    tokens.push_back(token);
  return tokens;
}

}  // namespace

class TestLexer : public QObject {
  Q_OBJECT

 private slots:
  void readsOneToken_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<TokenKind>("kind");
    QTest::newRow("word") << QByteArray("price_2$") << TokenKind::Word;
    QTest::newRow("word beyond ASCII") << QByteArray("größe") << TokenKind::Word;
    QTest::newRow("quoted name with quotes") << QByteArray("\"a \"\" b\"") << TokenKind::QuotedIdentifier;
    QTest::newRow("string with quotes") << QByteArray("'it''s'") << TokenKind::String;
    QTest::newRow("backslash is plain in a string") << QByteArray("'a\\'") << TokenKind::String;
    QTest::newRow("escape string") << QByteArray("e'a\\'b'") << TokenKind::EscapeString;
    QTest::newRow("dollar string") << QByteArray("$$a'b;$$") << TokenKind::DollarString;
    QTest::newRow("tagged dollar string") << QByteArray("$q$ $$ $x$ $q$") << TokenKind::DollarString;
    QTest::newRow("nested comment") << QByteArray("/* a /* b */ c */") << TokenKind::BlockComment;
    QTest::newRow("line comment") << QByteArray("-- a ' b") << TokenKind::LineComment;
    QTest::newRow("integer") << QByteArray("123456789012345678901234567890") << TokenKind::Integer;
    QTest::newRow("numeric") << QByteArray("1.50") << TokenKind::Numeric;
    QTest::newRow("numeric that begins with a point") << QByteArray(".5") << TokenKind::Numeric;
    QTest::newRow("numeric that ends with a point") << QByteArray("5.") << TokenKind::Numeric;
    QTest::newRow("exponent") << QByteArray("1e-10") << TokenKind::Numeric;
    QTest::newRow("parameter") << QByteArray("$12") << TokenKind::Parameter;
    QTest::newRow("operator") << QByteArray("<>") << TokenKind::Operator;
    QTest::newRow("long operator keeps its sign") << QByteArray("@-") << TokenKind::Operator;
    QTest::newRow("cast") << QByteArray("::") << TokenKind::DoubleColon;
    QTest::newRow("sequence mark") << QByteArray("@SEQ:") << TokenKind::SequenceMark;
    QTest::newRow("open string") << QByteArray("'a; SELECT 1") << TokenKind::UnterminatedString;
    QTest::newRow("open dollar string") << QByteArray("$a$ $b$") << TokenKind::UnterminatedString;
    QTest::newRow("open name") << QByteArray("\"a") << TokenKind::UnterminatedIdentifier;
    QTest::newRow("open comment") << QByteArray("/* /* */") << TokenKind::UnterminatedComment;
    QTest::newRow("letters after a number") << QByteArray("12abc") << TokenKind::BadNumber;
    QTest::newRow("exponent without digits") << QByteArray("1e") << TokenKind::BadNumber;
    QTest::newRow("parameter zero") << QByteArray("$0") << TokenKind::BadParameter;
    QTest::newRow("parameter too high") << QByteArray("$99999999999999999999") << TokenKind::BadParameter;
    QTest::newRow("stray byte") << QByteArray("{") << TokenKind::BadCharacter;
  }

  void readsOneToken() {
    QFETCH(QByteArray, text);
    QFETCH(TokenKind, kind);
    Lexer lexer({text.constData(), static_cast<std::size_t>(text.size())});
    const Token token = lexer.next();
    QCOMPARE(static_cast<int>(token.kind), static_cast<int>(kind));
    QCOMPARE(token.span.lengthBytes, static_cast<std::uint32_t>(text.size()));
    QCOMPARE(static_cast<int>(lexer.next().kind), static_cast<int>(TokenKind::End));
  }

  void splitsOperatorsAsPostgres_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QStringList>("tokens");
    QTest::newRow("sign after an operator") << QByteArray("1*-2") << QStringList{"1", "*", "-", "2"};
    QTest::newRow("comparison and sign") << QByteArray("a<-1") << QStringList{"a", "<", "-", "1"};
    QTest::newRow("comment inside an operator") << QByteArray("1+--2\n3") << QStringList{"1", "+", "3"};
    QTest::newRow("two points") << QByteArray("1..2") << QStringList{"1", ".", ".2"};
    QTest::newRow("sequence mark after a sign") << QByteArray("=@seq:5") << QStringList{"=", "@seq:", "5"};
    QTest::newRow("cast between names") << QByteArray("a::b") << QStringList{"a", "::", "b"};
  }

  void splitsOperatorsAsPostgres() {
    QFETCH(QByteArray, text);
    QFETCH(QStringList, tokens);
    const std::string_view view(text.constData(), static_cast<std::size_t>(text.size()));
    QStringList got;
    for (const Token& token : significantTokens(view)) {
      const auto bytes = Lexer(view).textOf(token);
      got << QString::fromUtf8(bytes.data(), static_cast<qsizetype>(bytes.size()));
    }
    QCOMPARE(got, tokens);
  }

  void countsLinesAndCodePoints() {
    const auto tokens = significantTokens("é x\n  /* ü\n */ y");
    QCOMPARE(tokens.size(), std::size_t{3});
    QCOMPARE(tokens[1].span.offsetBytes, 3u);
    QCOMPARE(tokens[1].span.column, 3u);
    QCOMPARE(tokens[2].span.line, 3u);
    QCOMPARE(tokens[2].span.column, 5u);
  }

  void findsKeywordsInAnyCase() {
    QCOMPARE(findKeyword("SeLeCt"), Keyword::Select);
    QCOMPARE(findKeyword("selects"), Keyword::NotKeyword);
    QCOMPARE(findKeyword(""), Keyword::NotKeyword);
    for (const KeywordInfo& info : allKeywords()) QCOMPARE(findKeyword(info.text), info.keyword);
  }

  void decodesStrings_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("value");
    QTest::newRow("plain") << QByteArray("'it''s \\n'") << QByteArray("it's \\n");
    QTest::newRow("escapes") << QByteArray("E'a\\n\\t\\\\\\'\\x41\\101'") << QByteArray("a\n\t\\'AA");
    QTest::newRow("unicode escapes") << QByteArray("E'\\u00e4\\U0001F600'") << QByteArray("ä😀");
    QTest::newRow("surrogate pair") << QByteArray("E'\\uD83D\\uDE00'") << QByteArray("😀");
    QTest::newRow("dollar") << QByteArray("$q$it's$q$") << QByteArray("it's");
    QTest::newRow("empty dollar") << QByteArray("$$$$") << QByteArray("");
  }

  void decodesStrings() {
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, value);
    const std::string_view view(text.constData(), static_cast<std::size_t>(text.size()));
    const auto decoded = decodeString(significantTokens(view).at(0), view);
    QVERIFY2(decoded.ok(), decoded.ok() ? "" : decoded.error().toString().c_str());
    QCOMPARE(QByteArray::fromStdString(*decoded), value);
  }

  void refusesBadEscapes_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<int>("kind");
    const int escape = static_cast<int>(ErrorKind::InvalidEscapeSequence);
    const int bytes = static_cast<int>(ErrorKind::InvalidByteSequence);
    QTest::newRow("short unicode escape") << QByteArray("E'\\u12'") << escape;
    QTest::newRow("half a pair") << QByteArray("E'\\uD83Dx'") << escape;
    QTest::newRow("low half alone") << QByteArray("E'\\uDE00'") << escape;
    QTest::newRow("beyond Unicode") << QByteArray("E'\\U00110000'") << escape;
    QTest::newRow("NUL") << QByteArray("E'\\x00'") << bytes;
    QTest::newRow("half a code point") << QByteArray("E'\\xC3'") << bytes;
  }

  void refusesBadEscapes() {
    QFETCH(QByteArray, text);
    QFETCH(int, kind);
    const std::string_view view(text.constData(), static_cast<std::size_t>(text.size()));
    const auto decoded = decodeString(significantTokens(view).at(0), view);
    QVERIFY(!decoded.ok());
    QCOMPARE(static_cast<int>(decoded.error().kind()), kind);
  }

  void findsInvalidUtf8_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<int>("offset");
    QTest::newRow("valid") << QByteArray("aä€😀") << -1;
    QTest::newRow("stray continuation") << QByteArray("ab\x80") << 2;
    QTest::newRow("overlong") << QByteArray("\xC0\xAF") << 0;
    QTest::newRow("surrogate") << QByteArray("x\xED\xA0\x80") << 1;
    QTest::newRow("too high") << QByteArray("\xF4\x90\x80\x80") << 0;
    QTest::newRow("cut short") << QByteArray("a\xE2\x82") << 1;
    QTest::newRow("NUL") << QByteArray("a\0b", 3) << 1;
  }

  void findsInvalidUtf8() {
    QFETCH(QByteArray, text);
    QFETCH(int, offset);
    const auto place = findInvalidUtf8({text.constData(), static_cast<std::size_t>(text.size())});
    QCOMPARE(place ? static_cast<int>(place->offsetBytes) : -1, offset);
  }
};

QTEST_APPLESS_MAIN(TestLexer)
#include "tst_lexer.moc"
