#include "tools/bench/lists/lists_bench.h"

#include <fmt/format.h>

#include <utility>

#include "tools/bench/lists/varied_folder.h"
#include "tools/bench/support/scratch_folder.h"
#include "tools/bench/support/server_process.h"

namespace muster::bench {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t devices_max = 4'000'000;
constexpr std::size_t requests_max = 10'000;
constexpr std::chrono::seconds call_time_max{60};

Result<void> check(const ListsOptions& options) {
  if (options.devices < 1 || options.devices > devices_max) {
    return fail(ErrorCode::invalid_input,
                fmt::format("{} devices: from 1 to {}", options.devices, devices_max));
  }
  if (options.requests < 1 || options.requests > requests_max) {
    return fail(ErrorCode::invalid_input,
                fmt::format("{} requests: from 1 to {}", options.requests, requests_max));
  }
  return {};
}

}  // namespace

Result<ListsResult> run_lists(const ListsOptions& options, const Progress& progress) {
  if (auto right = check(options); !right) return tl::unexpected(right.error());
  const auto scratch = ScratchFolder::make(options.folder);
  if (!scratch) return tl::unexpected(scratch.error());
  progress.say("making a data folder");
  {
    const auto first = ServerProcess::start(options.program, scratch->path());
    if (!first) return tl::unexpected(first.error());
  }
  ListsResult result{.devices = options.devices, .filling = {}, .lists = {}};
  const auto began = steady_clock::now();
  const auto filled = fill_varied_folder(scratch->path() / "data", options.devices, progress);
  if (!filled) return tl::unexpected(filled.error());
  result.filling = steady_clock::now() - began;
  progress.say("starting the server");
  const auto server = ServerProcess::start(options.program, scratch->path());
  if (!server) return tl::unexpected(server.error());
  HttpClient client(fmt::format("http://{}", to_string(server->http())), server->token(),
                    call_time_max);
  auto lists = measure_lists(client, options.requests, progress);
  if (!lists) return tl::unexpected(lists.error());
  result.lists = std::move(*lists);
  return result;
}

}  // namespace muster::bench
