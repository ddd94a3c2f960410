#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/base/uuid.h"
#include "core/log/merkle/merkle_tree.h"

namespace muster {

/// What a checkpoint says: which log it is of, and which tree the log then had.
struct Checkpoint {
  std::string origin;
  TreeHead head;

  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

/// The origin of a log's checkpoints: `<name>/<log uuid>/e<epoch>`.
[[nodiscard]] std::string make_origin(std::string_view name, const Uuid& log, std::uint64_t epoch);

/// Its parts again; empty ones of a text that is none.
struct Origin {
  std::string name;
  std::string log;
  std::uint64_t epoch = 0;
};
[[nodiscard]] Origin parse_origin(std::string_view text);

/// As the text of a C2SP tlog-checkpoint, which is then signed.
[[nodiscard]] std::string to_text(const Checkpoint& checkpoint);

/// Reads what to_text wrote; lines after it are of no concern. Errors: invalid_input.
[[nodiscard]] Result<Checkpoint> parse_checkpoint(std::string_view text);

}  // namespace muster
