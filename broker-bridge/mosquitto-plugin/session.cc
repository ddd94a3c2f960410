#include "broker-bridge/mosquitto-plugin/session.h"

// clang-format off: the second needs what the first declares.
#include <mosquitto_broker.h>
#include <mosquitto_plugin.h>
#include <mosquitto.h>
// clang-format on

#include <ctime>
#include <span>
#include <string>
#include <utility>

#include "broker-bridge/credentials/control_message.h"
#include "broker-bridge/mosquitto-plugin/topic_access.h"

namespace muster {
namespace {

constexpr std::size_t told_max = 150;  // In one message: each is at most 100 bytes.

std::string_view text_of(const char* text) {
  return text == nullptr ? std::string_view() : std::string_view(text);
}

void tell(std::span<const ControlNotice> notices) {
  const std::string text = render(notices);
  constexpr int at_least_once = 1;
  const std::string topic(control_response_topic);
  mosquitto_broker_publish_copy(nullptr, topic.c_str(), static_cast<int>(text.size()), text.data(),
                                at_least_once, false, nullptr);
}

void close(const Uuid& device, bool with_will) {
  mosquitto_kick_client_by_username(to_string(device).c_str(), with_will);
}

void say(int level, const std::string& text) {
  mosquitto_log_printf(level, "muster: %s", text.c_str());
}

Result<Gate::Trust> read_trust(const PluginOptions& options) {
  const auto keys = read_plugin_file(options.device_keys);
  if (!keys) return tl::unexpected(keys.error());
  auto verifier = TokenVerifier::from_pem(*keys);
  if (!verifier) {
    return fail(ErrorCode::invalid_input,
                options.device_keys.string() + ": " + verifier.error().message);
  }
  const auto text = read_plugin_file(options.bridge_secret);
  if (!text) return tl::unexpected(text.error());
  auto secret = bridge_secret_in(*text);
  if (!secret) return tl::unexpected(secret.error());
  return Gate::Trust{std::move(*verifier), std::move(*secret)};
}

}  // namespace

Result<Session> Session::start(const PluginOptions& options) {
  auto trust = read_trust(options);
  if (!trust) return tl::unexpected(trust.error());
  const auto tell_one = [](const ControlNotice& notice) { tell(std::span(&notice, 1)); };
  return Session(options, Gate(options.log, std::move(*trust), {.close = close, .tell = tell_one}));
}

bool Session::admit(mosquitto* client, const char* username, const char* password) {
  const Gate::Knock knock{.client = client,
                          .client_id = text_of(mosquitto_client_id(client)),
                          .username = text_of(username),
                          .password = text_of(password),
                          .now_s = std::time(nullptr)};
  const auto refusal = gate_.refusal_of(knock);
  if (!refusal) return true;
  if (const auto device = parse_uuid(knock.username)) {
    refusals_.add(*device, *refusal, knock.now_s);
  }
  return false;
}

bool Session::allows(const mosquitto_evt_acl_check& access) {
  const auto username = text_of(mosquitto_client_username(access.client));
  const auto topic = text_of(access.topic);
  const bool is_bridge = username == bridge_username;
  switch (access.access) {
    case MOSQ_ACL_WRITE:
      return is_bridge ? bridge_may_use(topic)
                       : device_may_write(username, {.topic = topic,
                                                     .payload_size = access.payloadlen,
                                                     .retain = access.retain});
    case MOSQ_ACL_READ:
    case MOSQ_ACL_SUBSCRIBE:
      return is_bridge ? bridge_may_use(topic) : device_may_read(username, topic);
    case MOSQ_ACL_UNSUBSCRIBE:
      return true;
    default:
      return false;
  }
}

void Session::left(mosquitto* client) {
  gate_.left(text_of(mosquitto_client_username(client)), client);
}

void Session::control(std::string_view text) {
  const auto request = parse_control_request(text);
  if (!request) {
    say(MOSQ_LOG_WARNING, "a request was refused: " + request.error().message);
    return;
  }
  const bool was_open = gate_.is_open();
  const auto taken = gate_.take(*request);
  const ControlNotice answer =
      ControlAnswer{request->id, taken ? std::string() : taken.error().message};
  tell(std::span(&answer, 1));
  if (!was_open && gate_.is_open()) say(MOSQ_LOG_NOTICE, "devices are let in");
}

void Session::tick(std::int64_t now_s) {
  if (now_s == told_at_s_) return;
  told_at_s_ = now_s;
  const auto refused = refusals_.take(told_max);
  if (refused.empty()) return;
  std::vector<ControlNotice> notices(refused.begin(), refused.end());
  tell(notices);
  for (const ConnectsRefused& each : refused) {
    say(MOSQ_LOG_NOTICE, "refused device " + to_string(each.device) + ": " +
                             std::string(to_string(each.cause)) + ", " +
                             std::to_string(each.count) + " times");
  }
}

void Session::reload() {
  auto trust = read_trust(options_);
  if (!trust) {
    say(MOSQ_LOG_ERR, "not reloaded, what was read before stays: " + trust.error().message);
    return;
  }
  gate_.trust(std::move(*trust));
  say(MOSQ_LOG_NOTICE, "keys and secret reloaded");
}

}  // namespace muster
