#pragma once

#include <cstdint>

#include "tools/http/problem.h"
#include "tools/server/api/commands/command_table.h"

namespace muster {

/// What a request says of all the lines in its body.
struct BulkOptions {
  LineDefaults defaults;  // The key without the number of the line, which `for_line` adds.
  bool stop_on_error = false;
  std::uint64_t first_line = 1;

  /// Problems: 400 `invalid-field`; 415 `unsupported-media-type` for a body that is not in lines.
  static HttpResult<BulkOptions> of(const HttpRequest& request);

  [[nodiscard]] LineDefaults for_line(std::uint64_t number) const;
};

}  // namespace muster
