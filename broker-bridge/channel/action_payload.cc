#include "broker-bridge/channel/action_payload.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "broker-bridge/channel/flat_codec.h"

namespace muster {
namespace {

std::string json_action(const LogIdentity& identity, const ActionMessage& action) {
  const ActionOrder& order = action.order;
  const std::string deliver_by =
      order.deliver_by ? fmt::format(R"("{}")", to_rfc3339(*order.deliver_by)) : "null";
  return fmt::format(R"({{"v":1,"epoch":{},"n":{},"id":"{}","kind":"{}","args":{},"force":{},)"
                     R"("deliver_by":{},"execute_within_s":{},"attempt":{}}})",
                     identity.epoch_of(action.n), action.n.value(), to_string(action.id),
                     to_string(order.kind), arguments_of(order), order.force, deliver_by,
                     order.execute_within_s, action.attempt);
}

}  // namespace

std::string arguments_of(const ActionOrder& order) {
  if (order.kind != ActionKind::os_update) return "{}";
  return nlohmann::json{{"version", order.os_version}}.dump();
}

std::string action_payload(const LogIdentity& identity, const ActionMessage& action,
                           Encoding encoding) {
  return encoding == Encoding::flatbuffers ? flat::action_payload(identity, action)
                                           : json_action(identity, action);
}

std::string cancel_payload(const LogIdentity& identity, Sequence n, const Ulid& id,
                           Encoding encoding) {
  if (encoding == Encoding::flatbuffers) return flat::cancel_payload(identity, n, id);
  return fmt::format(R"({{"v":1,"epoch":{},"n":{},"id":"{}"}})", identity.epoch_of(n), n.value(),
                     to_string(id));
}

}  // namespace muster
