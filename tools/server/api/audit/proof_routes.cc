#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/base/base64.h"
#include "core/log/merkle/merkle_frontier.h"
#include "core/log/merkle/proof.h"
#include "tools/server/api/api.h"
#include "tools/server/api/history/event_sight.h"
#include "tools/server/api/problems.h"
#include "tools/server/api/routes.h"
#include "tools/server/checkpoints/checkpoint_thread.h"

namespace muster {

Problem not_signed_problem(const ApiParts& parts, std::uint64_t size) {
  const std::string cause = parts.checkpoints.problem();
  return Problem{.status = 409,
                 .code = "not-signed-yet",
                 .title = "No checkpoint covers that yet",
                 .detail = cause.empty()
                               ? fmt::format("event {} is not under a signed checkpoint yet", size)
                               : cause,
                 .entity = "checkpoint",
                 .remedy = cause.empty() ? "try again in some seconds, or have an auditor run "
                                           "`muster audit checkpoint --sign`"
                                         : "tell who runs the server"};
}

namespace {

using Json = nlohmann::ordered_json;

Json render(const Proof& proof) {
  Json hashes = Json::array();
  for (const Digest& hash : proof) hashes.push_back(to_base64(hash));
  return hashes;
}

Json render(const SignedCheckpoint& latest, const NoteVerifier& verifier) {
  return Json{{"origin", latest.checkpoint.origin},
              {"size", latest.checkpoint.head.size},
              {"root", to_base64(latest.checkpoint.head.root)},
              {"note", latest.note},
              {"key", verifier.text()}};
}

/// The latest checkpoint, which must cover so many events.
HttpResult<SignedCheckpoint> covering(const Query& query, std::uint64_t size) {
  auto latest = query.parts.checkpoints.latest();
  if (latest && latest->checkpoint.head.size >= size) return *std::move(latest);
  return tl::unexpected(not_signed_problem(query.parts, size));
}

HttpResult<HttpResponse> show_checkpoint(const Query& query) {
  const auto latest = covering(query, 1);
  if (!latest) return tl::unexpected(latest.error());
  return entity_response(render(*latest, query.parts.checkpoints.verifier()));
}

void sign_checkpoint(const Api::TaskRequest& request, Api::TaskDone done) {
  if (const auto problem = request.body.finish()) return done(tl::unexpected(*problem));
  const ApiParts& parts = request.parts;
  parts.checkpoints.request([&parts, done = std::move(done)](const Result<SignedCheckpoint>& made) {
    if (!made && made.error().code == ErrorCode::unavailable) {
      return done(tl::unexpected(to_problem(made.error())));
    }
    if (!made) return done(tl::unexpected(not_signed_problem(parts, 0)));
    done(entity_response(render(*made, parts.checkpoints.verifier())));
  });
}

Problem unknown_event(std::string_view sequence) {
  return Problem{.status = 404,
                 .code = "unknown-event",
                 .title = "No such event",
                 .detail = fmt::format("event {} does not exist or you may not see it", sequence),
                 .entity = fmt::format("event {}", sequence),
                 .remedy = "an answer to a command names the sequence of its event"};
}

/// The record at `sequence`, if the caller may see what it says.
HttpResult<Record> visible_record(const Query& query, Sequence sequence) {
  auto found = query.parts.log.read(sequence);
  if (!found) return tl::unexpected(to_problem(found.error()));
  const auto recorded = query.parts.codec.decode(sequence, *found);
  if (!recorded) return tl::unexpected(to_problem(recorded.error()));
  HistorySight history(query.reader, query.caller, query.sight);
  if (EventSight(query.reader, query.caller, history).sees(*recorded)) return *std::move(found);
  return tl::unexpected(unknown_event(fmt::to_string(sequence.value())));
}

HttpResult<HttpResponse> show_inclusion(const Query& query) {
  const std::string& name = query.match.at("sequence");
  const auto number = parse_decimal(name);
  if (!number || *number == 0 || *number > query.parts.log.head().value()) {
    return tl::unexpected(unknown_event(name));
  }
  const auto record = visible_record(query, Sequence{*number});
  if (!record) return tl::unexpected(record.error());
  const auto latest = covering(query, *number);
  if (!latest) return tl::unexpected(latest.error());
  const auto proof = prove_inclusion(query.parts.tree, *number - 1, latest->checkpoint.head.size);
  if (!proof) return tl::unexpected(to_problem(proof.error()));
  return entity_response(Json{{"sequence", *number},
                              {"index", *number - 1},
                              {"leaf", to_base64(merkle_leaf(*record))},
                              {"record", to_base64(as_bytes(*record))},
                              {"hashes", render(*proof)},
                              {"checkpoint", render(*latest, query.parts.checkpoints.verifier())}});
}

HttpResult<std::optional<std::uint64_t>> size_parameter(const Query& query, std::string_view name) {
  const std::string* given = query.request.parameter(name);
  if (given == nullptr) return std::nullopt;
  const auto size = parse_decimal(*given);
  if (size) return size;
  return tl::unexpected(
      invalid_parameter_problem(std::string(name), "how many events a checkpoint covers"));
}

HttpResult<HttpResponse> show_consistency(const Query& query) {
  const auto from = size_parameter(query, "from");
  if (!from) return tl::unexpected(from.error());
  const auto to = size_parameter(query, "to");
  if (!to) return tl::unexpected(to.error());
  if (!*from) {
    return tl::unexpected(invalid_parameter_problem("from", "the size of the older checkpoint"));
  }
  const auto latest = covering(query, std::max(from->value(), to->value_or(0)));
  if (!latest) return tl::unexpected(latest.error());
  const std::uint64_t size = to->value_or(latest->checkpoint.head.size);
  const auto proof = prove_consistency(query.parts.tree, **from, size);
  if (!proof) {
    if (proof.error().code != ErrorCode::invalid_input) {
      return tl::unexpected(to_problem(proof.error()));
    }
    return tl::unexpected(invalid_parameter_problem("from", "not above `to`"));
  }
  return entity_response(Json{{"from", **from},
                              {"to", size},
                              {"hashes", render(*proof)},
                              {"checkpoint", render(*latest, query.parts.checkpoints.verifier())}});
}

}  // namespace

void add_audit_routes(Api& api) {
  api.query("/v1/audit/checkpoint", show_checkpoint);
  api.task("/v1/audit/checkpoint", {.entity = "checkpoint", .also = InstanceRole::auditor},
           sign_checkpoint);
  api.query("/v1/audit/inclusion/{sequence}", show_inclusion);
  api.query("/v1/audit/consistency", show_consistency);
}

}  // namespace muster
