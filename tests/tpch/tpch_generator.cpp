#include "tpch_generator.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "types/calendar.h"

namespace drift::tpch {

namespace {

using types::Chunk;
using types::Decimal;
using types::kChunkRows;

/// splitmix64 (S. Vigna): a stream of its own for each row.
class Random final {
 public:
  Random(std::uint64_t seed, std::uint64_t stream)
      : m_state(seed * 0x9e37'79b9'7f4a'7c15 ^ stream * 0xd1b5'4a32'd192'ed03) {
    next();
  }
  std::uint64_t next() {
    auto z = m_state += 0x9e37'79b9'7f4a'7c15;
    z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9;
    z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11eb;
    return z ^ (z >> 31);
  }
  /// Gives a number of [low, high].
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(high - low + 1));
  }
  template <class List>
  const auto& of(const List& list) {
    return list[next() % std::size(list)];
  }

 private:
  std::uint64_t m_state;
};

constexpr std::string_view kRegions[] = {"AFRICA", "AMERICA", "ASIA", "EUROPE", "MIDDLE EAST"};
struct Nation {
  std::string_view name;
  int region;
};
constexpr Nation kNations[] = {
    {"ALGERIA", 0},      {"ARGENTINA", 1},  {"BRAZIL", 1},  {"CANADA", 1},         {"EGYPT", 4},
    {"ETHIOPIA", 0},     {"FRANCE", 3},     {"GERMANY", 3}, {"INDIA", 2},          {"INDONESIA", 2},
    {"IRAN", 4},         {"IRAQ", 4},       {"JAPAN", 2},   {"JORDAN", 4},         {"KENYA", 0},
    {"MOROCCO", 0},      {"MOZAMBIQUE", 0}, {"PERU", 1},    {"CHINA", 2},          {"ROMANIA", 3},
    {"SAUDI ARABIA", 4}, {"VIETNAM", 2},    {"RUSSIA", 3},  {"UNITED KINGDOM", 3}, {"UNITED STATES", 1}};
constexpr std::string_view kColors[] = {
    "almond",   "antique", "aquamarine", "azure",     "beige",      "bisque",    "black",     "blanched", "blue",
    "blush",    "brown",   "burlywood",  "burnished", "chartreuse", "chiffon",   "chocolate", "coral",    "cornflower",
    "cornsilk", "cream",   "cyan",       "dark",      "deep",       "dim",       "dodger",    "drab",     "firebrick",
    "floral",   "forest",  "frosted",    "gainsboro", "ghost",      "goldenrod", "green",     "grey",     "honeydew",
    "hot",      "indian",  "ivory",      "khaki",     "lace",       "lavender",  "lawn",      "lemon",    "light",
    "lime",     "linen",   "magenta",    "maroon",    "medium",     "metallic",  "midnight",  "mint",     "misty",
    "moccasin", "navajo",  "navy",       "olive",     "orange",     "orchid",    "pale",      "papaya",   "peach",
    "peru",     "pink",    "plum",       "powder",    "puff",       "purple",    "red",       "rose",     "rosy",
    "royal",    "saddle",  "salmon",     "sandy",     "seashell",   "sienna",    "sky",       "slate",    "smoke",
    "snow",     "spring",  "steel",      "tan",       "thistle",    "tomato",    "turquoise", "violet",   "wheat",
    "white",    "yellow"};
