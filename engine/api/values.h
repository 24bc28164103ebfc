// The vocabulary of the engine that programs see: results, errors, values, chunks.
#pragma once

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "types/text.h"
#include "types/type.h"
#include "types/value.h"
#include "types/vector.h"

namespace drift::api {

using types::Chunk;
using types::Type;
using types::TypeId;
using types::Value;
using types::Vector;

}  // namespace drift::api
