#include "tools/store/first_events.h"

#include <future>
#include <optional>
#include <utility>
#include <vector>

#include "core/domain/decide/decide.h"
#include "core/domain/state.h"

namespace muster {
namespace {

Result<LogIdentity> identity_in(const Result<Recorded>& first) {
  if (!first) return tl::unexpected(first.error());
  const auto* created = std::get_if<LogCreated>(&first->event);
  if (created == nullptr) {
    return fail(ErrorCode::incompatible, "the log does not begin with LogCreated");
  }
  return LogIdentity{.log = created->log, .epoch = created->epoch, .eras = {}};
}

}  // namespace

Result<void> append_first_events(EventLog& log, const RecordCodec& codec, const Command& first,
                                 Timestamp now) {
  auto decision = decide(State{}, first, now);
  if (!decision) return fail(ErrorCode::failed, decision.error().rule);
  std::vector<Record> records;
  for (Event& event : *decision) {
    const auto index = static_cast<std::uint32_t>(records.size());
    auto record =
        codec.encode(Recorded{.sequence = Sequence{index + 1},
                              .meta = {.at = now,
                                       .command = first.id,
                                       .index = index,
                                       .count = static_cast<std::uint32_t>(decision->size())},
                              .event = std::move(event)});
    if (!record) return tl::unexpected(record.error());
    records.push_back(std::move(*record));
  }
  std::promise<Result<Sequence>> appended;
  log.append(records, [&](Result<Sequence> last) { appended.set_value(std::move(last)); });
  const auto last = appended.get_future().get();
  if (!last) return tl::unexpected(last.error());
  return {};
}

Result<LogIdentity> read_identity(const EventLog& log, const RecordCodec& codec) {
  std::optional<Result<LogIdentity>> identity;
  const auto read = log.read_after(Sequence{}, [&](Sequence sequence, std::string_view record) {
    identity.emplace(identity_in(codec.decode(sequence, record)));
    return false;
  });
  if (!read) return tl::unexpected(read.error());
  if (!identity) return fail(ErrorCode::corrupt, "the log has no first event");
  return std::move(*identity);
}

}  // namespace muster