constexpr std::string_view kTypeSize[] = {"STANDARD", "SMALL", "MEDIUM", "LARGE", "ECONOMY", "PROMO"};
constexpr std::string_view kTypeFinish[] = {"ANODIZED", "BURNISHED", "PLATED", "POLISHED", "BRUSHED"};
constexpr std::string_view kTypeMetal[] = {"TIN", "NICKEL", "BRASS", "STEEL", "COPPER"};
constexpr std::string_view kBoxSize[] = {"SM", "LG", "MED", "JUMBO", "WRAP"};
constexpr std::string_view kBox[] = {"CASE", "BOX", "BAG", "JAR", "PKG", "PACK", "CAN", "DRUM"};
constexpr std::string_view kSegments[] = {"AUTOMOBILE", "BUILDING", "FURNITURE", "MACHINERY", "HOUSEHOLD"};
constexpr std::string_view kPriorities[] = {"1-URGENT", "2-HIGH", "3-MEDIUM", "4-NOT SPECIFIED", "5-LOW"};
constexpr std::string_view kInstructions[] = {"DELIVER IN PERSON", "COLLECT COD", "NONE", "TAKE BACK RETURN"};
constexpr std::string_view kModes[] = {"REG AIR", "AIR", "RAIL", "SHIP", "TRUCK", "MAIL", "FOB"};
constexpr std::string_view kWords[] = {
    "orders",  "arrive", "quickly", "before",  "the",     "harbour", "opens",   "late",     "parcels",  "wait",
    "behind",  "quiet",  "doors",   "special", "crates",  "travel",  "without", "delay",    "requests", "come",
    "from",    "many",   "small",   "towns",   "careful", "clerks",  "count",   "every",    "box",      "and",
    "write",   "it",     "down",    "regular", "trains",  "carry",   "ironic",  "letters",  "over",     "bold",
    "bridges", "until",  "snow",    "covers",  "even",    "roads",   "pending", "accounts", "sleep",    "under",
    "final",   "papers", "furious", "storms",  "never",   "reach",   "these",   "express",  "rooms",    "again"};

/// Streams of random numbers: one a table, so that their rows do not repeat each other.
enum Stream : std::uint64_t { kSupplier = 1, kPart, kPartSupplier, kCustomer, kOrder };

constexpr std::int64_t kLinesMax = 7;

std::int64_t dayOf(int year, int month, int day) { return types::daysFromCivil(year, month, day); }

std::string words(Random& random, std::size_t shortest, std::size_t longest) {
  const auto wanted =
      static_cast<std::size_t>(random.between(static_cast<std::int64_t>(shortest), static_cast<std::int64_t>(longest)));
  std::string text;
  while (text.size() < wanted) {
    if (!text.empty()) text += ' ';
    text += random.of(kWords);
  }
  text.resize(wanted);
  return text;
}

std::string address(Random& random) {
  constexpr std::string_view kLetters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ, ";
  std::string text(static_cast<std::size_t>(random.between(10, 40)), ' ');
  for (auto& letter : text) letter = random.of(kLetters);
  return text;
}

std::string phone(Random& random, std::int64_t nation) {
  return fmt::format("{}-{}-{}-{}", nation + 10, random.between(100, 999), random.between(100, 999),
                     random.between(1000, 9999));
}

/// Collects rows of one table into chunks.
class RowWriter final {
 public:
  RowWriter(const Table& table, const RowSink& sink) : m_sink(sink) {
    for (const auto& column : table.columns) m_types.push_back(column.type);
    m_chunk = Chunk(m_types);
  }

  RowWriter& integer(std::int64_t value) {
    m_chunk.column(m_column++).data<std::int32_t>()[m_row] = static_cast<std::int32_t>(value);
    return *this;
  }
  RowWriter& cents(std::int64_t value) {
    m_chunk.column(m_column++).data<Decimal>()[m_row] = Decimal(value, 2);
    return *this;
  }
  RowWriter& text(std::string_view value) {
    m_chunk.column(m_column++).setString(m_row, value);
    return *this;
  }
  Status end() {
    m_column = 0;
    return ++m_row == kChunkRows ? flush() : Status();
  }
  Status flush() {
    if (m_row == 0) return {};
    m_chunk.setRowCount(m_row);
    DRIFT_TRY(m_sink(m_chunk));
    m_chunk = Chunk(m_types);
    m_row = 0;
    return {};
  }

 private:
  const RowSink& m_sink;
  std::vector<types::Type> m_types;
  Chunk m_chunk;
  std::size_t m_row = 0;
  std::size_t m_column = 0;
};

class Generator final {
 public:
  explicit Generator(const GeneratorOptions& options) : m_seed(options.seed), m_scale(options.scale) {}

  Status region(RowWriter& rows) const {
    Random random(m_seed, 0);
    for (std::size_t key = 0; key < std::size(kRegions); ++key)
      DRIFT_TRY(rows.integer(static_cast<std::int64_t>(key)).text(kRegions[key]).text(words(random, 31, 115)).end());
    return rows.flush();
  }

