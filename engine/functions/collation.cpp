// Keys by which text is ordered under a collation (UTS 10, through ICU).
#include "functions/collation.h"

#include <memory>
#include <string>

#include <unicode/coll.h>
#include <unicode/locid.h>

#include "functions/builtins.h"
#include "functions/kernels.h"

namespace drift::functions {

namespace {

using namespace types;

constexpr std::string_view kIcuSuffix = "-x-icu";

/// The locale of an ICU collation; nothing where ICU has none for exactly that name.
std::optional<icu::Locale> localeOf(std::string_view name) {
  if (!name.ends_with(kIcuSuffix)) return std::nullopt;
  const std::string tag(name.substr(0, name.size() - kIcuSuffix.size()));
  if (tag == "und") return icu::Locale::getRoot();
  std::int32_t count = 0;
  const auto* available = icu::Collator::getAvailableLocales(count);
  for (std::int32_t at = 0; at < count; ++at) {
    UErrorCode status = U_ZERO_ERROR;
    if (available[at].toLanguageTag<std::string>(status) == tag && U_SUCCESS(status)) return available[at];
  }
  return std::nullopt;
}

/// The collator of the row before, so that a constant name is looked up once.
class CollatorCache final {
 public:
  Result<const icu::Collator*> get(std::string_view name) {
    if (m_collator && m_name == name) return m_collator.get();
    DRIFT_TRY(checkCollation(name));
    const auto locale = localeOf(name);
    UErrorCode status = U_ZERO_ERROR;
    m_collator.reset(locale ? icu::Collator::createInstance(*locale, status) : nullptr);
    if (!m_collator || U_FAILURE(status))
      return makeError(ErrorKind::FeatureNotSupported, "the collation \"{}\" has no sort keys", name);
    m_name = name;
    return m_collator.get();
  }

 private:
  std::unique_ptr<icu::Collator> m_collator;
  std::string m_name;
};

Status collationKey(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  CollatorCache cache;
  std::string key;
  return writeRows<StringRef, StringRef>(
      arguments, rows, out, [&](const StringRef& text, const StringRef& name, std::string& result) -> Status {
        DRIFT_ASSIGN(const auto* collator, cache.get(name.view()));
        const auto source = icu::UnicodeString::fromUTF8(
            icu::StringPiece(text.view().data(), static_cast<std::int32_t>(text.size())));
        auto* bytes = reinterpret_cast<std::uint8_t*>(key.data());
        auto size = collator->getSortKey(source, bytes, static_cast<std::int32_t>(key.size()));
        if (size > static_cast<std::int32_t>(key.size())) {
          key.resize(static_cast<std::size_t>(size));
          bytes = reinterpret_cast<std::uint8_t*>(key.data());
          size = collator->getSortKey(source, bytes, size);
        }
        // A key ends in a zero byte. Texts that the collation does not tell apart are ordered by their bytes.
        result.assign(key, 0, static_cast<std::size_t>(size));
        result += text.view();
        return {};
      });
}

}  // namespace

bool isBytewiseCollation(std::string_view name) {
  return name == "C" || name == "POSIX" || name == "ucs_basic" || name == "default";
}

Status checkCollation(std::string_view name) {
  if (isBytewiseCollation(name) || localeOf(name)) return {};
  return makeError(ErrorKind::UndefinedObject, "collation \"{}\" for encoding \"UTF8\" does not exist", name)
      .withHint("There are \"C\" and ICU's: \"und-x-icu\", \"de-x-icu\", \"en-US-x-icu\" …");
}

void addCollation(BuiltIns& builtIns) {
  builtIns.scalar(kCollationKeyName, {TypeId::Text, TypeId::Text}, TypeId::Bytea, collationKey,
                  "Bytes in the order of a collation");
}

}  // namespace drift::functions
