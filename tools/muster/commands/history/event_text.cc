#include "tools/muster/commands/history/event_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tools/muster/output/text.h"

namespace muster::cli {
namespace {

/// Said by another column, or by the arrow at the end.
bool is_elsewhere(std::string_view name) {
  return name == "from" || name == "to" || name == "version" || name == "version_text";
}

bool is_empty(const Json& value) {
  return value.is_null() || (value.is_string() && value.get_ref<const std::string&>().empty()) ||
         (value.is_structured() && value.empty());
}

/// Uuids and commits shortened.
std::string short_value(const Json& value) {
  constexpr std::size_t uuid_digits = 32;
  constexpr std::size_t shown_digits = 12;
  const auto text = value_text(value);
  return text.size() == uuid_digits && short_commit(text) != text ? text.substr(0, shown_digits)
                                                                  : short_commit(text);
}

}  // namespace

std::string event_text(const Json& event) {
  std::string out;
  const Json details = has(event, "details") ? event.at("details") : Json::object();
  for (const auto& [name, value] : details.items()) {
    if (is_elsewhere(name) || is_empty(value)) continue;
    auto word = name;
    std::replace(word.begin(), word.end(), '_', ' ');
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", word, short_value(value));
  }
  if (details.contains("from") || details.contains("to")) {
    const auto side = [&details](std::string_view name) {
      const auto text = short_commit(text_at(details, name));
      return text.empty() ? std::string("none") : text;
    };
    out += fmt::format("{}{} -> {}", out.empty() ? "" : "  ", side("from"), side("to"));
  }
  return out;
}

std::vector<Column> event_columns() {
  return {column("sequence"), column("at"),         column("event"),
          column("actor"),    {"what", event_text}, column("reason")};
}

}  // namespace muster::cli
