#pragma once

#include <flatbuffers/reflection.h>

#include <string>
#include <vector>

namespace muster::test {

/// What of `current` breaks data or programs made with `released`, each break with its place.
/// Only additions at the end are none: schemas/README.md. `flatc --conform` misses some of these.
std::vector<std::string> schema_breaks(const reflection::Schema& released,
                                       const reflection::Schema& current);

}  // namespace muster::test
