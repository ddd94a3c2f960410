#include "tools/agent/actions/action_memory.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tools/agent/support/json_reader.h"

namespace muster::agent {
namespace {

using Json = nlohmann::ordered_json;

}  // namespace

const Ack* ActionMemory::find(const ActionKey& key) const {
  const auto found = std::ranges::find(results, key, &Ack::key);
  return found == results.end() ? nullptr : &*found;
}

void ActionMemory::add(Ack result) {
  const auto place = std::ranges::upper_bound(results, result.key.position, {},
                                              [](const Ack& each) { return each.key.position; });
  results.insert(place, std::move(result));
  if (results.size() > results_max) results.erase(results.begin());
}

std::string encode_action_memory(const ActionMemory& memory) {
  Json json{{"started", nullptr}, {"boot", ""}, {"results", Json::array()}};
  if (memory.started) {
    json["started"] = Json::parse(encode_action(memory.started->action));
    json["boot"] = memory.started->boot;
  }
  for (const auto& result : memory.results) {
    json["results"].push_back(Json::parse(encode_ack(result, Encoding::json)));
  }
  return json.dump();
}

Result<ActionMemory> parse_action_memory(std::string_view text) {
  const auto json = parse_json_object(text);
  if (!json) return tl::unexpected(json.error());
  const JsonReader in(*json);
  ActionMemory memory;
  const auto boot = in.text("boot");
  const auto started = in.optional_raw_object("started");
  for (const auto& each : in.optional_raw_objects("results")) {
    auto result = parse_ack(each);
    if (!result) return tl::unexpected(result.error());
    memory.results.push_back(std::move(*result));
  }
  if (in.problem()) return tl::unexpected(*in.problem());
  if (started == "{}") return memory;
  auto action = parse_stored_action(started);
  if (!action) return tl::unexpected(action.error());
  memory.started = ActionMemory::Started{std::move(*action), boot};
  return memory;
}

}  // namespace muster::agent
