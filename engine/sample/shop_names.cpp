#include "sample/shop_names.h"

#include <array>

namespace drift::sample {

namespace {

constexpr std::array<ProductName, 40> kProducts{{
    {"Espresso Napoli 250 g", "Coffee", 690},      {"Espresso Napoli 1 kg", "Coffee", 2390},
    {"Filter Yirgacheffe 250 g", "Coffee", 990},   {"Filter Kenya AA 250 g", "Coffee", 1090},
    {"Decaf Huila 250 g", "Coffee", 940},          {"House Blend 500 g", "Coffee", 1190},
    {"House Blend 1 kg", "Coffee", 2190},          {"Cold Brew Pack", "Coffee", 1290},
    {"Sumatra Mandheling 250 g", "Coffee", 890},   {"Geisha Panama 100 g", "Coffee", 2490},
    {"Assam Second Flush 100 g", "Tea", 790},      {"Darjeeling First Flush 100 g", "Tea", 1190},
    {"Sencha 100 g", "Tea", 890},                  {"Genmaicha 100 g", "Tea", 690},
    {"Earl Grey 100 g", "Tea", 590},               {"Rooibos 200 g", "Tea", 640},
    {"Peppermint 80 g", "Tea", 450},               {"Matcha 30 g", "Tea", 1890},
    {"Oolong Tie Guan Yin 100 g", "Tea", 1390},    {"Chai Masala 150 g", "Tea", 720},
    {"French Press 1 l", "Equipment", 3490},       {"Pour-over Cone 02", "Equipment", 1990},
    {"Paper Filters 100", "Equipment", 590},       {"Hand Grinder", "Equipment", 8900},
    {"Electric Grinder", "Equipment", 19900},      {"Gooseneck Kettle", "Equipment", 7900},
    {"Moka Pot 6 cups", "Equipment", 3290},        {"Espresso Machine One", "Equipment", 49900},
    {"Milk Pitcher 350 ml", "Equipment", 1590},    {"Digital Scale", "Equipment", 3990},
    {"Espresso Cup, set of 2", "Tableware", 1890}, {"Cappuccino Cup", "Tableware", 1290},
    {"Tea Pot 0.8 l", "Tableware", 3490},          {"Tea Bowl", "Tableware", 1690},
    {"Travel Mug", "Tableware", 2190},             {"Glass Carafe", "Tableware", 2490},
    {"Dark Chocolate 70 %", "Pantry", 390},        {"Almond Cantuccini", "Pantry", 490},
    {"Oat Drink Barista 1 l", "Pantry", 270},      {"Brown Sugar Cubes", "Pantry", 290},
}};

constexpr std::array<std::string_view, 40> kFirstNames{
    "Anna",  "Ben",    "Chiara", "David", "Elif",  "Felix",  "Grace", "Hugo",  "Ines",   "Jan",
    "Kaito", "Lena",   "Marta",  "Noah",  "Olga",  "Pedro",  "Quinn", "Rosa",  "Samir",  "Tove",
    "Uma",   "Viktor", "Wanda",  "Yuki",  "Zoé",   "Amara",  "Björn", "Clara", "Dilan",  "Emma",
    "Farid", "Giulia", "Henrik", "Isla",  "Jorge", "Katrin", "Luca",  "Mei",   "Nikola", "Oumar"};

constexpr std::array<std::string_view, 40> kLastNames{
    "Almeida", "Bauer",  "Costa",   "Dubois",  "Eriksson", "Fischer", "García",  "Hansen", "Ivanov",  "Jensen",
    "Kowalski", "Lopez", "Müller",  "Nakamura", "O'Brien", "Petrov",  "Quist",   "Rossi",  "Schmidt", "Tanaka",
    "Ulrich",  "Varga",  "Weber",   "Xu",      "Yılmaz",   "Zhang",   "Andersen", "Brown", "Conti",   "Diallo",
    "Evans",   "Ferrari", "Gruber", "Horvat",  "Ito",      "Jansen",  "Keller",  "Lambert", "Moreau", "Novak"};

constexpr std::array<Place, 20> kPlaces{{
    {"Berlin", "Germany"},   {"Hamburg", "Germany"},   {"Munich", "Germany"},   {"Vienna", "Austria"},
    {"Zürich", "Switzerland"}, {"Paris", "France"},    {"Lyon", "France"},      {"Milan", "Italy"},
    {"Rome", "Italy"},       {"Madrid", "Spain"},      {"Lisbon", "Portugal"},  {"Amsterdam", "Netherlands"},
    {"Brussels", "Belgium"}, {"Copenhagen", "Denmark"}, {"Stockholm", "Sweden"}, {"Oslo", "Norway"},
    {"Helsinki", "Finland"}, {"Warsaw", "Poland"},     {"Prague", "Czechia"},   {"Dublin", "Ireland"},
}};

constexpr std::array<std::string_view, 6> kRefundReasons{
    "arrived broken", "wrong item", "arrived late", "not as described", "changed mind", "sent twice"};

constexpr std::array<std::string_view, 8> kReviewTexts{
    "Exactly what I was looking for.", "Good, but the parcel took a week.", "My new favourite.",
    "Tastes flat this time.",          "Great price.",                      "Would buy again.",
    "The lid does not close well.",    "A gift, and it was well received."};

}  // namespace

std::span<const ProductName> productNames() { return kProducts; }
std::span<const std::string_view> firstNames() { return kFirstNames; }
std::span<const std::string_view> lastNames() { return kLastNames; }
std::span<const Place> places() { return kPlaces; }
std::span<const std::string_view> refundReasons() { return kRefundReasons; }
std::span<const std::string_view> reviewTexts() { return kReviewTexts; }

}  // namespace drift::sample
