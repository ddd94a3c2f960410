#include <charconv>
#include <nlohmann/json.hpp>

#include "tools/server/api/api.h"
#include "tools/server/api/render.h"
#include "tools/server/api/routes.h"

namespace muster {
namespace {

HttpResult<HttpResponse> list_keys(const Query& query) {
  const auto fleet = query.sight.fleet(slug_of(query.match));
  if (!fleet) return tl::unexpected(fleet.error());
  auto page = Page::of(query);
  if (!page) return tl::unexpected(page.error());
  query.reader.each_provisioning_key_of(fleet->id, [&](const ProvisioningKey& key) {
    return page->add(key.id.value(), [&] { return render(query.reader, key); });
  });
  return page->response(query);
}

HttpResult<CommandBody> issue_key(const Build& build) {
  IssueProvisioningKey command{.fleet = slug_of(build.match), .name = build.body.string("name")};
  const auto uses = build.body.optional_unsigned_integer("uses");
  if (uses && *uses <= provisioning_uses_max) {
    command.uses = static_cast<std::uint32_t>(*uses);
  } else {
    build.body.refuse("uses", "a number from 1 to 1000000", uses ? std::to_string(*uses) : "none");
  }
  const std::string text = build.body.string("expires_at");
  const auto at = parse_rfc3339(text);
  if (at) command.expires_at = *at;
  if (!at) build.body.refuse("expires_at", "a time like 2026-11-21T08:30:00Z", text);
  return command;
}

HttpResult<CommandBody> revoke_key(const Build& build) {
  const std::string& text = build.match.at("key");
  std::uint32_t id = 0;  // That of no key.
  const auto read = std::from_chars(text.data(), text.data() + text.size(), id);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) id = 0;
  return RevokeProvisioningKey{.fleet = slug_of(build.match), .id = ProvisioningKeyId{id}};
}

}  // namespace

void add_provisioning_routes(Api& api) {
  constexpr std::string_view keys = "/v1/fleets/{org}/{name}/provisioning-keys";
  api.query(keys, list_keys);
  api.command("provisioning-key.create", HttpMethod::post, keys, issue_key);
  api.command("provisioning-key.revoke", HttpMethod::del,
              "/v1/fleets/{org}/{name}/provisioning-keys/{key}", revoke_key);
  api.enrolment("/v1/provision");
}

}  // namespace muster
