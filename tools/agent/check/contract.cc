#include "tools/agent/check/contract.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/base/uuid.h"
#include "tools/agent/check/conversation.h"
#include "tools/agent/check/device_process.h"
#include "tools/agent/check/rule_book.h"
#include "tools/agent/check/server_side.h"
#include "tools/agent/check/tap.h"
#include "tools/mqtt/plain_broker.h"

namespace muster::agent {
namespace {

namespace fs = std::filesystem;

/// A folder for the files of a check; gone with this.
class CheckFolder {
 public:
  CheckFolder() : path_(fs::temp_directory_path() / ("muster-check-" + to_string(random_uuid()))) {
    fs::create_directory(path_);
    fs::permissions(path_, fs::perms::owner_all);
  }
  CheckFolder(const CheckFolder&) = delete;
  CheckFolder& operator=(const CheckFolder&) = delete;
  ~CheckFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }

  [[nodiscard]] const fs::path& path() const noexcept { return path_; }

 private:
  fs::path path_;
};

DeviceCredentials made_up() {
  const Uuid uuid = random_uuid();
  return {uuid, to_string(uuid), to_string(random_uuid()), to_string(uuid), std::nullopt};
}

/// What `muster device register --json` would print.
std::string credentials_json(const DeviceCredentials& device, std::uint16_t port) {
  return nlohmann::ordered_json{{"uuid", to_string(device.uuid)},
                                {"mqtt",
                                 {{"host", "127.0.0.1"},
                                  {"port", port},
                                  {"client_id", device.client_id},
                                  {"username", device.username},
                                  {"password", device.password}}}}
      .dump();
}

std::vector<std::string> environment_for(const DeviceCredentials& device, std::uint16_t port,
                                         const fs::path& file) {
  return {fmt::format("MUSTER_DEVICE_FILE={}", file.string()),
          fmt::format("MUSTER_DEVICE_UUID={}", to_string(device.uuid)),
          "MUSTER_MQTT_HOST=127.0.0.1",
          fmt::format("MUSTER_MQTT_PORT={}", port),
          fmt::format("MUSTER_MQTT_CLIENT_ID={}", device.client_id),
          fmt::format("MUSTER_MQTT_USERNAME={}", device.username),
          fmt::format("MUSTER_MQTT_PASSWORD={}", device.password)};
}

Result<DeviceProcess> start_device(const CheckOptions& options, const DeviceCredentials& device,
                                   std::uint16_t port, const fs::path& folder) {
  const auto file = folder / "device.json";
  std::ofstream(file) << credentials_json(device, port) << '\n';
  return DeviceProcess::start(options.command, environment_for(device, port, file));
}

/// The check with a broker at hand.
Result<std::vector<CheckLine>> check_at(const CheckOptions& options, const std::string& host,
                                        std::uint16_t port, const fs::path& folder) {
  const DeviceCredentials device = options.credentials ? *options.credentials : made_up();
  const auto broker = mqtt::resolve(host, port);
  if (!broker) return tl::unexpected(broker.error());
  const auto tap = Tap::open(*broker);
  if (!tap) return tl::unexpected(tap.error());
  const auto server = ServerSide::connect(host, port, device.uuid);
  if (!server) return tl::unexpected(server.error());
  RuleBook book(options);
  for (const auto* rule : {"4", "12"}) book.skip(rule, "nothing of it can be seen from outside");
  std::optional<DeviceProcess> process;
  const auto start = [&]() -> Result<void> {
    process.reset();
    auto started = start_device(options, device, (*tap)->port(), folder);
    if (!started) return tl::unexpected(started.error());
    process.emplace(std::move(*started));
    return {};
  };
  ConversationParts parts{options, device, **tap, **server, book, {}};
  if (!options.command.empty()) parts.restart_device = start;
  const auto held = converse(parts, [&]() -> Result<void> {
    if (options.ready) options.ready(credentials_json(device, (*tap)->port()));
    return options.command.empty() ? Result<void>() : start();
  });
  (*server)->clear();
  if (!held) return tl::unexpected(held.error());
  return book.finish("the device did not get so far");
}

}  // namespace

Result<std::vector<CheckLine>> check_contract(const CheckOptions& options) {
  const CheckFolder folder;
  if (!options.mqtt_host.empty()) {
    return check_at(options, options.mqtt_host, options.mqtt_port, folder.path());
  }
  const auto broker = mqtt::PlainBroker::start(folder.path());
  if (!broker) return tl::unexpected(broker.error());
  return check_at(options, "127.0.0.1", broker->port(), folder.path());
}

}  // namespace muster::agent
