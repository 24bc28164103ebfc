// JSON texts of any bytes, and blobs of jsonb as a hostile file may hold them.
#include "seeds.h"
#include "target.h"
#include "types/json.h"

using namespace drift;
using namespace drift::types;

namespace {

/// Visits everything; counts what is there.
template <class View>
Result<std::size_t> walk(const View& view) {
  std::size_t values = 1;
  const auto status = view.each([&](std::string_view, const View& value) -> Result<bool> {
    DRIFT_ASSIGN(const auto inner, walk(value));
    values += inner;
    return true;
  });
  if (!status.ok()) return status.error();
  return values;
}

void checkBlob(std::string_view blob) {
  const auto text = JsonbView(blob).text();
  std::string shown;
  appendJsonbText(shown, blob);
  const auto values = walk(JsonbView(blob));
  if (!text.ok()) {
    fuzz::require(text.error().kind() == ErrorKind::DataCorrupted, "a refused blob is damage");
    return;
  }
  fuzz::require(values.ok() && shown == *text, "what can be shown can be walked over");
}

}  // namespace

/// The first byte says whether the rest is a text or a blob.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = fuzz::inputOf(data, size);
  if (input.empty()) return 0;
  const auto rest = asText(input.subspan(1));
  if (std::to_integer<unsigned>(input[0]) % 2) {
    checkBlob(rest);
    return 0;
  }
  const auto sound = checkJson(rest);
  const auto blob = parseJsonb(rest);
  fuzz::require(sound.ok() || !blob.ok(), "what is no JSON makes no blob");
  // Bytes that are no JSON may be walked over, too, if a file holds them.
  const auto values = walk(JsonText(rest));
  if (!blob.ok()) return 0;
  fuzz::require(values.ok(), "JSON can be walked over");
  checkBlob(*blob);
  const auto text = JsonbView(*blob).text();
  fuzz::require(text.ok() && checkJson(*text).ok(), "a blob's text is JSON");
  const auto again = parseJsonb(*text);
  fuzz::require(again.ok() && *again == *blob, "a blob comes back through its text");
  return 0;
}
