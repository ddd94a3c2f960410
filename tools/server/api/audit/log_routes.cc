#include <fmt/format.h>

#include "core/log/merkle/entry_bundle.h"
#include "core/log/merkle/tile.h"
#include "tools/server/api/api.h"
#include "tools/server/api/problems.h"
#include "tools/server/api/routes.h"
#include "tools/server/checkpoints/checkpoint_thread.h"

namespace muster {
namespace {

constexpr const char* text_type = "text/plain; charset=utf-8";
constexpr const char* bytes_type = "application/octet-stream";
constexpr std::size_t index_segments_max = 7;  // Groups of digits, and a width.

/// The log holds what all organisations do.
HttpResult<void> check_auditor(const Query& query) {
  if (query.caller.asker.has(InstanceRole::auditor)) return {};
  return tl::unexpected(
      to_problem(Rejection{.code = RejectionCode::not_allowed,
                           .entity = "log",
                           .rule = "only auditors read the log as a whole",
                           .remedy = "ask an auditor; the proof of an event that you may see is at "
                                     "/v1/audit/inclusion"}));
}

HttpResult<HttpResponse> give_checkpoint(const Query& query) {
  const auto allowed = check_auditor(query);
  if (!allowed) return tl::unexpected(allowed.error());
  const auto latest = query.parts.checkpoints.latest();
  if (!latest) return tl::unexpected(not_signed_problem(query.parts, 0));
  return HttpResponse{.content_type = text_type, .body = latest->note};
}

HttpResult<HttpResponse> give_key(const Query& query) {
  const auto allowed = check_auditor(query);
  if (!allowed) return tl::unexpected(allowed.error());
  return HttpResponse{.content_type = text_type,
                      .body = query.parts.checkpoints.verifier().text() + "\n"};
}

Result<std::string> read_bundle(const EventLog& log, const TileId& id) {
  std::string bundle;
  std::uint32_t left = id.width;
  const auto read =
      log.read_after(Sequence{id.index * tile_width}, [&](Sequence, std::string_view record) {
        append_entry(bundle, record);
        return --left > 0;
      });
  if (!read) return tl::unexpected(read.error());
  return bundle;
}

Result<std::string> read_resource(const ApiParts& parts, const TileId& id) {
  if (id.kind == TileId::Kind::entries) return read_bundle(parts.log, id);
  return parts.tree.tile(id).map([](const TileHashes& hashes) { return to_bytes(hashes); });
}

HttpResult<HttpResponse> give_tile(const Query& query) {
  const auto allowed = check_auditor(query);
  if (!allowed) return tl::unexpected(allowed.error());
  std::string path = "tile";
  const auto& segments = query.request.segments;
  for (auto part = segments.begin() + 2; part != segments.end(); ++part) path += "/" + *part;
  const auto id = parse_tile_path(path);
  const std::uint64_t size = query.parts.tree.tree_head().size;
  if (!id || !has_tile(size, *id)) {
    return tl::unexpected(
        Problem{.status = 404,
                .code = "unknown-tile",
                .title = "No such tile",
                .detail = fmt::format("the log of {} events has no {}", size, path),
                .entity = path,
                .remedy = "docs/audit.md says which tiles a log of a size has"});
  }
  auto bytes = read_resource(query.parts, *id);
  if (!bytes) return tl::unexpected(to_problem(bytes.error()));
  return HttpResponse{.content_type = bytes_type, .body = *std::move(bytes)};
}

}  // namespace

void add_log_routes(Api& api) {
  api.query("/log/checkpoint", give_checkpoint);
  api.query("/log/key", give_key);
  std::string pattern = "/log/tile/{level}";
  for (std::size_t segment = 0; segment < index_segments_max; ++segment) {
    pattern += fmt::format("/{{index{}}}", segment);
    api.query(pattern, give_tile);
  }
}

}  // namespace muster
