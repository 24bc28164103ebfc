#include <QtTest>

#include "function_call.h"

using namespace drift;
using namespace drift::functions;
using drift::functions::testing::addCall;

class TestStrings : public QObject {
  Q_OBJECT

 private slots:
  void calls_data();
  void calls() { testing::checkCall(m_registry); }

 private:
  Registry m_registry;
};

// Types, values and sentences are PostgreSQL 15's, but for those that a comment names.
void TestStrings::calls_data() {
  testing::addCallColumns();
  addCall("length", {"text:äbc"}, "integer", "3");
  addCall("length", {"unknown:abc"}, "integer", "3");
  addCall("length", {"bytea:\\x0001"}, "integer", "2");
  addCall("length", {"text:NULL"}, "integer", "NULL");
  addCall("char_length", {"text:äbc"}, "integer", "3");
  addCall("octet_length", {"text:äbc"}, "integer", "4");
  addCall("bit_length", {"text:ab"}, "integer", "16");
  addCall("lower", {"text:ÀB"}, "text", "àb");
  addCall("lower", {"integer:1"}, "", "function lower(integer) does not exist");
  addCall("upper", {"text:abc"}, "text", "ABC");
  addCall("initcap", {"text:hi THOMAS o'neil 2nd"}, "text", "Hi Thomas O'Neil 2nd");
  addCall("substring", {"text:Thomas", "integer:2", "integer:3"}, "text", "hom");
  addCall("substring", {"text:Thomas", "integer:3"}, "text", "omas");
  addCall("substring", {"text:Thomas", "integer:-1", "integer:4"}, "text", "Th");
  addCall("substring", {"text:Thomas", "integer:0"}, "text", "Thomas");
  addCall("substring", {"text:Thomas", "integer:2", "integer:-1"}, "", "negative substring length not allowed");
  addCall("substring", {"text:äöüß", "integer:2", "integer:2"}, "text", "öü");
  addCall("substring", {"text:Thomas", "integer:10", "integer:2"}, "text", "");
  addCall("substring", {"text:Thomas", "integer:2147483647", "integer:2147483647"}, "text", "");
  addCall("substring", {"bytea:\\x010203", "integer:2", "integer:1"}, "bytea", "\\x02");
  addCall("substr", {"text:alphabet", "integer:3"}, "text", "phabet");
  addCall("substr", {"text:alphabet", "integer:3", "integer:2"}, "text", "ph");
  addCall("substring", {"text:foobar", "text:o.b"}, "text", "oob");
  addCall("substring", {"text:foobar", "text:o(.)b"}, "text", "o");
  addCall("substring", {"text:foobar", "text:x"}, "text", "NULL");
  addCall("left", {"text:abcde", "integer:2"}, "text", "ab");
  addCall("left", {"text:abcde", "integer:-2"}, "text", "abc");
  addCall("left", {"text:abcde", "integer:-9"}, "text", "");
  addCall("right", {"text:äbcdö", "integer:2"}, "text", "dö");
  addCall("right", {"text:abcde", "integer:-2"}, "text", "cde");
  addCall("right", {"text:abcde", "integer:9"}, "text", "abcde");
  addCall("btrim", {"text:  ab  "}, "text", "ab");
  addCall("ltrim", {"text:  ab  "}, "text", "ab  ");
  addCall("rtrim", {"text:  ab  "}, "text", "  ab");
  addCall("btrim", {"text:xyxtrimyyx", "text:xyz"}, "text", "trim");
  addCall("ltrim", {"text:zzzytest", "text:xyz"}, "text", "test");
  addCall("rtrim", {"text:testxxzx", "text:xyz"}, "text", "test");
  addCall("btrim", {"text:ääbä", "text:ä"}, "text", "b");
  addCall("btrim", {"text:aaa", "text:a"}, "text", "");
  addCall("trim", {"text:  ab  "}, "text", "ab");
  addCall("replace", {"text:abcabc", "text:b", "text:XX"}, "text", "aXXcaXXc");
  addCall("replace", {"text:abc", "text:", "text:X"}, "text", "abc");
  addCall("replace", {"text:aaa", "text:aa", "text:b"}, "text", "ba");
  addCall("position", {"text:Thomas", "text:om"}, "integer", "3");
  addCall("position", {"text:äöü", "text:ü"}, "integer", "3");
  addCall("position", {"text:abc", "text:x"}, "integer", "0");
  addCall("position", {"text:abc", "text:"}, "integer", "1");
  addCall("strpos", {"text:high", "text:ig"}, "integer", "2");
  addCall("lpad", {"text:hi", "integer:5", "text:xy"}, "text", "xyxhi");
  addCall("lpad", {"text:hi", "integer:5"}, "text", "   hi");
  addCall("lpad", {"text:hello", "integer:3"}, "text", "hel");
  addCall("lpad", {"text:hi", "integer:-1"}, "text", "");
  addCall("lpad", {"text:hi", "integer:5", "text:"}, "text", "hi");
  addCall("rpad", {"text:hi", "integer:5", "text:xy"}, "text", "hixyx");
  addCall("rpad", {"text:ä", "integer:3", "text:öü"}, "text", "äöü");
  addCall("repeat", {"text:Pg", "integer:4"}, "text", "PgPgPgPg");
  addCall("repeat", {"text:Pg", "integer:-1"}, "text", "");
  addCall("repeat", {"text:Pg", "integer:2147483647"}, "", "requested length too large");
  addCall("reverse", {"text:abcä"}, "text", "äcba");
  addCall("split_part", {"text:abc~@~def~@~ghi", "text:~@~", "integer:2"}, "text", "def");
  addCall("split_part", {"text:abc,def,ghi", "text:,", "integer:-1"}, "text", "ghi");
  addCall("split_part", {"text:abc,def", "text:,", "integer:3"}, "text", "");
  addCall("split_part", {"text:abc,def", "text:,", "integer:-3"}, "text", "");
  addCall("split_part", {"text:abc,def", "text:,", "integer:0"}, "", "field position must not be zero");
  addCall("split_part", {"text:abc", "text:", "integer:1"}, "text", "abc");
  addCall("concat", {"text:a", "integer:1", "text:NULL", "boolean:t"}, "text", "a1t");
  addCall("concat", {"unknown:a"}, "text", "a");
  addCall("concat_ws", {"text:,", "text:a", "text:NULL", "integer:2"}, "text", "a,2");
  addCall("concat_ws", {"text:NULL", "text:a"}, "text", "NULL");
  addCall("starts_with", {"text:alphabet", "text:alph"}, "boolean", "t");
  addCall("ascii", {"text:x"}, "integer", "120");
  addCall("ascii", {"text:ä"}, "integer", "228");
  addCall("ascii", {"text:"}, "integer", "0");
  addCall("chr", {"integer:65"}, "text", "A");
  addCall("chr", {"integer:228"}, "text", "ä");
  addCall("chr", {"integer:0"}, "", "null character not permitted");
  addCall("chr", {"integer:-1"}, "", "character number must be positive");
  addCall("to_hex", {"integer:255"}, "text", "ff");
  addCall("to_hex", {"integer:-1"}, "text", "ffffffff");
  addCall("to_hex", {"bigint:-1"}, "text", "ffffffffffffffff");
  addCall("translate", {"text:12345", "text:143", "text:ax"}, "text", "a2x5");
  addCall("translate", {"text:äbc", "text:ä", "text:ö"}, "text", "öbc");
  addCall("overlay", {"text:Txxxxas", "text:hom", "integer:2", "integer:4"}, "text", "Thomas");
  addCall("overlay", {"text:abcdef", "text:XY", "integer:3"}, "text", "abXYef");
  addCall("overlay", {"text:abcdef", "text:XY", "integer:0"}, "", "negative substring length not allowed");
  addCall("quote_literal", {"text:it's"}, "text", "'it''s'");
  addCall("quote_literal", {"text:a\\b"}, "text", "E'a\\\\b'");
  addCall("regexp_replace", {"text:Thomas", "text:.[mN]a.", "text:M"}, "text", "ThM");
  addCall("regexp_replace", {"text:foobarbaz", "text:b..", "text:X", "text:g"}, "text", "fooXX");
  addCall("regexp_replace", {"text:foobarbaz", "text:b(..)", "text:X\\1Y", "text:g"}, "text", "fooXarYXazY");
  addCall("regexp_replace", {"text:abc", "text:", "text:-", "text:g"}, "text", "-a-b-c-");
  addCall("regexp_replace", {"text:abcABC", "text:B", "text:x", "text:gi"}, "text", "axcAxC");
  addCall("regexp_replace", {"text:abc", "text:b", "text:[\\&]"}, "text", "a[b]c");
  addCall("regexp_replace", {"text:abc", "text:b", "text:x", "text:?"}, "", "invalid regular expression option: \"?\"");
  addCall("like", {"text:abc", "text:a%"}, "boolean", "t");
  // PostgreSQL maps case letter by letter where the C library does it; here it is Unicode's full
  // mapping.
  addCall("upper", {"text:straße"}, "text", "STRASSE");
  // There is no regtype here.
  addCall("pg_typeof", {"integer:1"}, "text", "integer");
  addCall("pg_typeof", {"numeric:NULL"}, "text", "numeric");
}

QTEST_APPLESS_MAIN(TestStrings)
#include "tst_strings.moc"
