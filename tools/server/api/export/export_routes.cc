#include "tools/server/api/api.h"
#include "tools/server/api/export/event_stream.h"
#include "tools/server/api/problems.h"
#include "tools/server/api/routes.h"

// The log as a stream of CloudEvents: what the caller may see of it.

namespace muster {
namespace {

HttpResult<std::uint64_t> read_number(const Query& query, std::string_view name) {
  const std::string* given = query.request.parameter(name);
  if (given == nullptr) return 0;
  const auto number = parse_decimal(*given);
  if (number) return *number;
  return tl::unexpected(invalid_parameter_problem(std::string(name), "a number"));
}

HttpResult<ExportQuery> read_query(const Query& query) {
  const auto after = read_number(query, "after");
  if (!after) return tl::unexpected(after.error());
  const auto limit = read_number(query, "limit");
  if (!limit) return tl::unexpected(limit.error());
  const auto follow = flag_of(query.request, "follow");
  if (!follow) return tl::unexpected(follow.error());
  return ExportQuery{.after = Sequence{*after}, .limit = *limit, .follow = *follow};
}

HttpResult<std::shared_ptr<HttpDialogue>> export_events(const Query& query, const Later& later,
                                                        const EventStream::Count& count) {
  const auto wanted = read_query(query);
  if (!wanted) return tl::unexpected(wanted.error());
  const Sequence position = query.reader.position();
  if (wanted->after > position) {
    return tl::unexpected(
        invalid_parameter_problem("after", "the sequence of an event that there is"));
  }
  if (*count >= EventStream::streams_max) {
    return tl::unexpected(busy_problem("too many exports at once"));
  }
  return std::make_shared<EventStream>(
      EventStream::Parts{.api = query.parts, .later = later, .count = count}, query.request,
      *wanted, position);
}

}  // namespace

void add_export_routes(Api& api) {
  const auto count = std::make_shared<std::atomic<int>>(0);
  api.stream("/v1/events", [count](const Query& query, const Later& later) {
    return export_events(query, later, count);
  });
}

}  // namespace muster
