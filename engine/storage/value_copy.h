// Copies of values between vectors of one physical type. Stateless.
#pragma once

#include <cstring>

#include "types/vector.h"

namespace drift::storage {

/// Copies one value, NULL or its bytes.
void copyValue(const types::Vector& source, std::size_t from, types::Vector& target, std::size_t to);

/// Bytes that a flat vector's values take up, those of long strings included.
std::size_t bytesOf(const types::Vector& vector);

/// Copies the value of one row of a flat vector to another row of it.
void repeatValue(types::Vector& vector, std::size_t from, std::size_t to);

/// Copies many values from one source into a flat target. Strings are shared: the target keeps their owners.
class ValueSharer final {
 public:
  ValueSharer(const types::Vector& source, types::Vector& target)
      : m_source(source.view()),
        m_isPlain(m_source.isFlat() && !m_source.mayHaveNulls()),
        m_target(target),
        m_bytes(target.data<std::byte>()),
        m_size(types::physicalSize(source.type().physical())) {
    target.keepHeapsOf(source);
  }

  /// Copies `count` rows one behind the other.
  void copyAll(std::size_t from, std::size_t to, std::size_t count) {
    if (m_isPlain) std::memcpy(m_bytes + to * m_size, m_source.data<std::byte>() + from * m_size, count * m_size);
    else for (std::size_t i = 0; i < count; ++i) copy(from + i, to + i);
  }
  void copy(std::size_t from, std::size_t to) {
    if (m_source.isNull(from)) {
      m_target.setNull(to);
      return;
    }
    const auto* value = m_source.data<std::byte>() + m_source.index(from) * m_size;
    if (m_size == 8) std::memcpy(m_bytes + to * 8, value, 8);
    else if (m_size == 4) std::memcpy(m_bytes + to * 4, value, 4);
    else if (m_size == 16) std::memcpy(m_bytes + to * 16, value, 16);
    else std::memcpy(m_bytes + to * m_size, value, m_size);
  }

 private:
  types::VectorView m_source;
  bool m_isPlain;  ///< flat, and no value is NULL
  types::Vector& m_target;
  std::byte* m_bytes;
  std::size_t m_size;
};

}  // namespace drift::storage
