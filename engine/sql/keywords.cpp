#include "sql/keywords.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "sql/ascii_case.h"

namespace drift::sql {

namespace {

constexpr KeywordInfo kKeywords[] = {
#define DRIFT_KEYWORD(name, text, category, bareLabel) \
  {Keyword::name, text, KeywordClass::category, bareLabel},
#include "sql/keyword_list.inc"
#undef DRIFT_KEYWORD
};

constexpr std::size_t kKeywordBytesMax = 17;  // current_timestamp

// Optimal string alignment distance; words are short, so the full table is cheap.
std::size_t editDistance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> table(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) table[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) table[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      table[i][j] = std::min({table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        table[i][j] = std::min(table[i][j], table[i - 2][j - 2] + 1);
    }
  }
  return table[a.size()][b.size()];
}

}  // namespace

Keyword findKeyword(std::string_view word) {
  if (word.size() > kKeywordBytesMax) return Keyword::NotKeyword;
  std::array<char, kKeywordBytesMax> buffer{};
  std::transform(word.begin(), word.end(), buffer.begin(), [](char c) { return lowerAscii(c); });
  const std::string_view lower(buffer.data(), word.size());
  const auto* found = std::ranges::lower_bound(kKeywords, lower, {}, &KeywordInfo::text);
  return found != std::end(kKeywords) && found->text == lower ? found->keyword : Keyword::NotKeyword;
}

const KeywordInfo& keywordInfo(Keyword keyword) { return kKeywords[static_cast<std::size_t>(keyword)]; }

std::span<const KeywordInfo> allKeywords() { return kKeywords; }

Keyword nearestKeyword(std::string_view word, std::span<const Keyword> candidates) {
  // Short words are one edit from too many others to guess.
  if (word.size() < 3 || word.size() > kKeywordBytesMax) return Keyword::NotKeyword;
  const std::string lower = lowerAscii(word);
  std::size_t best = lower.size() >= 6 ? 3 : 2;
  Keyword nearest = Keyword::NotKeyword;
  for (const Keyword candidate : candidates) {
    const std::size_t distance = editDistance(lower, keywordInfo(candidate).text);
    if (distance < best) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

}  // namespace drift::sql