  Status nation(RowWriter& rows) const {
    Random random(m_seed, 0);
    for (std::size_t key = 0; key < std::size(kNations); ++key)
      DRIFT_TRY(rows.integer(static_cast<std::int64_t>(key))
                    .text(kNations[key].name)
                    .integer(kNations[key].region)
                    .text(words(random, 31, 114))
                    .end());
    return rows.flush();
  }

  Status supplier(RowWriter& rows) const {
    for (std::int64_t key = 1; key <= suppliers(); ++key) {
      auto random = stream(kSupplier, key);
      const auto nation = random.between(0, 24);
      auto comment = words(random, 30, 90);
      // Five of 10,000 complain, five recommend.
      if (key % 1000 == 17) comment.replace(4, 0, key % 2000 == 17 ? "Customer sad Complaints" : "Customer Recommends");
      DRIFT_TRY(rows.integer(key)
                    .text(fmt::format("Supplier#{:09}", key))
                    .text(address(random))
                    .integer(nation)
                    .text(phone(random, nation))
                    .cents(random.between(-99'999, 999'999))
                    .text(comment)
                    .end());
    }
    return rows.flush();
  }

  Status part(RowWriter& rows) const {
    for (std::int64_t key = 1; key <= parts(); ++key) {
      auto random = stream(kPart, key);
      std::string name(random.of(kColors));
      for (int word = 0; word < 4; ++word) name.append(" ").append(random.of(kColors));
      const auto maker = random.between(1, 5);
      DRIFT_TRY(rows.integer(key)
                    .text(name)
                    .text(fmt::format("Manufacturer#{}", maker))
                    .text(fmt::format("Brand#{}{}", maker, random.between(1, 5)))
                    .text(fmt::format("{} {} {}", random.of(kTypeSize), random.of(kTypeFinish), random.of(kTypeMetal)))
                    .integer(random.between(1, 50))
                    .text(fmt::format("{} {}", random.of(kBoxSize), random.of(kBox)))
                    .cents(retailPrice(key))
                    .text(words(random, 5, 22))
                    .end());
    }
    return rows.flush();
  }

