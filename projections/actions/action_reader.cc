#include "projections/actions/action_reader.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "projections/actions/keys.h"
#include "projections/view_store.h"

namespace muster {
namespace {

template <typename Record>
std::optional<Record> find_record(const ViewSnapshot& snapshot, const std::string& key) {
  const auto bytes = snapshot.get(actions_view, key);
  if (!bytes) return std::nullopt;
  auto record = decode_record<Record>(*bytes);
  if (!record) snapshot.end_damaged(record.error().message);
  return std::move(*record);
}

/// The sequences at the end of the keys of that kind, newest first, those before `before`.
template <typename... Parts>
void each_newest(const ViewSnapshot& snapshot, Sequence before, const ActionReader::Sink& sink,
                 ActionsKey kind, const Parts&... parts) {
  const auto prefix = action_key(kind, parts...);
  const auto from = before == Sequence{}
                        ? prefix
                        : action_key(kind, parts..., NewestFirst{Sequence{before.value() - 1}});
  snapshot.scan(actions_view, {prefix, from},
                [&](std::string_view key, std::string_view) { return sink(newest_at_end(key)); });
}

}  // namespace

std::optional<ActionRecord> ActionReader::find(Sequence n) const {
  return find_record<ActionRecord>(reader_.snapshot(),
                                   action_key(ActionsKey::action, NewestFirst{n}));
}

std::optional<ActionRollUp> ActionReader::find_roll_up(const Ulid& id) const {
  return find_record<ActionRollUp>(reader_.snapshot(), action_key(ActionsKey::roll_up, id));
}

ActionProgress ActionReader::progress_of(const ActionRecord& action) const {
  ActionProgress progress = action.progress;
  if (action.fleet == FleetId{}) return progress;
  const auto roll_up = find_roll_up(action.asked.front().id);
  const bool was_ended = progress.over() && roll_up && roll_up->open() == 0;
  if (roll_up && !was_ended) progress.state = roll_up->state();
  return progress;
}

ActionProgress ActionReader::progress_on(const ActionRecord& action, DeviceId device) const {
  if (action.device != DeviceId{}) return action.progress;
  const auto part = find_record<ActionProgress>(reader_.snapshot(),
                                                action_key(ActionsKey::part, action.n, device));
  return part.value_or(action.progress);
}

void ActionReader::each_of(const Ulid& id, Sequence after, const Sink& sink) const {
  const auto prefix = action_key(ActionsKey::action_of_id, id);
  const auto from = action_key(ActionsKey::action_of_id, id, next(after));
  reader_.snapshot().scan(
      actions_view, {prefix, from},
      [&](std::string_view key, std::string_view) { return sink(id_at_end<Sequence>(key)); });
}

void ActionReader::each(Sequence before, const Sink& sink) const {
  each_newest(reader_.snapshot(), before, sink, ActionsKey::action);
}

std::vector<Sequence> ActionReader::wide_for(const Device& device, Sequence before) const {
  std::vector<Sequence> meant;
  if (device.lifecycle != Lifecycle::active) return meant;
  const auto own = reader_.find_queue(device.id);
  const Sequence joined = own ? own->joined : Sequence{};
  const auto prefix = action_key(ActionsKey::wide_of_fleet, device.fleet);
  reader_.snapshot().scan(actions_view, {prefix, prefix},
                          [&](std::string_view key, std::string_view last) {
                            const Sequence n = newest_at_end(key);
                            const bool wanted = before == Sequence{} || n < before;
                            if (wanted && device.id <= id_at_end<DeviceId>(last))
                              meant.push_back(n);
                            return n > joined;
                          });
  std::erase_if(meant, [&](Sequence n) { return n <= joined; });
  return meant;
}

void ActionReader::each_of_device(const Device& device, Sequence before, const Sink& sink) const {
  // A fleet-wide action has no entry of a device on which nothing happened.
  const std::vector<Sequence> wide = wide_for(device, before);
  auto next_wide = wide.begin();
  bool more = true;
  const auto pass_above = [&](Sequence n) {
    for (; more && next_wide != wide.end() && *next_wide > n; ++next_wide) more = sink(*next_wide);
  };
  const auto merge = [&](Sequence n) {
    pass_above(n);
    if (next_wide != wide.end() && *next_wide == n) ++next_wide;
    more = more && sink(n);
    return more;
  };
  each_newest(reader_.snapshot(), before, merge, ActionsKey::action_of_device, device.id);
  pass_above(Sequence{});
}

void ActionReader::each_of_fleet(FleetId fleet, Sequence before, const Sink& sink) const {
  each_newest(reader_.snapshot(), before, sink, ActionsKey::action_of_fleet, fleet);
}

void ActionReader::each_part(Sequence n, DeviceId after, const PartSink& sink) const {
  if (after == DeviceId{UINT32_MAX}) return;
  const auto prefix = action_key(ActionsKey::part, n);
  const auto from = action_key(ActionsKey::part, n, next(after));
  const ViewSnapshot& snapshot = reader_.snapshot();
  snapshot.scan(actions_view, {prefix, from}, [&](std::string_view key, std::string_view value) {
    const auto part = decode_record<ActionProgress>(value);
    if (!part) snapshot.end_damaged(part.error().message);
    return sink(id_at_end<DeviceId>(key), *part);
  });
}

std::vector<ActionReader::Due> ActionReader::due(Timestamp now, std::size_t limit) const {
  std::vector<Due> found;
  const auto prefix = action_key(ActionsKey::deadline);
  const auto end = action_key(ActionsKey::deadline, now + Timestamp::duration{1});
  reader_.snapshot().scan(
      actions_view, {prefix, prefix}, [&](std::string_view key, std::string_view) {
        if (key >= end || found.size() >= limit) return false;
        constexpr std::size_t n_size = sizeof(std::uint64_t);
        constexpr std::size_t id_size = sizeof(std::uint32_t);
        const auto before_n = key.substr(0, key.size() - n_size);
        found.push_back(
            {.device = id_at_end<DeviceId>(before_n.substr(0, before_n.size() - id_size)),
             .fleet = id_at_end<FleetId>(before_n),
             .n = id_at_end<Sequence>(key)});
        return true;
      });
  return found;
}

ActionReader::Queue ActionReader::queue_of(const Device& device) const {
  Queue queue{.own = reader_.find_queue(device.id),
              .fleet = reader_.find_actions(device.fleet),
              .entries = {}};
  queue.entries = muster::queue_of(device, queue.own ? &*queue.own : nullptr,
                                   queue.fleet ? &*queue.fleet : nullptr);
  return queue;
}

}  // namespace muster
