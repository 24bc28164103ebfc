// Keywords of the grammar with PostgreSQL's classes: for the parser, highlighting and completion.
//
// Thread rule: constant tables, free functions.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace drift::sql {

/// Every keyword, in alphabetical order; NotKeyword is none of them.
enum class Keyword : std::uint16_t {
#define DRIFT_KEYWORD(name, text, category, bareLabel) name,
#include "sql/keyword_list.inc"
#undef DRIFT_KEYWORD
  NotKeyword,
};

/// Where a keyword may still stand as a name without quotes (PostgreSQL, appendix C).
enum class KeywordClass : std::uint8_t {
  Unreserved,      ///< anywhere
  ColumnName,      ///< column and table names, not functions and types
  TypeOrFunction,  ///< functions and types, not columns and tables
  Reserved,        ///< nowhere (but as a column label after AS)
};

struct KeywordInfo {
  Keyword keyword = Keyword::NotKeyword;
  std::string_view text;  ///< lower case
  KeywordClass category = KeywordClass::Unreserved;
  bool bareLabel = true;  ///< may label a result column without AS
};

/// Gives the keyword of a word in any case, or NotKeyword.
Keyword findKeyword(std::string_view word);

/// Gives what is known of a keyword; not for NotKeyword.
const KeywordInfo& keywordInfo(Keyword keyword);

/// Gives all keywords, sorted by text.
std::span<const KeywordInfo> allKeywords();

/// Gives the keyword that a misspelt word was most likely meant to be, or NotKeyword: at most one edit (two for
/// words of six letters or more), swaps of neighbours counted as one.
Keyword nearestKeyword(std::string_view word, std::span<const Keyword> candidates);

}  // namespace drift::sql