  Status partsupp(RowWriter& rows) const {
    for (std::int64_t key = 1; key <= parts(); ++key) {
      auto random = stream(kPartSupplier, key);
      std::int64_t owners[4];
      for (int at = 0; at < 4; ++at) owners[at] = supplierOf(key, at);
      std::sort(std::begin(owners), std::end(owners));
      for (int at = 0; at < 4; ++at) {
        if (at > 0 && owners[at] == owners[at - 1]) continue;  // few suppliers: two of the four may be the same
        DRIFT_TRY(rows.integer(key)
                      .integer(owners[at])
                      .integer(random.between(1, 9999))
                      .cents(random.between(100, 100'000))
                      .text(words(random, 49, 198))
                      .end());
      }
    }
    return rows.flush();
  }

  Status customer(RowWriter& rows) const {
    for (std::int64_t key = 1; key <= customers(); ++key) {
      auto random = stream(kCustomer, key);
      const auto nation = random.between(0, 24);
      DRIFT_TRY(rows.integer(key)
                    .text(fmt::format("Customer#{:09}", key))
                    .text(address(random))
                    .integer(nation)
                    .text(phone(random, nation))
                    .cents(random.between(-99'999, 999'999))
                    .text(random.of(kSegments))
                    .text(words(random, 29, 116))
                    .end());
    }
    return rows.flush();
  }

  Status orders(RowWriter& rows) const {
    for (std::int64_t number = 0; number < orderCount(); ++number) {
      const auto order = orderOf(number);
      auto random = stream(kOrder, -1 - number);
      DRIFT_TRY(rows.integer(order.key)
                    .integer(order.customer)
                    .text(order.status)
                    .cents(order.total)
                    .integer(order.day)
                    .text(random.of(kPriorities))
                    .text(fmt::format("Clerk#{:09}", random.between(1, std::max<std::int64_t>(scaled(1000), 1))))
                    .integer(0)
                    .text(words(random, 19, 78))
                    .end());
    }
    return rows.flush();
  }

  Status lineitem(RowWriter& rows) const {
    for (std::int64_t number = 0; number < orderCount(); ++number) {
      const auto order = orderOf(number);
      for (std::int64_t at = 0; at < order.lineCount; ++at) {
        const auto& line = order.lines[at];
        DRIFT_TRY(rows.integer(order.key)
                      .integer(line.part)
                      .integer(line.supplier)
                      .integer(at + 1)
                      .cents(line.quantity * 100)
                      .cents(line.price)
                      .cents(line.discount)
                      .cents(line.tax)
                      .text(line.returned)
                      .text(line.shipped > currentDay() ? "O" : "F")
                      .integer(line.shipped)
                      .integer(line.committed)
                      .integer(line.received)
                      .text(line.instruction)
                      .text(line.mode)
                      .text(line.comment)
                      .end());
      }
    }
    return rows.flush();
  }

 private:
  struct Line {
    std::int64_t part, supplier, quantity, price, discount, tax, shipped, committed, received;
    std::string_view returned, instruction, mode;
    std::string comment;
  };
  struct Order {
    std::int64_t key = 0, customer = 0, day = 0, total = 0, lineCount = 0;
    std::string_view status;
    Line lines[kLinesMax];
  };

  Random stream(Stream table, std::int64_t row) const {
    return {m_seed, static_cast<std::uint64_t>(table) << 56 ^ static_cast<std::uint64_t>(row)};
  }
  std::int64_t scaled(std::int64_t atOne) const {
    return std::max<std::int64_t>(std::llround(static_cast<double>(atOne) * m_scale), 1);
  }
  std::int64_t suppliers() const { return scaled(10'000); }
  std::int64_t parts() const { return scaled(200'000); }
  std::int64_t customers() const { return scaled(150'000); }
  std::int64_t orderCount() const { return scaled(1'500'000); }
  static std::int64_t currentDay() { return dayOf(1995, 6, 17); }
  static std::int64_t retailPrice(std::int64_t part) { return 90'000 + part / 10 % 20'001 + 100 * (part % 1000); }
  std::int64_t supplierOf(std::int64_t part, std::int64_t at) const {
    const auto count = suppliers();
    return (part + at * (count / 4 + (part - 1) / count)) % count + 1;
  }

  /// An order with its lines: both tables are made of it.
  Order orderOf(std::int64_t number) const {
    auto random = stream(kOrder, number);
    Order order;
    order.key = number / 8 * 32 + number % 8 + 1;  // eight keys of 32 are used
    do order.customer = random.between(1, customers());
    while (order.customer % 3 == 0 && customers() > 3);  // a third of the customers never order
    order.day = random.between(dayOf(1992, 1, 1), dayOf(1998, 8, 2));
    order.lineCount = random.between(1, kLinesMax);
    std::int64_t open = 0;
    for (std::int64_t at = 0; at < order.lineCount; ++at) {
      auto& line = order.lines[at];
      line.part = random.between(1, parts());
      line.supplier = supplierOf(line.part, random.between(0, 3));
      line.quantity = random.between(1, 50);
      line.price = line.quantity * retailPrice(line.part);
      line.discount = random.between(0, 10);
      line.tax = random.between(0, 8);
      line.shipped = order.day + random.between(1, 121);
      line.committed = order.day + random.between(30, 90);
      line.received = line.shipped + random.between(1, 30);
      line.returned = line.received > currentDay() ? "N" : random.between(0, 1) ? "R" : "A";
      line.instruction = random.of(kInstructions);
      line.mode = random.of(kModes);
      line.comment = words(random, 10, 43);
      open += line.shipped > currentDay();
      order.total += line.price * (100 - line.discount) * (100 + line.tax) / 10'000;
    }
    order.status = open == 0 ? "F" : open == order.lineCount ? "O" : "P";
    return order;
  }

  const std::uint64_t m_seed;
  const double m_scale;
};

}  // namespace

Status generate(const Table& table, const GeneratorOptions& options, const RowSink& sink) {
  const Generator generator(options);
  RowWriter rows(table, sink);
  if (table.name == "region") return generator.region(rows);
  if (table.name == "nation") return generator.nation(rows);
  if (table.name == "supplier") return generator.supplier(rows);
  if (table.name == "part") return generator.part(rows);
  if (table.name == "partsupp") return generator.partsupp(rows);
  if (table.name == "customer") return generator.customer(rows);
  if (table.name == "orders") return generator.orders(rows);
  if (table.name == "lineitem") return generator.lineitem(rows);
  return makeError(ErrorKind::InvalidParameterValue, "TPC-H has no table \"{}\"", table.name);
}

}  // namespace drift::tpch
