// Arrays of any bytes, as a hostile file may hold them, and any texts of arrays.
#include "seeds.h"
#include "target.h"
#include "types/array.h"

using namespace drift;
using namespace drift::types;

/// The first byte says what the elements are and, by its lowest bit, whether the rest is a blob or a text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = fuzz::inputOf(data, size);
  if (input.empty()) return 0;
  const auto first = std::to_integer<std::size_t>(input[0]);
  const Type element = fuzz::kArrayElements[first / 2 % std::size(fuzz::kArrayElements)];
  const auto rest = asText(input.subspan(1));
  std::string blob(rest);
  if (first % 2) {
    auto parsed = parseArrayText(rest, element);
    if (!parsed.ok()) return 0;
    blob = *std::move(parsed);
    fuzz::require(arrayElements(blob, element).ok(), "an array that was just read is sound");
  }
  const auto elements = arrayElements(blob, element);
  std::string text;
  appendArrayText(text, blob, element);
  if (!elements.ok()) {
    fuzz::require(elements.error().kind() == ErrorKind::DataCorrupted, "a refused array is damage");
    return 0;
  }
  auto reader = ArrayReader::open(blob, element);
  fuzz::require(reader.ok() && reader->count() == elements->size() && reader->shape().elements() == elements->size(),
                "an array has the elements that its shape says");
  // Made again from its elements it has one form: damage may hold a number in another, such as some other NaN.
  const auto made = [&](const std::vector<Value>& values) {
    ArrayBuilder builder;
    for (const auto& value : values) builder.add(value);
    return builder.finish(reader->shape());
  };
  const auto again = made(*elements);
  const auto same = arrayElements(again, element);
  fuzz::require(same.ok() && same->size() == elements->size() && made(*same) == again, "elements come back");
  return 0;
}
