#pragma once

#include <string>

#include "core/engine/engine.h"
#include "tools/server/api/commands/names.h"

namespace muster {

/// True if the outcome is the pin of one device and nothing else: what most commands in bulk are.
[[nodiscard]] bool is_single_pin(const Accepted& accepted);

/// The answer to it, byte for byte as AnswerWriter would make it of documents, at a fraction of the
/// cost; `current`: the lists show the change.
void append_pin_answer(std::string& out, const Accepted& accepted, Names& names, bool current);

}  // namespace muster
