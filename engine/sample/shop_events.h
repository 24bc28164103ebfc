// ShopSimulation: the two years of the sample shop, event by event in order of time. One thread.
#pragma once

#include <functional>
#include <queue>
#include <string>
#include <vector>

#include "sample/random.h"
#include "sample/sample.h"
#include "sample/shop_writer.h"

namespace drift::sample {

class ShopSimulation final {
 public:
  ShopSimulation(ShopWriter& writer, const SampleOptions& options);
  Status run();

  std::uint64_t orderCount() const { return m_orders.size(); }
  std::uint64_t customerCount() const { return m_customers.size(); }

 private:
  struct Customer {
    std::string name;
    std::string email;
    std::string city;
    std::string country;
    TimeMicros since = 0;
    bool deleted = false;
  };
  struct Product {
    std::int64_t cents = 0;
  };
  struct Order {
    std::size_t customer = 0;
    std::int64_t totalCents = 0;
    std::vector<std::pair<std::size_t, std::int64_t>> lines;  ///< product and quantity
  };
  /// Something that happens at a time; equal times keep the order of `sequence`.
  struct Event {
    TimeMicros time = 0;
    std::uint64_t sequence = 0;
    std::function<Status(TimeMicros)> happen;
    bool operator>(const Event& other) const {
      return time != other.time ? time > other.time : sequence > other.sequence;
    }
  };

  void plan(TimeMicros time, std::function<Status(TimeMicros)> happen);
  Status commit(std::string_view author, std::string message, TimeMicros time, const std::vector<Statement>& statements);

  void planDay(int day);
  void planMilestones();
  TimeMicros openingTime(int day);

  Status createTables(TimeMicros time);
  Status registerCustomer(TimeMicros time);
  Status placeOrder(TimeMicros time);
  Status advanceOrder(std::size_t order, std::string_view state, std::string_view author, TimeMicros time);
  Status cancelOrder(std::size_t order, TimeMicros time);
  Status refundOrder(std::size_t order, TimeMicros time);
  void planOrderLife(std::size_t order, TimeMicros placed);
  Status changePrices(TimeMicros time);
  Status restock(TimeMicros time);
  Status writeReview(TimeMicros time);
  Status removeReview(std::size_t review, TimeMicros time);
  Status creditPoints(TimeMicros time);
  Status importWrongPrices(TimeMicros time);
  Status deleteCustomersByMistake(TimeMicros time);

  Statement insertCustomer(std::size_t customer) const;

  ShopWriter& m_writer;
  const SampleOptions& m_options;
  Random m_random;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> m_events;
  std::uint64_t m_nextSequence = 0;
  TimeMicros m_lastTime = 0;
  std::vector<Customer> m_customers;
  std::vector<Product> m_products;
  std::vector<Order> m_orders;
  std::uint64_t m_reviewCount = 0;
  bool m_hasChannel = false;
  bool m_hasPoints = false;
  bool m_townIsCity = false;
};

}  // namespace drift::sample
