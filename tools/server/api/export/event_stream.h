#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "tools/http/dialogue.h"
#include "tools/server/api/commands/api_parts.h"

namespace muster {

/// What a request wants of the log.
struct ExportQuery {
  Sequence after;
  std::uint64_t limit = 0;  // Events; a command is never cut. 0: no limit.
  bool follow = false;      // Also what is still to come.
};

/// Sends events as CloudEvents, one a line, as fast as they are taken: read on the work queue,
/// slice by slice, and given out on the server's thread. While it follows and nothing happens, it
/// sends an empty line now and then, so that both sides know that the other is there.
class EventStream final : public HttpDialogue, public std::enable_shared_from_this<EventStream> {
 public:
  /// How many there are; at most `streams_max`, so that other dialogues have room.
  using Count = std::shared_ptr<std::atomic<int>>;
  static constexpr int streams_max = 8;

  struct Parts {
    const ApiParts& api;                                                          // Outlives it.
    std::function<void(std::chrono::milliseconds, std::function<void()>)> later;  // On the thread.
    Count count;
  };

  /// `position`: the end of what the views knew when it was asked for; without `follow` all.
  EventStream(Parts parts, HttpRequest request, const ExportQuery& wanted, Sequence position);
  EventStream(const EventStream&) = delete;
  EventStream& operator=(const EventStream&) = delete;
  ~EventStream() override;

  [[nodiscard]] bool hungry() const override { return false; }
  void take(std::string_view /*part*/) override {}
  void end(bool /*complete*/) override {}
  [[nodiscard]] HttpResponse head() override;
  [[nodiscard]] std::string give() override;
  [[nodiscard]] bool finished() const override { return done_ && out_.empty(); }
  [[nodiscard]] bool cut_off() const override { return failed_; }
  void wind_up() override;
  void abandon() override;

 private:
  /// Some events, as text.
  struct Slice {
    std::string text;
    Sequence last;  // Everything up to here is in it, or not for the caller.
    std::uint64_t events = 0;
    bool failed = false;
  };

  void read_on();
  [[nodiscard]] Slice read_slice(Sequence after, Sequence end) const;
  void deliver(const Slice& slice);
  void await_more();
  void beat();
  void make_room();

  const Parts parts_;
  const HttpRequest request_;
  const ExportQuery wanted_;
  Sequence end_;
  Sequence last_;
  std::uint64_t events_ = 0;
  std::string out_;
  bool reading_ = false;
  bool waiting_ = false;
  bool beating_ = false;
  bool done_ = false;
  bool failed_ = false;
  bool abandoned_ = false;
  bool counted_ = true;
};

}  // namespace muster
