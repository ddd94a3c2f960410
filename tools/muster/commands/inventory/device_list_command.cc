#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tools/http/percent.h"
#include "tools/muster/commands/commands.h"
#include "tools/muster/commands/inventory/filter_options.h"
#include "tools/muster/output/report.h"
#include "tools/muster/output/text.h"

namespace muster::cli {
namespace {

constexpr std::size_t shown_default = 1'000;

struct ListOptions {
  FilterOptions wanted;
  std::string sort;
  bool descending = false;
  std::optional<std::size_t> limit;
  bool all = false;
};

std::string path_of(const ListOptions& options) {
  std::string path = "/v1/devices";
  const auto add = [&path](std::string_view name, const std::string& value) {
    if (value.empty()) return;
    const char joint = path.find('?') == std::string::npos ? '?' : '&';
    path += fmt::format("{}{}={}", joint, name, percent_encode(value));
  };
  add("fleet", options.wanted.fleet);
  add("view", options.wanted.view);
  add("filter", filter_of(options.wanted));
  add("sort", options.sort);
  if (options.descending) add("order", "desc");
  return path;
}

std::size_t common_prefix(std::string_view a, std::string_view b) {
  const auto ends = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  return static_cast<std::size_t>(ends.first - a.begin());
}

/// How many digits tell the uuids in `devices` apart, with some to spare for those not listed.
std::size_t telling_digits(const Json& devices) {
  constexpr std::size_t digits_min = 12;
  std::vector<std::string> uuids;
  for (const auto& device : devices) uuids.push_back(text_at(device, "uuid"));
  std::sort(uuids.begin(), uuids.end());
  std::size_t digits = digits_min;
  for (std::size_t i = 1; i < uuids.size(); ++i) {
    digits = std::max(digits, common_prefix(uuids[i - 1], uuids[i]) + 1);
  }
  return digits;
}

/// `pinned`, or `tracking`, and whether what it tracks is pinned.
std::string policy_text(const Json& device) {
  auto policy = text_at(device, "policy");
  if (text_at(device, "fleet_policy") == "pinned") policy.append(" (fleet pinned)");
  return policy;
}

void print_devices(const Session& session, const Json& devices) {
  const auto digits = telling_digits(devices);
  const auto uuid = [digits](const Json& device) {
    return text_at(device, "uuid").substr(0, digits);
  };
  print_list(session, devices,
             {{"uuid", uuid},
              column("name"),
              column("fleet"),
              release_column("target_release"),
              {"release policy", policy_text},
              release_column("running_release"),
              column("online"),
              column("flags"),
              column("lifecycle")},
             "no devices that you may see");
}

Outcome list(Session& session, const ListOptions& options) {
  const auto most = options.all ? SIZE_MAX : options.limit.value_or(shown_default);
  const auto listed = session.list(path_of(options), most);
  if (!listed) return tl::unexpected(listed.error());
  const Json& devices = listed->at("items");
  print_devices(session, devices);
  if (flag_at(*listed, "more")) {
    session.around().err(fmt::format("{} of {} devices shown; --all shows all of them\n",
                                     devices.size(), count_at(*listed, "total")));
  }
  return {};
}

}  // namespace

void add_device_list_command(CLI::App& device, Invocation& invocation) {
  auto& command =
      add_read(device, invocation,
               {"list", "List the devices you may see: what they should run and do run",
                "device list --fleet acme/thermo\n"
                "device list --tag site=berlin --offline --sort name\n"
                "device list --filter 'stuck > 2h and stuck-cause = locked or os < 2.12.0'\n"
                "device list --view berlin-offline --all --json"});
  const auto options = std::make_shared<ListOptions>();
  add_filters(command, options->wanted);
  command.add_option("--sort", options->sort, "By created, name or uuid [default: created]")
      ->option_text("FIELD");
  command.add_flag("--desc", options->descending, "The last first");
  auto* limit =
      command.add_option("--limit", options->limit, "Show at most so many [default: 1000]")
          ->check(whole_number)
          ->option_text("N");
  command.add_flag("--all", options->all, "Show all, however many")->excludes(limit);
  runs(command, invocation, options, list);
}

}  // namespace muster::cli
