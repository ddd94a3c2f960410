#include "tools/agent/simulate/ledger.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "core/base/clock.h"

namespace muster::agent {

Result<Ledger> Ledger::open(const std::filesystem::path& file) {
  Ledger ledger;
  ledger.path_ = file;
  ledger.file_ = UniqueFd(::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (ledger.file_.is_open()) return ledger;
  return fail(ErrorCode::failed,
              fmt::format("cannot open {}: {}", file.string(), std::strerror(errno)));
}

Result<void> Ledger::add(const Uuid& device, const Action& action, std::string_view boot) {
  if (!file_.is_open()) return {};
  const nlohmann::ordered_json json{
      {"device", to_string(device)},          {"epoch", action.key.position.epoch},
      {"n", action.key.position.n},           {"id", action.key.id},
      {"kind", to_string(*action.kind)},      {"boot", boot},
      {"at", to_rfc3339(SystemClock().now())}};
  const auto line = fmt::format("{}\n", json.dump());
  if (::write(file_.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size())) {
    return {};
  }
  return fail(ErrorCode::failed,
              fmt::format("cannot write {}: {}", path_.string(), std::strerror(errno)));
}

}  // namespace muster::agent
