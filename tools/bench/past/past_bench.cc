#include "tools/bench/past/past_bench.h"

#include <fmt/format.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <random>
#include <utility>

#include "tools/bench/past/long_log.h"
#include "tools/bench/support/scratch_folder.h"
#include "tools/bench/support/server_process.h"
#include "tools/http/client.h"

namespace muster::bench {
namespace {

using std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::size_t devices_max = 100'000;
constexpr std::size_t events_max = 100'000'000;
constexpr std::size_t requests_max = 10'000;
constexpr std::chrono::seconds call_time_max{60};
constexpr std::size_t fleet_requests_max = 5;  // Each is long.

Result<void> check(const PastOptions& options) {
  const auto within = [](std::size_t value, std::size_t most) {
    return value > 0 && value <= most;
  };
  if (within(options.devices, devices_max) && within(options.events, events_max) &&
      within(options.requests, requests_max) && within(options.back, options.events)) {
    return {};
  }
  return fail(ErrorCode::invalid_input,
              fmt::format("devices: 1 to {}; events: 1 to {}; requests: 1 to {}; back: 1 to events",
                          devices_max, events_max, requests_max));
}

/// Asks the server, and measures how long it takes to answer.
class Questions {
 public:
  Questions(const ServerProcess& server, const PastOptions& options)
      : client_(fmt::format("http://{}", to_string(server.http())), server.token(), call_time_max),
        options_(options) {}

  Result<void> prepare() {
    const auto status = ask("/v1/status");
    if (!status) return tl::unexpected(status.error());
    head_ = status->at("log").at("head").get<std::uint64_t>();
    const auto devices = ask("/v1/devices?limit=1000");
    if (!devices) return tl::unexpected(devices.error());
    for (const auto& item : devices->at("items")) devices_.push_back(item.at("uuid"));
    return {};
  }

  Result<std::vector<PastRow>> all(const Progress& progress) {
    const auto device = [this](const std::string& what) { return path_of_device(what); };
    const std::string fleet = fmt::format("/v1/fleets/{}", past_fleet);
    const std::uint64_t back = head_ > options_.back ? head_ - options_.back : 1;
    const std::size_t few = std::min(options_.requests, fleet_requests_max);
    const std::vector<Kind> kinds{
        {"why a device", 20ms, options_.requests, [&] { return device("/why"); }},
        {"a device as of any event", 20ms, options_.requests,
         [&] { return device(fmt::format("/as-of?at={}", moment())); }},
        {"100 events of a device",
         {},
         options_.requests,
         [&] { return device(fmt::format("/history?after={}", moment())); }},
        {"100 events of the fleet",
         {},
         options_.requests,
         [&] { return fmt::format("{}/history?after={}", fleet, moment()); }},
        {fmt::format("the fleet, {} events back", options_.back), 2s, few,
         [&] { return fmt::format("{}/as-of?at={}", fleet, back); }},
        {fmt::format("everything, {} events back", options_.back),
         {},
         few,
         [&] { return fmt::format("/v1/as-of?at={}", back); }},
        {fmt::format("whose targets changed in the last {} events", options_.back), {}, few, [&] {
           return fmt::format("/v1/diff?from={}&to={}&limit=1000", back, head_);
         }}};
    std::vector<PastRow> rows;
    for (const Kind& kind : kinds) {
      progress.say(kind.question);
      if (auto on = progress.go_on(); !on) return tl::unexpected(on.error());
      auto row = measure(kind);
      if (!row) return tl::unexpected(row.error());
      rows.push_back(*std::move(row));
    }
    return rows;
  }

 private:
  struct Kind {
    std::string question;
    std::optional<std::chrono::nanoseconds> wanted;
    std::size_t requests;
    std::function<std::string()> path;
  };

  Result<nlohmann::json> ask(const std::string& path) {
    const auto response = client_.send(HttpMethod::get, path, {}, "");
    if (!response) return tl::unexpected(response.error());
    auto answer = nlohmann::json::parse(response->body, nullptr, false);
    if (response->status == 200 && answer.is_object()) return answer;
    return fail(ErrorCode::failed,
                fmt::format("{}: status {}, {}", path, response->status, response->body));
  }

  /// Once more before it is timed, so that what it needs has been read.
  Result<PastRow> measure(const Kind& kind) {
    std::vector<std::chrono::nanoseconds> times;
    for (std::size_t i = 0; i <= kind.requests; ++i) {
      const auto path = kind.path();
      const auto began = steady_clock::now();
      const auto response = client_.send(HttpMethod::get, path, {}, "");
      if (i > 0) times.push_back(steady_clock::now() - began);
      if (!response) return tl::unexpected(response.error());
      if (response->status != 200) {
        return fail(ErrorCode::failed,
                    fmt::format("{}: status {}, {}", path, response->status, response->body));
      }
    }
    return PastRow{
        .question = kind.question, .wanted = kind.wanted, .latency = summarise(std::move(times))};
  }

  /// Behind the first registrations, so that every device is there.
  std::uint64_t moment() {
    const std::uint64_t first = std::min<std::uint64_t>(head_, options_.devices + 1'000);
    return std::uniform_int_distribution<std::uint64_t>(first, head_)(chance_);
  }

  std::string path_of_device(const std::string& what) {
    const auto which = std::uniform_int_distribution<std::size_t>(0, devices_.size() - 1)(chance_);
    return fmt::format("/v1/devices/{}{}", devices_[which], what);
  }

  HttpClient client_;
  const PastOptions& options_;
  std::uint64_t head_ = 0;
  std::vector<std::string> devices_;
  std::mt19937_64 chance_{1};  // The same questions in every run.
};

}  // namespace

Result<PastResult> run_past(const PastOptions& options, const Progress& progress) {
  if (auto right = check(options); !right) return tl::unexpected(right.error());
  const auto scratch = ScratchFolder::make(options.folder);
  if (!scratch) return tl::unexpected(scratch.error());
  progress.say("making a data folder");
  {
    const auto first = ServerProcess::start(options.program, scratch->path());
    if (!first) return tl::unexpected(first.error());
  }
  PastResult result{.events = options.events, .rows = {}};
  const auto began = steady_clock::now();
  const auto filled =
      fill_long_log(scratch->path() / "data", options.devices, options.events, progress);
  if (!filled) return tl::unexpected(filled.error());
  result.filling = steady_clock::now() - began;
  progress.say("starting the server");
  const auto server = ServerProcess::start(options.program, scratch->path());
  if (!server) return tl::unexpected(server.error());
  Questions questions(*server, options);
  if (const auto ready = questions.prepare(); !ready) return tl::unexpected(ready.error());
  auto rows = questions.all(progress);
  if (!rows) return tl::unexpected(rows.error());
  result.rows = *std::move(rows);
  return result;
}

}  // namespace muster::bench
