#include "tools/backup/log_survey.h"

#include <fmt/format.h>

#include <optional>
#include <string_view>

#include "core/log/merkle/merkle_frontier.h"
#include "core/log/no_subject_keys.h"
#include "core/log/record_codec.h"

namespace muster {
namespace {

constexpr std::uint64_t told_every = 4096;

/// Takes one event after the other.
class Surveyor {
 public:
  explicit Surveyor(std::uint64_t asked) : asked_(asked) {}

  Result<void> take(Sequence sequence, std::string_view record) {
    const auto recorded = codec_.decode(sequence, record);
    if (!recorded) return tl::unexpected(recorded.error());
    frontier_.append(merkle_leaf(record));
    if (frontier_.size() == asked_) {
      found_.asked = {.size = frontier_.size(), .root = frontier_.root()};
    }
    found_.last_event = recorded->meta.at;
    note(*recorded);
    return {};
  }

  LogSurvey finish() {
    found_.head = {.size = frontier_.size(), .root = frontier_.root()};
    for (Erasure& user : found_.users) user.log = found_.log;
    return std::move(found_);
  }

 private:
  void note(const Recorded& recorded) {
    if (const auto* created = std::get_if<LogCreated>(&recorded.event)) {
      found_.log = created->log;
      found_.eras.push_back({.first = recorded.sequence, .epoch = created->epoch});
    } else if (const auto* restored = std::get_if<LogRestored>(&recorded.event)) {
      found_.eras.push_back({.first = recorded.sequence, .epoch = restored->epoch});
    } else if (const auto* user = std::get_if<UserCreated>(&recorded.event)) {
      found_.users.push_back(
          {.log = {}, .user = user->id, .created_at = recorded.meta.at, .erased_at = {}});
    } else if (const auto* erased = std::get_if<UserErased>(&recorded.event)) {
      for (Erasure& known : found_.users) {
        if (known.user == erased->id) known.erased_at = recorded.meta.at;
      }
    }
  }

  const std::uint64_t asked_;
  NoSubjectKeys keys_;
  const RecordCodec codec_{keys_};
  MerkleFrontier frontier_;
  LogSurvey found_;
};

}  // namespace

Result<LogSurvey> survey(const EventLog& log, std::uint64_t asked, const SurveyProgress& progress) {
  Surveyor surveyor(asked);
  const std::uint64_t of = log.head().value();
  Result<void> taken;
  const auto read = log.read_after(Sequence{}, [&](Sequence sequence, std::string_view record) {
    taken = surveyor.take(sequence, record);
    if (sequence.value() % told_every == 0) progress(sequence.value(), of);
    return taken.has_value();
  });
  if (!read) return tl::unexpected(read.error());
  if (!taken) return tl::unexpected(taken.error());
  LogSurvey found = surveyor.finish();
  if (!found.eras.empty()) return found;
  return fail(ErrorCode::corrupt, "the log does not begin with its creation");
}

}  // namespace muster
