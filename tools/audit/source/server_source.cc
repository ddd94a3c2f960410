#include "tools/audit/source/server_source.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace muster::audit {
namespace {

constexpr std::chrono::seconds call_time_max{60};
constexpr int ok = 200;
constexpr int not_found = 404;
constexpr int conflict = 409;  // Nothing was signed yet.

}  // namespace

ServerSource::ServerSource(std::string url, std::string token)
    : url_(std::move(url)), token_(std::move(token)), client_(url_, token_, call_time_max) {}

Result<std::optional<std::string>> ServerSource::get(const std::string& name) {
  auto response = client_.send(HttpMethod::get, fmt::format("/log/{}", name), {}, "");
  if (!response) return tl::unexpected(std::move(response).error());
  if (response->status == ok) return std::optional(std::move(response->body));
  if (response->status == not_found || response->status == conflict) return std::nullopt;
  const auto problem = problem_of(*response);
  return fail(ErrorCode::failed,
              fmt::format("{}/log/{}: {} [{}]", url_, name,
                          problem ? problem->detail : "an answer that is none of Muster's",
                          problem ? problem->code : fmt::to_string(response->status)));
}

Result<std::optional<std::string>> ServerSource::checkpoint() { return get("checkpoint"); }

Result<std::optional<std::string>> ServerSource::key() {
  auto text = get("key");
  if (text && *text && (*text)->ends_with('\n')) (*text)->pop_back();
  return text;
}

Result<Entries> ServerSource::entries(std::uint64_t index, std::uint32_t width) {
  auto bundle = get(path_of({.kind = TileId::Kind::entries, .index = index, .width = width}));
  if (!bundle) return tl::unexpected(std::move(bundle).error());
  if (*bundle) return entries_of(std::move(**bundle), width);
  Entries none;
  none.records.resize(width);
  return none;
}

Result<std::optional<TileHashes>> ServerSource::tile(const TileId& id) {
  const auto bytes = get(path_of(id));
  if (!bytes) return tl::unexpected(bytes.error());
  if (!*bytes) return std::nullopt;
  return tile_from_bytes(**bytes, id.width).map([](TileHashes hashes) {
    return std::optional(std::move(hashes));
  });
}

std::unique_ptr<LogSource> ServerSource::another() const {
  return std::make_unique<ServerSource>(url_, token_);
}

}  // namespace muster::audit
