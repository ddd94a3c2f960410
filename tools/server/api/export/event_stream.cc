#include "tools/server/api/export/event_stream.h"

#include <algorithm>
#include <utility>

#include "core/base/log.h"
#include "projections/history/event_fetch.h"
#include "tools/server/api/export/cloud_event.h"
#include "tools/server/api/history/event_sight.h"
#include "tools/server/work_queue.h"

namespace muster {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t slice_events = 2'000;     // Looked at in one go.
constexpr std::size_t out_bytes_max = 1U << 20U;  // Not taken by the client yet.
constexpr milliseconds beat_interval{15'000};
constexpr milliseconds queue_retry{50};

bool ends_command(const EventMeta& meta) { return meta.index + 1 == meta.count; }

}  // namespace

EventStream::EventStream(Parts parts, HttpRequest request, const ExportQuery& wanted,
                         Sequence position)
    : parts_(std::move(parts)),
      request_(std::move(request)),
      wanted_(wanted),
      end_(position),
      last_(wanted.after) {
  ++*parts_.count;
}

EventStream::~EventStream() { make_room(); }

/// For the next one: a timer may keep this one a little longer.
void EventStream::make_room() {
  if (std::exchange(counted_, false)) --*parts_.count;
}

/// Who follows is to see that it was not the end: there may be more, from another server.
void EventStream::wind_up() {
  if (wanted_.follow) done_ = failed_ = true;
}

void EventStream::abandon() {
  abandoned_ = true;
  make_room();
}

HttpResponse EventStream::head() { return HttpResponse{.content_type = std::string(ndjson_type)}; }

std::string EventStream::give() {
  std::string part = std::exchange(out_, {});
  read_on();
  return part;
}

/// Has the next slice read, if there is room for it and something to read.
void EventStream::read_on() {
  if (reading_ || waiting_ || done_ || abandoned_ || out_.size() >= out_bytes_max) return;
  if (last_ >= end_) {
    if (wanted_.follow) return await_more();
    done_ = true;
    return;
  }
  reading_ = parts_.api.work.submit([self = shared_from_this(), after = last_, end = end_] {
    auto slice = std::make_shared<Slice>(self->read_slice(after, end));
    self->parts_.later(milliseconds{0}, [self, slice] { self->deliver(*slice); });
  });
  if (reading_) return;
  waiting_ = true;
  parts_.later(queue_retry, [self = shared_from_this()] {
    self->waiting_ = false;
    self->read_on();
  });
}

/// On a thread of the work queue. Who may not see the log any more has come to its end.
EventStream::Slice EventStream::read_slice(Sequence after, Sequence end) const {
  Slice slice{.text = {}, .last = after};
  const Reader reader(parts_.api.store);
  const auto caller = authenticate(reader, request_, parts_.api.clock.now());
  slice.failed = !caller.has_value();
  if (!caller) return slice;
  const Sight sight(reader, *caller);
  HistorySight history(reader, *caller, sight);
  EventSight seen(reader, *caller, history);
  Names names(reader);
  const EventFetch events(parts_.api.log, parts_.api.codec);
  const auto read = events.each(after, end, [&](const Recorded& recorded) {
    if (seen.sees(recorded)) {
      slice.text += cloud_event(recorded, parts_.api.answers.identity.log, names, history);
      ++slice.events;
    }
    if (!ends_command(recorded.meta)) return true;
    slice.last = recorded.sequence;
    const bool enough = wanted_.limit > 0 && events_ + slice.events >= wanted_.limit;
    return !enough && recorded.sequence.value() - after.value() < slice_events &&
           slice.text.size() < out_bytes_max;
  });
  if (read) return slice;
  log_error("events not exported: error={}", read.error().message);
  slice.failed = true;
  return slice;
}

void EventStream::deliver(const Slice& slice) {
  reading_ = false;
  if (abandoned_) return;
  out_ += slice.text;
  events_ += slice.events;
  last_ = std::max(last_, slice.last);
  failed_ = failed_ || slice.failed;
  done_ = done_ || failed_ || (wanted_.limit > 0 && events_ >= wanted_.limit);
  read_on();
  changed();
}

/// Goes on when there is a next event in all views.
void EventStream::await_more() {
  waiting_ = true;
  const auto more = [self = shared_from_this()] {
    self->waiting_ = false;
    self->end_ = self->parts_.api.runner.position();
    self->read_on();
    self->changed();
  };
  parts_.api.runner.when(next(last_),
                         [later = parts_.later, more] { later(milliseconds{0}, more); });
  if (!std::exchange(beating_, true)) beat();
}

void EventStream::beat() {
  parts_.later(beat_interval, [self = shared_from_this()] {
    if (self->done_ || self->abandoned_) return;
    if (self->out_.empty()) self->out_.push_back('\n');
    self->changed();
    self->beat();
  });
}

}  // namespace muster
