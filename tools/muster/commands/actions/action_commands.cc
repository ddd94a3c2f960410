#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/http/percent.h"
#include "tools/muster/commands/actions/wait.h"
#include "tools/muster/commands/commands.h"
#include "tools/muster/output/report.h"
#include "tools/muster/output/text.h"
#include "tools/muster/support/paths.h"

namespace muster::cli {
namespace {

constexpr std::size_t shown_default = 1'000;

struct ListOptions {
  std::string device;
  std::string fleet;
  std::string bulk;
  std::string state;
  std::optional<std::size_t> limit;
  bool all = false;
};

struct OneOptions {
  std::string action;
  std::optional<std::string> device;
  WaitOptions wait;
};

std::string path_of(const ListOptions& options) {
  std::string path = "/v1/actions";
  const auto add = [&path](std::string_view name, const std::string& value) {
    if (value.empty()) return;
    const char joint = path.find('?') == std::string::npos ? '?' : '&';
    path += fmt::format("{}{}={}", joint, name, percent_encode(value));
  };
  add("device", options.device);
  add("fleet", options.fleet);
  add("bulk", options.bulk);
  add("state", options.state);
  return path;
}

/// `device 4f1c2d3f5a60`, or the fleet that it is for as a whole.
std::string whom(const Json& action) {
  constexpr std::size_t digits = 12;
  const auto device = text_at(action, "device");
  return device.empty() ? fmt::format("fleet {}", text_at(action, "fleet"))
                        : device.substr(0, digits);
}

std::string why(const Json& action) {
  auto text = text_at(action, "cause");
  const auto message = text_at(action, "message");
  if (!message.empty()) text += fmt::format(" ({})", printable(message));
  return text == "answered" ? std::string() : text;
}

Outcome list(Session& session, const ListOptions& options) {
  const auto most = options.all ? SIZE_MAX : options.limit.value_or(shown_default);
  const auto listed = session.list(path_of(options), most);
  if (!listed) return tl::unexpected(listed.error());
  const Json& actions = listed->at("items");
  print_list(session, actions,
             {column("id"),
              column("n"),
              {"whom", whom},
              column("kind"),
              column("state"),
              {"why", why},
              column("asked_by"),
              column("asked_at")},
             "no actions that you may see");
  if (flag_at(*listed, "more")) {
    session.around().err(
        fmt::format("{} actions shown; --all shows all of them\n", actions.size()));
  }
  return {};
}

/// By its id: what became of it everywhere, and where; by its number: that action alone.
Outcome show(Session& session, const OneOptions& options) {
  if (options.wait.wait) return wait_for(session, options.action, options.wait);
  const auto path = item_path("actions", options.action);
  const auto action = session.get(path);
  if (!action) return tl::unexpected(action.error());
  print_details(session, *action);
  return {};
}

Outcome cancel(Session& session, const OneOptions& options) {
  JsonBody body;
  body.text("device", options.device);
  const auto answer =
      session.change(HttpMethod::del, item_path("actions", options.action), std::move(body));
  if (!answer) return tl::unexpected(answer.error());
  const auto where = options.device ? fmt::format(" on device {}", *options.device) : "";
  report(session, *answer,
         {fmt::format("action {}{} cancelled; what a device may have already is withdrawn",
                      options.action, where),
          fmt::format("cancel action {}{}", options.action, where),
          fmt::format("action {}{} is being withdrawn already", options.action, where)});
  return {};
}

void add_list(CLI::App& action, Invocation& invocation) {
  auto& command = add_read(action, invocation,
                           {"list", "List actions, the newest first",
                            "action list --device 4f1c2d3\n"
                            "action list --fleet acme/thermo --state open\n"
                            "action list --bulk 01JD3V8Q6T5S4R3Q2P1N0M9K8J --state failed"});
  const auto options = std::make_shared<ListOptions>();
  auto* device =
      command.add_option("--device", options->device, "Those of that device")->option_text("UUID");
  auto* fleet =
      command.add_option("--fleet", options->fleet, "Those of that fleet and its devices")
          ->option_text("SLUG")
          ->excludes(device);
  command.add_option("--bulk", options->bulk, "What one command asked for, device by device")
      ->option_text("ID")
      ->excludes(device)
      ->excludes(fleet);
  command
      .add_option("--state", options->state,
                  "Only those: open, cancelling, queued, delivered, started, succeeded, failed, "
                  "rejected, expired, cancelled, superseded or skipped")
      ->option_text("STATE");
  auto* limit =
      command.add_option("--limit", options->limit, "Show at most so many [default: 1000]")
          ->check(whole_number)
          ->option_text("N");
  command.add_flag("--all", options->all, "Show all, however many")->excludes(limit);
  runs(command, invocation, options, list);
}

void add_show(CLI::App& action, Invocation& invocation) {
  auto& command = add_read(action, invocation,
                           {"show", "Show what became of an action, on all devices it was for",
                            "action show 01JD3V8Q6T5S4R3Q2P1N0M9K8J\naction show 9007 --json"});
  const auto options = std::make_shared<OneOptions>();
  command.add_option("ID", options->action, "The id of the command, or the number of one action")
      ->required();
  auto* wait = command.add_flag("--wait", options->wait.wait,
                                "Watch until it is over everywhere, or the time is up");
  command.add_option("--wait-for", options->wait.longest, "How long to watch [default: 1h]")
      ->needs(wait)
      ->option_text("SPAN");
  runs(command, invocation, options, show);
}

void add_cancel(CLI::App& action, Invocation& invocation) {
  auto& command = add_change(action, invocation,
                             {"cancel", "Cancel an action where it has not started",
                              "action cancel 01JD3V8Q6T5S4R3Q2P1N0M9K8J --reason 'wrong fleet'\n"
                              "action cancel 9007 --device 4f1c2d3"});
  const auto options = std::make_shared<OneOptions>();
  command.add_option("ID", options->action, "The id of the command, or the number of one action")
      ->required();
  command.add_option("--device", options->device, "On that device only")->option_text("UUID");
  runs(command, invocation, options, cancel);
}

}  // namespace

void add_action_commands(CLI::App& app, Invocation& invocation) {
  auto& action = add_group(app, "action", "Actions: what devices were told to do, and did");
  add_list(action, invocation);
  add_show(action, invocation);
  add_cancel(action, invocation);
}

}  // namespace muster::cli
