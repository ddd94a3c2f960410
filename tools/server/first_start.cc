#include "tools/server/first_start.h"

#include <fmt/format.h>

#include <cstdio>
#include <future>
#include <optional>
#include <vector>

#include "core/base/log.h"
#include "core/domain/decide/decide.h"
#include "tools/server/data_folder.h"

namespace muster {
namespace {

constexpr std::string_view first_user = "admin";

std::uint64_t first_epoch(Timestamp now) {
  return static_cast<std::uint64_t>(
      std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count());
}

Result<LogIdentity> identity_in(const Result<Recorded>& first) {
  if (!first) return tl::unexpected(first.error());
  const auto* created = std::get_if<LogCreated>(&first->event);
  if (created == nullptr) {
    return fail(ErrorCode::incompatible, "the log does not begin with LogCreated");
  }
  return LogIdentity{.log = created->log, .epoch = created->epoch};
}

}  // namespace

Result<void> initialise_log(EventLog& log, const RecordCodec& codec, const UserTokens& tokens,
                            const Clock& clock, const std::filesystem::path& token_file) {
  const Timestamp now = clock.now();
  Command command{.id = random_ulid(now)};
  const std::string token = tokens.derive(command.id);
  command.body = Initialise{.log = random_uuid(),
                            .epoch = first_epoch(now),
                            .username = std::string(first_user),
                            .token_name = "first",
                            .secret_hash = UserTokens::hash(token)};
  auto decision = decide(State{}, command, now);
  if (!decision) return fail(ErrorCode::failed, decision.error().rule);

  std::vector<Record> records;
  for (Event& event : *decision) {
    const auto index = static_cast<std::uint32_t>(records.size());
    auto record =
        codec.encode(Recorded{.sequence = Sequence{index + 1},
                              .meta = {.at = now,
                                       .command = command.id,
                                       .index = index,
                                       .count = static_cast<std::uint32_t>(decision->size())},
                              .event = std::move(event)});
    if (!record) return tl::unexpected(record.error());
    records.push_back(std::move(*record));
  }
  if (auto written = write_secret(token_file, fmt::format("{}\n", token)); !written) return written;
  std::promise<Result<Sequence>> appended;
  log.append(records, [&](Result<Sequence> last) { appended.set_value(std::move(last)); });
  const auto last = appended.get_future().get();
  if (!last) return tl::unexpected(last.error());
  fmt::print("The first administrator is `{}`; its token is in {}\n", first_user,
             token_file.string());
  std::fflush(stdout);
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
