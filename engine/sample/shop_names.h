// What the sample shop sells and who buys there. Constants.
#pragma once

#include <span>
#include <string_view>

namespace drift::sample {

struct ProductName {
  std::string_view name;
  std::string_view category;
  int cents;  ///< first price
};

struct Place {
  std::string_view city;
  std::string_view country;
};

std::span<const ProductName> productNames();
std::span<const std::string_view> firstNames();
std::span<const std::string_view> lastNames();
std::span<const Place> places();
std::span<const std::string_view> refundReasons();
std::span<const std::string_view> reviewTexts();

}  // namespace drift::sample
