#include "tools/muster/commands/inventory/filter_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace muster::cli {
namespace {

std::string quoted(const std::string& value) {
  std::string text = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') text.push_back('\\');
    text.push_back(c);
  }
  return text.append("\"");
}

std::string tag_term(const std::string& tag) {
  const auto equals = tag.find('=');
  if (equals == std::string::npos) return fmt::format("tag.{}", tag);
  return fmt::format("tag.{} = {}", tag.substr(0, equals), quoted(tag.substr(equals + 1)));
}

}  // namespace

void add_selection(CLI::App& command, std::string& filter, std::string& view) {
  command
      .add_option("--filter", filter,
                  "Those that fit, e.g. 'fleet = acme/kiosk and tag.site = berlin and not online'")
      ->option_text("FILTER");
  command.add_option("--view", view, "Those that fit a saved view")->option_text("NAME");
}

void add_filters(CLI::App& command, FilterOptions& options) {
  add_selection(command, options.filter, options.view);
  const auto add = [&command](const char* name, std::string& value, const char* what,
                              const char* text) {
    command.add_option(name, value, what)->option_text(text);
  };
  add("--fleet", options.fleet, "Only those in this fleet", "SLUG");
  add("--type", options.type, "Only those of this device type", "TYPE");
  add("--name", options.name, "Only those with this text in their name", "TEXT");
  command.add_option("--tag", options.tags, "Only those with this tag")
      ->option_text("KEY[=VALUE]...");
  add("--pinned-to", options.pinned_to, "Only those pinned to this release", "RELEASE");
  add("--target", options.target, "Only those that should run this release", "RELEASE");
  add("--running", options.running, "Only those that run this release", "RELEASE");
  command
      .add_option("--stuck", options.stuck,
                  "Only those that have not run their target for longer than T [default: 10m]")
      ->expected(0, 1)
      ->option_text("T");
  command.add_flag("--pinned", options.pinned, "Only those with a pin of their own");
  command.add_flag("--tracking", options.tracking, "Only those that follow their fleet")
      ->excludes("--pinned");
  command.add_flag("--online", options.online, "Only those that are online");
  command.add_flag("--offline", options.offline, "Only those that are not")->excludes("--online");
}

std::string filter_of(const FilterOptions& options) {
  std::vector<std::string> terms;
  const auto add = [&terms](std::string_view begin, const std::string& value) {
    if (!value.empty()) terms.push_back(fmt::format("{} {}", begin, quoted(value)));
  };
  add("type =", options.type);
  add("name contains", options.name);
  for (const std::string& tag : options.tags) terms.push_back(tag_term(tag));
  add("pinned-to =", options.pinned_to);
  add("target =", options.target);
  add("running =", options.running);
  if (options.stuck && options.stuck->empty()) terms.emplace_back("stuck");
  if (options.stuck) add("stuck >", *options.stuck);
  if (options.pinned) terms.emplace_back("policy = pinned");
  if (options.tracking) terms.emplace_back("policy = tracking");
  if (options.online) terms.emplace_back("online");
  if (options.offline) terms.emplace_back("not online");
  if (options.filter.empty()) return fmt::to_string(fmt::join(terms, " and "));
  if (terms.empty()) return options.filter;
  return fmt::format("({}) and {}", options.filter, fmt::join(terms, " and "));
}

}  // namespace muster::cli
