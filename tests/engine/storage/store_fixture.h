// A store over files in memory, and rows of (id, name) to put into it. For tests.
#pragma once

#include <QtTest>

#include "platform/memory_file_system.h"
#include "storage/store.h"
#include "types/key_encoding.h"

namespace drift::storage::fixture {

inline constexpr TreeId kTree = kFirstUserTree;
inline constexpr auto kPath = "x.drift";

inline std::vector<LayoutColumn> columns() {
  return {{1, types::TypeId::BigInt, types::Value::null(types::TypeId::BigInt)},
          {2, types::TypeId::Text, types::Value::null(types::TypeId::Text)}};
}

inline RowLayoutRef layout() {
  static const auto kLayout = std::make_shared<const RowLayout>(RowLayout{columns()});
  return kLayout;
}

inline std::string keyOf(std::int64_t id) {
  std::string key;
  types::appendKey(key, types::Value::bigInt(id));
  return key;
}

inline RowChange change(TreeId tree, RowOp op, std::int64_t id, const std::string& name = {}) {
  RowChange result;
  result.tree = tree;
  result.op = op;
  result.key = keyOf(id);
  if (op == RowOp::Delete) return result;
  result.layout = layout();
  const std::vector<types::Value> values{types::Value::bigInt(id), types::Value::text(name)};
  Bytes row;
  encodeRow(*result.layout, values, row);
  result.row = std::string(asText(row));
  if (op == RowOp::Update) result.changed = {2};
  return result;
}

template <class R>
auto must(R result) {
  if (!result.ok()) qFatal("%s", result.error().toString().c_str());
  if constexpr (!std::is_void_v<typename R::ValueType>) return std::move(result).value();
}

/// Everything a cursor gives, a row as its fields' texts joined by "|".
inline std::vector<std::string> drain(Cursor& cursor) {
  std::vector<std::string> rows;
  types::Chunk chunk;
  while (must(cursor.next(chunk)))
    for (std::size_t row = 0; row < chunk.rowCount(); ++row) {
      std::string text;
      for (std::size_t column = 0; column < chunk.columnCount(); ++column) {
        const auto value = chunk.column(column).get(row);
        if (column) text += '|';
        if (value.isNull()) text += '~';
        else if (value.type().physical() == types::PhysicalType::String) text += value.asString();
        else text += std::to_string(value.asInt());
      }
      rows.push_back(std::move(text));
    }
  return rows;
}

inline std::vector<std::string> rowsAt(const Store& store, CommitNumber at, TreeId tree = kTree) {
  return drain(*must(must(store.at(at)).scan({.tree = tree, .columns = columns()})));
}

}  // namespace drift::storage::fixture
