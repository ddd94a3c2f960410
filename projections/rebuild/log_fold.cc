#include "projections/rebuild/log_fold.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/base/in_order.h"
#include "core/log/event_log.h"
#include "core/log/record_codec.h"

namespace muster {
namespace {

constexpr std::uint64_t piece_events = 2'048;  // Decoded, they fit a processor's cache.

using Piece = Result<std::vector<Recorded>>;

Piece decode(const LogStretch& stretch, Sequence after, Sequence last) {
  std::vector<Recorded> events;
  events.reserve(last.value() - after.value());
  Result<void> right;
  const auto read = stretch.log.read_after(after, [&](Sequence sequence, std::string_view record) {
    auto recorded = stretch.codec.decode_checked(sequence, record);
    if (!recorded) {
      right = tl::unexpected(std::move(recorded).error());
      return false;
    }
    events.push_back(std::move(*recorded));
    return sequence < last;
  });
  if (!read) return tl::unexpected(read.error());
  if (!right) return tl::unexpected(right.error());
  return events;
}

}  // namespace

Result<void> read_events(const LogStretch& stretch, const std::stop_token& stop,
                         const EventSink& sink) {
  if (stretch.after >= stretch.last) return {};
  const std::uint64_t before = stretch.after.value();
  const std::uint64_t count = stretch.last.value() - before;
  Result<void> result;
  InOrder<Piece>(stretch.threads, (count + piece_events - 1) / piece_events)
      .run(
          [&](std::size_t, std::uint64_t number) {
            const std::uint64_t first = before + number * piece_events;
            return decode(stretch, Sequence{first},
                          Sequence{std::min(first + piece_events, stretch.last.value())});
          },
          [&](Piece piece) {
            result = piece ? sink(*piece) : tl::unexpected(std::move(piece).error());
            return result && !stop.stop_requested();
          });
  return result;
}

}  // namespace muster
