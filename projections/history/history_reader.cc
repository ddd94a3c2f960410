#include "projections/history/history_reader.h"

#include <algorithm>
#include <limits>
#include <ranges>
#include <string>

#include "core/base/hex.h"
#include "projections/history/keys.h"

namespace muster {
namespace {

constexpr std::size_t read_ahead = 64;  // Entries of one stream.
constexpr Sequence the_end{std::numeric_limits<std::uint64_t>::max()};

/// The smallest uuid that starts with `prefix`.
Uuid first_uuid(std::string_view prefix) {
  std::string digits(prefix);
  digits.resize(2 * Uuid{}.bytes.size(), '0');
  return parse_uuid(digits).value_or(Uuid{});
}

}  // namespace

std::vector<HistoryEntry> HistoryReader::entries_of(std::string_view key,
                                                    std::string_view block) const {
  auto entries = decode_block(id_at_end<BlockNumber>(key), block);
  if (!entries) snapshot_.end_damaged("entries of the history are damaged");
  return *std::move(entries);
}

void HistoryReader::each(const Stream& stream, Sequence first, const Sink& sink) const {
  const auto all = history_key(HistoryKey::block, stream);
  const auto from = history_key(HistoryKey::block, stream, block_of(first));
  snapshot_.scan(history_view, {all, from}, [&](std::string_view key, std::string_view block) {
    return std::ranges::all_of(entries_of(key, block), [&](const HistoryEntry& entry) {
      return entry.sequence < first || sink(entry);
    });
  });
}

void HistoryReader::each_back(const Stream& stream, Sequence last, const Sink& sink) const {
  const auto all = history_key(HistoryKey::block, stream);
  const auto from = history_key(HistoryKey::block, stream, block_of(last));
  snapshot_.scan_back(history_view, {all, from}, [&](std::string_view key, std::string_view block) {
    return std::ranges::all_of(
        std::views::reverse(entries_of(key, block)),
        [&](const HistoryEntry& entry) { return entry.sequence > last || sink(entry); });
  });
}

std::optional<HistoryEntry> HistoryReader::find(const Stream& stream, Sequence sequence) const {
  const auto key = history_key(HistoryKey::block, stream, block_of(sequence));
  const auto block = snapshot_.get(history_view, key);
  if (!block) return std::nullopt;
  const auto entries = entries_of(key, *block);
  const auto found = std::ranges::find(entries, sequence, &HistoryEntry::sequence);
  return found == entries.end() ? std::nullopt : std::optional(*found);
}

Sequence HistoryReader::last_at(Timestamp time) const {
  Sequence last;
  if (time < Timestamp{}) return last;
  const auto all = history_key(HistoryKey::last_at);
  const auto from = history_key(HistoryKey::last_at, LatestFirst{time});
  snapshot_.scan(history_view, {all, from}, [&](std::string_view, std::string_view value) {
    last = id_at_end<Sequence>(value);
    return false;
  });
  return last;
}

std::vector<FleetId> HistoryReader::fleets_called(std::string_view slug) const {
  std::vector<FleetId> fleets;
  const auto all = history_key(HistoryKey::slug_of_fleet, slug, slug_mark);
  snapshot_.scan_back(history_view, {all, {}}, [&](std::string_view, std::string_view value) {
    const auto fleet = id_at_end<FleetId>(value);
    if (std::ranges::find(fleets, fleet) == fleets.end()) fleets.push_back(fleet);
    return true;
  });
  return fleets;
}

void HistoryReader::each_life_with(std::string_view prefix,
                                   const std::function<bool(const Uuid&, DeviceId)>& sink) const {
  const std::size_t digits = 2 * Uuid{}.bytes.size();
  if (!is_lower_hex(prefix) || prefix.size() > digits) return;
  const auto all = history_key(HistoryKey::life_of_uuid);
  const auto from = history_key(HistoryKey::life_of_uuid, first_uuid(prefix));
  snapshot_.scan(history_view, {all, from}, [&](std::string_view key, std::string_view) {
    const std::string hex = to_hex(as_bytes(key.substr(all.size(), Uuid{}.bytes.size())));
    return hex.starts_with(prefix) &&
           sink(parse_uuid(hex).value_or(Uuid{}), id_at_end<DeviceId>(key));
  });
}

HistoryWalk::HistoryWalk(const HistoryReader& reader, const std::vector<Stream>& streams,
                         HistoryOrder order, Sequence from)
    : reader_(reader), order_(order) {
  const bool from_end = order == HistoryOrder::newest_first && from == Sequence{};
  for (const Stream& stream : streams) {
    tracks_.push_back(Track{.stream = stream, .from = from_end ? the_end : from, .read = {}});
  }
}

void HistoryWalk::fill(Track& track) const {
  if (track.ended || !track.read.empty()) return;
  const auto keep = [&track](const HistoryEntry& entry) {
    track.read.push_back(entry);
    return track.read.size() < read_ahead;
  };
  if (order_ == HistoryOrder::newest_first) {
    reader_.each_back(track.stream, track.from, keep);
  } else {
    reader_.each(track.stream, track.from, keep);
  }
  track.ended = track.read.size() < read_ahead;
  if (track.ended) return;
  const Sequence last = track.read.back().sequence;
  track.from =
      order_ == HistoryOrder::newest_first ? Sequence{last.value() - 1} : muster::next(last);
}

bool HistoryWalk::is_before(Sequence a, Sequence b) const {
  return order_ == HistoryOrder::newest_first ? a > b : a < b;
}

HistoryWalk::Track* HistoryWalk::nearest() {
  Track* found = nullptr;
  for (Track& track : tracks_) {
    fill(track);
    if (track.read.empty()) continue;
    const bool nearer =
        found == nullptr || is_before(track.read.front().sequence, found->read.front().sequence);
    if (nearer) found = &track;
  }
  return found;
}

std::optional<HistoryEntry> HistoryWalk::next() {
  Track* track = nearest();
  if (track == nullptr) return std::nullopt;
  HistoryEntry entry = std::move(track->read.front());
  for (Track& each : tracks_) {
    const bool same = !each.read.empty() && each.read.front().sequence == entry.sequence;
    if (&each == track || same) each.read.pop_front();
  }
  return entry;
}

}  // namespace muster
