#include "tools/muster/declare.h"

#include <fmt/format.h>

namespace muster::cli {
namespace {

std::string footer(const std::string& examples) {
  std::string out = "Example:";
  std::size_t start = 0;
  while (start <= examples.size()) {
    const auto end = std::min(examples.find('\n', start), examples.size());
    fmt::format_to(std::back_inserter(out), "\n  muster {}", examples.substr(start, end - start));
    start = end + 1;
  }
  return out;
}

}  // namespace

CLI::App& add_group(CLI::App& parent, const std::string& name, const std::string& description) {
  auto& group = *parent.add_subcommand(name, description);
  group.require_subcommand(1);
  return group;
}

CLI::App& add_command(CLI::App& parent, const Leaf& leaf) {
  auto& command = *parent.add_subcommand(leaf.name, leaf.description);
  command.footer(footer(leaf.example));
  return command;
}

CLI::App& add_read(CLI::App& parent, Invocation& invocation, const Leaf& leaf) {
  auto& command = add_command(parent, leaf);
  command.add_flag("--json", invocation.json, "Answer and problems as JSON");
  return command;
}

CLI::App& add_change(CLI::App& parent, Invocation& invocation, const Leaf& leaf) {
  auto& command = add_command(parent, leaf);
  auto& change = invocation.change;
  command.add_option("--reason", change.reason, "Why; stored and shown with the change")
      ->option_text("TEXT");
  command
      .add_option("--expect", change.expect, "Refuse unless it is at this version (of its `show`)")
      ->check(whole_number)
      ->option_text("VERSION");
  command.add_flag("--dry-run", change.dry_run, "Say what would change, and change nothing");
  command.add_flag("--yes", change.yes, "Confirm what is refused otherwise");
  command
      .add_option("--idempotency-key", change.idempotency_key,
                  "The same key again does nothing more and answers the same [default: fresh]")
      ->option_text("KEY");
  command.add_flag("--json", invocation.json, "Answer and problems as JSON");
  return command;
}

std::string whole_number(const std::string& text) {
  const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  const bool plain = digits && (text.front() != '0' || text.size() == 1);
  return plain ? std::string() : fmt::format("'{}' is no whole number", text);
}

void add_expect_count(CLI::App& command, Invocation& invocation) {
  command
      .add_option("--expect-count", invocation.change.expect_count,
                  "Refuse unless so many devices are named, or follow the fleet")
      ->check(whole_number)
      ->option_text("N");
}

void runs(CLI::App& command, Invocation& invocation, Outcome (*run)(Session&)) {
  command.callback([&invocation, run] { invocation.run = run; });
}

}  // namespace muster::cli
