#include "workload.h"

#include <array>
#include <unordered_set>
#include <utility>

namespace drift::bench {

namespace {

constexpr std::array<std::string_view, 12> kCategories{"books",  "clothing", "garden", "grocery", "hardware", "kitchen",
                                                       "office", "outdoor",  "pets",   "sports",  "toys",     "travel"};
constexpr std::array<std::string_view, 40> kCities{
    "Aarhus",  "Antwerp", "Athens",    "Basel",    "Bergen",  "Bilbao",  "Bologna", "Bremen",   "Bristol",  "Brno",
    "Cologne", "Cork",    "Dresden",   "Dublin",   "Geneva",  "Ghent",   "Graz",    "Hamburg",  "Helsinki", "Krakow",
    "Leipzig", "Lisbon",  "Ljubljana", "Lyon",     "Malaga",  "Milan",   "Munich",  "Nantes",   "Oslo",     "Porto",
    "Prague",  "Riga",    "Rotterdam", "Salzburg", "Seville", "Tallinn", "Turin",   "Valencia", "Vienna",   "Zurich"};
constexpr std::array<std::string_view, 64> kWords{
    "arrived", "batch",  "before",  "blue",   "box",     "broken",  "carton", "checked", "cold",    "count",  "damaged",
    "date",    "door",   "extra",   "first",  "fragile", "from",    "gate",   "green",   "half",    "handle", "heavy",
    "hold",    "inside", "invoice", "keep",   "label",   "large",   "late",   "left",    "light",   "lot",    "missing",
    "moved",   "new",    "night",   "open",   "order",   "pallet",  "part",   "piece",   "quality", "ready",  "red",
    "repack",  "return", "right",   "sample", "seal",    "second",  "shelf",  "shipped", "small",   "spare",  "stack",
    "stock",   "supply", "to",      "truck",  "urgent",  "waiting", "weight", "with",    "wrapped"};

}  // namespace

std::uint64_t Random::next() {
  m_state += 0x9e3779b97f4a7c15;
  std::uint64_t z = m_state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

Row makeRow(std::uint64_t seed, std::int64_t id, std::uint32_t generation) {
  Random random((seed << 56) ^ (static_cast<std::uint64_t>(id) << 20) ^ generation);
  Row row;
  row.id = id;
  row.quantity = static_cast<std::int32_t>(random.below(10'000));
  const auto status = random.below(20);
  row.status = static_cast<std::int16_t>(status < 5 ? status : 1);
  row.priceCents = 99 + 5 * random.below(random.below(100) < 90 ? 4'000 : 200'000);
  row.day = 19'000 + static_cast<std::int32_t>(random.below(1'500));
  row.category = kCategories[random.next() % kCategories.size()];
  row.city = kCities[random.next() % kCities.size()];
  const auto words = 6 + random.below(4);
  for (std::int64_t i = 0; i < words; ++i) {
    if (i > 0) row.note += ' ';
    row.note += kWords[random.next() % kWords.size()];
  }
  return row;
}

std::string noise(Random& random, std::size_t bytes) {
  constexpr std::string_view kSigns = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
  std::string text(bytes, ' ');
  for (std::size_t at = 0; at < bytes;) {
    auto bits = random.next();
    for (int i = 0; i < 10 && at < bytes; ++i, bits >>= 6) text[at++] = kSigns[bits & 63];
  }
  return text;
}

std::vector<std::int64_t> shuffledIds(Random& random, std::int64_t count) {
  std::vector<std::int64_t> ids(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < ids.size(); ++i) {
    ids[i] = static_cast<std::int64_t>(i);
    std::swap(ids[i], ids[random.next() % (i + 1)]);
  }
  return ids;
}

std::vector<std::int64_t> distinctIds(Random& random, std::int64_t bound, std::size_t count) {
  std::unordered_set<std::int64_t> seen;
  std::vector<std::int64_t> ids;
  while (ids.size() < count)
    if (const auto id = random.below(bound); seen.insert(id).second) ids.push_back(id);
  return ids;
}

}  // namespace drift::bench
