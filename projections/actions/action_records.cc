#include "projections/actions/action_records.h"

#include <numeric>

#include "projections/rows/action_fields.h"

namespace muster {

template <>
inline constexpr bool is_part<LateResult> = true;
template <>
inline constexpr bool is_part<ActionProgress> = true;
template <>
inline constexpr bool is_part<ActionAsked> = true;

template <typename Archive, Is<LateResult> Record>
void fields(Archive& archive, Record& record) {
  auto& [state, code, message, at] = record;
  archive(state, code, message, at);
}

template <typename Archive, Is<ActionProgress> Record>
void fields(Archive& archive, Record& record) {
  auto& [state, cause, cancelling, attempts, code, message, published_at, delivered_at, started_at,
         ended_at, deadline, late] = record;
  archive(state, cause, cancelling, attempts, code, message, published_at, delivered_at, started_at,
          ended_at, deadline, late);
}

template <typename Archive, Is<ActionAsked> Record>
void fields(Archive& archive, Record& record) {
  auto& [id, user, reason, at] = record;
  archive(id, user, reason, at);
}

template <typename Archive, Is<ActionRecord> Record>
void fields(Archive& archive, Record& record) {
  auto& [n, order, device, fleet, last_device, by_move, asked, progress, untouched] = record;
  archive(n, order, device, fleet, last_device, by_move, asked, progress, untouched);
}

template <typename Archive, Is<ActionRollUp> Record>
void fields(Archive& archive, Record& record) {
  auto& [n, kind, asked, counts, fleets] = record;
  archive(n, kind, asked, counts, fleets);
}

namespace {

constexpr std::size_t states = static_cast<std::size_t>(ActionState::skipped);

std::size_t place_of(ActionState state) { return static_cast<std::size_t>(state) - 1; }

template <typename Record>
std::string encode(const Record& record) {
  RowWriter writer;
  fields(writer, record);
  return writer.take();
}

}  // namespace

std::uint32_t ActionRollUp::count(ActionState state) const noexcept {
  return counts.size() == states ? counts[place_of(state)] : 0;
}

std::uint32_t ActionRollUp::devices() const noexcept {
  return std::accumulate(counts.begin(), counts.end(), std::uint32_t{0});
}

std::uint32_t ActionRollUp::open() const noexcept {
  return count(ActionState::queued) + count(ActionState::delivered) + count(ActionState::started);
}

ActionState ActionRollUp::state() const noexcept {
  using enum ActionState;
  if (open() > 0) {
    const bool untouched = open() == count(queued) && count(skipped) + open() == devices();
    return untouched ? queued : started;
  }
  if (count(failed) + count(rejected) + count(expired) > 0) return failed;
  for (const ActionState state : {succeeded, cancelled, superseded}) {
    if (count(state) > 0) return state;
  }
  return skipped;
}

void ActionRollUp::add(ActionState state, std::uint32_t devices) {
  counts.resize(states);
  counts[place_of(state)] += devices;
}

void ActionRollUp::move(ActionState from, ActionState to, std::uint32_t devices) {
  add(to, devices);
  counts[place_of(from)] -= devices;
}

std::string encode_record(const ActionRecord& record) { return encode(record); }
std::string encode_record(const ActionProgress& record) { return encode(record); }
std::string encode_record(const ActionRollUp& record) { return encode(record); }

template <typename Record>
Result<Record> decode_record(std::string_view bytes) {
  RowReader reader(bytes);
  Record record;
  fields(reader, record);
  if (reader.good_to_the_end()) return record;
  return fail(ErrorCode::corrupt, "a row of the view of actions is damaged");
}

template Result<ActionRecord> decode_record(std::string_view);
template Result<ActionProgress> decode_record(std::string_view);
template Result<ActionRollUp> decode_record(std::string_view);

}  // namespace muster
