#include "tools/bench/lists/list_latency.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <nlohmann/json.hpp>
#include <string_view>

#include "tools/http/percent.h"

namespace muster::bench {
namespace {

using std::chrono::steady_clock;

struct List {
  std::string_view filter;
  std::string_view sort;
};

constexpr std::array lists{
    List{"", ""},
    List{"", "name"},
    List{"", "uuid"},
    List{"fleet = bench/medium", ""},
    List{"fleet = bench/medium", "name"},
    List{"fleet = bench/large and target = 2.0.0", "name"},
    List{"fleet = bench/medium and target = 1.0.0", ""},
    List{"policy = pinned", "name"},
    List{"pinned-to = 0000001 and fleet = bench/small", ""},
    List{"running = 1.0.0", "name"},
    List{"running = none and not tag.site", "name"},
    List{"tag.site = site-500", ""},
    List{"tag.site = site-500 and fleet = bench/small", "name"},
    List{"tag.site = nowhere", ""},
    List{"name = dev-0000000000", ""},
    List{"name starts-with dev-ab", "name"},
    List{"name contains ff00", "name"},
    List{"uuid starts-with 00ab", ""},
    List{"os < 2.5.0 and agent >= 1.3.0", "name"},
    List{"online", ""},
    List{"not online", "name"},
    List{"stuck > 0s", "name"},
    List{"stuck > 0s and stuck-cause = offline and tag.rack = 5", ""},
    List{"stuck > 7d", ""},
    List{"fleet = bench/large and tag.site = site-7 and os < 2.9.0 and policy = tracking", "uuid"},
    List{"(name contains aa or name contains bb or name contains cc) and not os-variant = prod",
         "name"},
};

std::string path_of(const List& list) {
  std::string path = "/v1/devices?limit=100";
  if (!list.filter.empty()) path += fmt::format("&filter={}", percent_encode(list.filter));
  if (!list.sort.empty()) path += fmt::format("&sort={}", list.sort);
  return path;
}

std::string text_of(const List& list) {
  const auto filter = list.filter.empty() ? std::string_view("(all)") : list.filter;
  if (list.sort.empty()) return std::string(filter);
  return fmt::format("{}, by {}", filter, list.sort);
}

Result<ListRow> measure(HttpClient& server, const List& list, std::size_t requests) {
  ListRow row{.query = text_of(list), .total = 0, .latency = {}};
  std::vector<std::chrono::nanoseconds> times;
  for (std::size_t i = 0; i < requests; ++i) {
    const auto began = steady_clock::now();
    const auto response = server.send(HttpMethod::get, path_of(list), {}, "");
    times.push_back(steady_clock::now() - began);
    if (!response) return tl::unexpected(response.error());
    const auto answer = nlohmann::json::parse(response->body, nullptr, false);
    const auto total = answer.is_object() ? answer.find("total") : answer.end();
    if (response->status != 200 || total == answer.end() || !total->is_number_unsigned()) {
      return fail(ErrorCode::failed,
                  fmt::format("{}: status {}, {}", row.query, response->status, response->body));
    }
    row.total = total->get<std::size_t>();
  }
  row.latency = summarise(std::move(times));
  return row;
}

}  // namespace

Result<std::vector<ListRow>> measure_lists(HttpClient& server, std::size_t requests,
                                           const Progress& progress) {
  std::vector<ListRow> rows;
  for (const List& list : lists) {
    progress.say(fmt::format("lists: {} of {}", rows.size() + 1, lists.size()));
    if (auto on = progress.go_on(); !on) return tl::unexpected(on.error());
    auto row = measure(server, list, requests);
    if (!row) return tl::unexpected(row.error());
    rows.push_back(std::move(*row));
  }
  return rows;
}

}  // namespace muster::bench
