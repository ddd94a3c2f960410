#include "tools/agent/host/simulated_os.h"

#include <charconv>
#include <utility>

#include "core/base/log.h"
#include "tools/agent/support/files.h"
#include "tools/agent/support/json_reader.h"

namespace muster::agent {
namespace {

constexpr auto file_name = "os-version";

}  // namespace

std::string simulated_os_version(const std::filesystem::path& folder, const AgentOptions& options) {
  const auto kept = read_file(folder / file_name);
  return kept && options.action_hook.empty() ? *kept : options.os_version;
}

std::optional<std::string> wanted_os_version(const Action& update) {
  const auto args = parse_json_object(update.args);
  if (!args) return std::nullopt;
  const JsonReader in(*args);
  auto version = in.optional_text("version");
  if (in.problem() || version.empty()) return std::nullopt;
  return version;
}

std::string update_simulated_os(const std::filesystem::path& folder, const Action& update,
                                const std::string& present) {
  const auto version = wanted_os_version(update);
  if (!version) return present;
  if (const auto kept = replace_file(folder / file_name, *version); !kept) {
    log_error("OS version not kept: why=\"{}\"", kept.error().message);
    return present;
  }
  return *version;
}

bool has_named_volumes(std::string_view os_version) {
  constexpr std::pair first{2U, 12U};
  std::pair<unsigned, unsigned> version;
  const std::string text(os_version);
  const char* const end = text.data() + text.size();
  const auto major = std::from_chars(text.data(), end, version.first);
  if (major.ec != std::errc()) return true;  // It is not known.
  if (major.ptr != end) std::from_chars(major.ptr + 1, end, version.second);
  return version >= first;
}

}  // namespace muster::agent
