// Vector and Chunk: how rows travel between operators. A Vector is one column of up to kChunkRows values;
// a Chunk is several Vectors of one length.
//
// Thread rule: a Vector is written by one thread, before others see it; copies share the buffers, so a
// buffer is never written again after its Vector was copied. Strings live in heaps that the Vector keeps.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "types/string_ref.h"
#include "types/type.h"
#include "types/value.h"

namespace drift::types {

/// Rows in a full chunk; a full leaf of the version tree is one chunk.
inline constexpr std::size_t kChunkRows = 2048;

/// Positions of rows within a chunk, in increasing order unless stated otherwise.
using Selection = std::vector<std::uint16_t>;

/// Append-only store of string bytes with stable addresses. One writer.
class StringHeap final {
 public:
  /// Copies `text` and gives a reference that lives as long as this heap (short ones are inline).
  StringRef add(std::string_view text);
  std::size_t sizeBytes() const { return m_sizeBytes; }

 private:
  std::vector<std::unique_ptr<char[]>> m_blocks;
  std::size_t m_used = 0;      ///< bytes used in the last block
  std::size_t m_capacity = 0;  ///< bytes in the last block
  std::size_t m_sizeBytes = 0;
};

enum class VectorKind : std::uint8_t {
  Flat,        ///< one entry a row
  Constant,    ///< one entry for all rows
  Dictionary,  ///< row i is entry selection[i] of the data
};

/// Read access to any kind of Vector by row: data()[index(row)], with the null of that entry.
class VectorView final {
 public:
  /// Position of a row in the data array and in the validity mask.
  std::size_t index(std::size_t row) const { return m_constant ? 0 : m_selection ? m_selection[row] : row; }
  bool isNull(std::size_t row) const {
    if (!m_validity) return false;
    const auto at = index(row);
    return !((m_validity[at >> 6] >> (at & 63)) & 1);
  }
  bool mayHaveNulls() const { return m_validity != nullptr; }
  bool isFlat() const { return !m_constant && !m_selection; }
  bool isConstant() const { return m_constant; }
  /// The array; index it with index(row). T must be the physical type's C++ type.
  template <class T>
  const T* data() const { return static_cast<const T*>(m_data); }
  template <class T>
  const T& at(std::size_t row) const { return data<T>()[index(row)]; }

 private:
  friend class Vector;
  const void* m_data = nullptr;
  const std::uint16_t* m_selection = nullptr;
  const std::uint64_t* m_validity = nullptr;  ///< bit 1 = present; null = all present
  bool m_constant = false;
};

/// One column of values. Row count is the Chunk's; capacity is what the buffers hold.
class Vector final {
 public:
  Vector() = default;
  /// A flat vector with room for `capacity` rows, all present, contents unset.
  explicit Vector(Type type, std::size_t capacity = kChunkRows);
  /// The same value in every row.
  static Vector constant(const Value& value);
  /// Rows `selection` of `source`, without copying values. A constant stays a constant.
  static Vector select(const Vector& source, std::span<const std::uint16_t> selection);

  Type type() const { return m_type; }
  VectorKind kind() const { return m_kind; }
  /// Entries in the data array.
  std::size_t capacity() const { return m_capacity; }
  VectorView view() const;

  /// Write access to a flat vector's array. T must be the physical type's C++ type.
  template <class T>
  T* data() {
    assert(m_kind == VectorKind::Flat);
    return reinterpret_cast<T*>(m_data.get());
  }
  void setNull(std::size_t row);
  /// Copies text into this vector's heap and stores it. String types only.
  void setString(std::size_t row, std::string_view text);
  /// Stores any value of this vector's physical type, or NULL.
  void set(std::size_t row, const Value& value);
  /// Gives row `row` as a Value of this vector's type.
  Value get(std::size_t row) const;
  bool isNull(std::size_t row) const { return view().isNull(row); }

  /// Keeps the string heaps of `other` alive with this vector, so StringRefs can be shared.
  void keepHeapsOf(const Vector& other);
  /// Keeps any owner of bytes alive with this vector (a cached page, a heap).
  void keep(std::shared_ptr<const void> owner);
  StringHeap& heap();

  /// Gives the same rows as a flat vector of `rows` rows (itself if it is flat already).
  Vector flattened(std::size_t rows) const;
  /// Relabels the type; the physical type must be the same.
  void relabel(Type type);

 private:
  void ensureValidity();

  Type m_type;
  VectorKind m_kind = VectorKind::Flat;
  std::size_t m_capacity = 0;
  std::shared_ptr<std::byte[]> m_data;
  std::shared_ptr<std::vector<std::uint64_t>> m_validity;  ///< null = all present
  std::shared_ptr<const Selection> m_selection;            ///< Dictionary only
  std::shared_ptr<StringHeap> m_heap;                      ///< created when first needed
  std::vector<std::shared_ptr<const void>> m_owners;
};

/// Size in bytes of one entry of a physical type.
std::size_t physicalSize(PhysicalType type);

/// Some columns of equal length. Empty columns with rows are legal (SELECT count(*)).
class Chunk final {
 public:
  Chunk() = default;
  explicit Chunk(std::span<const Type> types, std::size_t capacity = kChunkRows);

  std::size_t rowCount() const { return m_rowCount; }
  void setRowCount(std::size_t rows) { m_rowCount = rows; }
  std::size_t columnCount() const { return m_columns.size(); }
  Vector& column(std::size_t at) { return m_columns[at]; }
  const Vector& column(std::size_t at) const { return m_columns[at]; }
  void addColumn(Vector column) { m_columns.push_back(std::move(column)); }
  void clear() {
    m_columns.clear();
    m_rowCount = 0;
  }
  /// Gives the rows at `selection`, sharing values.
  Chunk selected(std::span<const std::uint16_t> selection) const;

 private:
  std::vector<Vector> m_columns;
  std::size_t m_rowCount = 0;
};

}  // namespace drift::types
