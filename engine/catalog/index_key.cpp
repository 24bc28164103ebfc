#include "catalog/index_key.h"

#include "types/key_encoding.h"

namespace drift::catalog {

namespace {

// Parts of values begin with 01 to 88, inverted with 77 to fe. On disk: do not change.
constexpr char kNullFirst = 0x00;
constexpr char kNullLast = static_cast<char>(0xff);

}  // namespace

const storage::RowLayoutRef& indexLayout() {
  static const auto kLayout = std::make_shared<const storage::RowLayout>(
      storage::RowLayout{{{kIndexRowKey, types::TypeId::Bytea, types::Value::null(types::TypeId::Bytea)}}});
  return kLayout;
}

char nullPart(const IndexColumn& column) { return column.nullsFirst ? kNullFirst : kNullLast; }

void appendIndexPart(std::string& key, const types::Value& value, const IndexColumn& column) {
  if (value.isNull()) key += nullPart(column);
  else types::appendKey(key, value, column.descending);
}

void appendIndexPart(std::string& key, const types::Vector& values, std::size_t row, const IndexColumn& column) {
  if (values.isNull(row)) key += nullPart(column);
  else types::appendKey(key, values, row, column.descending);
}

}  // namespace drift::catalog
