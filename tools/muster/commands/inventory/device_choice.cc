#include "tools/muster/commands/inventory/device_choice.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/muster/commands/inventory/filter_options.h"
#include "tools/muster/output/text.h"
#include "tools/muster/support/input.h"
#include "tools/muster/support/paths.h"

namespace muster::cli {
namespace {

/// How many ways other than UUID say which devices are meant.
int other_ways(const DeviceChoice& choice) {
  return static_cast<int>(!choice.devices_file.empty()) +
         static_cast<int>(!choice.filter.empty() || !choice.view.empty());
}

tl::unexpected<Failure> wrong_words(std::string_view words) {
  return wrong_usage(fmt::format("this command takes {}", words),
                     "Several devices are joined by commas, or come from --devices FILE, "
                     "--filter FILTER or --view NAME in place of UUID.");
}

bool fits(const DeviceChoice& choice, bool takes_word) {
  const int others = other_ways(choice);
  if (others > 1) return false;
  if (!takes_word) return others + static_cast<int>(!choice.uuids.empty()) == 1;
  return !choice.uuids.empty() && choice.word.empty() == (others == 1);
}

}  // namespace

void add_choice(CLI::App& command, Invocation& invocation, DeviceChoice& choice) {
  command
      .add_option("UUID", choice.uuids,
                  "The device's uuid, or at least 7 digits of it; several joined by commas")
      ->option_text("UUID[,UUID...]");
  command
      .add_option("--devices", choice.devices_file,
                  "In place of UUID: a file with one uuid a line; - is stdin")
      ->option_text("FILE");
  add_selection(command, choice.filter, choice.view);
  add_expect_count(command, invocation);
}

CliResult<ChosenDevices> choose(const Session& session, const DeviceChoice& choice,
                                std::string_view words) {
  const bool takes_word = words.find(' ') != std::string_view::npos;
  if (!fits(choice, takes_word)) return wrong_words(words);
  if (other_ways(choice) == 0) return ChosenDevices{split(choice.uuids, ","), false};
  if (choice.devices_file.empty()) return ChosenDevices{{}, true};
  const auto text = read_input(session.around(), choice.devices_file);
  if (!text) return tl::unexpected(text.error());
  return ChosenDevices{split(*text, ",\n"), false};
}

std::string_view word_of(const DeviceChoice& choice) {
  return other_ways(choice) == 1 ? choice.uuids : choice.word;
}

std::string whom(const ChosenDevices& chosen) {
  if (chosen.selected) return "the selected devices";
  if (chosen.devices.size() == 1) return fmt::format("device {}", chosen.devices.front());
  return fmt::format("{} devices", chosen.devices.size());
}

std::string who_changed(const Json& answer, const ChosenDevices& chosen) {
  const auto changes = answer.find("changes");
  const bool told = changes != answer.end() && changes->is_array();
  const auto changed = told ? changes->size() : chosen.devices.size();
  if (chosen.selected && changed > 0) return count_text(changed, "device", "devices");
  if (changed == 0 || changed >= chosen.devices.size()) return whom(chosen);
  return fmt::format("{} of {} devices", changed, chosen.devices.size());
}

CliResult<Json> send_about(Session& session, const DeviceChoice& choice,
                           const ChosenDevices& chosen, std::string_view step, JsonBody body) {
  if (!chosen.selected && chosen.devices.size() == 1) {
    const auto path = fmt::format("{}/{}", item_path("devices", chosen.devices.front()), step);
    return session.change(HttpMethod::post, path, std::move(body));
  }
  if (!chosen.selected) body.texts("devices", chosen.devices);
  if (!choice.filter.empty()) body.text("filter", std::string_view(choice.filter));
  if (!choice.view.empty()) body.text("view", std::string_view(choice.view));
  return session.change(HttpMethod::post, fmt::format("/v1/devices/{}", step), std::move(body));
}

}  // namespace muster::cli
