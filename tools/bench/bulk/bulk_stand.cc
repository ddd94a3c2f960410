#include "tools/bench/bulk/bulk_stand.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "core/base/uuid.h"
#include "tools/http/client.h"

namespace muster::bench {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds step_timeout{30};
constexpr std::size_t part_bytes = std::size_t{64} << 10U;
constexpr std::size_t commit_length = 40;

std::string commit_of(std::size_t release) {
  return std::string(commit_length, release == 0 ? 'a' : 'b');
}

/// Counts answers in bulk, and keeps the first that is no success.
class Answers {
 public:
  void take(std::string_view part) {
    partial_.append(part);
    std::size_t begin = 0;
    for (auto end = partial_.find('\n'); end != std::string::npos;
         end = partial_.find('\n', begin)) {
      const auto line = std::string_view(partial_).substr(begin, end - begin);
      ++count_;
      const bool done = line.find(R"("changed":true)") != std::string_view::npos;
      if (!done && refused_.empty()) refused_ = line;
      begin = end + 1;
    }
    partial_.erase(0, begin);
  }

  [[nodiscard]] Result<void> check(std::size_t count) const {
    if (!refused_.empty()) {
      return fail(ErrorCode::failed, fmt::format("the server answers {}", refused_));
    }
    if (count_ == count) return {};
    return fail(ErrorCode::failed,
                fmt::format("the server answered {} of {} lines", count_, count));
  }

 private:
  std::string partial_;
  std::size_t count_ = 0;
  std::string refused_;
};

}  // namespace

Result<BulkStand> BulkStand::make(const std::filesystem::path& program,
                                  const std::filesystem::path& folder, std::size_t devices) {
  auto server = ServerProcess::start(program, folder);
  if (!server) return tl::unexpected(server.error());
  BulkStand stand(std::move(*server));
  std::string lines =
      R"({"command":"organisation.create","handle":"bench"})"
      "\n"
      R"({"command":"fleet.create","slug":"bench/fleet","device_type":"raspberrypi4-64"})"
      "\n";
  const auto to = std::back_inserter(lines);
  for (const std::size_t release : {0, 1}) {
    fmt::format_to(to,
                   R"({{"command":"release.create","fleet":"bench/fleet","commit":"{}"}})"
                   "\n",
                   commit_of(release));
  }
  for (std::size_t i = 0; i < devices; ++i) {
    stand.devices_.push_back(to_string(random_uuid()));
    fmt::format_to(to,
                   R"({{"command":"device.register","fleet":"bench/fleet","uuid":"{}"}})"
                   "\n",
                   stand.devices_.back());
  }
  if (auto made = stand.send(lines, devices + 4, false); !made) {
    return tl::unexpected(made.error());
  }
  return stand;
}

Result<std::chrono::nanoseconds> BulkStand::pin(std::size_t count, bool keys) {
  std::string lines;
  for (std::size_t i = 0; i < count; ++i, ++pins_) {
    fmt::format_to(std::back_inserter(lines),
                   R"({{"command":"device.pin","device":"{}","release":"{}"}})"
                   "\n",
                   devices_[pins_ % devices_.size()], commit_of(pins_ / devices_.size() % 2));
  }
  return send(lines, count, keys);
}

Result<std::chrono::nanoseconds> BulkStand::send(const std::string& lines, std::size_t count,
                                                 bool keys) {
  HttpClient client(fmt::format("http://{}", to_string(server_.http())), server_.token(),
                    step_timeout);
  std::vector<HttpField> headers{{"Content-Type", std::string(ndjson_type)}};
  if (keys) headers.emplace_back("Idempotency-Key", to_string(random_uuid()));
  std::size_t sent = 0;
  Answers answers;
  const auto began = steady_clock::now();
  const auto response =
      client.converse("/v1/commands", headers,
                      {.source =
                           [&] {
                             const std::string part = lines.substr(sent, part_bytes);
                             sent += part.size();
                             return part;
                           },
                       .sink = [&](std::string_view part) { answers.take(part); }});
  const auto elapsed = steady_clock::now() - began;
  if (!response) return tl::unexpected(response.error());
  if (response->status != 200) return fail(ErrorCode::failed, response->body);
  if (auto right = answers.check(count); !right) return tl::unexpected(right.error());
  return elapsed;
}

}  // namespace muster::bench
