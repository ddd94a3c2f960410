#include "tools/server/api/commands/bulk_options.h"

#include <fmt/format.h>

#include "tools/server/api/problems.h"

namespace muster {
namespace {

constexpr std::size_t key_bytes_max = 150;  // Leaves room for the line's number.

Problem not_in_lines(std::string_view type) {
  return Problem{.status = 415,
                 .code = "unsupported-media-type",
                 .title = "The body is of a type that is not taken",
                 .detail = fmt::format("Commands in bulk are one JSON object a line, of type {}; "
                                       "this body is '{}'.",
                                       ndjson_type, type),
                 .remedy = fmt::format("Send Content-Type: {}.", ndjson_type)};
}

}  // namespace

HttpResult<BulkOptions> BulkOptions::of(const HttpRequest& request) {
  const auto type = request.headers.value("content-type");
  if (!is_ndjson(type)) return tl::unexpected(not_in_lines(type));
  BulkOptions options;
  const auto dry = flag_of(request, "dry_run");
  if (!dry) return tl::unexpected(dry.error());
  options.defaults.dry_run = *dry;
  const auto stop = flag_of(request, "stop_on_error");
  if (!stop) return tl::unexpected(stop.error());
  options.stop_on_error = *stop;
  if (const std::string* first = request.parameter("first_line")) {
    options.first_line = parse_decimal(*first).value_or(0);
    if (options.first_line == 0) {
      return tl::unexpected(invalid_parameter_problem("first_line", "a number from 1 on"));
    }
  }
  if (const std::string* key = request.headers.find("idempotency-key")) {
    if (key->empty() || key->size() > key_bytes_max) {
      return tl::unexpected(invalid_parameter_problem(
          "Idempotency-Key", fmt::format("1 to {} bytes for commands in bulk", key_bytes_max)));
    }
    options.defaults.idempotency_key = *key;
  }
  return options;
}

LineDefaults BulkOptions::for_line(std::uint64_t number) const {
  LineDefaults line = defaults;
  if (!line.idempotency_key.empty()) line.idempotency_key += fmt::format(":{}", number);
  return line;
}

}  // namespace muster
