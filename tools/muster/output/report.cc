#include "tools/muster/output/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "tools/muster/output/table.h"
#include "tools/muster/output/text.h"

namespace muster::cli {
namespace {

std::string with_spaces(std::string name) {
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

bool is_frame(std::string_view name) {
  return name == "event" || name == "sequence" || name == "from" || name == "to";
}

std::string move_text(const Json& change) {
  if (!has(change, "from") && !has(change, "to")) return {};
  const auto side = [&change](std::string_view name) {
    auto text = release_at(change, name);
    return text.empty() ? std::string("none") : text;
  };
  return fmt::format("  {} -> {}", side("from"), side("to"));
}

/// `  DevicePinned  device 4f1c…  9f3c2a1 -> 1c2d3e4`
std::string change_line(const Json& change) {
  std::string out = "  ";
  if (!change.is_object()) return out.append(printable(value_text(change))).append("\n");
  out.append(text_at(change, "event"));
  for (const auto& [name, value] : change.items()) {
    if (is_frame(name)) continue;
    fmt::format_to(std::back_inserter(out), "  {} {}", with_spaces(name), value_text(value));
  }
  out.append(move_text(change));
  return printable(out).append("\n");
}

std::string change_lines(const Json& answer) {
  std::string out;
  const auto changes = answer.find("changes");
  if (changes == answer.end() || !changes->is_array()) return out;
  for (const auto& change : *changes) out.append(change_line(change));
  return out;
}

/// ` (sequence 42; the lists do not show it yet)`
std::string aside(const Json& answer) {
  std::string out;
  const auto add = [&out](std::string_view text) {
    out.append(out.empty() ? " (" : "; ").append(text);
  };
  if (has(answer, "sequence")) add(fmt::format("sequence {}", text_at(answer, "sequence")));
  if (flag_at(answer, "repeated")) add("done before, under the same key");
  if (text_at(answer, "views") == "behind") add("the lists do not show it yet");
  if (!out.empty()) out.push_back(')');
  return out;
}

/// Absent counts as changed: that is what commands are for.
bool is_changed(const Json& answer) {
  return !has(answer, "changed") || flag_at(answer, "changed");
}

}  // namespace

void report(const Session& session, const Json& answer, const Sentence& sentence) {
  if (session.json()) {
    session.print_json(answer);
  } else if (!is_changed(answer)) {
    session.print(fmt::format("nothing to do: {}\n", printable(sentence.already)));
  } else if (flag_at(answer, "dry_run")) {
    session.print(fmt::format("would {}\n{}", printable(sentence.would), change_lines(answer)));
  } else {
    session.print(fmt::format("{}{}\n", printable(sentence.done), aside(answer)));
  }
}

Outcome change_and_report(Session& session, HttpMethod method, const std::string& path,
                          JsonBody body, const Sentence& sentence) {
  const auto answer = session.change(method, path, std::move(body));
  if (!answer) return tl::unexpected(answer.error());
  report(session, *answer, sentence);
  return {};
}

Column column(const std::string& name) {
  return {with_spaces(name), [name](const Json& item) { return text_at(item, name); }};
}

Column release_column(const std::string& name) {
  return {with_spaces(name), [name](const Json& item) { return release_at(item, name); }};
}

void print_list(const Session& session, const Json& items, const std::vector<Column>& columns,
                const std::string& none) {
  if (session.json()) return session.print_json(items);
  if (items.empty()) return session.print(fmt::format("{}\n", none));
  std::vector<std::string> header;
  for (const auto& each : columns) header.push_back(each.header);
  Table table(std::move(header));
  for (const auto& item : items) {
    std::vector<std::string> row;
    for (const auto& each : columns) row.push_back(each.text(item));
    table.add(std::move(row));
  }
  session.print(table.text());
}

Outcome show_list(Session& session, const std::string& path, const std::vector<Column>& columns,
                  const std::string& none) {
  const auto items = session.list(path);
  if (!items) return tl::unexpected(items.error());
  print_list(session, *items, columns, none);
  return {};
}

void print_details(const Session& session, const Json& object) {
  if (session.json()) return session.print_json(object);
  session.print(details_text(object));
}

Outcome show_one(Session& session, const std::string& path) {
  const auto object = session.get(path);
  if (!object) return tl::unexpected(object.error());
  print_details(session, *object);
  return {};
}

}  // namespace muster::cli
