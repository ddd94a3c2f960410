#include "projections/history/event_fetch.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace muster {
namespace {

/// So many records in between are passed over rather than looked for the next one anew.
constexpr std::uint64_t gap_max = 64;

Error missing(Sequence sequence) {
  return Error{ErrorCode::corrupt, fmt::format("event {} is not in the log", sequence.value())};
}

}  // namespace

Result<std::vector<Recorded>> EventFetch::at(const std::vector<Sequence>& sequences) const {
  std::vector<Recorded> events;
  events.reserve(sequences.size());
  Result<void> decoded;
  while (decoded && events.size() < sequences.size()) {
    const std::size_t begun = events.size();
    const bool last = begun + 1 == sequences.size();
    if (last || sequences[begun + 1].value() - sequences[begun].value() > gap_max) {
      auto one = at(sequences[begun]);
      if (!one) return tl::unexpected(std::move(one).error());
      events.push_back(*std::move(one));
      continue;
    }
    const Sequence before{sequences[begun].value() - 1};
    const auto take = [&](Sequence sequence, std::string_view record) {
      if (sequence != sequences[events.size()]) return true;
      auto recorded = codec_.decode(sequence, record);
      if (!recorded) {
        decoded = tl::unexpected(std::move(recorded).error());
        return false;
      }
      events.push_back(*std::move(recorded));
      if (events.size() == sequences.size()) return false;
      return sequences[events.size()].value() - sequence.value() <= gap_max;
    };
    const auto read = log_.read_after(before, take);
    if (!read) return tl::unexpected(read.error());
    if (decoded && events.size() == begun) return tl::unexpected(missing(sequences[begun]));
  }
  if (!decoded) return tl::unexpected(decoded.error());
  return events;
}

Result<Recorded> EventFetch::at(Sequence sequence) const {
  if (sequence == Sequence{} || sequence > log_.head()) return tl::unexpected(missing(sequence));
  return log_.read(sequence).and_then(
      [&](const Record& record) { return codec_.decode(sequence, record); });
}

Result<std::vector<Recorded>> EventFetch::command_at(Sequence sequence) const {
  return at(sequence).and_then([&](const Recorded& one) {
    const EventMeta& meta = one.meta;
    std::vector<Sequence> sequences;
    sequences.reserve(meta.count);
    for (std::uint64_t i = 0; i < meta.count; ++i) {
      sequences.emplace_back(sequence.value() - meta.index + i);
    }
    return at(sequences);
  });
}

Result<void> EventFetch::each(Sequence after, Sequence last,
                              const std::function<bool(const Recorded&)>& sink) const {
  Result<void> decoded;
  const auto take = [&](Sequence sequence, std::string_view record) {
    if (sequence > last) return false;
    const auto recorded = codec_.decode(sequence, record);
    if (!recorded) decoded = tl::unexpected(recorded.error());
    return decoded && sink(*recorded) && sequence < last;
  };
  if (after >= last) return {};
  const auto read = log_.read_after(after, take);
  if (!read) return tl::unexpected(read.error());
  return decoded;
}

}  // namespace muster
