#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/domain/decide/command.h"
#include "tools/http/json_body.h"
#include "tools/http/message.h"
#include "tools/http/problem.h"

namespace muster {

class Api;
struct ApiParts;
struct Device;
class RouteMatch;
struct Query;

// The routes of docs/http-api.md, one function a group of resources.
void add_system_routes(Api& api);
void add_projection_routes(Api& api);
void add_organisation_routes(Api& api);
void add_user_routes(Api& api);
void add_fleet_routes(Api& api);
void add_release_routes(Api& api);
void add_device_routes(Api& api);
void add_device_life_routes(Api& api);
void add_fleet_life_routes(Api& api);
void add_provisioning_routes(Api& api);
void add_view_routes(Api& api);
void add_action_routes(Api& api);
void add_action_commands(Api& api);
void add_move_routes(Api& api);
void add_refusal_routes(Api& api);
void add_backup_routes(Api& api);
void add_log_routes(Api& api);
void add_audit_routes(Api& api);
void add_history_routes(Api& api);
void add_why_routes(Api& api);
void add_as_of_routes(Api& api);
void add_diff_routes(Api& api);
void add_export_routes(Api& api);

/// A device as its row and what is known of it right now say.
nlohmann::ordered_json render_seen(const Query& query, const Device& device);

/// `{org}/{name}` of a route about a fleet.
std::string slug_of(const RouteMatch& match);

/// The body of a registration, but for the fleet: somebody's, or the device's own.
/// Problems: 400 `invalid-uuid`.
HttpResult<RegisterDevice> read_registration(JsonReader& body);

/// The time in the field `name` of a body.
Timestamp read_time(JsonReader& body, std::string_view name);

/// 409 `not-signed-yet`: no checkpoint covers so many events.
Problem not_signed_problem(const ApiParts& parts, std::uint64_t size);

/// One entity, with its version as ETag.
HttpResponse entity_response(const nlohmann::ordered_json& entity);

/// How many items a page of the list has. Problems: 400 `invalid-field` for a bad `limit`.
HttpResult<std::uint32_t> page_limit(const Query& query);

/// Collects one page of a list: the items that `add` is called with, between `after` and `limit`
/// of the query. Items come in the order of their cursors, which are the ids.
class Page {
 public:
  /// Problems: 400 `invalid-field` for a bad `limit` or `after`.
  static HttpResult<Page> of(const Query& query);

  /// Items up to this cursor belong to earlier pages.
  [[nodiscard]] std::uint32_t after() const noexcept { return after_; }

  /// Adds the item with that cursor, made only if it belongs to this page. False: the page is
  /// full, no more are wanted.
  bool add(std::uint32_t cursor, const std::function<nlohmann::ordered_json()>& make);

  [[nodiscard]] HttpResponse response(const Query& query) const;

 private:
  std::uint32_t after_ = 0;
  std::size_t limit_ = 0;
  std::string items_;
  std::size_t count_ = 0;
  std::uint32_t last_ = 0;
  bool more_ = false;
};

}  // namespace muster
