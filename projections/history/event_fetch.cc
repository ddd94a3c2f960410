#include "projections/history/event_fetch.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace muster {
namespace {

/// So many records in between are passed over rather than looked for the next one anew: that the
/// log has them read ahead anyway.
constexpr std::uint64_t gap_max = 256;

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
    const Sequence before{sequences[begun].value() - 1};
    const auto take = [&](Sequence sequence, std::string_view record) {
      if (sequence != sequences[events.size()]) return true;
      auto recorded = codec_.decode(sequence, record);
      if (!recorded) decoded = tl::unexpected(std::move(recorded).error());
      if (!decoded) return false;
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

Result<std::vector<Recorded>> EventFetch::command_at(Sequence sequence) const {
  return at({sequence}).and_then([&](const std::vector<Recorded>& one) {
    const EventMeta& meta = one.front().meta;
    std::vector<Sequence> sequences;
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
