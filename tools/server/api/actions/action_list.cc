#include "tools/server/api/actions/action_list.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/server/api/problems.h"

namespace muster {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t actions_max = 10'000;  // Of one command.

Json text_or_null(const std::optional<Timestamp>& at) {
  return at ? Json(to_rfc3339(*at)) : Json(nullptr);
}

Problem unknown_action(std::string_view name) {
  return unknown_problem(RejectionCode::unknown_action, fmt::format("action {}", name),
                         "`muster action list` shows your actions");
}

void add_late(Json& line, const std::optional<LateResult>& late) {
  if (!late) return;
  line["late_result"] = Json{{"state", to_string(late->state)},
                             {"code", late->code},
                             {"message", late->message},
                             {"at", to_rfc3339(late->at)}};
}

}  // namespace

bool sees(const Reader& reader, const Sight& sight, const ActionRecord& action) {
  if (action.device != DeviceId{}) {
    const auto device = reader.find(action.device);
    const auto fleet = device ? reader.find(device->fleet) : std::nullopt;
    return fleet && sight.sees(*fleet);
  }
  // The devices that a selection left out are seen with those it has.
  const auto fleet = reader.find(action.fleet);
  return action.fleet == FleetId{} || (fleet && sight.sees(*fleet));
}

HttpResult<std::vector<ActionRecord>> find_action(const Reader& reader, const Sight& sight,
                                                  std::string_view name) {
  const ActionReader actions(reader);
  std::vector<ActionRecord> found;
  const auto add = [&](Sequence n) {
    if (auto action = actions.find(n)) found.push_back(*std::move(action));
    return found.size() <= actions_max;
  };
  const auto id = parse_ulid(name);
  const auto n = parse_decimal(name);
  if (id) actions.each_of(*id, Sequence{}, add);
  if (!id && n) add(Sequence{*n});
  for (const ActionRecord& action : found) {
    if (!sees(reader, sight, action)) return tl::unexpected(unknown_action(name));
  }
  if (found.empty()) return tl::unexpected(unknown_action(name));
  return found;
}

std::string_view state_word(const ActionProgress& progress) {
  return progress.cancelling && !progress.over() ? "cancelling" : to_string(progress.state);
}

Json render_action(const ActionRecord& action, DeviceId device, const ActionProgress& progress,
                   Names& names) {
  const ActionAsked& asked = action.asked.front();
  const bool one = device != DeviceId{};
  Json line{{"id", to_string(asked.id)},
            {"n", action.n.value()},
            {"device", one ? Json(names.of(device)) : Json(nullptr)},
            {"fleet", action.fleet == FleetId{} ? Json(nullptr) : Json(names.of(action.fleet))},
            {"kind", to_string(action.order.kind)},
            {"state", state_word(progress)},
            {"cause", progress.cause ? Json(to_string(*progress.cause)) : Json(nullptr)}};
  if (action.order.kind == ActionKind::os_update) line["os_version"] = action.order.os_version;
  line["force"] = action.order.force;
  line["by_move"] = action.by_move;
  Json requesters = Json::array();
  for (const ActionAsked& each : action.asked) {
    requesters.push_back(each.user == UserId{} ? Json("muster") : Json(names.of(each.user)));
  }
  line["asked_by"] = std::move(requesters);
  line["asked_at"] = to_rfc3339(asked.at);
  line["reason"] = asked.reason;
  line["deliver_by"] = text_or_null(action.order.deliver_by);
  line["execute_within_s"] = action.order.execute_within_s;
  line["attempts"] = progress.attempts;
  line["code"] = progress.code;
  line["message"] = progress.message;
  line["published_at"] = text_or_null(progress.published_at);
  line["delivered_at"] = text_or_null(progress.delivered_at);
  line["started_at"] = text_or_null(progress.started_at);
  line["ended_at"] = text_or_null(progress.ended_at);
  add_late(line, progress.late);
  return line;
}

Json render_roll_up(const ActionRollUp& roll_up, Names& names) {
  const ActionAsked& asked = roll_up.asked;
  Json counts = Json::object();
  for (int state = 1; state <= static_cast<int>(ActionState::skipped); ++state) {
    const auto word = static_cast<ActionState>(state);
    counts[std::string(to_string(word))] = roll_up.count(word);
  }
  Json fleets = Json::array();
  for (const FleetId fleet : roll_up.fleets) fleets.push_back(names.of(fleet));
  return Json{{"id", to_string(asked.id)},
              {"kind", to_string(roll_up.kind)},
              {"fleets", std::move(fleets)},
              {"asked_by", asked.user == UserId{} ? "muster" : names.of(asked.user)},
              {"asked_at", to_rfc3339(asked.at)},
              {"reason", asked.reason},
              {"devices", roll_up.devices()},
              {"open", roll_up.open()},
              {"over", roll_up.open() == 0},
              {"counts", std::move(counts)}};
}

}  // namespace muster
