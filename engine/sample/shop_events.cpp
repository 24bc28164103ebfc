#include "sample/shop_events.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "sample/shop_names.h"

namespace drift::sample {

namespace {

constexpr TimeMicros kSecond = 1'000'000;
constexpr TimeMicros kMinute = 60 * kSecond;
constexpr TimeMicros kHour = 60 * kMinute;
constexpr TimeMicros kDay = 24 * kHour;
constexpr TimeMicros kOpening = 1'727'740'800 * kSecond;  // 2024-10-01T00:00:00Z, a Tuesday
constexpr int kDays = 730;                                // through 2026-09-30

// Milestones, in days after the opening.
constexpr int kPointsStart = 61;
constexpr int kChannelAdded = 203;
constexpr int kTownRenamed = 382;
constexpr int kPointsEnd = 431;
constexpr int kWrongImport = 503;
constexpr int kDeletedByMistake = 612;

api::Value money(std::int64_t cents) { return api::Value::numeric({cents, 2}); }
api::Value number(std::size_t value) { return api::Value::integer(static_cast<std::int32_t>(value)); }

int dayOf(TimeMicros time) { return static_cast<int>((time - kOpening) / kDay); }

/// How busy a day is: weekends, Black Friday and the weeks before Christmas, in percent of usual.
int activity(int day) {
  const int yearDay = (day + 274) % 365;  // 1 October is the 274th day after 1 January
  int percent = day % 7 == 4 || day % 7 == 5 ? 130 : 90;
  if (yearDay >= 331 && yearDay <= 333) percent = 420;
  else if (yearDay >= 338 && yearDay <= 356) percent = 210;
  else if (yearDay >= 200 && yearDay <= 235) percent = 60;
  return percent;
}

}  // namespace

ShopSimulation::ShopSimulation(ShopWriter& writer, const SampleOptions& options)
    : m_writer(writer), m_options(options), m_random(options.seed) {}

void ShopSimulation::plan(TimeMicros time, std::function<Status(TimeMicros)> happen) {
  m_events.push({time, m_nextSequence++, std::move(happen)});
}

Status ShopSimulation::commit(std::string_view author, std::string message, TimeMicros time,
                              const std::vector<Statement>& statements) {
  m_lastTime = std::max(time, m_lastTime + kSecond / 1000);
  return m_writer.commit(author, std::move(message), m_lastTime, statements);
}

Status ShopSimulation::run() {
  plan(kOpening + 7 * kHour, [this](TimeMicros time) { return createTables(time); });
  for (int day = 0; day < kDays; ++day) {
    plan(kOpening + day * kDay + 7 * kHour + kSecond, [this, day](TimeMicros) -> Status {
      if (m_options.progress && day % 10 == 0) m_options.progress(double(day) / kDays);
      planDay(day);
      return {};
    });
  }
  planMilestones();
  const TimeMicros end = kOpening + kDays * kDay;
  while (!m_events.empty()) {
    const Event event = m_events.top();
    m_events.pop();
    if (event.time >= end) break;
    DRIFT_TRY(event.happen(event.time));
  }
  return {};
}

TimeMicros ShopSimulation::openingTime(int day) {
  // Most of it between 8:00 and 22:00, the rest at night.
  const auto second = m_random.chance(94) ? m_random.between(8 * 3600, 22 * 3600) : m_random.between(7 * 3600 + 60, 24 * 3600 - 1);
  return kOpening + day * kDay + second * kSecond + m_random.between(0, 999) * 1000;
}

void ShopSimulation::planDay(int day) {
  const int percent = activity(day);
  const auto orders = (m_random.between(4, 8) + day / 180) * percent / 100;
  for (std::int64_t i = 0; i < orders; ++i)
    plan(openingTime(day), [this](TimeMicros time) { return placeOrder(time); });
  for (auto i = m_random.between(0, 2) * percent / 100; i > 0; --i)
    plan(openingTime(day), [this](TimeMicros time) { return registerCustomer(time); });
  if (m_random.chance(45)) plan(openingTime(day), [this](TimeMicros time) { return writeReview(time); });
  if (m_random.chance(20)) plan(openingTime(day), [this](TimeMicros time) { return changePrices(time); });
  if (day % 7 == 6) plan(kOpening + day * kDay + 9 * kHour, [this](TimeMicros time) { return restock(time); });
  if (day % 7 == 0) plan(kOpening + day * kDay + 23 * kHour, [this](TimeMicros time) { return creditPoints(time); });
}

void ShopSimulation::planMilestones() {
  const auto at = [](int day, TimeMicros offset) { return kOpening + day * kDay + offset; };
  plan(at(kPointsStart, 10 * kHour), [this](TimeMicros time) -> Status {
    m_hasPoints = true;
    return commit("anna", "Start the loyalty programme", time,
                  {{"CREATE TABLE loyalty_points (customer_id INTEGER PRIMARY KEY, points INTEGER NOT NULL DEFAULT 0, "
                    "CHECK (points >= 0))", {}},
                   {"INSERT INTO loyalty_points (customer_id, points) SELECT id, 100 FROM customers", {}}});
  });
  plan(at(kChannelAdded, 11 * kHour), [this](TimeMicros time) -> Status {
    m_hasChannel = true;
    return commit("ben", "Record where orders come from", time,
                  {{"ALTER TABLE orders ADD COLUMN channel VARCHAR(10) DEFAULT 'web'", {}}});
  });
  plan(at(kTownRenamed, 9 * kHour), [this](TimeMicros time) -> Status {
    m_townIsCity = true;
    return commit("ben", "Call the column what it holds", time,
                  {{"ALTER TABLE customers RENAME COLUMN town TO city", {}}});
  });
  plan(at(kPointsEnd, 17 * kHour), [this](TimeMicros time) -> Status {
    m_hasPoints = false;
    return commit("anna", "End the loyalty programme", time, {{"DROP TABLE loyalty_points", {}}});
  });
  plan(at(kWrongImport, 10 * kHour + 12 * kMinute), [this](TimeMicros time) { return importWrongPrices(time); });
  plan(at(kDeletedByMistake, 16 * kHour + 40 * kMinute),
       [this](TimeMicros time) { return deleteCustomersByMistake(time); });
}

Status ShopSimulation::createTables(TimeMicros time) {
  DRIFT_TRY(commit("anna", "Open the shop", time,
                   {{"CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE, "
                     "town TEXT, country TEXT, since TIMESTAMPTZ NOT NULL)", {}},
                    {"CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT NOT NULL, category TEXT NOT NULL, "
                     "price NUMERIC(10,2) NOT NULL CHECK (price > 0), stock INTEGER NOT NULL)", {}},
                    {"CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, "
                     "status TEXT NOT NULL DEFAULT 'placed', total NUMERIC(10,2) NOT NULL, "
                     "placed TIMESTAMPTZ NOT NULL, updated TIMESTAMPTZ NOT NULL)", {}},
                    {"CREATE TABLE order_items (order_id INTEGER, line SMALLINT, product_id INTEGER NOT NULL, "
                     "quantity INTEGER NOT NULL CHECK (quantity > 0), unit_price NUMERIC(10,2) NOT NULL, "
                     "PRIMARY KEY (order_id, line))", {}},
                    {"CREATE TABLE refunds (order_id INTEGER PRIMARY KEY, amount NUMERIC(10,2) NOT NULL, "
                     "reason TEXT NOT NULL, refunded TIMESTAMPTZ NOT NULL)", {}},
                    {"CREATE TABLE reviews (id INTEGER PRIMARY KEY, product_id INTEGER NOT NULL, "
                     "customer_id INTEGER NOT NULL, stars SMALLINT NOT NULL CHECK (stars BETWEEN 1 AND 5), "
                     "words TEXT)", {}}}));
  std::vector<Statement> statements;
  for (const auto& product : productNames()) {
    m_products.push_back({product.cents});
    statements.push_back({"INSERT INTO products VALUES ($1, $2, $3, $4, $5)",
                          {number(m_products.size()), api::Value::text(std::string(product.name)),
                           api::Value::text(std::string(product.category)), money(product.cents),
                           api::Value::integer(static_cast<std::int32_t>(m_random.between(40, 160)))}});
  }
  DRIFT_TRY(commit("anna", "Import products.csv", time + 4 * kMinute, statements));
  for (int i = 0; i < 25; ++i) DRIFT_TRY(registerCustomer(time + (5 + i) * kMinute));
  return {};
}

Statement ShopSimulation::insertCustomer(std::size_t customer) const {
  const auto& who = m_customers[customer];
  return {m_townIsCity ? "INSERT INTO customers (id, name, email, city, country, since) VALUES ($1, $2, $3, $4, $5, $6)"
                       : "INSERT INTO customers (id, name, email, town, country, since) VALUES ($1, $2, $3, $4, $5, $6)",
          {number(customer + 1), api::Value::text(who.name), api::Value::text(who.email), api::Value::text(who.city),
           api::Value::text(who.country), api::Value::timestampTz(who.since)}};
}

Status ShopSimulation::registerCustomer(TimeMicros time) {
  const auto first = m_random.pick(firstNames());
  const auto last = m_random.pick(lastNames());
  const auto& place = m_random.pick(places());
  const auto id = m_customers.size() + 1;
  m_customers.push_back({fmt::format("{} {}", first, last), fmt::format("customer{}@example.com", id),
                         std::string(place.city), std::string(place.country), time});
  std::vector<Statement> statements{insertCustomer(id - 1)};
  if (m_hasPoints)
    statements.push_back({"INSERT INTO loyalty_points (customer_id, points) VALUES ($1, 50)", {number(id)}});
  return commit("web shop", fmt::format("New customer {}", m_customers.back().name), time, statements);
}

Status ShopSimulation::placeOrder(TimeMicros time) {
  Order order;
  do order.customer = static_cast<std::size_t>(m_random.between(0, static_cast<std::int64_t>(m_customers.size()) - 1));
  while (m_customers[order.customer].deleted);
  for (auto lines = m_random.between(1, 3); lines > 0; --lines) {
    const auto product = static_cast<std::size_t>(m_random.between(0, static_cast<std::int64_t>(m_products.size()) - 1));
    if (std::ranges::any_of(order.lines, [&](const auto& line) { return line.first == product; })) continue;
    order.lines.emplace_back(product, m_random.chance(75) ? 1 : m_random.between(2, 4));
    order.totalCents += m_products[product].cents * order.lines.back().second;
  }
  const auto id = m_orders.size() + 1;
  std::vector<Statement> statements{
      {"INSERT INTO orders (id, customer_id, total, placed, updated) VALUES ($1, $2, $3, $4, $4)",
       {number(id), number(order.customer + 1), money(order.totalCents), api::Value::timestampTz(time)}}};
  if (m_hasChannel && m_random.chance(35)) {
    statements.front() = {"INSERT INTO orders (id, customer_id, total, placed, updated, channel) "
                          "VALUES ($1, $2, $3, $4, $4, $5)",
                          {number(id), number(order.customer + 1), money(order.totalCents),
                           api::Value::timestampTz(time), api::Value::text("phone")}};
  }
  for (std::size_t line = 0; line < order.lines.size(); ++line) {
    const auto [product, quantity] = order.lines[line];
    statements.push_back({"INSERT INTO order_items VALUES ($1, $2, $3, $4, $5)",
                          {number(id), api::Value::smallInt(static_cast<std::int16_t>(line + 1)), number(product + 1),
                           api::Value::integer(static_cast<std::int32_t>(quantity)), money(m_products[product].cents)}});
    statements.push_back({"UPDATE products SET stock = stock - $1 WHERE id = $2",
                          {api::Value::integer(static_cast<std::int32_t>(quantity)), number(product + 1)}});
  }
  m_orders.push_back(std::move(order));
  DRIFT_TRY(commit("web shop", fmt::format("Order {}", id), time, statements));
  planOrderLife(id - 1, time);
  return {};
}

void ShopSimulation::planOrderLife(std::size_t order, TimeMicros placed) {
  if (m_random.chance(6)) {
    plan(placed + m_random.between(10, 600) * kMinute, [this, order](TimeMicros time) { return cancelOrder(order, time); });
    return;
  }
  const auto paid = placed + m_random.between(20, 900) * kSecond;
  plan(paid, [this, order](TimeMicros time) { return advanceOrder(order, "paid", "payment", time); });
  // Parcels leave at the next morning's round, so that shipping comes in bursts.
  const auto shipped = kOpening + (dayOf(paid) + 1) * kDay + 9 * kHour + 30 * kMinute + m_random.between(0, 40 * 60) * kSecond;
  plan(shipped, [this, order](TimeMicros time) { return advanceOrder(order, "shipped", "ben", time); });
  const auto delivered = shipped + m_random.between(20, 75) * kHour + m_random.between(0, 3599) * kSecond;
  if (m_random.chance(60))
    plan(delivered, [this, order](TimeMicros time) { return advanceOrder(order, "delivered", "carrier", time); });
  if (m_random.chance(7))
    plan(delivered + m_random.between(1, 12) * kDay, [this, order](TimeMicros time) { return refundOrder(order, time); });
}

Status ShopSimulation::advanceOrder(std::size_t order, std::string_view state, std::string_view author, TimeMicros time) {
  return commit(author, fmt::format("Order {} is {}", order + 1, state), time,
                {{"UPDATE orders SET status = $1, updated = $2 WHERE id = $3",
                  {api::Value::text(std::string(state)), api::Value::timestampTz(time), number(order + 1)}}});
}

Status ShopSimulation::cancelOrder(std::size_t order, TimeMicros time) {
  std::vector<Statement> statements{{"UPDATE orders SET status = 'cancelled', updated = $1 WHERE id = $2",
                                     {api::Value::timestampTz(time), number(order + 1)}}};
  for (const auto& [product, quantity] : m_orders[order].lines)
    statements.push_back({"UPDATE products SET stock = stock + $1 WHERE id = $2",
                          {api::Value::integer(static_cast<std::int32_t>(quantity)), number(product + 1)}});
  return commit("web shop", fmt::format("Order {} is cancelled", order + 1), time, statements);
}

Status ShopSimulation::refundOrder(std::size_t order, TimeMicros time) {
  const auto reason = m_random.pick(refundReasons());
  return commit("anna", fmt::format("Refund order {}: {}", order + 1, reason), time,
                {{"INSERT INTO refunds VALUES ($1, $2, $3, $4)",
                  {number(order + 1), money(m_orders[order].totalCents), api::Value::text(std::string(reason)),
                   api::Value::timestampTz(time)}},
                 {"UPDATE orders SET status = 'refunded', updated = $1 WHERE id = $2",
                  {api::Value::timestampTz(time), number(order + 1)}}});
}

Status ShopSimulation::changePrices(TimeMicros time) {
  std::vector<Statement> statements;
  const auto first = static_cast<std::size_t>(m_random.between(0, static_cast<std::int64_t>(m_products.size()) - 6));
  const auto percent = m_random.chance(65) ? m_random.between(101, 106) : m_random.between(90, 98);
  for (std::size_t product = first; product < first + 1 + m_random.next() % 6; ++product) {
    auto& cents = m_products[product].cents;
    const auto changed = std::max<std::int64_t>(cents * percent / 100 / 10 * 10, 90);
    if (changed == cents) continue;
    cents = changed;
    statements.push_back({"UPDATE products SET price = $1 WHERE id = $2", {money(cents), number(product + 1)}});
  }
  if (statements.empty()) return {};
  return commit("price robot", percent > 100 ? "Raise prices with purchase costs" : "Lower prices for an offer", time,
                statements);
}

Status ShopSimulation::restock(TimeMicros time) {
  return commit("ben", "Weekly delivery from the suppliers", time,
                {{"UPDATE products SET stock = stock + 60 WHERE stock < 25", {}}});
}

Status ShopSimulation::writeReview(TimeMicros time) {
  if (m_orders.empty()) return {};
  const auto& order = m_orders[m_random.next() % m_orders.size()];
  const auto id = ++m_reviewCount;
  const bool spam = m_random.chance(5);
  DRIFT_TRY(commit("web shop", fmt::format("Review {}", id), time,
                   {{"INSERT INTO reviews VALUES ($1, $2, $3, $4, $5)",
                     {number(id), number(order.lines.front().first + 1), number(order.customer + 1),
                      api::Value::smallInt(static_cast<std::int16_t>(spam ? 5 : m_random.between(2, 5))),
                      api::Value::text(spam ? "Visit our site for cheap pills!" : std::string(m_random.pick(reviewTexts())))}}}));
  if (spam)
    plan(time + m_random.between(1, 30) * kHour, [this, id](TimeMicros later) { return removeReview(id, later); });
  return {};
}

Status ShopSimulation::removeReview(std::size_t review, TimeMicros time) {
  return commit("anna", fmt::format("Remove spam review {}", review), time,
                {{"DELETE FROM reviews WHERE id = $1", {number(review)}}});
}

Status ShopSimulation::creditPoints(TimeMicros time) {
  if (!m_hasPoints) return {};
  std::vector<Statement> statements;
  for (int i = 0; i < 12; ++i) {
    const auto customer = m_random.next() % m_customers.size();
    statements.push_back({"UPDATE loyalty_points SET points = points + $1 WHERE customer_id = $2",
                          {api::Value::integer(static_cast<std::int32_t>(m_random.between(5, 60))), number(customer + 1)}});
  }
  return commit("loyalty", "Credit the week's points", time, statements);
}

Status ShopSimulation::importWrongPrices(TimeMicros time) {
  // The file had cents where the shop expects euros; it took until the afternoon to notice.
  DRIFT_TRY(commit("import", "Import prices-spring.csv", time, {{"UPDATE products SET price = price * 100 WHERE category IN ('Coffee', 'Tea')", {}}}));
  plan(time + 2 * kHour + 47 * kMinute, [this](TimeMicros later) -> Status {
    return commit("anna", "Put prices right after the wrong import", later,
                  {{"UPDATE products SET price = price / 100 WHERE category IN ('Coffee', 'Tea')", {}}});
  });
  return {};
}

Status ShopSimulation::deleteCustomersByMistake(TimeMicros time) {
  std::vector<std::size_t> gone;
  for (std::size_t customer = 100; customer < 140 && customer < m_customers.size(); ++customer) {
    if (m_customers[customer].country != "Germany" && m_customers[customer].country != "France") continue;
    m_customers[customer].deleted = true;
    gone.push_back(customer);
  }
  DRIFT_TRY(commit("ben", "Remove test customers", time,
                   {{"DELETE FROM customers WHERE id BETWEEN 101 AND 140 AND country IN ('Germany', 'France')", {}}}));
  plan(time + 16 * kHour + 20 * kMinute, [this, gone](TimeMicros later) -> Status {
    std::vector<Statement> statements;
    for (const auto customer : gone) {
      m_customers[customer].deleted = false;
      statements.push_back(insertCustomer(customer));
    }
    return commit("anna", "Bring back customers deleted by mistake", later, statements);
  });
  return {};
}

}  // namespace drift::sample
